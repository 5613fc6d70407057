/** How near predicted numbers are to the right ones. */

import { oneOf, optional, readOptions } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sum } from './class-counts.ts';
import { readPairs } from './inputs.ts';

/** Options of `meanSquaredError` and `meanAbsoluteError`. */
export interface ErrorOptions {
  /** Whether the numbers of several outputs become their mean (`'uniform'`, the default) or a list (`'none'`). */
  readonly average?: 'uniform' | 'none';
}

/** Options of `r2Score` and `explainedVariance`. */
export interface VarianceOptions {
  /** How the numbers of several outputs become one: their mean (`'uniform'`, the default), each by its variance, or not at all (`'none'`). */
  readonly average?: 'uniform' | 'variance' | 'none';
}

/** The predictions and targets of one output. */
type Column = readonly [predicted: Float64Array, targets: Float64Array];

function columnsOf(name: string, predicted: Tensor, targets: Tensor): Column[] {
  const { rows, outputs } = readPairs(name, predicted, targets);
  const column = ({ numbers }: Tensor, i: number) => Float64Array.from({ length: rows }, (_, row) => numbers[row * outputs + i]!);
  return Array.from({ length: outputs }, (_, i) => [column(predicted, i), column(targets, i)] as const);
}

const meanOf = (numbers: ArrayLike<number>): number => sum(Array.from(numbers)) / numbers.length;

const meanSquare = (numbers: Float64Array, center: number): number => meanOf(numbers.map((x) => (x - center) * (x - center)));

function errorOf(
  name: string,
  predicted: Tensor,
  targets: Tensor,
  options: ErrorOptions | undefined,
  of: (difference: number) => number,
): number | number[] {
  const { average } = readOptions<ErrorOptions>(name, options, { average: optional(oneOf('uniform', 'none'), 'uniform') });
  const errors = columnsOf(name, predicted, targets).map(([found, wanted]) => meanOf(found.map((x, row) => of(x - wanted[row]!))));
  return average === 'none' ? errors : meanOf(errors);
}

/**
 * The mean of `(prediction − target)²`, in float64. Both have one shape: nothing broadcasts.
 *
 * @param predicted `[rows]` or `[rows, outputs]` in float32 or float64
 * @param targets in the same shape
 * @param options `average`, default `'uniform'`: the mean over all outputs
 * @returns a number, or a list of one for each output with `average: 'none'`
 * @throws ShapeError, DtypeError; ValueError for numbers that are not finite, and for options that are not known
 * @example meanSquaredError(Tensor.of([2.5, 0, 2, 8]), Tensor.of([3, -0.5, 2, 7])) // => 0.375
 */
export function meanSquaredError(predicted: Tensor, targets: Tensor, options: { readonly average: 'none' }): number[];
export function meanSquaredError(predicted: Tensor, targets: Tensor, options?: ErrorOptions): number;
export function meanSquaredError(predicted: Tensor, targets: Tensor, options?: ErrorOptions): number | number[] {
  return errorOf('meanSquaredError', predicted, targets, options, (x) => x * x);
}

/**
 * The mean of `|prediction − target|`, in float64. Both have one shape: nothing broadcasts.
 *
 * @param predicted `[rows]` or `[rows, outputs]` in float32 or float64
 * @param targets in the same shape
 * @param options `average`, default `'uniform'`: the mean over all outputs
 * @returns a number, or a list of one for each output with `average: 'none'`
 * @throws ShapeError, DtypeError; ValueError for numbers that are not finite, and for options that are not known
 * @example meanAbsoluteError(Tensor.of([2.5, 0, 2, 8]), Tensor.of([3, -0.5, 2, 7])) // => 0.5
 */
export function meanAbsoluteError(predicted: Tensor, targets: Tensor, options: { readonly average: 'none' }): number[];
export function meanAbsoluteError(predicted: Tensor, targets: Tensor, options?: ErrorOptions): number;
export function meanAbsoluteError(predicted: Tensor, targets: Tensor, options?: ErrorOptions): number | number[] {
  return errorOf('meanAbsoluteError', predicted, targets, options, Math.abs);
}

/** `1 − rest / variance` for each output: 1 where nothing is left, 0 where something is though the targets are all equal. */
function explained(
  name: string,
  predicted: Tensor,
  targets: Tensor,
  options: VarianceOptions | undefined,
  restOf: (differences: Float64Array) => number,
): number | number[] {
  const { average } = readOptions<VarianceOptions>(name, options, {
    average: optional(oneOf('uniform', 'variance', 'none'), 'uniform'),
  });
  const found = columnsOf(name, predicted, targets).map(([found, wanted]) => {
    const rest = restOf(found.map((x, row) => wanted[row]! - x));
    const variance = meanSquare(wanted, meanOf(wanted));
    return { variance, value: Number.isNaN(rest) ? rest : rest === 0 ? 1 : variance === 0 ? 0 : 1 - rest / variance };
  });
  const values = found.map(({ value }) => value);
  const total = sum(found.map(({ variance }) => variance));
  if (average === 'none') return values;
  if (average === 'uniform' || total === 0) return meanOf(values);
  return sum(found.map(({ value, variance }) => value * variance)) / total;
}

/**
 * The part of the variance of the targets that predictions account for, their mistaken mean included: R² = `1 − Σ (y − ŷ)² / Σ (y − ȳ)²`, as
 * scikit-learn 1.9 has it. 1 is best, 0 that of the mean, below 0 is worse. NaN for a single row.
 *
 * @param predicted `[rows]` or `[rows, outputs]` in float32 or float64
 * @param targets in the same shape
 * @param options `average`, default `'uniform'`: the mean over all outputs
 * @returns a number, or a list of one for each output with `average: 'none'`
 * @throws ShapeError, DtypeError; ValueError for numbers that are not finite, and for options that are not known
 * @example r2Score(Tensor.of([2.5, 0, 2, 8]), Tensor.of([3, -0.5, 2, 7])).toFixed(4) // => '0.9486'
 */
export function r2Score(predicted: Tensor, targets: Tensor, options: { readonly average: 'none' }): number[];
export function r2Score(predicted: Tensor, targets: Tensor, options?: VarianceOptions): number;
export function r2Score(predicted: Tensor, targets: Tensor, options?: VarianceOptions): number | number[] {
  return explained('r2Score', predicted, targets, options, (rest) => (rest.length < 2 ? Number.NaN : meanSquare(rest, 0)));
}

/**
 * The part of the variance of the targets that predictions account for, whatever their mean: `1 − Var(y − ŷ) / Var(y)`, as scikit-learn 1.9 has
 * it.
 *
 * @param predicted `[rows]` or `[rows, outputs]` in float32 or float64
 * @param targets in the same shape
 * @param options `average`, default `'uniform'`: the mean over all outputs
 * @returns a number, or a list of one for each output with `average: 'none'`
 * @throws ShapeError, DtypeError; ValueError for numbers that are not finite, and for options that are not known
 * @example explainedVariance(Tensor.of([2, 3, 4]), Tensor.of([1, 2, 3])) // => 1
 */
export function explainedVariance(predicted: Tensor, targets: Tensor, options: { readonly average: 'none' }): number[];
export function explainedVariance(predicted: Tensor, targets: Tensor, options?: VarianceOptions): number;
export function explainedVariance(predicted: Tensor, targets: Tensor, options?: VarianceOptions): number | number[] {
  return explained('explainedVariance', predicted, targets, options, (rest) => meanSquare(rest, meanOf(rest)));
}
