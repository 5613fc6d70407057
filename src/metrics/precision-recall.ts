/** Precision, recall and F-scores as single numbers. */

import { type OptionTable, oneOf, optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { countsByClass, mean, quotientOfNothing, sum, weightedMean } from './class-counts.ts';
import { judge } from './confusion-matrix.ts';

/** How the scores of classes become one: of all rows together, their plain mean, or each by how often its class occurs. */
export type ClassAverage = 'micro' | 'macro' | 'weighted';

/** Options of `precision` and `recall`. */
export interface ClassScoreOptions {
  /** How the scores of classes become one; `'none'` for a list of all. Default `'macro'`. */
  readonly average?: ClassAverage | 'none';
  /** The classes that count, in the order of the list; `[1]` for the positive class of two. Default those that occur, in ascending order. */
  readonly labels?: readonly number[] | undefined;
  /** The score where there is nothing to divide by. Averages leave out what is NaN. Default 0. */
  readonly zeroDivision?: number;
}

/** Options of `fBeta`. */
export interface FBetaOptions extends ClassScoreOptions {
  /** How many times as much recall counts as precision; 0 for precision alone, Infinity for recall alone. Default 1. */
  readonly beta?: number;
}

const classList: Requirement = {
  words: 'a list of different classes, whole numbers from 0',
  holds: (x) =>
    Array.isArray(x) && x.length > 0 && x.every((label) => Number.isInteger(label) && label >= 0) && new Set(x).size === x.length,
};
const weightOfRecall: Requirement = { words: 'a number from 0', holds: (x) => typeof x === 'number' && x >= 0 };

const scoreOptions = (): OptionTable<ClassScoreOptions> => ({
  average: optional(oneOf('micro', 'macro', 'weighted', 'none'), 'macro'),
  labels: withoutDefault(classList),
  zeroDivision: optional(quotientOfNothing, 0),
});

/**
 * Of the rows that were taken for a class, the part that is of it: `tp / (tp + fp)`, as scikit-learn 1.9 averages it.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param options `average`, default `'macro'`; `labels`, default the classes that occur; `zeroDivision`, default 0
 * @returns a number from 0 to 1, or a list of one for each class with `average: 'none'`
 * @throws ShapeError, DtypeError, ValueError as `accuracy` does; ValueError for options that are not known
 * @example precision(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32'), { labels: [1] }) // => 0.5
 */
export function precision(predicted: Tensor, targets: Tensor, options: ClassScoreOptions & { readonly average: 'none' }): number[];
export function precision(predicted: Tensor, targets: Tensor, options?: ClassScoreOptions): number;
export function precision(predicted: Tensor, targets: Tensor, options?: ClassScoreOptions): number | number[] {
  const read = readOptions<ClassScoreOptions>('precision', options, scoreOptions());
  return scoreOf('precision', predicted, targets, read, (right, claimed) => [right, claimed]);
}

/**
 * Of the rows of a class, the part that was taken for it: `tp / (tp + fn)`, as scikit-learn 1.9 averages it.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param options `average`, default `'macro'`; `labels`, default the classes that occur; `zeroDivision`, default 0
 * @returns a number from 0 to 1, or a list of one for each class with `average: 'none'`
 * @throws ShapeError, DtypeError, ValueError as `accuracy` does; ValueError for options that are not known
 * @example recall(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32'), { average: 'none' }) // => [0.5, 1]
 */
export function recall(predicted: Tensor, targets: Tensor, options: ClassScoreOptions & { readonly average: 'none' }): number[];
export function recall(predicted: Tensor, targets: Tensor, options?: ClassScoreOptions): number;
export function recall(predicted: Tensor, targets: Tensor, options?: ClassScoreOptions): number | number[] {
  const read = readOptions<ClassScoreOptions>('recall', options, scoreOptions());
  return scoreOf('recall', predicted, targets, read, (right, _, support) => [right, support]);
}

/**
 * The harmonic mean of precision and recall, of which recall counts `beta` times as much:
 * `(1 + β²) tp / ((1 + β²) tp + β² fn + fp)`, as scikit-learn 1.9 averages it.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param options `beta`, default 1; `average`, default `'macro'`; `labels`, default the classes that occur; `zeroDivision`, default 0
 * @returns a number from 0 to 1, or a list of one for each class with `average: 'none'`
 * @throws ShapeError, DtypeError, ValueError as `accuracy` does; ValueError for options that are not known
 * @example fBeta(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32'), { average: 'micro' }) // => 2 / 3
 */
export function fBeta(predicted: Tensor, targets: Tensor, options: FBetaOptions & { readonly average: 'none' }): number[];
export function fBeta(predicted: Tensor, targets: Tensor, options?: FBetaOptions): number;
export function fBeta(predicted: Tensor, targets: Tensor, options?: FBetaOptions): number | number[] {
  const { beta, ...read } = readOptions<FBetaOptions>('fBeta', options, { ...scoreOptions(), beta: optional(weightOfRecall, 1) });
  const square = beta * beta;
  return scoreOf('fBeta', predicted, targets, read, (right, claimed, support) =>
    square === Infinity ? [right, support] : [(1 + square) * right, square * support + claimed],
  );
}

/** Numerator and denominator of a score. */
type Quotient = (right: number, claimed: number, support: number) => readonly [number, number];

function scoreOf(
  name: string,
  predicted: Tensor,
  targets: Tensor,
  { average, labels, zeroDivision }: Required<Omit<ClassScoreOptions, 'labels'>> & Pick<ClassScoreOptions, 'labels'>,
  quotient: Quotient,
): number | number[] {
  const { occurring, supports, claims, hits } = countsByClass(judge(name, predicted, targets), targets);
  const chosen = labels ?? occurring;
  const [right, claimed, support] = [hits, claims, supports].map((counts) => chosen.map((label) => counts.get(label) ?? 0)) as [
    number[],
    number[],
    number[],
  ];
  const score = (...counts: Parameters<Quotient>) => {
    const [numerator, denominator] = quotient(...counts);
    return denominator === 0 ? zeroDivision : numerator / denominator;
  };
  if (average === 'micro') return score(sum(right), sum(claimed), sum(support));
  const all = chosen.map((_, i) => score(right[i]!, claimed[i]!, support[i]!));
  return average === 'none' ? all : average === 'macro' ? mean(all) : weightedMean(all, support);
}
