/** How good probabilities are. */

import { ValueError } from '../base/errors.ts';
import { exactLog } from '../base/exact-log.ts';
import { boolean, oneOf, optional, readOptions, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { sum } from './class-counts.ts';
import { type Ranked, readRanked, refuseImprobable } from './inputs.ts';

/** Options of `brierScore`. */
export interface BrierOptions {
  /** Whether the sum over classes is halved, so that the score goes from 0 to 1. Default true for two classes, false for more. */
  readonly half?: boolean | undefined;
}

/** Options of `calibration`. */
export interface CalibrationOptions {
  /** How many bins there are. Default 10. */
  readonly bins?: number;
  /** Whether bins are equally wide (`'uniform'`, the default) or hold equally many rows (`'quantile'`). */
  readonly strategy?: 'uniform' | 'quantile';
}

/** A reliability diagram: what was said and what came true, in each bin that is not empty. All are `[bins]`. */
export interface Calibration {
  /** The mean probability of the rows of a bin, in float64. */
  readonly predicted: Tensor<[number]>;
  /** The part of the rows of a bin that came true, in float64. */
  readonly observed: Tensor<[number]>;
  /** How many rows are in a bin, in int32. */
  readonly counts: Tensor<[number]>;
  /** The expected calibration error: the mean distance of both over all rows. */
  readonly expectedError: number;
  /** The largest distance of both. */
  readonly maximumError: number;
}

/** Probabilities `[rows]` of the positive class, or `[rows, classes]`. */
function readProbabilities(name: string, probabilities: Tensor, targets: Tensor): Ranked {
  const ranked = readRanked(name, 'probabilities', probabilities, targets);
  refuseImprobable(name, ranked);
  const { scores, classes, rows } = ranked;
  for (let row = 0; row < rows && classes > 0; row++) {
    const total = sum(Array.from(scores.subarray(row * classes, (row + 1) * classes)));
    if (!(Math.abs(total - 1) <= 1e-3))
      throw new ValueError(
        `${name}: expected probabilities that add up to 1 in each row, got ${total} in row ${row}; of logits take softmax`,
      );
  }
  return ranked;
}

/**
 * The mean of `−log p` over the probabilities of what came true, as scikit-learn 1.9 has it: probabilities are moved into the range from ε to
 * 1 − ε, where ε is 1.2e-7 in float32 and 2.2e-16 in float64. For training take `crossEntropy`, which is given logits.
 *
 * @param probabilities `[rows]` of class 1, or `[rows, classes]`, in float32 or float64
 * @param targets the right classes, `[rows]` in int32
 * @throws ShapeError, DtypeError; ValueError for a class out of range, and for what are no probabilities
 * @example logLoss(Tensor.of([0.5, 0.5]), Tensor.of([0, 1], 'int32')) === Math.LN2 // => true
 */
export function logLoss(probabilities: Tensor, targets: Tensor): number {
  const { rows, classes, scores, targets: right } = readProbabilities('logLoss', probabilities, targets);
  const epsilon = probabilities.dtype === 'float32' ? 2 ** -23 : 2 ** -52;
  const losses = Array.from({ length: rows }, (_, row) => {
    const label = right[row]!;
    const p = classes > 0 ? scores[row * classes + label]! : label === 1 ? scores[row]! : 1 - scores[row]!;
    return -exactLog(Math.min(Math.max(p, epsilon), 1 - epsilon));
  });
  return sum(losses) / rows;
}

/**
 * The mean squared distance of probabilities from what came true: `(p − y)²` for two classes, summed over all for several. As scikit-learn 1.9
 * has it.
 *
 * @param probabilities `[rows]` of class 1, or `[rows, classes]`, in float32 or float64
 * @param targets the right classes, `[rows]` in int32
 * @param options `half`, whether the sum over classes is halved, default for two classes alone
 * @throws ShapeError, DtypeError; ValueError for a class out of range, for what are no probabilities, and for options that are not known
 * @example brierScore(Tensor.of([0.5, 1]), Tensor.of([0, 1], 'int32')) // => 0.125
 */
export function brierScore(probabilities: Tensor, targets: Tensor, options?: BrierOptions): number {
  const { half } = readOptions<BrierOptions>('brierScore', options, { half: withoutDefault(boolean) });
  const { rows, classes, scores, targets: right } = readProbabilities('brierScore', probabilities, targets);
  const factor = (half ?? classes < 3) ? 0.5 : 1;
  const distances = Array.from({ length: rows }, (_, row) => {
    const label = right[row]!;
    if (classes === 0) return 2 * (scores[row]! - label) * (scores[row]! - label);
    const squares = Array.from({ length: classes }, (_, i) => scores[row * classes + i]! - Number(i === label));
    return sum(squares.map((x) => x * x));
  });
  return (factor * sum(distances)) / rows;
}

/**
 * Whether probabilities mean what they say: rows in bins by their probability, and how many of each came true, as scikit-learn's
 * `calibration_curve`; and the expected calibration error `Σ (rows in bin / rows) |observed − predicted|` (Naeini, Cooper & Hauskrecht 2015). Of
 * several classes the most probable one counts, the first of those that tie (Guo et al. 2017).
 *
 * @param probabilities `[rows]` of class 1, or `[rows, classes]`, in float32 or float64
 * @param targets the right classes, `[rows]` in int32
 * @param options `bins`, default 10; `strategy`, default `'uniform'`
 * @throws ShapeError, DtypeError; ValueError for a class out of range, for what are no probabilities, and for options that are not known
 * @example calibration(Tensor.of([0.75, 0.75, 0.75, 0.75]), Tensor.of([1, 1, 0, 1], 'int32')).expectedError // => 0
 */
export function calibration(probabilities: Tensor, targets: Tensor, options?: CalibrationOptions): Calibration {
  const { bins, strategy } = readOptions<CalibrationOptions>('calibration', options, {
    bins: optional(wholeNumberFrom(1), 10),
    strategy: optional(oneOf('uniform', 'quantile'), 'uniform'),
  });
  const ranked = readProbabilities('calibration', probabilities, targets);
  const { said, true: came } = claimsOf(ranked);
  const sorted = said.toSorted();
  // The edges as NumPy rounds them, so that numbers on an edge are in the same bin.
  const edges = Array.from({ length: bins - 1 }, (_, i) => (i + 1) * (1 / bins));
  const inner = strategy === 'uniform' ? edges : edges.map((edge) => percentile(sorted, (edge * 100) / 100));
  const found = new Map<number, { rows: number; said: number[]; came: number }>();
  said.forEach((p, row) => {
    const bin = firstNotBelow(inner, p);
    const at = found.get(bin) ?? { rows: 0, said: [], came: 0 };
    at.rows++;
    at.said.push(p);
    at.came += came[row]!;
    found.set(bin, at);
  });
  const each = [...found]
    .sort(([a], [b]) => a - b)
    .map(([, { rows, said, came }]) => ({ rows, predicted: sum(said) / rows, observed: came / rows }));
  const distances = each.map(({ predicted, observed }) => Math.abs(observed - predicted));
  const numbers = (of: (bin: (typeof each)[number]) => number) =>
    new Tensor([each.length], Float64Array.from(each, of)) as Tensor<[number]>;
  return {
    predicted: numbers(({ predicted }) => predicted),
    observed: numbers(({ observed }) => observed),
    counts: new Tensor(
      [each.length],
      Int32Array.from(each, ({ rows }) => rows),
    ),
    expectedError: sum(distances.map((distance, i) => distance * each[i]!.rows)) / ranked.rows,
    maximumError: Math.max(...distances),
  };
}

/** The probability of each row's claim, and whether it came true: of class 1, or of the most probable class. */
function claimsOf({ rows, classes, scores, targets }: Ranked): { readonly said: Float64Array; readonly true: Uint8Array } {
  if (classes === 0) return { said: Float64Array.from(scores), true: Uint8Array.from(targets) };
  const said = new Float64Array(rows);
  const came = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let label = 1; label < classes; label++) if (scores[row * classes + label]! > scores[row * classes + best]!) best = label;
    said[row] = scores[row * classes + best]!;
    came[row] = Number(best === targets[row]);
  }
  return { said, true: came };
}

/** The number below which a share of sorted numbers lies; between two, as NumPy's `percentile` interpolates. */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  const rest = place - Math.floor(place);
  return rest < 0.5 ? low + (high - low) * rest : high - (high - low) * (1 - rest);
}

/** The place of the first of sorted numbers that is not below `x`. */
function firstNotBelow(sorted: readonly number[], x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
