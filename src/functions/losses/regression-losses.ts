/** Losses of predicted numbers: how far predictions are from targets. */

import { boolean, extend, numberAbove, numberFrom, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { between, type ElementwiseOp, elementwiseOp } from '../../tensor/op.ts';
import { perform, type Tensor, tensor } from '../../tensor/tensor.ts';
import { inRange } from '../elementwise/in-range.ts';
import { checkAlike, checkStretches, type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/**
 * The mean of `(prediction − target)²`.
 * @throws ShapeError unless both have one shape.
 * @example mseLoss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 2
 */
export function mseLoss(prediction: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction } = readOptions('mseLoss', options, reductionOption);
  checkAlike('mseLoss', prediction, target);
  const error = prediction.sub(target);
  return reduceLosses(error.mul(error), reduction);
}

/**
 * The mean of `|prediction − target|`.
 * @throws ShapeError unless both have one shape.
 * @example l1Loss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 1
 */
export function l1Loss(prediction: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction } = readOptions('l1Loss', options, reductionOption);
  checkAlike('l1Loss', prediction, target);
  return reduceLosses(prediction.sub(target).abs(), reduction);
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

/** Where Huber's loss becomes linear, and how losses are reduced. */
export interface HuberOptions extends ReductionOptions {
  /** The error above which the loss is linear. Default 1. */
  readonly delta?: number;
}

const huberOptions: OptionTable<HuberOptions> = /* @__PURE__ */ extend(reductionOption, {
  delta: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1),
});

/**
 * The mean of `½ error²` where `|error|` is below `delta`, else of `delta (|error| − ½ delta)` (Huber 1964).
 * @param options `delta`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example huberLoss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export function huberLoss(prediction: Tensor, target: Tensor, options?: HuberOptions): Tensor {
  const { delta, reduction } = readOptions('huberLoss', options, huberOptions);
  checkAlike('huberLoss', prediction, target);
  return reduceLosses(huber(prediction, target, delta), reduction);
}

function huber(prediction: Tensor, target: Tensor, delta: number): Tensor {
  const x = prediction.sub(target);
  return perform(huberOp, { x, delta: tensor(delta, x, 'huberLoss') });
}

/** Where the smooth loss becomes linear, and how losses are reduced. */
export interface SmoothL1Options extends ReductionOptions {
  /** The error above which the loss is linear. Default 1. */
  readonly beta?: number;
}

const smoothL1Options: OptionTable<SmoothL1Options> = /* @__PURE__ */ extend(reductionOption, {
  beta: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1),
});

/**
 * `huberLoss` divided by `beta`: `½ error² / beta` where `|error|` is below `beta`, else `|error| − ½ beta` (Girshick 2015).
 * @param options `beta`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example smoothL1Loss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export function smoothL1Loss(prediction: Tensor, target: Tensor, options?: SmoothL1Options): Tensor {
  const { beta, reduction } = readOptions('smoothL1Loss', options, smoothL1Options);
  checkAlike('smoothL1Loss', prediction, target);
  // Reduced before it is divided, as `huberLoss` is.
  return beta === 0
    ? reduceLosses(prediction.sub(target).abs(), reduction)
    : reduceLosses(huber(prediction, target, beta), reduction).div(beta);
}

/** How Poisson rates are given. */
export interface PoissonOptions extends ReductionOptions {
  /** Whether predictions are logarithms of rates. Default `true`. */
  readonly logInput?: boolean;
  /** What is added to rates before their logarithm is taken. Default 1e-8. */
  readonly epsilon?: number;
}

const poissonOptions: OptionTable<PoissonOptions> = /* @__PURE__ */ extend(reductionOption, {
  logInput: /* @__PURE__ */ optional(boolean, true),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-8),
});

/**
 * The negative log-likelihood of counts `y` under Poisson distributions: the mean of `eˣ − y x`, where `x` is the logarithm of the rate; or
 * of `x − y log(x + epsilon)` with `logInput: false`. The term that does not depend on the prediction is left out.
 * @param target counts, in the shape of the prediction
 * @throws ShapeError unless both have one shape.
 * @example poissonNLLLoss(Tensor.of([0]), Tensor.of([2])).item() // => 1
 */
export function poissonNLLLoss(prediction: Tensor, target: Tensor, options?: PoissonOptions): Tensor {
  const { logInput, epsilon, reduction } = readOptions('poissonNLLLoss', options, poissonOptions);
  checkAlike('poissonNLLLoss', prediction, target);
  const losses = logInput ? prediction.exp().sub(target.mul(prediction)) : prediction.sub(target.mul(prediction.add(epsilon).log()));
  return reduceLosses(losses, reduction);
}

/** The least variance, and how losses are reduced. */
export interface GaussianOptions extends ReductionOptions {
  /** What a smaller variance counts as. Default 1e-6. */
  readonly epsilon?: number;
}

const gaussianOptions: OptionTable<GaussianOptions> = /* @__PURE__ */ extend(reductionOption, {
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-6),
});

/**
 * The negative log-likelihood of targets `y` under normal distributions: the mean of `½ (log v + (x − y)² / v)`, for means `x` and
 * variances `v`.
 * @param prediction means
 * @param target in the shape of the prediction
 * @param variance not negative; broadcasts to that shape. Less than `epsilon` counts as `epsilon`, and has no gradient then
 * @param options `epsilon`, default 1e-6, and `reduction`, default `'mean'`
 * @throws ShapeError where the shapes do not fit, ValueError for a negative variance.
 * @example gaussianNLLLoss(Tensor.of([3]), Tensor.of([1]), Tensor.of([1])).item() // => 2
 */
export function gaussianNLLLoss(prediction: Tensor, target: Tensor, variance: Tensor, options?: GaussianOptions): Tensor {
  const name = 'gaussianNLLLoss';
  const { epsilon, reduction } = readOptions(name, options, gaussianOptions);
  checkAlike(name, prediction, target);
  checkStretches(name, prediction, variance, 'variance');
  const bounded = inRange(name, 'variances', variance, 0).clamp(epsilon, Infinity);
  const error = prediction.sub(target);
  return reduceLosses(bounded.log().add(error.mul(error).div(bounded)).mul(0.5), reduction);
}
