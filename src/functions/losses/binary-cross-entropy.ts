/** The binary cross-entropy: of probabilities, and of logits. */

import { broadcastShape } from '../../base/shape.ts';
import { binaryOp, type ElementwiseOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { softplus } from '../elementwise/activations.ts';
import { checkAlike, type ReductionOptions, reduceLosses } from './reduction.ts';

/** Logarithms are limited to −100 from below, and denominators of the derivative to 1e-12, as in PyTorch. */
export const binaryCrossEntropyOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('binaryCrossEntropy', {
  forward: (p, y) =>
    y
      .mul(p.log().atLeast(-100))
      .add(y.neg().add(1).mul(p.neg().log1p().atLeast(-100)))
      .neg(),
  backward: {
    a({ dy, a: p, b: y }) {
      const spread = p.mul(p.neg().add(1));
      return dy.mul(p.sub(y)).div(spread.less(1e-12).where(1e-12, spread));
    },
    b({ dy, a: p }) {
      const [yes, no] = [p.log(), p.neg().log1p()];
      return no.less(-100).where(-100, no).sub(yes.less(-100).where(-100, yes)).mul(dy);
    },
  },
  domains: { a: { from: 0.25, to: 0.75 }, b: { from: 0, to: 1, strict: true } },
});

/**
 * The mean of `−(y log p + (1 − y) log(1 − p))`, of probabilities `p` and targets `y`. `binaryCrossEntropyWithLogits` is exact where
 * probabilities round to 0 or 1.
 *
 * @param prediction probabilities
 * @param target from 0 to 1, in the shape of the prediction
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropy(Tensor.of([0.5]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export function binaryCrossEntropy(prediction: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor {
  checkAlike('binaryCrossEntropy', prediction, target);
  return reduceLosses('binaryCrossEntropy', perform(binaryCrossEntropyOp, { a: prediction, b: target }), reduction);
}

/** How positive targets are weighed, and how losses are reduced. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** What the loss of positive targets is multiplied by; it broadcasts. Default 1. */
  readonly positiveWeight?: Tensor;
}

/**
 * The binary cross-entropy of `σ(x)`, from logits: the mean of `y · softplus(−x) + (1 − y) · softplus(x)`, in which no probability is
 * rounded.
 *
 * @param prediction logits
 * @param target from 0 to 1, in the shape of the prediction
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropyWithLogits(Tensor.of([-1000]), Tensor.of([1])).item() // => 1000
 */
export function binaryCrossEntropyWithLogits(
  prediction: Tensor,
  target: Tensor,
  { positiveWeight, reduction = 'mean' }: BinaryCrossEntropyOptions = {},
): Tensor {
  checkAlike('binaryCrossEntropyWithLogits', prediction, target);
  if (positiveWeight) broadcastShape('binaryCrossEntropyWithLogits', prediction.shape, positiveWeight.shape);
  const yes = target.mul(softplus(prediction.neg()));
  const losses = (positiveWeight ? yes.mul(positiveWeight) : yes).add(target.neg().add(1).mul(softplus(prediction)));
  return reduceLosses('binaryCrossEntropyWithLogits', losses, reduction);
}
