/**
 * Primitive operations that move, repeat or select elements without arithmetic: what methods such as `reshape` and `slice` perform. Each is
 * the adjoint of another, or of itself. Functions composed of them are in `functions/layout/`.
 */

import { convert, type Data, type Dtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastStrides, broadcastsTo, checkShape, formatShape, sizeOf, stridesOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { aligned } from '../batched.ts';
import type { Op } from '../op.ts';

export const reshape: Op<'x', { to: Shape }> = {
  name: 'reshape',
  batching: 'axes',
  dtypes: 'any',
  shape({ x, to }) {
    checkShape('reshape', to);
    if (sizeOf(to) === x.size) return to;
    throw new ShapeError(`reshape: ${formatShape(x.sizes)} holds ${x.size} elements, ${formatShape(to)} would hold ${sizeOf(to)}`);
  },
  forward: ({ x }) => x.lent,
  backward: { x: ({ dy, x }) => dy.reshape(x.sizes) },
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    return { x: draw.tensor([m, n]), to: draw.oneOf<Shape>([n, m], [m * n], [m, 1, n]) };
  },
};

/** Axis `i` of the result is axis `axes[i]` of `x`. */
export const permute: Op<'x', { axes: readonly number[] }> = {
  name: 'permute',
  batching: ({ inputs: { x }, attributes: { axes } }) => x.x.permute([0, ...axes.map((axis) => axis + 1)]),
  dtypes: 'any',
  shape: ({ x, axes }) => axes.map((axis) => x.sizes[axis]!),
  forward({ x, axes }, shape) {
    const strides = stridesOf(x.sizes);
    const out = newData(x.dtype, x.size);
    copy(
      shape,
      { data: x.numbers, strides: axes.map((axis) => strides[axis]!), start: 0 },
      { data: out, strides: stridesOf(shape), start: 0 },
    );
    return out;
  },
  backward: { x: ({ dy, axes }) => dy.permute(axes.map((_, axis) => axes.indexOf(axis))) },
  sample: (draw) => ({
    x: draw.tensor([draw.size(), draw.size(), draw.size()]),
    axes: draw.oneOf([0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]),
  }),
};

/** Repeats elements along axes of size 1, and along new ones in front. The adjoint of `sumTo`. */
export const broadcastTo: Op<'x', { to: Shape }> = {
  name: 'broadcastTo',
  batching: ({ inputs: { x }, attributes: { to }, count }) => aligned(x, to.length).broadcastTo([count, ...to]),
  dtypes: 'any',
  shape({ x, to }) {
    if (broadcastsTo(x.sizes, to)) return to;
    throw new ShapeError(
      `broadcastTo: ${formatShape(x.sizes)} does not stretch to ${formatShape(to)}; sizes align at the right and must agree or be 1`,
    );
  },
  forward({ x, to }) {
    const out = newData(x.dtype, sizeOf(to));
    if (x.size === 1) return out.fill(x.numbers[0]!);
    copy(to, { data: x.numbers, strides: broadcastStrides(x.sizes, to), start: 0 }, { data: out, strides: stridesOf(to), start: 0 });
    return out;
  },
  // The sweep sums what was broadcast, here as everywhere.
  backward: { x: ({ dy }) => dy },
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    return { x: draw.tensor(draw.oneOf<Shape>([1, n], [m, 1], [n], [])), to: [m, n] };
  },
};

/** From each axis every `steps`-th element, beginning with `starts`, `sizes` of them. The adjoint of `unslice`. */
export const slice: Op<'x', { starts: readonly number[]; steps: readonly number[]; sizes: Shape }> = {
  name: 'slice',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ sizes }) => sizes,
  forward({ x, starts, steps, sizes }) {
    const out = newData(x.dtype, sizeOf(sizes));
    copy(sizes, places(x.numbers, x.sizes, starts, steps), { data: out, strides: stridesOf(sizes), start: 0 });
    return out;
  },
  backward: { x: ({ dy, x, starts, steps }) => dy.unslice(x.sizes, starts, steps) },
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    const { to, starts, steps } = spread(draw.oneOf(1, 2), [m, n]);
    return { x: draw.tensor(to), starts, steps, sizes: [m, n] };
  },
};

/** Zeros of shape `to`, in which a slice with the same starts and steps finds `x`. The adjoint of `slice`. */
export const unslice: Op<'x', { to: Shape; starts: readonly number[]; steps: readonly number[] }> = {
  name: 'unslice',
  batching: 'axes',
  dtypes: 'any',
  shape({ x, to, starts, steps }) {
    checkShape('unslice', to);
    const outside = (axis: number, i: number) => !(i >= 0 && i < to[axis]!);
    const exact = [...starts, ...steps].every(Number.isInteger) && !steps.includes(0);
    const fits = () =>
      x.sizes.every(
        (size, axis) => size === 0 || !(outside(axis, starts[axis]!) || outside(axis, starts[axis]! + steps[axis]! * (size - 1))),
      );
    if (x.rank === to.length && exact && fits()) return to;
    throw new ShapeError(
      `unslice: ${formatShape(x.sizes)} from ${formatShape(starts)} in steps of ${formatShape(steps)} does not fit into ${formatShape(to)}`,
    );
  },
  forward({ x, to, starts, steps }) {
    const out = newData(x.dtype, sizeOf(to));
    copy(x.sizes, { data: x.numbers, strides: stridesOf(x.sizes), start: 0 }, places(out, to, starts, steps));
    return out;
  },
  backward: {
    x: ({ dy, x, starts, steps }) => dy.slice(starts.map((start, axis) => ({ start, step: steps[axis]!, size: x.sizes[axis]! }))),
  },
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    return { x: draw.tensor([m, n]), ...spread(draw.oneOf(1, 2), [m, n]) };
  },
};

/**
 * Starts and steps of a slice that goes forward along rows and backward along columns, in a shape with one element to spare on each side.
 */
function spread(step: number, [m, n]: readonly [number, number]): { to: Shape; starts: readonly number[]; steps: readonly number[] } {
  const space = (size: number) => Math.max(0, size - 1) * step + 3;
  return { to: [space(m), space(n)], starts: [1, space(n) - 2], steps: [step, -step] };
}

/** The same numbers as another dtype. */
export const cast: Op<'x', { to: Dtype }> = {
  name: 'cast',
  batching: 'matrices',
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward: ({ x, to }) => convert('cast', x.numbers, to),
  backward: { x: ({ dy, x }) => dy.cast(x.dtype) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]), to: 'float64' }),
};

interface Places {
  readonly data: Data;
  readonly strides: readonly number[];
  /** The place of the first element. */
  readonly start: number;
}

/** The places of the elements that a slice selects. */
function places(data: Data, shape: Shape, starts: readonly number[], steps: readonly number[]): Places {
  const strides = stridesOf(shape);
  return {
    data,
    strides: strides.map((stride, axis) => stride * steps[axis]!),
    start: strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, 0),
  };
}

/** Copies a block of some shape from places to places. */
function copy(shape: Shape, from: Places, to: Places): void {
  if (sizeOf(shape) === 0) return;
  const axes = axesOf(shape, from, to);
  const [source, target] = [from.data, to.data];
  // Axis after axis from outside to inside.
  const block = (axis: number, start: number, end: number): void => {
    const [count, fromStep, toStep] = axes[axis]!;
    let [i, j] = [start, end];
    if (axis < axes.length - 1) for (let left = count; left > 0; left--, i += fromStep, j += toStep) block(axis + 1, i, j);
    else if (count > FEW && fromStep === 1 && toStep === 1) target.set(source.subarray(i, i + count), j);
    else for (let left = count; left > 0; left--, i += fromStep, j += toStep) target[j] = source[i]!;
  };
  block(0, from.start, to.start);
}

/** So many neighbours are copied sooner by a loop than through a view. */
const FEW = 48;

/** The elements along an axis of a block, and how far neighbours are from each other where they come from, and where they go to. */
type CopiedAxis = readonly [count: number, fromStep: number, toStep: number];

/** The axes of a block, as few as possible: neighbours are one where the inner one goes on as the outer one does. */
function axesOf(shape: Shape, from: Places, to: Places): readonly CopiedAxis[] {
  const axes: CopiedAxis[] = [];
  shape.forEach((count, axis) => {
    const [fromStep, toStep] = [from.strides[axis]!, to.strides[axis]!];
    const [outer, outerFrom, outerTo] = axes.at(-1) ?? [];
    if (outerFrom === count * fromStep && outerTo === count * toStep) axes[axes.length - 1] = [outer! * count, fromStep, toStep];
    else if (count > 1) axes.push([count, fromStep, toStep]);
  });
  return axes.length > 0 ? axes : [[1, 1, 1]];
}
