/** The negative log-likelihood of classes, and the divergence of distributions, both from logarithms of probabilities. */

import type { Tensor } from '../../tensor/tensor.ts';
import { asRows, type ClassOptions, lossesOfClasses, reduceWeighted } from './class-targets.ts';
import { checkAlike, type Reduction, reduceLosses } from './reduction.ts';

/**
 * The negative log-probability of each example's class: the mean of `−prediction[i, target[i]]`. From logits, `crossEntropy` is one
 * operation.
 *
 * @param prediction `[n, classes, …]`: logarithms of probabilities, as `logSoftmax(1)` gives
 * @param target `[n, …]`, int32 classes
 * @param options `weight`, `ignoreIndex` and `reduction`. Default no weights, every class counts, `'mean'`
 * @throws ShapeError, and ValueError for a class out of range.
 * @example nllLoss(Tensor.of([[-1, -2]]), Tensor.of([1], 'int32')).item() // => 2
 */
export function nllLoss(prediction: Tensor, target: Tensor, options: ClassOptions = {}): Tensor {
  const { x, target: classes } = asRows('nllLoss', prediction, target);
  const { losses, weights } = lossesOfClasses('nllLoss', x, classes, options);
  return reduceWeighted('nllLoss', losses, weights, target.shape, options.reduction ?? 'mean');
}

/** How a divergence is computed. */
export interface DivergenceOptions {
  /** Whether the target is a logarithm as well. Default `false`. */
  readonly logTarget?: boolean;
  /** As in other losses, or `'batchmean'`: the sum divided by the size of the first axis. Default `'mean'`. */
  readonly reduction?: Reduction | 'batchmean';
}

/**
 * The Kullback-Leibler divergence of a target distribution `y` from a prediction `x`: the mean of `y (log y − x)`. With
 * `reduction: 'batchmean'` it is the divergence of textbooks.
 *
 * @param prediction logarithms of probabilities
 * @param target probabilities, in the shape of the prediction; logarithms of them with `logTarget: true`
 * @throws ShapeError unless both have one shape.
 * @example klDivLoss(Tensor.of([[0, 0]]), Tensor.of([[1, 1]])).item() // => 0
 */
export function klDivLoss(prediction: Tensor, target: Tensor, { logTarget = false, reduction = 'mean' }: DivergenceOptions = {}): Tensor {
  checkAlike('klDivLoss', prediction, target);
  // What has no probability adds nothing: 0 · log 0 is 0, and so is its derivative.
  const losses = logTarget
    ? target.exp().mul(target.sub(prediction))
    : target.greater(0).where(target, 1).log().sub(prediction).mul(target);
  return reduction === 'batchmean' ? losses.sum().div(prediction.shape[0] ?? 1) : reduceLosses('klDivLoss', losses, reduction);
}
