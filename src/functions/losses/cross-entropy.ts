/** The cross-entropy of a softmax, with classes weighed and left out, and targets smoothed. */

import { extend, fraction, type OptionTable, optional, readOptions } from '../../base/options.ts';
import type { Without } from '../../base/shape-types.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { asRows, type ClassOptions, checkWeight, classOptions, lossesOfClasses, reduceWeighted, shapeOfLosses } from './class-targets.ts';
import { plainCrossEntropy, probabilities } from './plain-cross-entropy.ts';
import { type Reduction, reduceLosses } from './reduction.ts';

const name = 'crossEntropy';

/** The shape without the classes: `[n, …]` for `[n, classes, …]`, and a scalar for the `[classes]` of a single example. */
export type OfClasses<S extends readonly number[]> = S extends readonly [number] ? [] : Without<S, 1>;

/** Targets for predictions `[n, classes, …]`: int32 classes `[n, …]`, or probabilities in the shape of the predictions. */
export type ClassTargets<S extends readonly number[]> = Tensor<OfClasses<S>> | Tensor<S>;

/** How classes are weighed and smoothed, and how losses are reduced. */
export interface CrossEntropyOptions<R extends Reduction = Reduction> extends ClassOptions<R> {
  /** The fraction of each target, from 0 to 1, that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

const crossEntropyOptions: OptionTable<CrossEntropyOptions> = /* @__PURE__ */ extend(classOptions, {
  labelSmoothing: /* @__PURE__ */ optional(fraction, 0),
});

/**
 * The cross-entropy of the softmax of logits against the right class or against probabilities: the mean of
 * `log Σⱼ e^x[i,j] − x[i, target[i]]`, or of `−Σⱼ target[i,j] log softmax(x[i])[j]`.
 *
 * @param prediction `[n, classes, …]`, or `[classes]` of a single example, float32 or float64: logits, before any softmax
 * @param target `[n, …]` of int32 classes, or probabilities in the shape and dtype of the prediction
 * @param options `weight`, `ignoreIndex`, `labelSmoothing` and `reduction`. Default no weights, every class counts, 0, `'mean'`. The mean
 *   over ignored targets alone is NaN, with gradient 0
 * @returns a scalar, or `[n, …]` with `reduction: 'none'`
 * @throws ShapeError, DtypeError, and ValueError for a class out of range and for rows that are no probabilities.
 * @example crossEntropy(Tensor.of([[0, 0]]), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.6931'
 * crossEntropy(Tensor.of([[0, 0]]), Tensor.of([[0.5, 0.5]]), { reduction: 'none' }).shape // => [1]
 */
export function crossEntropy<S extends readonly number[], R extends Reduction = 'mean'>(
  prediction: Tensor<S>,
  target: ClassTargets<NoInfer<S>>,
  options?: CrossEntropyOptions<R>,
): Tensor<R extends 'none' ? OfClasses<S> : []> {
  const read = readOptions<CrossEntropyOptions>(name, options, crossEntropyOptions);
  const { weight, ignoreIndex, labelSmoothing, reduction } = read;
  if (!weight && ignoreIndex === undefined && labelSmoothing === 0) return plainCrossEntropy(prediction, target, reduction);
  const { x, target: rows, ofClasses } = asRows(name, prediction, target);
  checkWeight(name, x, weight);
  const shape = shapeOfLosses(prediction.sizes);
  const logarithms = x.logSoftmax(1);
  const surprises = (weight ? logarithms.mul(weight) : logarithms).neg();
  const spread = labelSmoothing / x.sizes[1]!;
  if (!ofClasses) {
    const smoothed = probabilities(rows)
      .mul(1 - labelSmoothing)
      .add(spread);
    return reduceLosses(smoothed.mul(surprises).sum(1).reshape(shape), reduction);
  }
  const { losses, weights, counts } = lossesOfClasses(name, logarithms, rows, read);
  const smoothed = counts.where(surprises.sum(1), 0).mul(spread);
  return reduceWeighted(labelSmoothing === 0 ? losses : losses.mul(1 - labelSmoothing).add(smoothed), weights, shape, reduction);
}
