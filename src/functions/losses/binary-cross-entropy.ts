/** The binary cross-entropy: of probabilities, and of logits. */

import { anything, extend, type OptionTable, readOptions, withoutDefault } from '../../base/options.ts';
import { binaryOp, type ElementwiseOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { softplus } from '../elementwise/activations.ts';
import { checkAlike, checkStretches, type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/** Logarithms are limited to −100 from below, and denominators of the derivative to 1e-12, as in PyTorch. Outside of 0 to 1 all is NaN. */
export const binaryCrossEntropyOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('binaryCrossEntropy', {
  forward: (p, y) =>
    y
      .mul(p.log().atLeast(-100))
      .add(y.neg().add(1).mul(p.neg().log1p().atLeast(-100)))
      .neg(),
  backward: {
    a({ dy, a: p, b: y }) {
      const spread = p.mul(p.neg().add(1));
      return dy.mul(p.sub(y)).div(spread.less(0).where(NaN, spread.less(1e-12).where(1e-12, spread)));
    },
    b({ dy, a: p }) {
      const [yes, no] = [p.log(), p.neg().log1p()];
      return no.less(-100).where(-100, no).sub(yes.less(-100).where(-100, yes)).mul(dy);
    },
  },
  domains: { a: { from: 0.25, to: 0.75 }, b: { from: 0, to: 1, strict: true } },
});

/** How elements are weighed, and how losses are reduced. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** What each loss is multiplied by; it broadcasts to the predictions. The mean divides by the number of losses. Default 1. */
  readonly weight?: Tensor | undefined;
}

/** How elements and positive targets are weighed, and how losses are reduced. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** What the loss of positive targets is multiplied by; it broadcasts to the predictions. Default 1. */
  readonly positiveWeight?: Tensor | undefined;
}

const plainOptions: OptionTable<BinaryCrossEntropyOptions> = /* @__PURE__ */ extend(reductionOption, {
  weight: /* @__PURE__ */ withoutDefault(anything),
});
const logitsOptions: OptionTable<BinaryCrossEntropyWithLogitsOptions> = /* @__PURE__ */ extend(plainOptions, {
  positiveWeight: /* @__PURE__ */ withoutDefault(anything),
});

/**
 * The mean of `−(y log p + (1 − y) log(1 − p))`, of probabilities `p` and targets `y`. `binaryCrossEntropyWithLogits` is exact where
 * probabilities round to 0 or 1.
 *
 * @param prediction probabilities; outside of 0 to 1 the loss is NaN, and so is its gradient
 * @param target from 0 to 1, in the shape of the prediction
 * @param options `weight`, default 1 each, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropy(Tensor.of([0.5]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export function binaryCrossEntropy(prediction: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions): Tensor {
  const name = 'binaryCrossEntropy';
  const { weight, reduction } = readOptions(name, options, plainOptions);
  checkAlike(name, prediction, target);
  const losses = perform(binaryCrossEntropyOp, { a: prediction, b: target });
  return reduceLosses(weighed(name, losses, weight, 'weight'), reduction);
}

/**
 * The binary cross-entropy of `σ(x)`, from logits: the mean of `y · softplus(−x) + (1 − y) · softplus(x)`, in which no probability is
 * rounded.
 *
 * @param prediction logits
 * @param target from 0 to 1, in the shape of the prediction
 * @param options `weight` and `positiveWeight`, default 1 each, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropyWithLogits(Tensor.of([-1000]), Tensor.of([1])).item() // => 1000
 */
export function binaryCrossEntropyWithLogits(prediction: Tensor, target: Tensor, options?: BinaryCrossEntropyWithLogitsOptions): Tensor {
  const name = 'binaryCrossEntropyWithLogits';
  const { weight, positiveWeight, reduction } = readOptions(name, options, logitsOptions);
  checkAlike(name, prediction, target);
  const yes = weighed(name, target.mul(softplus(prediction.neg())), positiveWeight, 'positiveWeight');
  const losses = yes.add(target.neg().add(1).mul(softplus(prediction)));
  return reduceLosses(weighed(name, losses, weight, 'weight'), reduction);
}

function weighed(name: string, losses: Tensor, weight: Tensor | undefined, what: string): Tensor {
  if (weight === undefined) return losses;
  checkStretches(name, losses, weight, what);
  return losses.mul(weight);
}
