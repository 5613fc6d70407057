/** Losses: how far predictions are from targets. Each gives the mean, the sum, or every single loss. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { between, type ElementwiseOp, elementwiseOp } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor, tensor } from '../../tensor/tensor.ts';

/** How losses become one: their mean (unless told), their sum, or not at all. */
export interface Reduced {
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/** The mean of losses, their sum, or all of them. */
export function reduce(name: string, losses: Tensor, reduction: 'mean' | 'sum' | 'none'): Tensor {
  if (reduction === 'none') return losses;
  if (reduction === 'mean' || reduction === 'sum') return losses[reduction]();
  throw new ValueError(`${name}: expected reduction 'mean', 'sum' or 'none', got ${JSON.stringify(reduction)}`);
}

/** Predictions and targets must be alike: broadcasting here is nearly always a mistake. */
export function checkAlike(name: string, prediction: Tensor, target: Tensor): void {
  checkTensor(name, 'the prediction', prediction);
  checkTensor(name, 'the target', target);
  if (!sameShape(prediction.shape, target.shape))
    throw new ShapeError(
      `${name}: expected targets like the predictions, ${formatShape(prediction.shape)}, got ${formatShape(target.shape)}; reshape one of them`,
    );
}

/**
 * The mean of `(prediction − target)²`.
 * @throws ShapeError unless both have one shape.
 * @example mseLoss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 2
 */
export function mseLoss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor {
  checkAlike('mseLoss', prediction, target);
  const error = prediction.sub(target);
  return reduce('mseLoss', error.mul(error), reduction);
}

/**
 * The mean of `|prediction − target|`.
 * @throws ShapeError unless both have one shape.
 * @example l1Loss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 1
 */
export function l1Loss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor {
  checkAlike('l1Loss', prediction, target);
  return reduce('l1Loss', prediction.sub(target).abs(), reduction);
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
 * The mean of `½ error²` where `|error|` is below `delta` (1), else `delta (|error| − ½ delta)` (Huber 1964).
 * @throws ShapeError unless both have one shape.
 * @example huberLoss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export function huberLoss(
  prediction: Tensor,
  target: Tensor,
  { delta = 1, reduction = 'mean' }: Reduced & { readonly delta?: number } = {},
): Tensor {
  checkAlike('huberLoss', prediction, target);
  if (!(delta > 0)) throw new ValueError(`huberLoss: expected a delta above 0, got ${delta}`);
  const x = prediction.sub(target);
  return reduce('huberLoss', perform(huberOp, { x, delta: tensor(delta, x) }), reduction);
}

/**
 * `huberLoss` over `beta` (1): `½ error² / beta` near 0, else `|error| − ½ beta` (Girshick 2015).
 * @throws ShapeError unless both have one shape.
 * @example smoothL1Loss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export const smoothL1Loss = (
  prediction: Tensor,
  target: Tensor,
  { beta = 1, reduction = 'mean' }: Reduced & { readonly beta?: number } = {},
): Tensor => (beta === 0 ? l1Loss(prediction, target, { reduction }) : huberLoss(prediction, target, { delta: beta, reduction }).div(beta));

/**
 * The mean of `eˣ − y x`, where `x` is the logarithm of the rate at which `y` are counted; or of `x − y log(x + epsilon)`, with `logInput: false`.
 * @example poissonNLLLoss(Tensor.of([0]), Tensor.of([2])).item() // => 1
 */
export const poissonNLLLoss = (
  x: Tensor,
  y: Tensor,
  { logInput = true, epsilon = 1e-8, reduction = 'mean' }: Reduced & { readonly logInput?: boolean; readonly epsilon?: number } = {},
): Tensor => reduce('poissonNLLLoss', logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(epsilon).log())), reduction);

/**
 * The mean of `½ (log v + (x − y)² / v)`, for a variance `v` of at least `epsilon` (1e-6).
 * @example gaussianNLLLoss(Tensor.of([3]), Tensor.of([1]), Tensor.of([1])).item() // => 2
 */
export function gaussianNLLLoss(
  x: Tensor,
  y: Tensor,
  variance: Tensor,
  { epsilon = 1e-6, reduction = 'mean' }: Reduced & { readonly epsilon?: number } = {},
): Tensor {
  const bounded = variance.clamp(epsilon, Infinity);
  const error = x.sub(y);
  return reduce('gaussianNLLLoss', bounded.log().add(error.mul(error).div(bounded)).mul(0.5), reduction);
}
