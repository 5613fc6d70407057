/** Losses of margins between the scores of several classes, for one right class or several. On the edge of a margin the derivative is taken to be 0. */

import { DtypeError, ShapeError } from '../../base/errors.ts';
import {
  anything,
  extend,
  finiteNumber,
  type OptionTable,
  optional,
  type Requirement,
  readOptions,
  withoutDefault,
} from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { logSigmoid } from '../elementwise/activations.ts';
import { inRange } from '../elementwise/in-range.ts';
import { take } from '../layout/index-select.ts';
import { cumprod } from '../sums/scan.ts';
import { asRows, checkWeight } from './class-targets.ts';
import { checkAlike, checkStretches, type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/** The margin between classes, its power, and how classes are weighed. */
export interface MultiMarginOptions extends ReductionOptions {
  /** By how much the score of the right class should be above the others. Default 1. */
  readonly margin?: number;
  /** 1, or 2 for squares. Default 1. */
  readonly power?: 1 | 2;
  /** A weight for each class, of shape `[classes]`. The mean divides by the number of examples. Default 1 each. */
  readonly weight?: Tensor | undefined;
}

const oneOrTwo: Requirement = { words: '1 or 2', holds: (x) => x === 1 || x === 2 };

const multiMarginOptions: OptionTable<MultiMarginOptions> = /* @__PURE__ */ extend(reductionOption, {
  margin: /* @__PURE__ */ optional(finiteNumber, 1),
  power: /* @__PURE__ */ optional(oneOrTwo, 1),
  weight: /* @__PURE__ */ withoutDefault(anything),
});

/**
 * The mean of `Σⱼ weight[y] max(0, margin − x[y] + x[j])ᵖᵒʷᵉʳ / classes`, over the classes `j` other than the right one `y`: its score should be above all
 * others by a margin.
 * @param prediction `[n, classes]`, or `[classes]` of a single example: scores
 * @param target `[n]`, int32 classes
 * @param options `margin`, default 1, `power`, default 1, `weight`, default 1 each, and `reduction`, default `'mean'`
 * @throws ShapeError, and ValueError for a class out of range.
 * @example multiMarginLoss(Tensor.of([[0.5, 1]]), Tensor.of([1], 'int32')).item() // => 0.25
 */
export function multiMarginLoss(prediction: Tensor, target: Tensor, options?: MultiMarginOptions): Tensor {
  const name = 'multiMarginLoss';
  const { margin, power, weight, reduction } = readOptions(name, options, multiMarginOptions);
  const { x, target: classes } = asRows(name, matrixOrVector(name, prediction), target, false);
  checkWeight(name, x, weight);
  const count = x.sizes[1]!;
  const safe = inRange(name, 'classes', classes, 0, count - 1);
  const right = x.gather(1, safe.reshape([-1, 1]));
  // The right class is left out first: where its score is infinite, its distance from itself is NaN, which a square would multiply into its gradient.
  const over = safe.oneHot(count, 'int32').equal(0).where(x.sub(right).add(margin!).relu(), 0);
  const losses = power === 2 ? over.mul(over) : over;
  const weighed = weight ? losses.mul(take(weight, safe).reshape([-1, 1])) : losses;
  return reduceLosses(weighed.sum(1).div(count).reshape(target.sizes), reduction!);
}

/**
 * The mean of `Σⱼᵢ max(0, 1 − (x[j] − x[i])) / classes`, over the right classes `j` and the others `i`: all that are right should have scores above all that are
 * not, by a margin of 1.
 * @param prediction `[n, classes]`, or `[classes]` of a single example: scores
 * @param target int32, in the shape of the prediction: the right classes, one after another, and −1 after the last; what comes after it does not count
 * @throws ShapeError unless both have one shape, ValueError for a class out of range.
 * @example multilabelMarginLoss(Tensor.of([0.25, 1, 0.5, 0.75]), Tensor.of([3, 0, -1, 1], 'int32')).item().toFixed(5) // => '1.25000'
 */
export function multilabelMarginLoss(prediction: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const name = 'multilabelMarginLoss';
  const { reduction } = readOptions(name, options, reductionOption);
  checkFloats(name, matrixOrVector(name, prediction), 'the prediction');
  checkTensor(name, 'the target', target);
  if (!sameShape(prediction.sizes, target.sizes))
    throw new ShapeError(
      `${name}: expected classes like the predictions, ${formatShape(prediction.sizes)}, filled up with −1, got ${formatShape(target.sizes)}`,
    );
  if (target.dtype !== 'int32')
    throw new DtypeError(`${name}: expected class indices in int32, got ${target.dtype}; write targets.cast('int32')`);
  const count = prediction.sizes.at(-1)!;
  if (count === 0) throw new ShapeError(`${name}: expected some classes, got shape ${formatShape(prediction.sizes)}`);
  const [x, classes] = [prediction, target].map((part): Tensor => (part.rank === 1 ? part.reshape([1, count]) : part)) as [Tensor, Tensor];
  // Up to the first that is −1.
  const listed = cumprod(
    inRange(name, 'classes', classes, -1, count - 1)
      .notEqual(-1)
      .cast('int32'),
    1,
  );
  const safe = listed.where(classes, 0);
  const isRight = safe.oneHot(count, 'int32').mul(listed.unsqueeze(2)).sum(1).greater(0);
  const right = x.gather(1, safe).unsqueeze(2);
  const over = x.unsqueeze(1).sub(right).add(1).relu();
  const losses = listed.unsqueeze(2).mul(isRight.equal(0).unsqueeze(1).cast('int32')).where(over, 0).sum([1, 2]).div(count);
  return reduceLosses(losses.reshape(prediction.sizes.slice(0, -1)), reduction!);
}

/** How classes are weighed, and how losses are reduced. */
export interface MultilabelSoftMarginOptions extends ReductionOptions {
  /** What the loss of each class is multiplied by; it broadcasts to the predictions. Default 1. */
  readonly weight?: Tensor | undefined;
}

const softOptions: OptionTable<MultilabelSoftMarginOptions> = /* @__PURE__ */ extend(reductionOption, {
  weight: /* @__PURE__ */ withoutDefault(anything),
});

/**
 * The mean of `−(y log σ(x) + (1 − y) log σ(−x))` over the classes, for each example; and of these the mean: the binary cross-entropy of logits with a target
 * for each class.
 * @param prediction `[…, classes]`, logits
 * @param target from 0 to 1, in the shape of the prediction
 * @param options `weight`, default 1 each, and `reduction`, default `'mean'`
 * @returns a scalar, or `[…]` with `reduction: 'none'`
 * @throws ShapeError unless both have one shape.
 * @example multilabelSoftMarginLoss(Tensor.of([[0, 0]]), Tensor.of([[1, 0]])).item().toFixed(4) // => '0.6931'
 */
export function multilabelSoftMarginLoss(prediction: Tensor, target: Tensor, options?: MultilabelSoftMarginOptions): Tensor {
  const name = 'multilabelSoftMarginLoss';
  const { weight, reduction } = readOptions(name, options, softOptions);
  checkAlike(name, prediction, target);
  if (prediction.rank === 0) throw new ShapeError(`${name}: expected predictions […, classes], got a scalar`);
  if (weight !== undefined) checkStretches(name, prediction, weight, 'weight');
  const losses = target
    .mul(logSigmoid(prediction))
    .add(target.neg().add(1).mul(logSigmoid(prediction.neg())))
    .neg();
  return reduceLosses((weight === undefined ? losses : losses.mul(weight)).mean(-1), reduction!);
}

function matrixOrVector(name: string, prediction: Tensor): Tensor {
  checkTensor(name, 'the prediction', prediction);
  if (prediction.rank === 1 || prediction.rank === 2) return prediction;
  throw new ShapeError(`${name}: expected predictions [n, classes] or [classes], got shape ${formatShape(prediction.sizes)}`);
}
