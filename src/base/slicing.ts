/** From what users say of axes and ranges to exact indices and shapes: slices, reshapes, permutations. */

import { ShapeError, ValueError } from './errors.ts';
import { isPlainObject, quote } from './options.ts';
import { formatShape, normalizeAxis, sizeOf } from './shape.ts';
import type { Shape } from './shape-types.ts';

/**
 * The part of one axis that a slice takes: `null` for all of it; a number for one element, and the axis is dropped; `[start, stop, step]`
 * as in Python (negative indices count from the end, `null` or nothing means as far as possible); or exactly `size` elements from `start`
 * in steps of `step`. `'newAxis'` takes no axis: it is a new one, of size 1, in its place.
 */
export type Range =
  | null
  | number
  | 'newAxis'
  | readonly [start: number | null, stop?: number | null, step?: number]
  | { readonly start: number; readonly step: number; readonly size: number };

/** A slice as the operation takes it, and the shape of the result: without the axes that are dropped, with those that are new. */
export interface Slice {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: Shape;
  readonly shape: Shape;
}

/** The slice that ranges for the first axes of a shape mean; of the other axes all is taken. */
export function resolveSlice(shape: Shape, ranges: readonly Range[]): Slice {
  if (!Array.isArray(ranges)) throw new ShapeError(`slice: expected a list of ranges, such as [[0, 2], null], got ${quote(ranges)}`);
  // With undefined for places that were left out, as in [, 0]: all of that axis.
  const all: readonly Range[] = [...ranges];
  const own = all.filter((range) => range !== 'newAxis');
  if (own.length > shape.length)
    throw new ShapeError(
      `slice: expected at most ${shape.length} ranges for shape ${formatShape(shape)}, got ${own.length}; a part of one axis is [[start, stop]]`,
    );
  const exact = shape.map((size, axis) => resolveOne(own[axis] ?? null, size, axis, shape));
  const sizes = exact.map(({ size }) => size);
  // Of each range its axes in the result, one or none; then those that are not listed.
  const left = sizes.slice();
  const listed = all.flatMap((range) => {
    if (range === 'newAxis') return 1;
    const size = left.splice(0, 1);
    return typeof range === 'number' ? [] : size;
  });
  return {
    starts: exact.map(({ start }) => start),
    steps: exact.map(({ step }) => step),
    sizes,
    shape: [...listed, ...left],
  };
}

function resolveOne(
  range: Exclude<Range, 'newAxis'>,
  size: number,
  axis: number,
  shape: Shape,
): { start: number; step: number; size: number } {
  if (range === null) return { start: 0, step: 1, size };
  if (typeof range === 'number') {
    if (Number.isInteger(range) && range >= -size && range < size) return { start: range < 0 ? range + size : range, step: 1, size: 1 };
    throw new ShapeError(
      `slice: there is no element ${range} along axis ${axis} of shape ${formatShape(shape)}; a part of an axis is [[start, stop]]`,
    );
  }
  if (!Array.isArray(range) && !(isPlainObject(range) && 'size' in range))
    throw new ShapeError(
      `slice: expected null, a number, 'newAxis', [start, stop, step] or { start, step, size } for axis ${axis}, got ${quote(range)}`,
    );
  if ('size' in range) {
    const last = range.start + range.step * (range.size - 1);
    const inside = [range.start, last].every((place) => Number.isInteger(place) && place >= 0 && place < size);
    if (range.size === 0 || (inside && Number.isInteger(range.step) && range.step !== 0)) return range;
    throw new ShapeError(
      `slice: ${range.size} elements from ${range.start} in steps of ${range.step} leave axis ${axis} of shape ${formatShape(shape)}`,
    );
  }
  const [from, to, step = 1] = range;
  if (![from ?? 0, to ?? 0, step].every(Number.isInteger) || step === 0) {
    throw new ValueError(`slice: expected [start, stop, step] in whole numbers, no step of 0, got ${quote(range)} for axis ${axis}`);
  }
  // Indices beyond the ends are clamped to them; with a negative step the range ends one before the first element.
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (at: number | null | undefined, otherwise: number) =>
    at === null || at === undefined ? otherwise : Math.min(Math.max(at < 0 ? at + size : at, least), most);
  const start = place(from, step > 0 ? least : most);
  const stop = place(to, step > 0 ? most : least);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return { start: count === 0 ? 0 : start, step, size: count };
}

/** A shape in which one size may be −1, which is then computed from the number of elements, `size`. */
export function resolveShape(from: Shape, to: Shape, size: number): Shape {
  if (!Array.isArray(to)) throw new ShapeError(`reshape: expected a shape, an array of sizes such as [2, 3], got ${quote(to)}`);
  const unknown = to.filter((n) => n === -1).length;
  if (unknown === 0) return [...to];
  const known = to.reduce((product, n) => (n === -1 ? product : product * n), 1);
  if (unknown === 1 && known > 0 && size % known === 0) return to.map((n) => (n === -1 ? size / known : n));
  throw new ShapeError(
    `reshape: ${formatShape(from)} holds ${size} elements, which ${formatShape(to)} does not divide; one size may be -1`,
  );
}

/** A shape to stretch to, in which −1 keeps a size of the shape that it is aligned with at the right. */
export const stretched = (from: Shape, to: Shape): Shape =>
  Array.isArray(to) ? to.map((n, i) => (n === -1 ? (from[i - to.length + from.length] ?? n) : n)) : to;

/** The permutation of axes that exchanges two of them. */
export function exchanged(shape: Shape, first: number, second: number): number[] {
  const [a, b] = [normalizeAxis('transpose', first, shape), normalizeAxis('transpose', second, shape)];
  return shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
}

/** A permutation of all axes; negative ones count from the end. */
export function checkPermutation(shape: Shape, axes: readonly number[]): readonly number[] {
  if (!Array.isArray(axes)) throw new ShapeError(`permute: expected a list of axes, such as [1, 0], got ${quote(axes)}`);
  // Also of places that were left out.
  const order = Array.from(axes, (axis) => normalizeAxis('permute', axis, shape));
  if (order.length === shape.length && new Set(order).size === order.length) return order;
  throw new ShapeError(`permute: expected each of the ${shape.length} axes of ${formatShape(shape)} once, got [${axes.join(', ')}]`);
}

/** The shape with neighbouring axes merged, from `first` to `last`. A scalar becomes a vector. */
export function flattenedShape(shape: Shape, first: number, last: number): Shape {
  if (shape.length === 0) return [1];
  const [from, to] = [normalizeAxis('flatten', first, shape), normalizeAxis('flatten', last, shape)];
  if (from > to) throw new ShapeError(`flatten: axis ${first} comes after axis ${last} in shape ${formatShape(shape)}`);
  return shape.toSpliced(from, to + 1 - from, sizeOf(shape.slice(from, to + 1)));
}

/** The shape without an axis, which must have size 1; without any axis of size 1 if none is named. */
export function squeezedShape(shape: Shape, axis?: number): Shape {
  if (axis === undefined) return shape.filter((size) => size !== 1);
  const normal = normalizeAxis('squeeze', axis, shape);
  if (shape[normal] === 1) return shape.toSpliced(normal, 1);
  throw new ShapeError(`squeeze: expected axis ${axis} of shape ${formatShape(shape)} to have size 1, got ${shape[normal]}`);
}
