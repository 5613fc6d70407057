/** Losses of predicted numbers: how far predictions are from targets. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { broadcastsTo, formatShape } from '../../base/shape.ts';
import { between, type ElementwiseOp, elementwiseOp } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor, tensor } from '../../tensor/tensor.ts';
import { checkAlike, type ReductionOptions, reduceLosses } from './reduction.ts';

/**
 * The mean of `(prediction − target)²`.
 * @throws ShapeError unless both have one shape.
 * @example mseLoss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 2
 */
export function mseLoss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor {
  checkAlike('mseLoss', prediction, target);
  const error = prediction.sub(target);
  return reduceLosses('mseLoss', error.mul(error), reduction);
}

/**
 * The mean of `|prediction − target|`.
 * @throws ShapeError unless both have one shape.
 * @example l1Loss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 1
 */
export function l1Loss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: ReductionOptions = {}): Tensor {
  checkAlike('l1Loss', prediction, target);
  return reduceLosses('l1Loss', prediction.sub(target).abs(), reduction);
}

/** `½ x²` near 0, else `delta (|x| − ½ delta)`. */
export const huberOp: ElementwiseOp<'x' | 'delta'> = /* @__PURE__ */ elementwiseOp('huber', {
  forward: (x, delta) =>
    x!
      .abs()
      .less(delta!)
      .where(x!.mul(x!).mul(0.5), delta!.mul(x!.abs().sub(delta!.mul(0.5)))),
  backward: {
    x: ({ dy, x, delta }) => dy.mul(x.abs().less(delta).where(x, x.sign().mul(delta))),
    delta: ({ dy, x, delta }) => dy.mul(x.abs().less(delta).where(0, x.abs().sub(delta))),
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], between), delta: draw.tensor([], { from: 0.5, to: 1 }) }),
});

/**
 * The mean of `½ error²` where `|error|` is below `delta`, else of `delta (|error| − ½ delta)` (Huber 1964).
 * @param options `delta`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example huberLoss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export function huberLoss(
  prediction: Tensor,
  target: Tensor,
  { delta = 1, reduction = 'mean' }: ReductionOptions & { readonly delta?: number } = {},
): Tensor {
  checkAlike('huberLoss', prediction, target);
  if (!(delta > 0)) throw new ValueError(`huberLoss: expected a delta above 0, got ${delta}`);
  const x = prediction.sub(target);
  return reduceLosses('huberLoss', perform(huberOp, { x, delta: tensor(delta, x) }), reduction);
}

/**
 * `huberLoss` divided by `beta`: `½ error² / beta` where `|error|` is below `beta`, else `|error| − ½ beta` (Girshick 2015).
 * @param options `beta`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example smoothL1Loss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export const smoothL1Loss = (
  prediction: Tensor,
  target: Tensor,
  { beta = 1, reduction = 'mean' }: ReductionOptions & { readonly beta?: number } = {},
): Tensor => (beta === 0 ? l1Loss(prediction, target, { reduction }) : huberLoss(prediction, target, { delta: beta, reduction }).div(beta));

/** How Poisson rates are given. */
export interface PoissonOptions extends ReductionOptions {
  /** Whether predictions are logarithms of rates. Default `true`. */
  readonly logInput?: boolean;
  /** What is added to rates before their logarithm is taken. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * The negative log-likelihood of counts `y` under Poisson distributions: the mean of `eˣ − y x`, where `x` is the logarithm of the rate; or
 * of `x − y log(x + epsilon)` with `logInput: false`. The term that does not depend on the prediction is left out.
 * @param target counts, in the shape of the prediction
 * @throws ShapeError unless both have one shape.
 * @example poissonNLLLoss(Tensor.of([0]), Tensor.of([2])).item() // => 1
 */
export function poissonNLLLoss(
  prediction: Tensor,
  target: Tensor,
  { logInput = true, epsilon = 1e-8, reduction = 'mean' }: PoissonOptions = {},
): Tensor {
  checkAlike('poissonNLLLoss', prediction, target);
  const losses = logInput ? prediction.exp().sub(target.mul(prediction)) : prediction.sub(target.mul(prediction.add(epsilon).log()));
  return reduceLosses('poissonNLLLoss', losses, reduction);
}

/**
 * The negative log-likelihood of targets `y` under normal distributions: the mean of `½ (log v + (x − y)² / v)`, for means `x` and
 * variances `v`.
 * @param prediction means
 * @param target in the shape of the prediction
 * @param variance broadcasts to that shape; less than `epsilon` counts as `epsilon`
 * @param options `epsilon`, default 1e-6, and `reduction`, default `'mean'`
 * @throws ShapeError where the shapes do not fit.
 * @example gaussianNLLLoss(Tensor.of([3]), Tensor.of([1]), Tensor.of([1])).item() // => 2
 */
export function gaussianNLLLoss(
  prediction: Tensor,
  target: Tensor,
  variance: Tensor,
  { epsilon = 1e-6, reduction = 'mean' }: ReductionOptions & { readonly epsilon?: number } = {},
): Tensor {
  checkAlike('gaussianNLLLoss', prediction, target);
  checkTensor('gaussianNLLLoss', 'the variance', variance);
  if (!broadcastsTo(variance.shape, prediction.shape))
    throw new ShapeError(
      `gaussianNLLLoss: expected a variance that broadcasts to ${formatShape(prediction.shape)}, got ${formatShape(variance.shape)}`,
    );
  const bounded = variance.clamp(epsilon, Infinity);
  const error = prediction.sub(target);
  return reduceLosses('gaussianNLLLoss', bounded.log().add(error.mul(error).div(bounded)).mul(0.5), reduction);
}
