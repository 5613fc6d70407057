/** Elements in the order of their size. */

import { newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { around, formatShape, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { distinct, type Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** The places along an axis from the smallest element to the largest; those that tie keep their order, and NaN counts as the largest. */
export const argsortOp: Op<'x', { axis: number; descending: boolean }> = {
  name: 'argsort',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x }) => x.shape,
  forward({ x, axis, descending }) {
    const out = newData('int32', x.size);
    const { before, count, after } = around(x.shape, axis);
    const line = new Float64Array(count);
    const sign = descending ? -1 : 1;
    for (let block = 0; block < before; block++) {
      for (let column = 0; column < after; column++) {
        const first = block * count * after + column;
        for (let i = 0; i < count; i++) line[i] = x.data[first + i * after]!;
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

/** Which order: ascending unless told. */
export interface Order {
  readonly descending?: boolean;
}

/**
 * Where along an axis (the last) the smallest element lies, the next, and so on, as int32. Those that tie keep their order; NaN counts as the largest.
 * @example argsort(Tensor.of([3, 1, 2])).toArray() // => [1, 2, 0]
 */
export const argsort = <S extends Shape>(x: Tensor<S>, axis = -1, { descending = false }: Order = {}): Tensor<S> =>
  perform(argsortOp, { x }, { axis: normalizeAxis('argsort', axis, x.shape), descending });

/** Elements in order, and where each lay before. */
export interface Sorted {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/**
 * The elements in order along an axis (the last), and where each lay. The gradient goes back to where each came from.
 * @example sort(Tensor.of([3, 1, 2])).values.toArray() // => [1, 2, 3]
 */
export function sort(x: Tensor, axis = -1, order: Order = {}): Sorted {
  const indices = argsort(x, axis, order);
  return { values: x.gather(axis, indices), indices };
}

/**
 * The `k` largest elements along an axis (the last), from the largest down, and where each lies; or the smallest, upwards.
 * @throws ValueError where there are not that many.
 * @example topk(Tensor.of([3, 1, 2]), 2).values.toArray() // => [3, 2]
 */
export function topk(x: Tensor, k: number, axis = -1, { largest = true }: { readonly largest?: boolean } = {}): Sorted {
  const normal = normalizeAxis('topk', axis, x.shape);
  if (!(Number.isInteger(k) && k >= 0 && k <= x.shape[normal]!))
    throw new ValueError(
      `topk: expected k from 0 to ${x.shape[normal]}, the size of axis ${normal} of shape ${formatShape(x.shape)}, got ${k}`,
    );
  const indices = argsort(x, normal, { descending: largest }).slice(x.shape.map((_, i) => (i === normal ? [0, k] : null)));
  return { values: x.gather(normal, indices), indices };
}

/**
 * The middle element along an axis (the last), of an even number the lower of the two, and where it lies. The gradient goes to that element.
 * @throws ShapeError where there is none.
 * @example median(Tensor.of([3, 1, 2, 9])).values.item() // => 2
 */
export function median(x: Tensor, axis = -1): Sorted {
  const normal = normalizeAxis('median', axis, x.shape);
  const count = x.shape[normal]!;
  if (count === 0) throw new ShapeError(`median: there is nothing in the middle of axis ${normal} of shape ${formatShape(x.shape)}`);
  const middle = (y: Tensor) => y.slice(x.shape.map((_, i) => (i === normal ? Math.floor((count - 1) / 2) : null)));
  const { values, indices } = sort(x, normal);
  return { values: middle(values), indices: middle(indices) };
}
