/** The cross-entropy of a softmax, in one operation from the logits: no probability is rounded to 0 before its logarithm is taken. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { DtypeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Without } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { sumInto } from '../../machine/reduce.ts';
import type { Op } from '../../tensor/op.ts';
import { sumOfExponentials } from '../../tensor/ops/softmax.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { asRows, type ClassOptions, lossesOfClasses, reduceWeighted } from './class-targets.ts';
import { checkReduction, type Reduction, reduceLosses } from './reduction.ts';

/** The negative log-probability of an element whose line has this peak and sum of exponentials. */
const surprise = formula((x, peak, total) => total.log().add(peak.sub(x)));
/** The same, weighed by a target probability. What has no probability adds nothing, even where its surprise is infinite. */
const expected = formula((x, peak, total, target) => target.equal(0).where(0, total.log().add(peak.sub(x)).mul(target)));

/** For each row `log Σ eˣ − x[class]`. Its derivative is the softmax, less 1 at the class. */
export const crossEntropyOfClasses: Op<'logits' | 'classes'> = {
  name: 'crossEntropyOfClasses',
  batching: 'rows',
  indices: ['classes'],
  shape: ({ classes }) => classes.shape,
  forward({ logits, classes }, _, machine) {
    const [rows, count] = logits.shape as [number, number];
    const chosen = newData(logits.dtype, rows);
    classes.data.forEach((label, row) => {
      if (label >= 0 && label < count) chosen[row] = logits.data[row * count + label]!;
      else
        throw new ValueError(
          `crossEntropy: label ${label} of row ${row} is none of the ${count} classes, 0 to ${count - 1}, ` +
            `of logits ${formatShape(logits.shape)}`,
        );
    });
    const { peak, total } = sumOfExponentials('crossEntropy', logits, [1], machine);
    return machine.map(surprise(logits.dtype as FloatDtype), [rows, 1], [{ shape: [rows, 1], data: chosen }, peak, total]);
  },
  backward: {
    logits: ({ dy, logits, classes }) =>
      logits
        .softmax(1)
        .sub(classes.oneHot(logits.shape[1]!, logits.dtype))
        .mul(dy.reshape([dy.size, 1])),
    classes: null,
  },
  sample(draw) {
    const [rows, count] = [draw.size(), draw.size() + 1];
    return { logits: draw.tensor([rows, count]), classes: draw.indices([rows], count) };
  },
};

/** For each row `Σ p (log Σ eˣ − x)`. Its derivative is the softmax, times the sum of the row's targets, less the targets. */
export const crossEntropyOfRows: Op<'logits' | 'targets'> = {
  name: 'crossEntropyOfRows',
  batching: 'rows',
  shape: ({ logits }) => [logits.shape[0]!],
  forward({ logits, targets }, shape, machine) {
    const { peak, total } = sumOfExponentials('crossEntropy', logits, [1], machine);
    const terms = machine.map(expected(logits.dtype as FloatDtype), logits.shape, [logits, peak, total, targets]);
    return sumInto([shape[0]!, 1], { shape: logits.shape, data: terms }, machine);
  },
  backward: {
    logits: ({ dy, logits, targets }) =>
      logits
        .softmax(1)
        .mul(targets.sum(1, { keepDims: true }))
        .sub(targets)
        .mul(dy.reshape([dy.size, 1])),
    targets: ({ dy, logits }) =>
      logits
        .logSoftmax(1)
        .mul(dy.reshape([dy.size, 1]))
        .neg(),
  },
  sample(draw) {
    const shape = [draw.size(), draw.size()];
    return { logits: draw.tensor(shape), targets: draw.tensor(shape) };
  },
};

/** Targets for predictions `[n, classes, …]`: int32 classes `[n, …]`, or probabilities in the shape of the predictions. */
export type ClassTargets<S extends readonly number[]> = Tensor<Without<S, 1>> | Tensor<S>;

/** How classes are weighed and smoothed, and how losses are reduced. */
export interface CrossEntropyOptions<R extends Reduction = Reduction> extends ClassOptions<R> {
  /** The share of each target, from 0 to 1, that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * The cross-entropy of the softmax of logits against the right class or against probabilities: the mean of
 * `log Σⱼ e^x[i,j] − x[i, target[i]]`, or of `−Σⱼ target[i,j] log softmax(x[i])[j]`.
 *
 * @param prediction `[n, classes, …]`, float32 or float64: logits, before any softmax
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
  options: CrossEntropyOptions<R> = {},
): Tensor<R extends 'none' ? Without<S, 1> : []> {
  const { weight, ignoreIndex, labelSmoothing = 0, reduction = 'mean' as R } = options;
  checkReduction(name, reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`${name}: expected labelSmoothing from 0 to 1, got ${labelSmoothing}`);
  const rows = asRows(name, prediction, target);
  const ofClasses = checkTargets(rows.target);
  const shape = prediction.shape.toSpliced(1, 1);
  const unreduced = (losses: Tensor) => (losses.rank === shape.length ? losses : losses.reshape(shape));
  if (!weight && ignoreIndex === undefined && labelSmoothing === 0) {
    const losses = ofClasses
      ? perform(crossEntropyOfClasses, { logits: rows.x, classes: rows.target })
      : perform(crossEntropyOfRows, { logits: rows.x, targets: rows.target });
    return reduceLosses(name, reduction === 'none' ? unreduced(losses) : losses, reduction);
  }
  const logarithms = rows.x.logSoftmax(1);
  const surprises = (weight ? logarithms.mul(weight) : logarithms).neg();
  const spread = labelSmoothing / rows.x.shape[1]!;
  if (!ofClasses) {
    const smoothed = rows.target.mul(1 - labelSmoothing).add(spread);
    return reduceLosses(name, smoothed.mul(surprises).sum(1).reshape(shape), reduction);
  }
  const { losses, weights, counts } = lossesOfClasses(name, logarithms, rows.target, options);
  const smoothed = counts.where(surprises.sum(1), 0).mul(spread);
  return reduceWeighted(name, labelSmoothing === 0 ? losses : losses.mul(1 - labelSmoothing).add(smoothed), weights, shape, reduction);
}

const name = 'crossEntropy';
const TOLERANCE = 2 ** -7;

/** Whether targets are classes. Rows must be probabilities, within what float32 rounding and small perturbations may leave. */
function checkTargets({ data, shape, dtype }: Tensor): boolean {
  if (shape.length === 1 && dtype === 'int32') return true;
  if (shape.length === 1)
    throw new DtypeError(
      `${name}: expected class indices in int32, got ${dtype} of shape ${formatShape(shape)}; ` +
        "write Tensor.of(labels, 'int32') or targets.cast('int32')",
    );
  const [rows, count] = shape as [number, number];
  for (let row = 0; row < rows; row++) {
    let [total, least] = [0, 0];
    for (let i = row * count; i < (row + 1) * count; i++) {
      total += data[i]!;
      least = Math.min(least, data[i]!);
    }
    const negative = least < -TOLERANCE;
    if (negative || !(Math.abs(total - 1) <= TOLERANCE))
      throw new ValueError(
        `${name}: expected rows of probabilities, none negative, that sum to 1; ` +
          `row ${row} sums to ${total}${negative ? ', with a negative one' : ''}`,
      );
  }
  return false;
}
