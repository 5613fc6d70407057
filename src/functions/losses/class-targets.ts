/** Targets of classification: the class of each example, or the probabilities of all classes; and how classes are weighed. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';
import { take } from '../layout/index-select.ts';
import { moveAxis } from '../layout/rearrange.ts';
import { type Reduction, type ReductionOptions, reduceLosses } from './reduction.ts';

/** How classes are weighed, and how losses are reduced. */
export interface ClassOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** A weight for each class, of shape `[classes]`; the mean divides by the weights of the targets. Default 1 each. */
  readonly weight?: Tensor;
  /** A class whose examples do not count. Default none. */
  readonly ignoreIndex?: number;
}

/** Predictions and targets as rows: `[n, classes, …]` becomes `[rows, classes]`; classes `[n, …]` become `[rows]`. */
export function asRows(name: string, prediction: Tensor, target: Tensor): { x: Tensor; target: Tensor } {
  checkTensor(name, 'the prediction', prediction);
  checkTensor(name, 'the target', target);
  const positions = prediction.shape.toSpliced(1, 1);
  if (prediction.rank < 2) throw new ShapeError(`${name}: expected predictions [n, classes, …], got ${formatShape(prediction.shape)}`);
  if (!sameShape(target.shape, positions) && !sameShape(target.shape, prediction.shape))
    throw new ShapeError(
      `${name}: expected int32 classes of shape ${formatShape(positions)} or probabilities of shape ${formatShape(prediction.shape)}, ` +
        `got ${target.dtype} ${formatShape(target.shape)}`,
    );
  if (prediction.rank === 2) return { x: prediction, target };
  const rows = (x: Tensor) => moveAxis(x, 1, -1).reshape([-1, x.shape[1]!]);
  return { x: rows(prediction), target: target.rank === prediction.rank ? rows(target) : target.reshape([-1]) };
}

/** The negated log-probability of each row's class, what each row weighs, and which rows count. */
export function lossesOfClasses(
  name: string,
  logarithms: Tensor,
  classes: Tensor,
  { weight, ignoreIndex }: ClassOptions,
): { losses: Tensor; weights: Tensor; counts: Tensor } {
  const counts = ignoreIndex === undefined ? classes.equal(classes) : classes.notEqual(ignoreIndex);
  const safe = counts.where(classes, 0);
  const last = logarithms.shape[1]! - 1;
  const labels = numbersOf(safe);
  const misfit = labels.findIndex((label) => !(label >= 0 && label <= last));
  if (misfit >= 0)
    throw new ValueError(
      `${name}: label ${labels[misfit]} at place ${misfit} is none of the ${last + 1} classes, 0 to ${last}, ` +
        `of predictions ${formatShape(logarithms.shape)}`,
    );
  const each = weight ? take(weight, safe) : counts.cast(logarithms.dtype);
  const weights = counts.where(each, 0);
  const found = logarithms.gather(1, safe.reshape([-1, 1])).reshape([-1]);
  return { losses: counts.where(found.neg().mul(each), 0), weights, counts };
}

/** Losses reduced, where the mean divides by what the targets weigh. */
export const reduceWeighted = (name: string, losses: Tensor, weights: Tensor, shape: readonly number[], reduction: Reduction): Tensor =>
  reduction === 'mean' ? losses.sum().div(weights.sum()) : reduceLosses(name, losses.reshape(shape), reduction);
