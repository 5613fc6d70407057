/** Summaries along several axes, made of summaries along one. */

import { type Data, dtypeOf, type FloatData, floatDtypeOf, floats, newData } from './dtype.ts';
import { ShapeError } from './errors.ts';
import type { Machine, Numbers } from './machine.ts';
import { around, kept, mergeAxes, show, sizeOf } from './shape.ts';
import type { Shape } from './shape-types.ts';

/** Sums `x` to a shape that stretches to its own. */
export function sumInto(to: Shape, x: Numbers, machine: Machine): FloatData {
  const all = floats(x.data);
  if (all.length === 0) return newData(floatDtypeOf(all), sizeOf(to));
  const { sizes, strides } = mergeAxes(x.shape, [{ shape: to }]);
  let data = all;
  // From the last axis to the first: what lies after an axis is summed already.
  let after = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (strides[0]![axis] === 0) data = sumAxis(data, sizeOf(sizes.slice(0, axis)), sizes[axis]!, after, machine);
    else after *= sizes[axis]!;
  }
  return data === all ? data.slice() : data;
}

/** So many elements are summed at once. */
const BLOCK = 256;

/**
 * The middle axis of `x : [before, count, after]` summed up. A long axis is summed in blocks, and then their sums: a single sum of many numbers would
 * lose each in the rounding of what came before.
 */
function sumAxis(x: FloatData, before: number, count: number, after: number, machine: Machine): FloatData {
  if (count <= BLOCK) return machine.sum(x, before, count, after);
  const [blocks, rest] = [Math.floor(count / BLOCK), count % BLOCK];
  const out = newData(floatDtypeOf(x), before * after);
  for (let row = 0; row < before; row++) {
    const start = row * count * after;
    const end = start + count * after;
    const middle = end - rest * after;
    const sums = newData(floatDtypeOf(x), (blocks + Math.sign(rest)) * after);
    sums.set(machine.sum(x.subarray(start, middle), blocks, BLOCK, after));
    if (rest > 0) sums.set(machine.sum(x.subarray(middle, end), 1, rest, after), blocks * after);
    out.set(sumAxis(sums, 1, blocks + Math.sign(rest), after, machine), row * after);
  }
  return out;
}

/** Whether a number is to be preferred to the best so far. */
export type Better = (candidate: number, best: number) => boolean;

/** The best element along each of some axes in turn. */
export function extremes(name: string, x: Numbers, axes: readonly number[], better: Better): Data {
  let { shape, data } = x;
  for (const axis of axes) {
    const { before, count, after } = around(shape, axis);
    const found = newData(dtypeOf(data), before * after);
    pick(name, { shape, data }, before, count, after, better, (to, value) => (found[to] = value));
    [shape, data] = [kept(shape, [axis]), found];
  }
  return data === x.data ? data.slice() : data;
}

/** Visits the best element of each line along the middle axis: where it is to go, what it is, and its place on the line. */
export function pick(
  name: string,
  { shape, data }: Numbers,
  before: number,
  count: number,
  after: number,
  better: Better,
  visit: (to: number, value: number, index: number) => void,
): void {
  if (count === 0 && before * after > 0)
    throw new ShapeError(`${name}: nothing to choose from along an axis of size 0, in shape ${show(shape)}`);
  for (let block = 0; block < before; block++) {
    for (let column = 0; column < after; column++) {
      const first = block * count * after + column;
      let [value, index] = [data[first]!, 0];
      for (let i = 1; i < count && value === value; i++) {
        const candidate = data[first + i * after]!;
        if (better(candidate, value) || candidate !== candidate) [value, index] = [candidate, i];
      }
      visit(block * after + column, value, index);
    }
  }
}
