/** How often numbers occur: each whole number, or those in each of several bins. */

import { calledAs } from '../../base/called-as.ts';
import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { boolean, check, type OptionTable, optional, quote, readOptions, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkFloats, checkTensor, Tensor } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';
import { searchsorted } from './bins.ts';
import { diff } from './scan.ts';

/** What is counted of each number, and up to which number at least. */
export interface BincountOptions {
  /** What each element counts, in the shape of `x`. Default 1, and the counts are int32. */
  readonly weights?: Tensor | undefined;
  /** How many counts there are at least. Default 0. */
  readonly minLength?: number;
}

/** Weights are checked where they are used. */
const weightsOption = /* @__PURE__ */ withoutDefault({ words: 'a tensor', holds: (x) => x instanceof Tensor });
const BINCOUNT: OptionTable<BincountOptions> = /* @__PURE__ */ (() => ({
  weights: weightsOption,
  minLength: optional(wholeNumberFrom(0), 0),
}))();

/**
 * How often each whole number from 0 occurs in an int32 vector: `y[i]` is the number of elements that are `i`, or the sum of their weights.
 * @param options `weights`, default none; `minLength`, default 0: with no number from it on there are so many counts
 * @returns one count for each number up to the largest
 * @throws ValueError for a number below 0, ShapeError for what is no vector.
 * @example bincount(Tensor.of([0, 2, 2], 'int32')).toArray() // => [1, 0, 2]
 * bincount(Tensor.of([0, 2, 2], 'int32'), { weights: Tensor.of([1, 0.5, 0.25]) }).toArray() // => [1, 0, 0.75]
 */
export function bincount(x: Tensor, options?: BincountOptions): Tensor<[number]> {
  const name = 'bincount';
  checkTensor(name, 'x', x);
  const { weights, minLength } = readOptions(name, options, BINCOUNT) as BincountOptions & { readonly minLength: number };
  if (x.dtype !== 'int32') throw new DtypeError(`${name}: expected int32 numbers, got ${x.dtype}; convert them with cast('int32')`);
  if (x.rank !== 1) throw new ShapeError(`${name}: expected a vector, got shape ${formatShape(x.sizes)}; flatten it`);
  checkWeights(name, x, weights);
  let length = minLength;
  for (const number of numbersOf(x)) {
    if (number < 0) throw new ValueError(`${name}: expected whole numbers from 0, got ${number}`);
    length = Math.max(length, number + 1);
  }
  return calledAs(name, 'scatterSum', () => (weights ?? Tensor.ones(x.sizes, 'int32')).scatterSum([length], 0, x)) as Tensor;
}

function checkWeights(name: string, { sizes: shape }: Tensor, weights: Tensor | undefined): void {
  if (weights !== undefined && !sameShape(weights.sizes, shape))
    throw new ShapeError(`${name}: expected a weight for each element of ${formatShape(shape)}, got shape ${formatShape(weights.sizes)}`);
}

/** What is counted in which range, and whether areas are 1. */
export interface HistogramOptions {
  /** The first edge and the last, for a number of bins. Default the least number and the largest. */
  readonly range?: readonly [low: number, high: number];
  /** What each element counts, in the shape of `x`. Default 1, and the counts are int32. */
  readonly weights?: Tensor | undefined;
  /** Whether counts are divided by their sum and by the width of their bin. Default `false`. */
  readonly density?: boolean;
}

/** How many numbers each bin has, and the edges of the bins, of which there is one more. */
export interface Histogram {
  readonly counts: Tensor<[number]>;
  readonly edges: Tensor<[number]>;
}

const isRange = (x: unknown): boolean =>
  Array.isArray(x) && x.length === 2 && x.every(Number.isFinite) && x[0] <= x[1] && Number.isFinite(x[1] - x[0]);
const HISTOGRAM: OptionTable<HistogramOptions> = /* @__PURE__ */ (() => ({
  range: withoutDefault({ words: 'two finite numbers in ascending order', holds: isRange }),
  weights: weightsOption,
  density: optional(boolean, false),
}))();

/**
 * How many elements lie in each of some bins. A bin has its lower edge and not its upper, but for the last, which has both; what lies
 * outside of all of them, and NaN, is not counted.
 * @param bins how many of one width, or a vector of their edges in ascending order, of the dtype of `x`. Default 10
 * @param options `range`, by default from the least element to the largest (by ½ wider to each side where these are equal); `weights`,
 *   default none; `density`, default `false`
 * @returns `{ counts, edges }`
 * @throws ValueError for edges that are not in ascending order, and for elements that are not finite where the range is to be theirs.
 * @example
 * const { counts, edges } = histogram(Tensor.of([1, 2, 2, 4]), 3);
 * counts.toArray() // => [1, 2, 1]
 * edges.toArray() // => [1, 2, 3, 4]
 */
export function histogram(x: Tensor, bins: number | Tensor = 10, options?: HistogramOptions): Histogram {
  const name = 'histogram';
  checkFloats(name, x);
  const { range, weights, density } = readOptions(name, options, HISTOGRAM) as HistogramOptions;
  checkWeights(name, x, weights);
  const edges = edgesOf(name, x, bins, range);
  const [line, count] = [x.reshape([x.size]), edges.size - 1];
  // Bin 0 is below the first edge, the last one above the last edge; what is equal to that belongs before it.
  const above = calledAs(name, 'searchsorted', () => searchsorted(edges, line, { right: true }));
  const places = line
    .equal(edges.slice([count]))
    .cast('int32')
    .where(count, above);
  const all = (weights ?? Tensor.ones(x.sizes, 'int32')).reshape([x.size]).scatterSum([count + 2], 0, places);
  const counts = all.slice([[1, count + 1]]);
  if (!density) return { counts, edges };
  const shares = counts.cast(x.dtype);
  return { counts: shares.div(shares.sum()).div(diff(edges)), edges };
}

function edgesOf(name: string, x: Tensor, bins: number | Tensor, range: HistogramOptions['range']): Tensor {
  if (bins instanceof Tensor) {
    if (range !== undefined) throw new ValueError(`${name}: expected edges or a range, got both`);
    if (bins.rank !== 1 || bins.size < 2) throw new ShapeError(`${name}: expected a vector of two edges or more, got ${quote(bins)}`);
    return bins;
  }
  check(name, { bins }, wholeNumberFrom(1));
  const [low, high] = range ?? extentOf(name, x);
  const half = low === high ? 0.5 : 0;
  return Tensor.linspace(low - half, high + half, bins + 1, x.dtype);
}

/** The least number and the largest; of no numbers 0 and 1. */
function extentOf(name: string, x: Tensor): readonly [low: number, high: number] {
  if (x.size === 0) return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (const number of x.numbers) {
    if (!Number.isFinite(number))
      throw new ValueError(`${name}: expected finite numbers, got ${number}; with a range others are left out: { range: [low, high] }`);
    [low, high] = [Math.min(low, number), Math.max(high, number)];
  }
  return [low, high];
}
