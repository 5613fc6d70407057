/** What a threshold on scores makes of rows, for every threshold. */

import { boolean, optional, readOptions } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { readRanked } from './inputs.ts';

/** Options of `rocCurve` and `precisionRecallCurve`. */
export interface CurveOptions {
  /** Whether points are left out that lie on a straight line between their neighbours, as far as they are seen from the counts. */
  readonly dropIntermediate?: boolean;
}

/** The receiver operating characteristic: a point for each threshold, from the strictest on. All are `[points]` in float64. */
export interface RocCurve {
  /** Of the negatives, the part with at least this score; NaN where there are none. */
  readonly falsePositiveRate: Tensor<[number]>;
  /** Of the positives, the part with at least this score; NaN where there are none. */
  readonly truePositiveRate: Tensor<[number]>;
  /** The scores that occur, from above; before them Infinity, for no row at all. */
  readonly thresholds: Tensor<[number]>;
}

/** Precision against recall: a point for each threshold, from the loosest on, and one more for no row at all. All are in float64. */
export interface PrecisionRecallCurve {
  /** Of the rows with at least this score, the part that is positive; 1 for no row. `[points + 1]` */
  readonly precision: Tensor<[number]>;
  /** Of the positives, the part with at least this score; 1 where there are none, 0 for no row. `[points + 1]` */
  readonly recall: Tensor<[number]>;
  /** The scores that occur, from below. `[points]` */
  readonly thresholds: Tensor<[number]>;
}

/** For each score that occurs, from above: how many negatives and positives have at least it. */
export interface ThresholdCounts {
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
  readonly thresholds: readonly number[];
}

/** Rows of one score are one threshold, so that their order does not count. */
export function countsAtThresholds(scores: ArrayLike<number>, isPositive: (row: number) => boolean): ThresholdCounts {
  const order = Int32Array.from({ length: scores.length }, (_, row) => row).sort((a, b) =>
    scores[a] === scores[b] ? 0 : scores[b]! > scores[a]! ? 1 : -1,
  );
  const [negatives, positives, thresholds]: [number[], number[], number[]] = [[], [], []];
  let [below, above] = [0, 0];
  order.forEach((row, i) => {
    if (isPositive(row)) above++;
    else below++;
    if (i + 1 < order.length && scores[order[i + 1]!] === scores[row]) return;
    negatives.push(below);
    positives.push(above);
    thresholds.push(scores[row]!);
  });
  return { negatives, positives, thresholds };
}

const points = (numbers: readonly number[]): Tensor<[number]> => new Tensor([numbers.length], Float64Array.from(numbers));

/** The points with some counts, where these change direction. */
function withoutIntermediate({ negatives, positives, thresholds }: ThresholdCounts, isKept: (i: number) => boolean): ThresholdCounts {
  const kept = (numbers: readonly number[]) => numbers.filter((_, i) => i === 0 || i === numbers.length - 1 || isKept(i));
  return { negatives: kept(negatives), positives: kept(positives), thresholds: kept(thresholds) };
}

/**
 * The part of the positives that is found against the part of the negatives that is taken for positive, for every threshold on the scores:
 * scikit-learn's `roc_curve`.
 *
 * @param scores `[rows]` in float32 or float64: the larger, the likelier a row is positive
 * @param targets `[rows]` in int32: 1 for positive, 0 for negative
 * @param options `dropIntermediate`, default true: points on a straight line are left out
 * @throws ShapeError, DtypeError; ValueError for other classes, for a NaN, and for options that are not known
 * @example
 * const { falsePositiveRate, truePositiveRate } = rocCurve(Tensor.of([0.1, 0.4, 0.35, 0.8]), Tensor.of([0, 0, 1, 1], 'int32'));
 * [falsePositiveRate.toArray(), truePositiveRate.toArray()] // => [[0, 0, 0.5, 0.5, 1], [0, 0.5, 0.5, 1, 1]]
 */
export function rocCurve(scores: Tensor, targets: Tensor, options?: CurveOptions): RocCurve {
  const { dropIntermediate } = readOptions<CurveOptions>('rocCurve', options, { dropIntermediate: optional(boolean, true) });
  const ranked = readRanked('rocCurve', 'scores', scores, targets, 'never');
  const all = countsAtThresholds(ranked.scores, (row) => ranked.targets[row] === 1);
  const bends = (counts: readonly number[], i: number) => counts[i + 1]! - counts[i]! !== counts[i]! - counts[i - 1]!;
  const { negatives, positives, thresholds } = dropIntermediate
    ? withoutIntermediate(all, (i) => bends(all.negatives, i) || bends(all.positives, i))
    : all;
  const rate = (counts: readonly number[]) => {
    const most = counts.at(-1)!;
    return points([0, ...counts].map((count) => (most === 0 ? Number.NaN : count / most)));
  };
  return { falsePositiveRate: rate(negatives), truePositiveRate: rate(positives), thresholds: points([Infinity, ...thresholds]) };
}

/**
 * Precision and recall for every threshold on the scores: scikit-learn's `precision_recall_curve`.
 *
 * @param scores `[rows]` in float32 or float64: the larger, the likelier a row is positive
 * @param targets `[rows]` in int32: 1 for positive, 0 for negative
 * @param options `dropIntermediate`, default false: points between which the positives do not change are kept
 * @throws ShapeError, DtypeError; ValueError for other classes, for a NaN, and for options that are not known
 * @example
 * const { precision, recall } = precisionRecallCurve(Tensor.of([0.1, 0.4, 0.35, 0.8]), Tensor.of([0, 0, 1, 1], 'int32'));
 * [precision.toArray(), recall.toArray()] // => [[0.5, 2 / 3, 0.5, 1, 1], [1, 1, 0.5, 0.5, 0]]
 */
export function precisionRecallCurve(scores: Tensor, targets: Tensor, options?: CurveOptions): PrecisionRecallCurve {
  const { dropIntermediate } = readOptions<CurveOptions>('precisionRecallCurve', options, { dropIntermediate: optional(boolean, false) });
  const ranked = readRanked('precisionRecallCurve', 'scores', scores, targets, 'never');
  const all = countsAtThresholds(ranked.scores, (row) => ranked.targets[row] === 1);
  const changes = (i: number) => all.positives[i + 1] !== all.positives[i] || all.positives[i] !== all.positives[i - 1];
  const { negatives, positives, thresholds } = dropIntermediate ? withoutIntermediate(all, changes) : all;
  const most = positives.at(-1)!;
  return {
    precision: points([...positives.map((count, i) => count / (count + negatives[i]!)).reverse(), 1]),
    recall: points([...positives.map((count) => (most === 0 ? 1 : count / most)).reverse(), 0]),
    thresholds: points([...thresholds].reverse()),
  };
}
