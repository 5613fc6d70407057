/**
 * The cross-entropy of a softmax in one operation from the logits, so that no probability is rounded to 0 before its logarithm is taken: the part
 * of `crossEntropy` that needs neither weights nor smoothing. `SoftmaxCrossEntropy` is made of this alone.
 */

import { convert, type Data, type FloatDtype, newData } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { sumInto } from '../../machine/reduce.ts';
import type { Op } from '../../tensor/op.ts';
import { type SumsOfExponentials, sumOfExponentials } from '../../tensor/ops/softmax.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { asRows, shapeOfLosses } from './class-targets.ts';
import { type Reduction, reduceLosses } from './reduction.ts';

/** The negative log-probability of an element whose line has this peak and sum of exponentials. */
const surprise = /* @__PURE__ */ formula((x, peak, total) => total.log().add(peak.sub(x)));
/** The same, weighed by a target probability. What has no probability adds nothing, even where its surprise is infinite. */
const expected = /* @__PURE__ */ formula((x, peak, total, target) => target.equal(0).where(0, total.log().add(peak.sub(x)).mul(target)));

/** The slope of the first: the softmax, less 1 at the class, times the gradient that arrives. */
const slope = /* @__PURE__ */ formula((x, peak, total, hot, dy) => x.sub(peak).exp().div(total).sub(hot).mul(dy));

/** What the losses that were computed last were made of: mostly their derivative needs that next. (A map with weak keys would make much garbage.) */
let latest: { readonly losses: Data; readonly sums: SumsOfExponentials } | undefined;

/** For each row `log Σ eˣ − x[class]`. Its derivative is the softmax, less 1 at the class. */
export const crossEntropyOfClasses: Op<'logits' | 'classes'> = {
  name: 'crossEntropyOfClasses',
  batching: 'rows',
  indices: ['classes'],
  shape: ({ classes }) => classes.sizes,
  forward({ logits, classes }, _, machine) {
    const [rows, count] = logits.sizes as [number, number];
    const [labels, numbers, chosen] = [classes.numbers, logits.numbers, newData(logits.dtype, rows)];
    for (let row = 0; row < rows; row++) {
      const label = labels[row]!;
      if (label >= 0 && label < count) chosen[row] = numbers[row * count + label]!;
      else
        throw new ValueError(
          `crossEntropy: label ${label} of row ${row} is none of the ${count} classes, 0 to ${count - 1}, ` +
            `of logits ${formatShape(logits.sizes)}`,
        );
    }
    const sums = sumOfExponentials('crossEntropy', logits, [1], machine);
    const inputs = [{ sizes: [rows, 1], data: chosen }, sums.peak, sums.total];
    const losses = machine.map(surprise(logits.dtype as FloatDtype), [rows, 1], inputs);
    latest = { losses, sums };
    return losses;
  },
  backward: {
    logits: ({ dy, logits, classes }) =>
      logits
        .softmax(1)
        .sub(classes.oneHot(logits.sizes[1]!, logits.dtype))
        .mul(dy.reshape([dy.size, 1])),
    classes: null,
  },
  directBackward: {
    logits({ y, dy, logits, classes }, machine) {
      const { sizes, dtype } = logits as { readonly sizes: Shape; readonly dtype: FloatDtype };
      const [rows, count] = sizes as readonly [number, number];
      const [labels, hot] = [classes.numbers, newData(dtype, rows * count)];
      for (let row = 0; row < rows; row++) hot[row * count + labels[row]!] = 1;
      const { peak, total } = latest?.losses === y.numbers ? latest.sums : sumOfExponentials('crossEntropy', logits, [1], machine);
      const arriving = { sizes: [rows, 1], data: dy.numbers };
      return machine.map(slope(dtype), sizes, [logits, peak, total, { sizes, data: hot }, arriving]);
    },
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
  shape: ({ logits }) => [logits.sizes[0]!],
  forward({ logits, targets }, shape, machine) {
    const { peak, total } = sumOfExponentials('crossEntropy', logits, [1], machine);
    const terms = machine.map(expected(logits.dtype as FloatDtype), logits.sizes, [logits, peak, total, targets]);
    return sumInto([shape[0]!, 1], { sizes: logits.sizes, data: terms }, machine);
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

/** What float32 rounding and small perturbations may leave of a sum of 1. */
const TOLERANCE = 0.0078125;

/** Rows `[rows, classes]` themselves, each of which must be probabilities: a check that is made for each example, whatever maps the function. */
export const probabilitiesOp: Op<'x'> = {
  name: 'probabilities',
  batching: 'rows',
  shape: ({ x }) => x.sizes,
  forward({ x: { numbers: data, sizes: shape, dtype } }) {
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
          `crossEntropy: expected rows of probabilities, none negative, that sum to 1; ` +
            `row ${row} sums to ${total}${negative ? ', with a negative one' : ''}`,
        );
    }
    return convert('crossEntropy', data, dtype);
  },
  backward: { x: ({ dy }) => dy },
  sample(draw) {
    const [rows, count] = [draw.size(), draw.size() + 1];
    const { dtype } = draw.tensor([]);
    return {
      x: draw
        .indices([rows], count)
        .oneHot(count, dtype)
        .add(1)
        .div(count + 1),
    };
  },
};

export const probabilities = (x: Tensor): Tensor => perform(probabilitiesOp, { x });

/** The cross-entropy of logits `[n, classes, …]` against classes `[n, …]` or probabilities, without weights and smoothing. */
export function plainCrossEntropy(logits: Tensor, target: Tensor, reduction: Reduction): Tensor {
  const { x, target: rows, ofClasses } = asRows('crossEntropy', logits, target);
  const losses = ofClasses
    ? perform(crossEntropyOfClasses, { logits: x, classes: rows })
    : perform(crossEntropyOfRows, { logits: x, targets: probabilities(rows) });
  const rowsAreAll = reduction !== 'none' || logits.rank === 2;
  return reduceLosses(rowsAreAll ? losses : losses.reshape(shapeOfLosses(logits.sizes)), reduction);
}
