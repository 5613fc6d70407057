/** The cross-entropy of a softmax, in one step from the logits: it never forms the logarithm of a probability that was rounded to 0. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { formula } from '../../formula/formula.ts';
import type { Machine } from '../../machine/machine.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Operand } from '../../machine/storage.ts';
import type { Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';

const weight = formula((x, peak) => x.sub(peak).exp());
const surprise = formula((x, peak, total) => total.log().add(peak.sub(x)));
/** What has no probability adds nothing, even where it would be an infinite surprise. */
const expected = formula((x, peak, total, target) => target.equal(0).where(0, total.log().add(peak.sub(x)).mul(target)));

/** For each row `log Σ eˣ − x[class]`. Its slope is the softmax, less 1 at the class. */
export const softmaxCrossEntropyOfClasses: Op<'logits' | 'classes'> = {
  name: 'softmaxCrossEntropyOfClasses',
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
          `softmaxCrossEntropy: label ${label} of row ${row} is none of the ${count} classes, 0 to ${count - 1}, of logits ${formatShape(logits.shape)}`,
        );
    });
    const { peak, total } = totals(logits, machine);
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

/** For each row `Σ p (log Σ eˣ − x)`. Its slope is the softmax, times the total of the row, less the row. */
export const softmaxCrossEntropyOfRows: Op<'logits' | 'targets'> = {
  name: 'softmaxCrossEntropyOfRows',
  batching: 'rows',
  shape: ({ logits }) => [logits.shape[0]!],
  forward({ logits, targets }, shape, machine) {
    const { peak, total } = totals(logits, machine);
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

/** The largest logit of each row, and the total of `eˣ` over the row, as multiples of that of the largest. */
function totals(logits: Tensor, machine: Machine): { peak: Operand; total: Operand } {
  const shape = [logits.shape[0]!, 1];
  const peak = {
    shape,
    data: extremes('softmaxCrossEntropy', 'largest', logits, [1], machine),
  };
  const weights = { shape: logits.shape, data: machine.map(weight(logits.dtype as FloatDtype), logits.shape, [logits, peak]) };
  return { peak, total: { shape, data: sumInto(shape, weights, machine) } };
}

/**
 * The cross-entropy of the softmax of each row of `logits`, against the class it should be or the probabilities it should have.
 *
 * `loss[i] = log Σⱼ e^logits[i,j] − logits[i, targets[i]]`, or `loss[i] = −Σⱼ targets[i,j] log softmax(logits[i])[j]`
 *
 * @param logits `[rows, classes]`, float32 or float64: scores before any softmax
 * @param targets `[rows]`, int32, from 0 to classes − 1; or probabilities `[rows, classes]` in the logits' dtype
 * @returns `[rows]`: one loss for each row
 * @throws ShapeError, DtypeError, and ValueError for labels out of range and rows that are no probabilities.
 * @example softmaxCrossEntropy(Tensor.of([[0, 0]]), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.6931'
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const name = 'softmaxCrossEntropy';
  checkTensor(name, 'logits', logits);
  checkTensor(name, 'targets', targets);
  if (logits.rank !== 2) throw new ShapeError(`${name}: expected logits of shape [rows, classes], got ${formatShape(logits.shape)}`);
  const [rows] = logits.shape;
  if (targets.dtype === 'int32') {
    if (targets.rank === 1 && targets.size === rows) return perform(softmaxCrossEntropyOfClasses, { logits, classes: targets });
    throw new ShapeError(
      `${name}: expected class indices of shape [${rows}] for logits ${formatShape(logits.shape)}, got ${formatShape(targets.shape)}`,
    );
  }
  if (sameShape(targets.shape, logits.shape)) {
    checkProbabilities(targets);
    return perform(softmaxCrossEntropyOfRows, { logits, targets });
  }
  if (targets.rank === 1) {
    throw new DtypeError(
      `${name}: expected class indices in int32, got ${targets.dtype} of shape ${formatShape(targets.shape)}; write Tensor.of(labels, 'int32') or targets.cast('int32')`,
    );
  }
  throw new ShapeError(
    `${name}: expected int32 classes of shape [${rows}] or probabilities of shape ${formatShape(logits.shape)}, got ${targets.dtype} ${formatShape(targets.shape)}`,
  );
}

const TOLERANCE = 2 ** -7;

/** Rows must be probabilities, within what float32 rounding and small perturbations may leave. */
function checkProbabilities({ data, shape }: Tensor): void {
  const [rows, count] = shape as [number, number];
  for (let row = 0; row < rows; row++) {
    let [total, least] = [0, 0];
    for (let i = row * count; i < (row + 1) * count; i++) {
      total += data[i]!;
      least = Math.min(least, data[i]!);
    }
    const negative = least < -TOLERANCE;
    if (negative || !(Math.abs(total - 1) <= TOLERANCE)) {
      throw new ValueError(
        `softmaxCrossEntropy: expected rows of probabilities, none negative, that sum to 1; row ${row} sums to ${total}${negative ? ', with a negative one' : ''}`,
      );
    }
  }
}
