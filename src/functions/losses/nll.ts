/** The negative log-likelihood of classes, and the divergence of distributions, both from logarithms of probabilities. */

import { boolean, type OptionTable, oneOf, optional, readOptions } from '../../base/options.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { asRows, type ClassOptions, checkWeight, classOptions, lossesOfClasses, reduceWeighted } from './class-targets.ts';
import { checkAlike, type Reduction, reduceLosses } from './reduction.ts';

/**
 * The negative log-probability of each example's class: the mean of `−prediction[i, target[i]]`. From logits, `crossEntropy` is one
 * operation.
 *
 * @param prediction `[n, classes, …]`, or `[classes]` of a single example: logarithms of probabilities, as `logSoftmax(1)` gives
 * @param target `[n, …]`, int32 classes
 * @param options `weight`, `ignoreIndex` and `reduction`. Default no weights, every class counts, `'mean'`
 * @throws ShapeError, and ValueError for a class out of range.
 * @example nllLoss(Tensor.of([[-1, -2]]), Tensor.of([1], 'int32')).item() // => 2
 */
export function nllLoss(prediction: Tensor, target: Tensor, options?: ClassOptions): Tensor {
  const name = 'nllLoss';
  const read = readOptions(name, options, classOptions);
  const { x, target: classes } = asRows(name, prediction, target, false);
  checkWeight(name, x, read.weight);
  const { losses, weights } = lossesOfClasses(name, x, classes, read);
  return reduceWeighted(losses, weights, target.sizes, read.reduction);
}

/** How a divergence is computed. */
export interface DivergenceOptions {
  /** Whether the target is a logarithm as well. Default `false`. */
  readonly logTarget?: boolean;
  /** As in other losses, or `'batchmean'`: the sum divided by the size of the first axis. Default `'mean'`. */
  readonly reduction?: Reduction | 'batchmean';
}

const divergenceOptions: OptionTable<DivergenceOptions> = {
  logTarget: /* @__PURE__ */ optional(boolean, false),
  reduction: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('mean', 'sum', 'none', 'batchmean'), 'mean'),
};

/**
 * The Kullback-Leibler divergence of a target distribution `y` from a prediction `x`: the mean of `y (log y − x)`. With
 * `reduction: 'batchmean'` it is the divergence of textbooks. What has no probability adds nothing, even where the prediction has none either.
 *
 * @param prediction logarithms of probabilities
 * @param target probabilities, in the shape of the prediction; logarithms of them with `logTarget: true`
 * @throws ShapeError unless both have one shape.
 * @example klDivLoss(Tensor.of([[0, 0]]), Tensor.of([[1, 1]])).item() // => 0
 */
export function klDivLoss(prediction: Tensor, target: Tensor, options?: DivergenceOptions): Tensor {
  const { logTarget, reduction } = readOptions('klDivLoss', options, divergenceOptions);
  checkAlike('klDivLoss', prediction, target);
  const y = logTarget ? target.exp() : target;
  // 0 · ∞ is nothing here, and has no derivative: neither the logarithm of nothing nor an infinite prediction of it is multiplied by it.
  const nothing = y.equal(0);
  const log = logTarget ? nothing.where(0, target) : nothing.where(1, target).log();
  const x = nothing.mul(prediction.abs().equal(Infinity)).where(0, prediction);
  const losses = log.sub(x).mul(y);
  return reduction === 'batchmean' ? losses.sum().div(prediction.sizes[0] ?? 1) : reduceLosses(losses, reduction);
}
