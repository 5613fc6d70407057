/** Numbers sorted into bins: where each belongs among edges, and how many there are of each. */

import { calledAs } from '../../base/called-as.ts';
import { type Data, newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { boolean, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { broadcastShape, broadcastStrides, formatShape, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { between, type Op } from '../../tensor/op.ts';
import { checkTensor, perform, Tensor, tensor } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';

/** For each of `values` how many of the edges along the last axis lie below it, or, `right`, do not lie above it. NaN lies above all. */
export const searchsortedOp: Op<'edges' | 'values', { right: boolean }> = {
  name: 'searchsorted',
  batching: 'matrices',
  dtypes: 'any',
  shape({ edges, values }) {
    if (edges.rank === 0 || values.rank === 0)
      throw new ShapeError(
        `searchsorted: expected edges along a last axis, got shapes ${formatShape(edges.sizes)} and ${formatShape(values.sizes)}`,
      );
    return [...broadcastShape('searchsorted', edges.sizes.slice(0, -1), values.sizes.slice(0, -1)), values.sizes.at(-1)!];
  },
  forward({ edges, values, right }, shape) {
    const [count, length] = [edges.sizes.at(-1)!, shape.at(-1)!];
    const out = newData('int32', sizeOf(shape));
    const rows = shape.slice(0, -1);
    const strides = (x: Tensor): readonly number[] => broadcastStrides(x.sizes.slice(0, -1), rows);
    walk(rows, [strides(edges), strides(values)] as const, (row, [line, first]) => {
      for (let i = 0; i < length; i++)
        out[row * length + i] = countBelow(edges.numbers, line * count, count, values.numbers[first * length + i]!, right);
    });
    return out;
  },
  backward: { edges: null, values: null },
  sample(draw) {
    const [rows, count] = [draw.size(), draw.size()];
    const edges = draw.tensor([draw.oneOf(1, rows), count]);
    const numbers = edges.numbers.slice();
    for (let row = 0; row < edges.sizes[0]!; row++) numbers.subarray(row * count, (row + 1) * count).sort();
    return { edges: new Tensor(edges.sizes, numbers), values: draw.tensor([rows, draw.size()], between), right: draw.oneOf(false, true) };
  },
};

/** How many of some edges lie below a number, or do not lie above it, by halving. */
function countBelow(edges: Data, from: number, count: number, x: number, right: boolean): number {
  let [low, high] = [from, from + count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (right ? edges[middle]! > x : edges[middle]! >= x) high = middle;
    else low = middle + 1;
  }
  return low - from;
}

/** On which side of an edge a number belongs that is equal to it. */
export interface SearchOptions {
  /** Whether it belongs behind the last edge that is equal to it, and not before the first. Default `false`. */
  readonly right?: boolean;
}

const SEARCH: OptionTable<SearchOptions> = /* @__PURE__ */ (() => ({ right: optional(boolean, false) }))();

/**
 * Where numbers would be put among ascending edges to keep their order: the int32 index `i` with `edges[i − 1] < value ≤ edges[i]`, or, with
 * `right`, `edges[i − 1] ≤ value < edges[i]`. NaN belongs behind all edges.
 * @param edges a vector; or `[…, count]`, the edges of each row of values
 * @param values a number, or a tensor of the dtype of the edges; `[…, n]` where the edges are no vector
 * @param options `right`, default `false`
 * @returns the shape of the values
 * @throws ValueError for edges that are not in ascending order, ShapeError for rows that do not broadcast.
 * @example
 * const edges = Tensor.of([1, 3, 5]);
 * searchsorted(edges, Tensor.of([0, 3, 9])).toArray() // => [0, 1, 3]
 * searchsorted(edges, 3, { right: true }).item() // => 2
 */
export function searchsorted(edges: Tensor, values: number | Tensor, options?: SearchOptions): Tensor {
  return searched('searchsorted', edges, values, options);
}

/**
 * The bin of each element among ascending boundaries: the int32 index `i` with `boundaries[i − 1] < x ≤ boundaries[i]`, or, with `right`,
 * `boundaries[i − 1] ≤ x < boundaries[i]`. NaN belongs behind all boundaries.
 * @param boundaries a vector, of the dtype of `x`
 * @param options `right`, default `false`
 * @throws ValueError for boundaries that are not in ascending order, ShapeError for what is no vector.
 * @example bucketize(Tensor.of([[0, 3], [4, 9]]), Tensor.of([1, 3, 5])).toArray() // => [[0, 1], [2, 3]]
 */
export function bucketize<S extends Shape>(x: Tensor<S>, boundaries: Tensor, options?: SearchOptions): Tensor<S> {
  checkTensor('bucketize', 'x', x);
  checkTensor('bucketize', 'the boundaries', boundaries);
  if (boundaries.rank !== 1) throw new ShapeError(`bucketize: expected a vector of boundaries, got shape ${formatShape(boundaries.sizes)}`);
  return searched('bucketize', boundaries, x, options) as Tensor;
}

function searched(name: string, edges: Tensor, values: number | Tensor, options: SearchOptions | undefined): Tensor {
  checkTensor(name, 'the edges', edges);
  const given = tensor(values, edges, name);
  checkTensor(name, 'the values', given);
  const { right } = readOptions<SearchOptions>(name, options, SEARCH) as Required<SearchOptions>;
  checkAscending(name, edges);
  const whole = edges.rank === 1;
  const rows = whole ? given.reshape([given.size]) : given;
  const found = calledAs(name, 'searchsorted', () => perform(searchsortedOp, { edges, values: rows }, { right }));
  return whole ? found.reshape(given.sizes) : found;
}

function checkAscending(name: string, edges: Tensor): void {
  const [numbers, count] = [numbersOf(edges), edges.sizes.at(-1) ?? 1];
  for (let i = 1; i < numbers.length; i++)
    if (i % count !== 0 && !(numbers[i - 1]! <= numbers[i]!))
      throw new ValueError(`${name}: expected edges in ascending order, got ${numbers[i - 1]} before ${numbers[i]}`);
}
