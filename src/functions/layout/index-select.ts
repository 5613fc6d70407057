/**
 * Whole rows by index along an axis, or elements by their place: an index for each row. For an index for each element there is `gather`.
 */

import { calledAs } from '../../base/called-as.ts';
import { newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { around, formatShape, normalizeAxis, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { stored, totalsOf } from '../../tensor/ops/indexing.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';

/** Refuses an index that is out of range of an axis. */
export function checkRange(name: string, from: Shape, indices: Tensor, axis: number): void {
  const count = from[axis]!;
  for (const [place, index] of numbersOf(indices).entries()) {
    if (!(index >= 0 && index < count))
      throw new ValueError(
        `${name}: index ${index} at place ${place} is outside axis ${axis} of shape ${formatShape(from)}, ` +
          `which goes from 0 to ${count - 1}`,
      );
  }
}

/** Visits each selected row: its offset in the whole tensor, its offset among the selected rows, and its length. */
function rows(
  name: string,
  from: Shape,
  indices: Tensor,
  axis: number,
  visit: (whole: number, part: number, length: number) => void,
): void {
  const { before, count, after } = around(from, axis);
  checkRange(name, from, indices, axis);
  for (let block = 0; block < before; block++) {
    indices.numbers.forEach((index, i) => {
      visit((block * count + index) * after, (block * indices.size + i) * after, after);
    });
  }
}

function checkIndices(name: string, indices: Tensor): void {
  if (indices.rank !== 1) throw new ShapeError(`${name}: expected a list of indices, of shape [count], got ${formatShape(indices.sizes)}`);
}

function sampleOf(draw: Draw): { shape: Shape; axis: number; indices: Tensor } {
  const shape = [draw.size(), draw.size()];
  const axis = draw.axis(shape);
  return { shape, axis, indices: draw.indices([shape[axis] === 0 ? 0 : draw.size()], shape[axis]!) };
}

/** Indices that differ from example to example as indices of each element along an axis of a shape, the examples first in both. */
function indexOfEach(indices: Tensor, shape: Shape, axis: number): Tensor {
  const [examples, size] = indices.sizes as [number, number];
  const apart = shape.map((_, i) => (i === 0 ? examples : i === axis ? size : 1));
  return indices.reshape(apart).broadcastTo(shape.with(axis, size));
}

/** Rows of so few numbers are copied sooner by a loop. */
const FEW = 32;

/** `y[i] = x[indices[i]]` along an axis. The adjoint of `indexAdd`. */
export const indexSelectOp: Op<'x' | 'indices', { axis: number }> = {
  name: 'indexSelect',
  batching({ inputs: { x, indices }, attributes: { axis }, count, perform }) {
    if (!indices.batched) return perform({ x: x.x, indices: indices.x }, { axis: axis + 1 });
    const all = repeated(x, count);
    return all.gather(axis + 1, indexOfEach(indices.x, all.sizes, axis + 1));
  },
  dtypes: 'any',
  indices: ['indices'],
  shape({ x, indices, axis }) {
    checkIndices('indexSelect', indices);
    return x.sizes.with(axis, indices.size);
  },
  forward({ x, indices, axis }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { numbers } = x;
    rows('indexSelect', x.sizes, indices, axis, (whole, part, length) => {
      if (length > FEW) out.set(numbers.subarray(whole, whole + length), part);
      else for (let i = 0; i < length; i++) out[part + i] = numbers[whole + i]!;
    });
    return out;
  },
  backward: {
    x: ({ dy, x, indices, axis }) => perform(indexAddOp, { x: dy, indices }, { axis, count: x.sizes[axis]! }),
    indices: null,
  },
  sample(draw) {
    const { shape, axis, indices } = sampleOf(draw);
    return { x: draw.tensor(shape), indices, axis };
  },
};

/** Zeros, to which `x[i]` is added at `indices[i]` along an axis of `count`. The adjoint of `indexSelect`. */
export const indexAddOp: Op<'x' | 'indices', { axis: number; count: number }> = {
  name: 'indexAdd',
  batching({ inputs: { x, indices }, attributes: { axis, count: size }, shape, count, perform }) {
    if (!indices.batched) return perform({ x: x.x, indices: indices.x }, { axis: axis + 1, count: size });
    const all = repeated(x, count);
    return all.scatterSum([count, ...shape], axis + 1, indexOfEach(indices.x, all.sizes, axis + 1));
  },
  dtypes: 'any',
  indices: ['indices'],
  shape({ x, indices, axis, count }) {
    checkIndices('indexAdd', indices);
    if (x.sizes[axis] === indices.size) return x.sizes.with(axis, count);
    throw new ShapeError(
      `indexAdd: expected an index for each of the ${x.sizes[axis]} rows along axis ${axis} of ${formatShape(x.sizes)}, ` +
        `got ${indices.size}`,
    );
  },
  forward({ x, indices, axis }, shape) {
    const out = totalsOf(sizeOf(shape));
    const { numbers } = x;
    rows('indexAdd', shape, indices, axis, (whole, part, length) => {
      for (let i = 0; i < length; i++) out[whole + i]! += numbers[part + i]!;
    });
    return stored('indexAdd', out, x.dtype);
  },
  backward: {
    x: ({ dy, indices, axis }) => perform(indexSelectOp, { x: dy, indices }, { axis }),
    indices: null,
  },
  sample(draw) {
    const { shape, axis, indices } = sampleOf(draw);
    return { x: draw.tensor(shape.with(axis, indices.size)), indices, axis, count: shape[axis]! };
  },
};

/**
 * The rows of `x` along an axis that int32 `indices` name, in their order: `y[i] = x[indices[i]]` for axis 0.
 * @param indices `[count]`
 * @returns the shape of `x`, with `count` along the axis
 * @throws ShapeError, and ValueError for an index out of range.
 * @example indexSelect(Tensor.of([[1, 2], [3, 4]]), 0, Tensor.of([1, 1, 0], 'int32')).toArray() // => [[3, 4], [3, 4], [1, 2]]
 */
export function indexSelect(x: Tensor, axis: number, indices: Tensor): Tensor {
  checkTensor('indexSelect', 'x', x);
  return perform(indexSelectOp, { x, indices }, { axis: normalizeAxis('indexSelect', axis, x.sizes) });
}

/**
 * `x`, to which rows are added along an axis: `y[indices[i]] += source[i]` for axis 0.
 * @param indices `[count]`, int32
 * @param source the shape of `x`, with `count` along the axis
 * @throws ShapeError, and ValueError for an index out of range.
 * @example indexAdd(Tensor.of([1, 1, 1]), 0, Tensor.of([2, 2], 'int32'), Tensor.of([5, 6])).toArray() // => [1, 1, 12]
 */
export function indexAdd<S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, source: Tensor): Tensor<S> {
  checkTensor('indexAdd', 'x', x);
  const normal = normalizeAxis('indexAdd', axis, x.sizes);
  const added = perform(indexAddOp, { x: source, indices }, { axis: normal, count: x.sizes[normal]! });
  return calledAs('indexAdd', 'add', () => x.add(added)) as Tensor;
}

/**
 * The elements at int32 indices that count in row-major order, in the shape of the indices.
 * @throws ValueError for an index out of range.
 * @example take(Tensor.of([[1, 2], [3, 4]]), Tensor.of([3, 0], 'int32')).toArray() // => [4, 1]
 */
export function take(x: Tensor, indices: Tensor): Tensor {
  checkTensor('take', 'x', x);
  checkTensor('take', 'the indices', indices);
  const [line, list] = [x.reshape([x.size]), indices.reshape([indices.size])];
  return calledAs('take', 'indexSelect', () => indexSelect(line, 0, list)).reshape(indices.sizes);
}
