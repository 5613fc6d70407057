/** Summaries along several axes, made of summaries along one. */

import { type Data, type FloatData, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { around, formatShape, kept, mergeAxes, sizeOf } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import type { Extreme, Machine, Operand } from './machine.ts';

/** Sums `x` to a shape that stretches to its own. */
export function sumInto(to: Shape, x: Operand, machine: Machine): FloatData {
  const all = floats(x.data);
  if (all.length === 0) return newData(floatDtypeOf(all), sizeOf(to));
  if (sizeOf(to) === 1) return machine.sum(all, 1, all.length, 1);
  const { sizes, strides } = mergeAxes(x.shape, [{ shape: to }]);
  let data = all;
  // From the last axis to the first: what lies after an axis is summed already.
  let after = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (strides[0]![axis] === 0) data = machine.sum(data, sizeOf(sizes.slice(0, axis)), sizes[axis]!, after);
    else after *= sizes[axis]!;
  }
  return data === all ? data.slice() : data;
}

/** Whether a number is to be preferred to the best so far. */
const better: { readonly [which in Extreme]: (candidate: number, best: number) => boolean } = {
  largest: (candidate, best) => candidate > best,
  smallest: (candidate, best) => candidate < best,
};

function refuseNone(name: string, shape: Shape, before: number, count: number, after: number): void {
  if (count === 0 && before * after > 0)
    throw new ShapeError(`${name}: nothing to choose from along an axis of size 0, in shape ${formatShape(shape)}`);
}

/** The largest element along each of some axes in turn, or the smallest. */
export function extremes(name: string, which: Extreme, x: Operand, axes: readonly number[], machine: Machine): Data {
  let { shape, data } = x;
  for (const axis of axes) {
    const { before, count, after } = around(shape, axis);
    refuseNone(name, shape, before, count, after);
    if (data instanceof Int32Array) {
      const found = newData('int32', before * after);
      pick(name, { shape, data }, before, count, after, which, (to, value) => (found[to] = value));
      data = found;
    } else data = machine.extreme(which, data, before, count, after);
    shape = kept(shape, [axis]);
  }
  return data === x.data ? data.slice() : data;
}

/** Visits the best element of each line along the middle axis: where it is to go, what it is, and its place on the line. */
export function pick(
  name: string,
  { shape, data }: Operand,
  before: number,
  count: number,
  after: number,
  which: Extreme,
  visit: (to: number, value: number, index: number) => void,
): void {
  refuseNone(name, shape, before, count, after);
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
