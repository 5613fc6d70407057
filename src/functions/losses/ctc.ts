/** The connectionist temporal classification loss: of sequences whose labels are known, but not when each comes. */

import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { anything, boolean, extend, type OptionTable, optional, readOptions, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkFloats, checkTensor, Tensor } from '../../tensor/tensor.ts';
import { inRange } from '../elementwise/in-range.ts';
import { concat } from '../layout/concat.ts';
import { type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/** How long sequences and labels are, and how losses are reduced. */
export interface CtcOptions extends ReductionOptions {
  /** How many steps of each example count, int32 `[n]` or numbers. Default all. */
  readonly inputLengths?: Tensor | readonly number[];
  /** How many labels each example has, int32 `[n]` or numbers. Default all. */
  readonly targetLengths?: Tensor | readonly number[];
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
  /** Whether the loss of labels that do not fit into the steps is 0, not ∞. Default false. */
  readonly zeroInfinity?: boolean;
}

const OPTIONS: OptionTable<CtcOptions> = /* @__PURE__ */ extend(reductionOption, {
  inputLengths: /* @__PURE__ */ withoutDefault(anything),
  targetLengths: /* @__PURE__ */ withoutDefault(anything),
  blank: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(0), 0),
  zeroInfinity: /* @__PURE__ */ optional(boolean, false),
});

const name = 'ctcLoss';

/**
 * The negative log-probability of labels under all alignments with the steps of a sequence (Graves et al. 2006): at each step a class is drawn, then repeated
 * ones are merged and blanks left out. Computed with logarithms from one step to the next, so that no probability underflows. The mean divides the loss of
 * each example by the number of its labels first, as PyTorch's does.
 *
 * Labels that do not fit into the steps, of which equal neighbours need a blank between them, have the loss ∞, with gradient 0. The gradient is that by the
 * log-probabilities themselves; PyTorch's is that of logits, and the same after a `logSoftmax`.
 * @param prediction `[n, time, classes]`, or `[time, classes]` of a single example: logarithms of probabilities, as `logSoftmax()` gives
 * @param target int32 labels `[n, labels]`, or `[labels]`; what is beyond an example's number of labels does not count
 * @param options `inputLengths` and `targetLengths`, default all, `blank`, default 0, `zeroInfinity`, default false, and `reduction`, default `'mean'`
 * @returns a scalar, or `[n]` with `reduction: 'none'`
 * @throws ShapeError where the shapes do not fit, ValueError for labels and lengths out of range, and for a label that is the blank.
 * @example ctcLoss(Tensor.full([2, 2], Math.log(0.5)), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.2877'
 */
export function ctcLoss(prediction: Tensor, target: Tensor, options?: CtcOptions): Tensor {
  const { inputLengths, targetLengths, blank, zeroInfinity, reduction } = readOptions(name, options, OPTIONS) as CtcOptions;
  checkShapes(prediction, target, blank!);
  const single = prediction.rank === 2;
  const [x, labels] = single ? [prediction.unsqueeze(0), target.reshape([1, target.size])] : [prediction, target];
  const [n, steps] = x.sizes as [number, number];
  const times = inputLengths === undefined ? undefined : lengthsOf('inputLengths', inputLengths, n, steps);
  const most = labels.sizes[1]!;
  const counts =
    targetLengths === undefined ? Tensor.full([n], most, { dtype: 'int32' }) : lengthsOf('targetLengths', targetLengths, n, most);
  const infinite = lossesOf(x, labelsOf(labels, counts, blank!, x.sizes[2]!), { times, counts, blank: blank! });
  const losses = zeroInfinity ? infinite.equal(Infinity).where(0, infinite) : infinite;
  if (reduction === 'mean') return losses.div(counts.maximum(1).cast(x.dtype)).mean();
  return reduceLosses(single ? losses.reshape([]) : losses, reduction!);
}

function checkShapes(prediction: Tensor, target: Tensor, blank: number): void {
  checkFloats(name, prediction, 'the prediction');
  checkTensor(name, 'the target', target);
  if (prediction.rank !== 2 && prediction.rank !== 3)
    throw new ShapeError(`${name}: expected predictions [n, time, classes] or [time, classes], got shape ${formatShape(prediction.sizes)}`);
  if (target.rank !== prediction.rank - 1 || (target.rank === 2 && target.sizes[0] !== prediction.sizes[0]))
    throw new ShapeError(
      `${name}: expected labels ${prediction.rank === 2 ? '[labels]' : `[${prediction.sizes[0]}, labels]`} ` +
        `for predictions ${formatShape(prediction.sizes)}, got shape ${formatShape(target.sizes)}`,
    );
  if (target.dtype !== 'int32')
    throw new DtypeError(
      `${name}: expected labels in int32, got ${target.dtype}; write Tensor.of(labels, 'int32') or labels.cast('int32')`,
    );
  if (blank >= prediction.sizes.at(-1)!)
    throw new ValueError(`${name}: expected blank to be a class below ${prediction.sizes.at(-1)}, got ${blank}`);
}

/** A length for each example, int32 `[n]`. */
function lengthsOf(what: string, given: Tensor | readonly number[], n: number, most: number): Tensor {
  const lengths: Tensor = Array.isArray(given) && given.length > 0 ? Tensor.of(given as number[], 'int32') : (given as Tensor);
  checkTensor(name, what, lengths);
  if (lengths.dtype !== 'int32') throw new DtypeError(`${name}: expected ${what} in int32, got ${lengths.dtype}`);
  if (!sameShape(lengths.sizes, [n]) && !(n === 1 && lengths.size === 1))
    throw new ShapeError(`${name}: expected a number for each example, ${what} of shape [${n}], got ${formatShape(lengths.sizes)}`);
  return inRange(name, what, lengths.reshape([n]), 0, most);
}

/** The labels, and blanks after the last of each example. */
function labelsOf(labels: Tensor, counts: Tensor, blank: number, classes: number): Tensor {
  const isLabel = Tensor.arange(labels.sizes[1]!, { dtype: 'int32' }).less(counts.unsqueeze(1));
  const safe = inRange(name, 'labels', isLabel.where(labels, blank), 0, classes - 1);
  const apart = safe.sub(blank).abs();
  inRange(name, `distances of labels from the blank, class ${blank},`, isLabel.where(apart, 1), 1);
  return safe;
}

/** `−log Σ` of the probabilities of all alignments, for each example. */
function lossesOf(
  x: Tensor,
  labels: Tensor,
  { times, counts, blank }: { readonly times: Tensor | undefined; readonly counts: Tensor; readonly blank: number },
): Tensor {
  const [n, steps] = x.sizes as [number, number];
  const places = placesOf(labels, blank);
  const width = places.sizes[1]!;
  const floats = (shape: Shape, value: number): Tensor => Tensor.full(shape, value, { dtype: x.dtype });
  const emitted = concat([x.gather(2, places.unsqueeze(1).broadcastTo([n, steps, width])), floats([n, steps, 1], 0)], 2).transpose(0, 1);
  const from = sourcesOf(places);
  const counted = times && Tensor.arange(steps, { dtype: 'int32' }).reshape([steps, 1, 1]).less(times.unsqueeze(1));
  // A path begins before the first blank, from where it goes to that or to the first label.
  let sums = concat([floats([n, 1], 0), floats([n, width], -Infinity)], 1);
  for (let t = 0; t < steps; t++) {
    const arriving = sums.gather(1, from).reshape([n, 3, width + 1]);
    const next = arriving.logSumExp(1).add(emitted.slice([t]));
    sums = counted ? counted.slice([t]).where(next, sums) : next;
  }
  // A path ends with the last label, or with the blank after it.
  const ends = Tensor.arange(width + 1, { dtype: 'int32' }).sub(counts.mul(2).unsqueeze(1));
  return ends.equal(0).add(ends.equal(-1)).where(sums, -Infinity).logSumExp(1).neg();
}

/** The classes of the places where a path may be: a blank before each label, and one after the last. */
function placesOf(labels: Tensor, blank: number): Tensor {
  const [n, count] = labels.sizes as [number, number];
  const blanks = (shape: Shape): Tensor => Tensor.full(shape, blank, { dtype: 'int32' });
  return concat([concat([blanks([n, count, 1]), labels.unsqueeze(2)], 2).reshape([n, 2 * count]), blanks([n, 1])], 1);
}

/**
 * From where a path may come to each place: from itself, from the one before, and, past a blank between two labels that differ, from that before the blank. A
 * further place, in which no path ever is, stands for none.
 */
function sourcesOf(places: Tensor): Tensor {
  const [n, width] = places.sizes as [number, number];
  const whole = (rule: (place: number) => number): Tensor =>
    new Tensor(
      [width + 1],
      Int32Array.from({ length: width + 1 }, (_, place) => (place === width ? width : rule(place))),
    );
  const [stay, step, skip] = [0, 1, 2].map((by) => whole((place) => (place < by ? width : place - by))) as [Tensor, Tensor, Tensor];
  const head = Math.min(2, width);
  const same = concat([places.slice([null, [0, head]]), places.slice([null, [0, width - head]])], 1);
  const differs = concat([places.notEqual(same), Tensor.zeros([n, 1], { dtype: 'int32' })], 1);
  const wide = (x: Tensor): Tensor => x.broadcastTo([n, width + 1]);
  return concat([wide(stay), wide(step), differs.where(skip, width)], 1);
}
