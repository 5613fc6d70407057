/**
 * Elements by index along an axis, with an index for each element: what the methods `gather` and `oneHot` perform. `scatter` is in
 * `functions/layout/scatter.ts`, whole rows by index in `functions/layout/index-select.ts`.
 */

import { convert, type Data, type Dtype, newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { around, checkShape, formatShape, sameShape, sizeOf, stridesOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw, Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

/** `y[i][j] = x[indices[i][j]][j]` for axis 0, and likewise for other axes. The adjoint of `scatterSum`. */
export const gather: Op<'x' | 'indices', { axis: number }> = {
  name: 'gather',
  batching: 'axes',
  dtypes: 'any',
  indices: ['indices'],
  shape: ({ x, indices, axis }) => checkIndexed('gather', x.sizes, indices.sizes, axis),
  forward({ x, indices, axis }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { numbers: data } = x;
    const places = placesOf('gather', x.sizes, indices, axis);
    for (let i = 0; i < out.length; i++) out[i] = data[places[i]!]!;
    return out;
  },
  backward: {
    x: ({ dy, x, indices, axis }) => dy.scatterSum(x.sizes, axis, indices),
    indices: null,
  },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    return { x: draw.tensor(to), indices, axis };
  },
};

/** Zeros of shape `to`, to which each element of `x` is added where its index says, in row-major order. The adjoint of `gather`. */
export const scatterSum: Op<'x' | 'indices', { to: Shape; axis: number }> = {
  name: 'scatterSum',
  batching: 'axes',
  dtypes: 'any',
  indices: ['indices'],
  shape({ x, indices, to, axis }) {
    checkIndexed('scatterSum', to, indices.sizes, axis);
    checkOneEach('scatterSum', indices.sizes, x.sizes);
    return to;
  },
  forward({ x, indices, to, axis }) {
    const out = totalsOf(sizeOf(to));
    const { numbers: data } = x;
    const places = placesOf('scatterSum', to, indices, axis);
    for (let i = 0; i < data.length; i++) out[places[i]!]! += data[i]!;
    return stored('scatterSum', out, x.dtype);
  },
  backward: {
    x: ({ dy, indices, axis }) => dy.gather(axis, indices),
    indices: null,
  },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    return { x: draw.tensor(indices.sizes), indices, to, axis };
  },
};

/** Rows of zeros with a single 1, at the index of the class. */
export const oneHot: Op<'x', { classes: number; dtype: Dtype }> = {
  name: 'oneHot',
  batching: 'matrices',
  indices: ['x'],
  shape({ x, classes }) {
    const shape = [...x.sizes, classes];
    checkShape('oneHot', shape);
    return shape;
  },
  forward({ x, classes, dtype }, shape) {
    const out = newData(dtype, sizeOf(shape));
    x.numbers.forEach((label, i) => {
      if (!(label >= 0 && label < classes))
        throw new ValueError(
          `oneHot: label ${label} at place ${i} is ${label < 0 ? 'no class, which count from 0' : `none of the ${classes} classes, 0 to ${classes - 1}`}`,
        );
      out[i * classes + label] = 1;
    });
    return out;
  },
  backward: { x: null },
  sample: (draw) => ({ x: draw.indices([draw.size()], 3), classes: 3, dtype: 'float64' }),
};

/**
 * Zeros to add numbers to, any number of them to each. They are in float64, in which int32 does not wrap round and float32 loses no digits to
 * rounding after rounding, until they are `stored`.
 */
export const totalsOf = (length: number): Data => newData('float64', length);

/** Totals in the dtype of what was added. What int32 cannot hold is refused. */
export const stored = (name: string, totals: Data, dtype: Dtype): Data => (dtype === 'float64' ? totals : convert(name, totals, dtype));

/** The shape of the indices, if they fit a tensor of shape `x`. */
export function checkIndexed(name: string, x: Shape, indices: Shape, axis: number): Shape {
  if (x.length === indices.length && indices.every((size, i) => i === axis || size <= x[i]!)) return indices;
  throw new ShapeError(
    `${name}: expected indices with as many axes as ${formatShape(x)}, none longer but axis ${axis}, got shape ${formatShape(indices)}`,
  );
}

/** Refuses indices that are not one for each element. */
export function checkOneEach(name: string, indices: Shape, elements: Shape): void {
  if (sameShape(indices, elements)) return;
  throw new ShapeError(`${name}: expected one index for each element, got ${formatShape(indices)} for ${formatShape(elements)}`);
}

/** For each index the place in a tensor of shape `x` that it names, counted in row-major order. */
export function placesOf(name: string, x: Shape, indices: Tensor, axis: number): Float64Array {
  const { before, count, after } = around(x, axis);
  const { numbers: data, sizes: shape } = indices;
  let misfit = 0;
  while (misfit < data.length && data[misfit]! >= 0 && data[misfit]! < count) misfit++;
  if (misfit < data.length) {
    throw new ValueError(
      `${name}: index ${data[misfit]} at place ${misfit} is outside axis ${axis} of shape ${formatShape(x)}, ` +
        `which goes from 0 to ${count - 1}`,
    );
  }
  const places = new Float64Array(data.length);
  const length = shape[axis]!;
  let here = 0;
  // Usually there are indices for every line along the axis: then three loops do.
  if (sameShape(shape, x.with(axis, length))) {
    for (let block = 0; block < before; block++) {
      for (let i = 0; i < length; i++) for (let j = 0; j < after; j++, here++) places[here] = (block * count + data[here]!) * after + j;
    }
  } else {
    walk(shape, [stridesOf(x).with(axis, 0)], (here, [there]) => {
      places[here] = there + data[here]! * after;
    });
  }
  return places;
}

/** The shape of a tensor, an axis of it, and indices along that axis. */
export function sampleOfIndices(draw: Draw): { to: Shape; axis: number; indices: Tensor } {
  const to = [draw.size(), draw.size()];
  const axis = draw.axis(to);
  return { to, axis, indices: draw.indices(to.with(axis, to[axis] === 0 ? 0 : draw.size()), to[axis]!) };
}
