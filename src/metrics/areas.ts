/** Areas under curves of scores. */

import { oneOf, optional, readOptions } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { quotientOfNothing, sum } from './class-counts.ts';
import { countsAtThresholds } from './curves.ts';
import { type Ranked, readRanked } from './inputs.ts';

/** Options of `averagePrecision`. */
export interface AveragePrecisionOptions {
  /** How the numbers of classes become one: their plain mean (`'macro'`, the default), or each by how often its class occurs. */
  readonly average?: 'macro' | 'weighted';
  /** The number of a class that never occurs. Default 0. */
  readonly zeroDivision?: number;
}

/** Options of `rocAUC`. */
export interface AreaOptions {
  /** How the numbers of classes, or pairs of classes, become one: their plain mean (`'macro'`, the default), or each by how often it occurs. */
  readonly average?: 'macro' | 'weighted';
  /** Whether each class stands against the rest (the default) or each pair of classes against each other (Hand & Till 2001). */
  readonly compare?: 'rest' | 'pairs';
  /** The area where there are no positives or no negatives. Default NaN. */
  readonly zeroDivision?: number;
}

const averages = /* @__PURE__ */ oneOf('macro', 'weighted');

/**
 * The area under the ROC curve: the chance that a positive has a larger score than a negative, where ties count half. As scikit-learn 1.9 has it.
 *
 * @param scores `[rows]` in float32 or float64: the larger, the likelier a row is positive; or `[rows, classes]`, each class against the rest
 * @param targets `[rows]` in int32: 1 for positive and 0 for negative, or classes
 * @param options `average`, default `'macro'`; `compare`, default `'rest'`; `zeroDivision`, default NaN
 * @throws ShapeError, DtypeError; ValueError for a class out of range, for a NaN, and for options that are not known
 * @example rocAUC(Tensor.of([0.5, 0.5, 0.5, 0.9]), Tensor.of([0, 1, 0, 1], 'int32')) // => 0.75
 */
export function rocAUC(scores: Tensor, targets: Tensor, options?: AreaOptions): number {
  const { average, compare, zeroDivision } = readOptions<AreaOptions>('rocAUC', options, {
    average: optional(averages, 'macro'),
    compare: optional(oneOf('rest', 'pairs'), 'rest'),
    zeroDivision: optional(quotientOfNothing, Number.NaN),
  });
  const ranked = readRanked('rocAUC', 'scores', scores, targets);
  const area = (scores: ArrayLike<number>, isPositive: (row: number) => boolean) => areaOf(scores, isPositive, zeroDivision);
  if (ranked.classes === 0) return area(ranked.scores, (row) => ranked.targets[row] === 1);
  if (compare === 'rest') return overClasses(ranked, average, area);
  const occurring = [...new Set(ranked.targets)].sort((a, b) => a - b);
  const pairs = occurring.flatMap((a, i) => occurring.slice(i + 1).map((b) => [a, b] as const));
  if (pairs.length === 0) return zeroDivision;
  const found = pairs.map(([a, b]) => {
    const rows = Int32Array.from(ranked.targets.keys()).filter((row) => ranked.targets[row] === a || ranked.targets[row] === b);
    const one = (label: number) =>
      area(
        Float64Array.from(rows, (row) => ranked.scores[row * ranked.classes + label]!),
        (i) => ranked.targets[rows[i]!] === label,
      );
    return { value: (one(a) + one(b)) / 2, weight: rows.length };
  });
  return averaged(found, average);
}

/**
 * The area under the steps of precision against recall: `Σ (Rₙ − Rₙ₋₁) Pₙ` over all thresholds. As scikit-learn 1.9 has it.
 *
 * @param scores `[rows]` in float32 or float64: the larger, the likelier a row is positive; or `[rows, classes]`, each class against the rest
 * @param targets `[rows]` in int32: 1 for positive and 0 for negative, or classes
 * @param options `average`, default `'macro'`; `zeroDivision`, default 0
 * @throws ShapeError, DtypeError; ValueError for a class out of range, for a NaN, and for options that are not known
 * @example averagePrecision(Tensor.of([0.1, 0.4, 0.35, 0.8]), Tensor.of([0, 0, 1, 1], 'int32')).toFixed(4) // => '0.8333'
 */
export function averagePrecision(scores: Tensor, targets: Tensor, options?: AveragePrecisionOptions): number {
  const { average, zeroDivision } = readOptions<AveragePrecisionOptions>('averagePrecision', options, {
    average: optional(averages, 'macro'),
    zeroDivision: optional(quotientOfNothing, 0),
  });
  const ranked = readRanked('averagePrecision', 'scores', scores, targets);
  const one = (scores: ArrayLike<number>, isPositive: (row: number) => boolean) => {
    const { negatives, positives } = countsAtThresholds(scores, isPositive);
    const most = positives.at(-1)!;
    if (most === 0) return zeroDivision;
    let area = 0;
    positives.forEach((count, i) => {
      area += (count - (positives[i - 1] ?? 0)) * (count / (count + negatives[i]!));
    });
    return area / most;
  };
  return ranked.classes === 0 ? one(ranked.scores, (row) => ranked.targets[row] === 1) : overClasses(ranked, average, one);
}

/** The number of each class against the rest, averaged. */
function overClasses(
  { scores, targets, classes }: Ranked,
  average: 'macro' | 'weighted',
  one: (scores: ArrayLike<number>, isPositive: (row: number) => boolean) => number,
): number {
  const found = Array.from({ length: classes }, (_, label) => ({
    value: one(
      Float64Array.from(targets, (_, row) => scores[row * classes + label]!),
      (row) => targets[row] === label,
    ),
    weight: targets.reduce((count, target) => count + Number(target === label), 0),
  }));
  return averaged(found, average);
}

function averaged(found: readonly { readonly value: number; readonly weight: number }[], average: 'macro' | 'weighted'): number {
  const weights = found.map(({ weight }) => (average === 'weighted' ? weight : 1));
  // What weighs nothing does not count, though it be NaN.
  return sum(found.map(({ value }, i) => (weights[i] === 0 ? 0 : value * weights[i]!))) / sum(weights);
}

/** The share of pairs of a positive and a negative of which the positive has the larger score, ties counting half; in whole numbers until the end. */
function areaOf(scores: ArrayLike<number>, isPositive: (row: number) => boolean, zeroDivision: number): number {
  const { negatives, positives } = countsAtThresholds(scores, isPositive);
  const pairs = negatives.at(-1)! * positives.at(-1)!;
  if (pairs === 0) return zeroDivision;
  let twice = 0;
  negatives.forEach((count, i) => {
    twice += (count - (negatives[i - 1] ?? 0)) * (positives[i]! + (positives[i - 1] ?? 0));
  });
  return twice / 2 / pairs;
}
