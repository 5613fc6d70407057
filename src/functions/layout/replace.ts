/** Tensors of which a part is replaced: a slice, or elements and rows at indices along several axes. */

import { calledAs } from '../../base/called-as.ts';
import { DtypeError, ShapeError } from '../../base/errors.ts';
import { boolean, type OptionTable, optional, quote, readOptions } from '../../base/options.ts';
import { broadcastShape, broadcastsTo, formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Range, resolveSlice } from '../../base/slicing.ts';
import { checkTensor, Tensor, tensor, where } from '../../tensor/tensor.ts';
import { checkRange, indexAdd } from './index-select.ts';
import { scatter } from './scatter.ts';

/** The values in a shape that they broadcast to. */
function valuesIn(name: string, values: number | Tensor, x: Tensor, shape: Shape): Tensor {
  const all = tensor(values, x, name);
  checkTensor(name, 'the values', all);
  if (broadcastsTo(all.sizes, shape)) return all.broadcastTo(shape);
  throw new ShapeError(`${name}: expected values that broadcast to ${formatShape(shape)}, got ${formatShape(all.sizes)}`);
}

/**
 * `x`, in which a slice is replaced: `setSlice(x, ranges, values).slice(ranges)` is `values`. What is replaced has no gradient.
 * @param ranges as `x.slice` takes them
 * @param values a number, or a tensor that broadcasts to the shape of the slice
 * @throws ShapeError, and ValueError for ranges that are none.
 * @example
 * const x = Tensor.of([[1, 2, 3], [4, 5, 6]]);
 * setSlice(x, [null, [0, 2]], 0).toArray() // => [[0, 0, 3], [0, 0, 6]]
 * setSlice(x, [1, [null, null, -1]], Tensor.of([7, 8, 9])).toArray() // => [[1, 2, 3], [9, 8, 7]]
 */
export function setSlice<S extends Shape>(x: Tensor<S>, ranges: readonly Range[], values: number | Tensor): Tensor<S> {
  checkTensor('setSlice', 'x', x);
  return calledAs('setSlice', 'slice', () => {
    const { shape, sizes, starts, steps } = resolveSlice(x.sizes, ranges);
    const part = valuesIn('setSlice', values, x, shape).reshape(sizes);
    const replaced = Tensor.ones(sizes, x.dtype).unslice(x.sizes, starts, steps);
    return calledAs('setSlice', 'where', () => where(replaced, part.unslice(x.sizes, starts, steps), x));
  }) as Tensor;
}

/** What becomes of several values for one place. */
export interface IndexPutOptions {
  /** Whether all values are added to what is there, and not put in its place. Default `false`. */
  readonly accumulate?: boolean;
}

const INDEX_PUT: OptionTable<IndexPutOptions> = /* @__PURE__ */ (() => ({ accumulate: optional(boolean, false) }))();

/** For each place that indices along the first axes name, its number, counted in row-major order along these axes. */
function rowsAt(x: Tensor, indices: readonly Tensor[], shape: Shape): Tensor {
  let rows = Tensor.zeros(shape, 'int32') as Tensor;
  indices.forEach((index, axis) => {
    checkRange('indexPut', x.sizes, index, axis);
    rows = rows.mul(x.sizes[axis]!).add(index.broadcastTo(shape));
  });
  return rows.reshape([sizeOf(shape)]);
}

/**
 * `x`, with elements replaced at indices along its first axes: `y[i[k], j[k]] = values[k]`, and rows where there are fewer indices than
 * axes; of several for one place the last in row-major order stays, or, with `accumulate`, all are added to what is there. What is
 * replaced has no gradient. For a mask, put `unbind(nonzero(mask), 1)`.
 * @param indices int32 tensors, one for each of the first axes, which broadcast
 * @param values a number, or a tensor that broadcasts to the shape of the indices, followed by the other axes of `x`
 * @param options `accumulate`, default `false`
 * @throws ShapeError, and ValueError for an index out of range.
 * @example
 * const [rows, columns] = [Tensor.of([0, 1], 'int32'), Tensor.of([2, 0], 'int32')];
 * indexPut(Tensor.zeros([2, 3]), [rows, columns], Tensor.of([5, 6])).toArray() // => [[0, 0, 5], [6, 0, 0]]
 * indexPut(Tensor.ones([2, 2]), [Tensor.of([0, 0], 'int32')], 2, { accumulate: true }).toArray() // => [[5, 5], [1, 1]]
 */
export function indexPut<S extends Shape>(
  x: Tensor<S>,
  indices: readonly Tensor[],
  values: number | Tensor,
  options?: IndexPutOptions,
): Tensor<S> {
  const name = 'indexPut';
  checkTensor(name, 'x', x);
  const { accumulate } = readOptions<IndexPutOptions>(name, options, INDEX_PUT);
  if (!Array.isArray(indices) || indices.length === 0 || indices.length > x.rank)
    throw new ShapeError(`${name}: expected a list of indices, for 1 to ${x.rank} axes of ${formatShape(x.sizes)}, got ${quote(indices)}`);
  for (const [axis, index] of indices.entries()) {
    checkTensor(name, `index ${axis}`, index);
    if (index.dtype !== 'int32') throw new DtypeError(`${name}: expected int32 indices for axis ${axis}, got ${index.dtype}`);
  }
  const shape = indices.map((index) => index.sizes).reduce((a, b) => broadcastShape(name, a, b));
  const rest = x.sizes.slice(indices.length);
  const [lines, length] = [sizeOf(x.sizes.slice(0, indices.length)), sizeOf(rest)];
  const rows = rowsAt(x, indices, shape);
  const source = valuesIn(name, values, x, [...shape, ...rest]).reshape([rows.size, length]);
  const whole = x.reshape([lines, length]);
  const put = () =>
    accumulate
      ? calledAs(name, 'indexAdd', () => indexAdd(whole, 0, rows, source))
      : calledAs(name, 'scatter', () => scatter(whole, 0, rows.reshape([rows.size, 1]).broadcastTo([rows.size, length]), source));
  return put().reshape(x.sizes) as Tensor;
}
