/** Targets of classification: the class of each example, or the probabilities of all classes; and how classes are weighed. */

import { DtypeError, ShapeError } from '../../base/errors.ts';
import { anything, extend, type OptionTable, type Requirement, withoutDefault } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { inRange } from '../elementwise/in-range.ts';
import { take } from '../layout/index-select.ts';
import { moveAxis } from '../layout/rearrange.ts';
import { checkDtypes, type Reduction, type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/** How classes are weighed, and how losses are reduced. */
export interface ClassOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** A weight for each class, of shape `[classes]`; the mean divides by the weights of the targets. Default 1 each. */
  readonly weight?: Tensor | undefined;
  /** A class whose examples do not count. Default none. */
  readonly ignoreIndex?: number;
}

const wholeNumber: Requirement = { words: 'a whole number', holds: (x) => Number.isInteger(x) };

export const classOptions: OptionTable<ClassOptions> = /* @__PURE__ */ extend(reductionOption, {
  weight: /* @__PURE__ */ withoutDefault(anything),
  ignoreIndex: /* @__PURE__ */ withoutDefault(wholeNumber),
});

/** The shape of the losses of predictions `[n, classes, …]`, or of the `[classes]` of a single example. */
export const shapeOfLosses = (prediction: Shape): number[] => (prediction.length === 1 ? [] : prediction.toSpliced(1, 1));

/** Predictions and targets as rows, and whether the targets are classes. */
export interface Rows {
  /** `[rows, classes]` */
  readonly x: Tensor;
  /** `[rows]` of int32 classes, or `[rows, classes]` of probabilities. */
  readonly target: Tensor;
  readonly ofClasses: boolean;
}

/** Predictions `[n, classes, …]`, or `[classes]` of a single example, and their targets as rows. */
export function asRows(name: string, prediction: Tensor, target: Tensor, probabilities = true): Rows {
  checkFloats(name, prediction, 'the prediction');
  checkTensor(name, 'the target', target);
  if (prediction.rank === 0) throw new ShapeError(`${name}: expected predictions [n, classes, …] or [classes], got a scalar`);
  const shape = shapeOfLosses(prediction.sizes);
  const ofClasses = sameShape(target.sizes, shape);
  if (ofClasses && target.dtype !== 'int32')
    throw new DtypeError(
      `${name}: expected class indices in int32, got ${target.dtype} of shape ${formatShape(target.sizes)}; ` +
        "write targets.cast('int32')",
    );
  if (!ofClasses && !(probabilities && sameShape(target.sizes, prediction.sizes)))
    throw new ShapeError(
      `${name}: expected int32 classes of shape ${formatShape(shape)}` +
        `${probabilities ? ` or probabilities of shape ${formatShape(prediction.sizes)}` : ''}, ` +
        `got ${target.dtype} ${formatShape(target.sizes)}` +
        (sameShape(target.sizes, prediction.sizes.slice(0, -1)) ? '; classes are axis 1: moveAxis(prediction, -1, 1)' : ''),
    );
  if (!ofClasses) checkDtypes(name, prediction, target, 'target');
  if (prediction.rank === 2) return { x: prediction, target, ofClasses };
  const rows = (x: Tensor) => (x.rank === 1 ? x.reshape([1, x.size]) : moveAxis(x, 1, -1).reshape([-1, x.sizes[1]!]));
  return { x: rows(prediction), target: ofClasses ? target.reshape([target.size]) : rows(target), ofClasses };
}

/** Refuses weights that are not one for each class. */
export function checkWeight(name: string, logarithms: Tensor, weight: Tensor | undefined): void {
  if (weight === undefined) return;
  checkTensor(name, 'the weight', weight);
  if (weight.rank !== 1 || weight.size !== logarithms.sizes[1])
    throw new ShapeError(`${name}: expected a weight for each class, of shape [${logarithms.sizes[1]}], got ${formatShape(weight.sizes)}`);
  checkDtypes(name, logarithms, weight, 'weight');
}

/** The negated log-probability of each row's class, what each row weighs, and which rows count. */
export function lossesOfClasses(
  name: string,
  logarithms: Tensor,
  classes: Tensor,
  { weight, ignoreIndex }: ClassOptions,
): { losses: Tensor; weights: Tensor; counts: Tensor } {
  const counts = ignoreIndex === undefined ? classes.equal(classes) : classes.notEqual(ignoreIndex);
  const safe = inRange(name, 'classes', counts.where(classes, 0), 0, logarithms.sizes[1]! - 1);
  const each = weight ? take(weight, safe) : counts.cast(logarithms.dtype);
  const weights = counts.where(each, 0);
  const found = logarithms.gather(1, safe.reshape([-1, 1])).reshape([-1]);
  return { losses: counts.where(found.neg().mul(each), 0), weights, counts };
}

/** Losses reduced, where the mean divides by what the targets weigh. */
export const reduceWeighted = (losses: Tensor, weights: Tensor, shape: Shape, reduction: Reduction): Tensor =>
  reduction === 'mean' ? losses.sum().div(weights.sum()) : reduceLosses(losses.reshape(shape), reduction);
