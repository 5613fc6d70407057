/** Elements replaced or added by index along an axis, with an index for each element. Broadcasting indices and values: `putAlongAxis`. */

import { calledAs } from '../../base/called-as.ts';
import { newData } from '../../base/dtype.ts';
import { normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Op } from '../../tensor/op.ts';
import { checkIndexed, checkOneEach, placesOf, sampleOfIndices } from '../../tensor/ops/indexing.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';

/**
 * `x`, in which each element of `source` replaces the one that its index names; of several for one place the last in row-major order stays.
 */
export const scatterOp: Op<'x' | 'indices' | 'source', { axis: number }> = {
  name: 'scatter',
  batching: 'axes',
  dtypes: 'any',
  indices: ['indices'],
  shape({ x, indices, source, axis }) {
    checkIndexed('scatter', x.sizes, indices.sizes, axis);
    checkOneEach('scatter', indices.sizes, source.sizes);
    return x.sizes;
  },
  forward({ x, indices, source, axis }) {
    const out = x.numbers.slice();
    const { numbers: data } = source;
    const places = placesOf('scatter', x.sizes, indices, axis);
    for (let i = 0; i < data.length; i++) out[places[i]!] = data[i]!;
    return out;
  },
  backward: {
    // Zeros in the place of what was replaced.
    x: ({ dy, indices, axis }) => scatter(dy, axis, indices, indices.notEqual(indices).cast(dy.dtype)),
    indices: null,
    source: ({ dy, x, indices, axis }) => indices.apply(isLastOp, { to: x.sizes, axis }).where(dy.gather(axis, indices), 0),
  },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    return { x: draw.tensor(to), indices, source: draw.tensor(indices.sizes), axis };
  },
};

/** 1 for each index after which, in row-major order, no other names the same place of a tensor of shape `to`, else 0. */
export const isLastOp: Op<'x', { to: Shape; axis: number }> = {
  name: 'isLast',
  batching: 'axes',
  indices: ['x'],
  shape: ({ x, to, axis }) => checkIndexed('isLast', to, x.sizes, axis),
  forward({ x, to, axis }) {
    const out = newData('int32', x.size);
    const seen = new Set<number>();
    const places = placesOf('isLast', to, x, axis);
    for (let i = places.length - 1; i >= 0; i--) {
      if (!seen.has(places[i]!)) out[i] = 1;
      seen.add(places[i]!);
    }
    return out;
  },
  backward: { x: null },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    return { x: indices, to, axis };
  },
};

/**
 * `x`, with elements replaced: for axis 0 `y[indices[i, j], j] = source[i, j]`; of several for one place the last in row-major order
 * stays. What is replaced has no gradient. Broadcasting indices and values: `putAlongAxis`.
 * @param indices int32, as many axes as `x`
 * @param source of the indices' shape
 * @throws ShapeError, and ValueError for an index out of range.
 * @example scatter(Tensor.of([1, 2, 3]), 0, Tensor.of([2, 0, 2], 'int32'), Tensor.of([7, 8, 9])).toArray() // => [8, 2, 9]
 */
export function scatter<S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, source: Tensor): Tensor<S> {
  checkTensor('scatter', 'x', x);
  return perform(scatterOp, { x, indices, source }, { axis: normalizeAxis('scatter', axis, x.sizes) });
}

/**
 * `x`, with elements added: for axis 0 `y[indices[i, j], j] += source[i, j]`, in row-major order.
 * @param indices int32, as many axes as `x`
 * @param source of the indices' shape
 * @throws ShapeError, and ValueError for an index out of range.
 * @example scatterAdd(Tensor.zeros([3]), 0, Tensor.of([2, 2], 'int32'), Tensor.of([5, 6])).toArray() // => [0, 0, 11]
 */
export function scatterAdd<S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, source: Tensor): Tensor<S> {
  checkTensor('scatterAdd', 'x', x);
  checkTensor('scatterAdd', 'source', source);
  return calledAs('scatterAdd', 'scatterSum', () =>
    calledAs('scatterAdd', 'add', () => x.add(source.scatterSum(x.sizes, axis, indices))),
  ) as Tensor;
}
