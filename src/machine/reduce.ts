/** Reductions along several axes, made of reductions along one. */

import { convert, copied, type Data, type FloatData, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { around, broadcastStrides, formatShape, kept, sizeOf, walk } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import type { AxisSizes, Extreme, Machine } from './machine.ts';
import { materialize, type Operand } from './storage.ts';

/** Sums `x` to a shape that broadcasts to its own. */
export function sumInto(to: Shape, x: Operand, machine: Machine): FloatData {
  const all = floats(materialize(x));
  if (all.length === 0) return newData(floatDtypeOf(all), sizeOf(to));
  const { sizes } = x;
  const lead = sizes.length - to.length;
  let data = all;
  // From the last axis to the first, neighbours at once: what lies after an axis is summed already.
  let [count, after] = [1, 1];
  for (let axis = sizes.length - 1; axis >= -1; axis--) {
    if (axis >= 0 && (axis < lead || to[axis - lead] === 1)) count *= sizes[axis]!;
    else {
      if (count > 1) data = machine.sum(data, { before: data.length / (count * after), count, after });
      count = 1;
      if (axis >= 0) after *= sizes[axis]!;
    }
  }
  return data === all ? copied(data) : data;
}

/**
 * Sums int32 to a shape that broadcasts to its own. The upper and the lower halves of the numbers are added by themselves, so no sum is
 * rounded before it is known; one that int32 cannot hold is refused.
 */
export function sumExactly(name: string, to: Shape, { sizes: shape, data }: Operand): Data {
  const [upper, lower] = [new Float64Array(sizeOf(to)), new Float64Array(sizeOf(to))];
  walk(shape, [broadcastStrides(to, shape)], (here, [there]) => {
    upper[there]! += data[here]! >> 16;
    lower[there]! += data[here]! & 0xffff;
  });
  return convert(
    name,
    upper.map((half, i) => half * 0x10000 + lower[i]!),
    'int32',
  );
}

/** Whether a number is better than the best so far. */
const better: { readonly [which in Extreme]: (candidate: number, best: number) => boolean } = {
  largest: (candidate, best) => candidate > best,
  smallest: (candidate, best) => candidate < best,
};

function refuseEmpty(name: string, shape: Shape, { before, count, after }: AxisSizes): void {
  if (count === 0 && before * after > 0)
    throw new ShapeError(`${name}: nothing to choose from along an axis of size 0, in shape ${formatShape(shape)}`);
}

/** The largest or the smallest element along each of some axes in turn. */
export function extremes(name: string, which: Extreme, x: Operand, axes: readonly number[], machine: Machine): Data {
  const all = materialize(x);
  let [shape, data] = [x.sizes, all];
  for (const axis of axes) {
    const sizes = around(shape, axis);
    refuseEmpty(name, shape, sizes);
    if (data instanceof Int32Array) {
      const found = newData('int32', sizes.before * sizes.after);
      pick(name, { sizes: shape, data }, sizes, which, (to, value) => (found[to] = value));
      data = found;
    } else data = machine.extreme(which, data, sizes);
    shape = kept(shape, [axis]);
  }
  return data === all ? copied(data) : data;
}

/**
 * Visits the best element of each line along an axis, the first of those that tie: its position in the result, its value, and its index on
 * the line.
 */
export function pick(
  name: string,
  { sizes: shape, data }: Operand,
  axis: AxisSizes,
  which: Extreme,
  visit: (to: number, value: number, index: number) => void,
): void {
  refuseEmpty(name, shape, axis);
  const { before, count, after } = axis;
  for (let block = 0; block < before; block++) {
    for (let column = 0; column < after; column++) {
      const first = block * count * after + column;
      let [value, index] = [data[first]!, 0];
      for (let i = 1; i < count && value === value; i++) {
        const candidate = data[first + i * after]!;
        if (better[which](candidate, value) || candidate !== candidate) [value, index] = [candidate, i];
      }
      visit(block * after + column, value, index);
    }
  }
}
