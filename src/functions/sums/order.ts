/** Elements in order: sorting, the largest few, the median. */

import { newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, boolean, type OptionTable, optional, quote, readOptions } from '../../base/options.ts';
import { around, formatShape, kept, normalizeAxis, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { keepsDims } from '../../tensor/composed.ts';
import { distinct, type Op } from '../../tensor/op.ts';
import { checkTensor, type KeepDims, perform, type Tensor } from '../../tensor/tensor.ts';

/**
 * The indices along an axis from the smallest element to the largest; elements that tie keep their order, and NaN counts as the largest.
 */
export const argsortOp: Op<'x', { axis: number; descending: boolean }> = {
  name: 'argsort',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward({ x, axis, descending }) {
    const out = newData('int32', x.size);
    const { before, count, after } = around(x.sizes, axis);
    const line = new Float64Array(count);
    const sign = descending ? -1 : 1;
    for (let block = 0; block < before; block++) {
      for (let column = 0; column < after; column++) {
        const first = block * count * after + column;
        for (let i = 0; i < count; i++) line[i] = x.numbers[first + i * after]!;
        const order = Int32Array.from(line.keys()).sort((i, j) => sign * compare(line[i]!, line[j]!));
        order.forEach((from, i) => (out[first + i * after] = from));
      }
    }
    return out;
  },
  backward: { x: null },
  sample(draw) {
    const shape = [draw.size(), draw.size()];
    return { x: draw.tensor(shape, distinct), axis: draw.axis(shape), descending: draw.oneOf(false, true) };
  },
};

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b));

/** The order of sorting. */
export interface Order {
  /** From the largest element to the smallest. Default `false`. */
  readonly descending?: boolean;
}

/**
 * The int32 indices that sort a tensor along an axis. Elements that tie keep their order; NaN counts as the largest.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example argsort(Tensor.of([3, 1, 2])).toArray() // => [1, 2, 0]
 */
export const argsort = <S extends Shape>(x: Tensor<S>, axis = -1, order?: Order): Tensor<S> => ordered('argsort', x, axis, order);

const ORDER: OptionTable<Order> = /* @__PURE__ */ (() => ({ descending: optional(boolean, false) }))();

function ordered(where: string, x: Tensor, axis: number, order: Order | undefined): Tensor {
  checkTensor(where, 'x', x);
  const { descending } = readOptions(where, order, ORDER) as Required<Order>;
  return perform(argsortOp, { x }, { axis: normalizeAxis(where, axis, x.sizes), descending });
}

/** Selected elements, and where they were found. */
export interface Sorted {
  readonly values: Tensor;
  /** Int32 indices along the axis. */
  readonly indices: Tensor;
}

/**
 * The elements in order along an axis, and their indices. The gradient goes back to where each came from.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example sort(Tensor.of([3, 1, 2])).values.toArray() // => [1, 2, 3]
 */
export function sort(x: Tensor, axis = -1, order?: Order): Sorted {
  const indices = ordered('sort', x, axis, order);
  return { values: x.gather(axis, indices), indices };
}

/** Which elements are selected, and along which axis. */
export interface TopkOptions {
  /** Default the last axis. */
  readonly axis?: number;
  /** The largest elements, in descending order, or the smallest, in ascending order. Default `true`. */
  readonly largest?: boolean;
}

const TOPK: OptionTable<TopkOptions> = /* @__PURE__ */ (() => ({
  axis: optional(anything, -1),
  largest: optional(boolean, true),
}))();

/**
 * The `k` largest elements along an axis, the largest first, and their indices; or the `k` smallest, the smallest first. NaN counts as the
 * largest.
 * @param options `axis`, default the last, and `largest`, default `true`
 * @throws ShapeError where there is no such axis, ValueError where it has fewer elements.
 * @example topk(Tensor.of([3, 1, 2]), 2).values.toArray() // => [3, 2]
 * topk(Tensor.of([[3, 1, 2]]), 1, { axis: 1, largest: false }).values.toArray() // => [[1]]
 */
export function topk(x: Tensor, k: number, options?: TopkOptions): Sorted {
  checkTensor('topk', 'x', x);
  const { axis, largest } = readOptions('topk', options, TOPK) as Required<TopkOptions>;
  const normal = normalizeAxis('topk', axis, x.sizes);
  if (!(Number.isInteger(k) && k >= 0 && k <= x.sizes[normal]!))
    throw new ValueError(
      `topk: expected k from 0 to ${x.sizes[normal]}, the size of axis ${normal} of shape ${formatShape(x.sizes)}, got ${quote(k)}`,
    );
  const indices = argsort(x, normal, { descending: largest }).slice(x.sizes.map((_, i) => (i === normal ? [0, k] : null)));
  return { values: x.gather(normal, indices), indices };
}

/**
 * The middle element along an axis, of an even number the lower of the two, and its index; NaN if there is one, and the index of the first.
 * Default all axes, and the index in row-major order. The gradient goes to that element.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no element.
 * @example median(Tensor.of([3, 1, 2, 9])).values.item() // => 2
 * median(Tensor.of([[3, 1, 2], [9, 7, 8]]), 1).values.toArray() // => [2, 8]
 */
export const median = (x: Tensor, axis?: number, options?: KeepDims): Sorted => middle('median', x, axis, options, true);

/**
 * The middle of the elements along an axis that are not NaN, and its index, as `median` has it. NaN, and index 0, where all are NaN.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no element.
 * @example nanmedian(Tensor.of([3, NaN, 2, 9])).values.item() // => 3
 */
export const nanmedian = (x: Tensor, axis?: number, options?: KeepDims): Sorted => middle('nanmedian', x, axis, options, false);

/** The middle of the numbers along an axis; `findsNaN` instead the first NaN, if there is one. */
function middle(where: string, x: Tensor, axis: number | undefined, options: KeepDims | undefined, findsNaN: boolean): Sorted {
  checkTensor(where, 'x', x);
  const keepDims = keepsDims(where, options);
  const line = axis === undefined ? x.reshape([x.size]) : x;
  const normal = axis === undefined ? 0 : normalizeAxis(where, axis, x.sizes);
  const count = line.sizes[normal]!;
  if (count === 0) throw new ShapeError(`${where}: there is nothing in the middle of axis ${normal} of shape ${formatShape(x.sizes)}`);
  const numbers = line.equal(line).cast('int32').sum(normal, { keepDims: true }) as Tensor;
  // NaN is sorted to the end, so the first one follows the numbers. Int32 is divided to the floor.
  const half = numbers.sub(1).div(2).maximum(0);
  const place = findsNaN ? numbers.less(count).where(numbers, half) : half;
  const indices = argsort(line, normal).gather(normal, place);
  const shape = keepDims ? kept(x.sizes, axis === undefined ? [...x.sizes.keys()] : [normal]) : without(line.sizes, [normal]);
  return { values: line.gather(normal, indices).reshape(shape), indices: indices.reshape(shape) };
}
