/** Shapes, which are plain arrays of sizes: axes, strides and broadcasting. Pure functions of numbers; nothing here knows a tensor. */

import { ShapeError } from './errors.ts';
import { isPlainObject, quote } from './options.ts';
import type { Shape } from './shape-types.ts';

/** `[2, 3]`, as it is written in every message and on every tape. */
export const formatShape = (shape: Shape): string => (Array.isArray(shape) ? `[${shape.map(quote).join(', ')}]` : quote(shape));

/** How many elements a shape holds. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Row-major strides: the distance in memory between neighbours along each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Engines allow no array to have more elements. */
const MOST = 2 ** 33;

/** Refuses what is no array of sizes, which are whole and not negative. */
export function checkShape(where: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new ShapeError(`${where}: expected a shape, an array of sizes such as [2, 3], got ${quote(shape)}`);
  for (const size of shape) {
    if (!(Number.isInteger(size) && size >= 0))
      throw new ShapeError(`${where}: expected sizes that are whole numbers from 0, got ${formatShape(shape)}`);
  }
  if (sizeOf(shape) > MOST)
    throw new ShapeError(`${where}: expected at most ${MOST} elements, got shape ${formatShape(shape)}, which has ${sizeOf(shape)}`);
}

/** The shape that both broadcast to: sizes align at the right, and 1 stretches to anything. `where` is named in the error. */
export function broadcastShape(where: string, a: Shape, b: Shape): Shape {
  if (b.length === 0 || sameShape(a, b)) return a;
  if (a.length === 0) return b;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const m = a[i - rank + a.length] ?? 1;
    const n = b[i - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast, since ${m} and ${n} differ; ` +
          'sizes align at the right and must agree or be 1',
      );
    }
    return m === 1 ? n : m;
  });
}

/** Whether `from` broadcasts to exactly `to`. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  if (!Array.isArray(to) || from.length > to.length) return false;
  const lead = to.length - from.length;
  for (let axis = 0; axis < from.length; axis++) if (from[axis] !== 1 && from[axis] !== to[axis + lead]) return false;
  return true;
}

/** Negative axes count from the end; an axis out of range is refused. */
export function normalizeAxis(where: string, axis: number, shape: Shape): number {
  const rank = shape.length;
  if (isPlainObject(axis)) throw new ShapeError(`${where}: expected an axis, got ${quote(axis)}; options come after it: (0, { … })`);
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'which has no axes' : `whose axes go from ${-rank} to ${rank - 1}`;
    throw new ShapeError(`${where}: there is no axis ${quote(axis)} in shape ${formatShape(shape)}, ${range}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Some axes in ascending order, each once; all where none are named. */
export function normalizeAxes(where: string, axes: number | readonly number[] | undefined, shape: Shape): readonly number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  if (typeof axes !== 'number' && !Array.isArray(axes)) {
    throw new ShapeError(
      `${where}: expected an axis or a list of axes, got ${quote(axes)}; ` +
        'options come after the axes: (0, { … }) along axis 0, (undefined, { … }) along all',
    );
  }
  const normal = (typeof axes === 'number' ? [axes] : [...axes]).map((axis) => normalizeAxis(where, axis, shape));
  if (normal.length < 2) return normal;
  if (new Set(normal).size < normal.length) throw new ShapeError(`${where}: axes [${axes}] name one axis of ${formatShape(shape)} twice`);
  return normal.sort((a, b) => a - b);
}

/** The shape after a reduction of some axes that keeps them, with size 1. */
export const kept = (shape: Shape, axes: readonly number[]): Shape => shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** The shape after a reduction of some axes that drops them. */
export const without = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, axis) => !axes.includes(axis));

/** Sizes before, along and after an axis, multiplied out: reshaped to `[before, count, after]` a tensor has the axis in the middle. */
export const around = (shape: Shape, axis: number): { before: number; count: number; after: number } => ({
  before: sizeOf(shape.slice(0, axis)),
  count: shape[axis]!,
  after: sizeOf(shape.slice(axis + 1)),
});

/** Strides that read a tensor of shape `from` as if it were broadcast to `to`: a stride of 0 repeats. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : strides[i - lead]!));
}

/**
 * Visits every element of `shape` in row-major order. `visit` gets its index, counted from 0, and its offset by each of the given strides.
 */
export function walk<const Strides extends readonly (readonly number[])[]>(
  shape: Shape,
  strides: Strides,
  visit: (here: number, there: { readonly [I in keyof Strides]: number }) => void,
): void {
  const index = shape.map(() => 0);
  const there = strides.map(() => 0);
  const total = sizeOf(shape);
  for (let here = 0; here < total; here++) {
    visit(here, there as { readonly [I in keyof Strides]: number });
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const wraps = ++index[axis]! === shape[axis]!;
      for (let s = 0; s < strides.length; s++) there[s]! += strides[s]![axis]! * (wraps ? 1 - shape[axis]! : 1);
      if (!wraps) break;
      index[axis] = 0;
    }
  }
}

const CONTIGUOUS = [1];
const REPEATED = [0];

/**
 * Sizes and strides that read inputs broadcast to `shape`, in as few axes as possible: neighbouring axes are merged where every input is
 * contiguous from one to the other. There is always at least one axis.
 */
export function mergeAxes(
  shape: Shape,
  inputs: readonly { readonly sizes: Shape }[],
): { sizes: readonly number[]; strides: readonly (readonly number[])[] } {
  const total = sizeOf(shape);
  const single: (readonly number[])[] = [];
  for (const input of inputs) {
    const count = sizeOf(input.sizes);
    if (count === total) single.push(CONTIGUOUS);
    else if (count === 1) single.push(REPEATED);
    else break;
  }
  if (single.length === inputs.length) return { sizes: [total], strides: single };
  const steps = inputs.map((input) => broadcastStrides(input.sizes, shape));
  const sizes: number[] = [];
  const strides: number[][] = inputs.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const contiguous = last >= 0 && steps.every((step, i) => strides[i]![last] === step[axis]! * size);
    if (contiguous) sizes[last]! *= size;
    else sizes.push(size);
    steps.forEach((step, i) => {
      strides[i]![sizes.length - 1] = step[axis]!;
    });
  });
  return { sizes, strides };
}
