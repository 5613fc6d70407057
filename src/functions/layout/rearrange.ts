/** Elements turned round, repeated and moved: each a line of the operations that there are. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { checkShape, formatShape, normalizeAxes, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Axes, Tensor } from '../../tensor/tensor.ts';
import { concat } from './concat.ts';
import { indexSelect } from './selection.ts';

/**
 * The elements along some axes (all) in the opposite order.
 * @example flip(Tensor.of([1, 2, 3])).toArray() // => [3, 2, 1]
 */
export function flip<S extends Shape>(x: Tensor<S>, axes?: Axes): Tensor<S> {
  const turned = normalizeAxes('flip', axes, x.shape);
  return x.slice(x.shape.map((_, i) => (turned.includes(i) ? [null, null, -1] : null))) as Tensor;
}

/**
 * The elements moved along an axis by `shift` places; what leaves at one end comes in at the other.
 * @example roll(Tensor.of([1, 2, 3, 4]), 1, 0).toArray() // => [4, 1, 2, 3]
 */
export function roll<S extends Shape>(x: Tensor<S>, shift: number, axis: number): Tensor<S> {
  if (!Number.isInteger(shift)) throw new ValueError(`roll: expected a whole number of places, got ${shift}`);
  const normal = normalizeAxis('roll', axis, x.shape);
  const count = x.shape[normal]!;
  // Below 0 it counts from the end, as in any slice.
  const cut = count === 0 ? 0 : -shift % count;
  const part = (start: number, stop: number) => (x as Tensor).slice(x.shape.map((_, i) => (i === normal ? [start, stop] : null)));
  return cut === 0 ? x : (concat([part(cut, count), part(0, cut)], normal) as Tensor);
}

/**
 * The whole tensor `repeats[i]` times along each axis `i`; there may be more repeats than axes, which are new ones in front.
 * @throws ShapeError for fewer repeats than axes.
 * @example tile(Tensor.of([1, 2]), [2]).toArray() // => [1, 2, 1, 2]
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length < x.rank)
    throw new ShapeError(`tile: expected a repeat for each axis of shape ${formatShape(x.shape)}, got ${formatShape(repeats)}`);
  checkShape('tile', repeats);
  const shape = [...repeats.slice(x.rank).map(() => 1), ...x.shape];
  // An axis for the repeats before each axis; then the two are one.
  const apart = x.reshape(shape.flatMap((size) => [1, size]));
  return apart.broadcastTo(shape.flatMap((size, i) => [repeats[i]!, size])).reshape(shape.map((size, i) => size * repeats[i]!));
}

/**
 * Each element `repeats` times in a row along an axis.
 * @example repeatInterleave(Tensor.of([1, 2]), 2, 0).toArray() // => [1, 1, 2, 2]
 */
export function repeatInterleave(x: Tensor, repeats: number, axis: number): Tensor {
  const normal = normalizeAxis('repeatInterleave', axis, x.shape);
  checkShape('repeatInterleave', [repeats]);
  const apart = x.reshape(x.shape.toSpliced(normal + 1, 0, 1));
  return apart.broadcastTo(apart.shape.with(normal + 1, repeats)).reshape(x.shape.with(normal, x.shape[normal]! * repeats));
}

/**
 * One axis moved to another place, the others in their order.
 * @example moveAxis(Tensor.zeros([2, 3, 4]), 0, -1).shape // => [3, 4, 2]
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const [source, target] = [normalizeAxis('moveAxis', from, x.shape), normalizeAxis('moveAxis', to, x.shape)];
  const others = [...x.shape.keys()].filter((axis) => axis !== source);
  return x.permute(others.toSpliced(target, 0, source));
}

/**
 * Parts of an axis one after another: of one size (the last may be smaller), or of the sizes listed.
 * @throws ShapeError where listed sizes do not make up the axis.
 * @example split(Tensor.of([1, 2, 3]), 2, 0).map((part) => part.toArray()) // => [[1, 2], [3]]
 */
export function split(x: Tensor, sizes: number | readonly number[], axis: number): Tensor[] {
  const normal = normalizeAxis('split', axis, x.shape);
  const count = x.shape[normal]!;
  if (typeof sizes === 'number' && !(Number.isInteger(sizes) && sizes > 0))
    throw new ValueError(`split: expected a size from 1, got ${sizes}`);
  if (typeof sizes !== 'number') checkShape('split', sizes);
  const parts =
    typeof sizes === 'number' ? Array.from({ length: Math.ceil(count / sizes) }, (_, i) => Math.min(sizes, count - i * sizes)) : sizes;
  if (parts.reduce((a, b) => a + b, 0) !== count)
    throw new ShapeError(
      `split: sizes ${formatShape(parts)} do not make up axis ${normal} of shape ${formatShape(x.shape)}, which has ${count}`,
    );
  let start = 0;
  return parts.map((size) => {
    start += size;
    return x.slice(x.shape.map((_, i) => (i === normal ? [start - size, start] : null)));
  });
}

/** What lies beyond the edges: a number, the edge itself, what a mirror at the edge shows, or the other end. */
export interface Padding {
  readonly mode?: 'constant' | 'replicate' | 'reflect' | 'circular';
  /** The number for `'constant'`; 0 unless told. */
  readonly value?: number;
}

const MODES: readonly unknown[] = ['constant', 'replicate', 'reflect', 'circular'];

/**
 * Room around a tensor: `[before, after]` for each axis, the first axis first; negative ones cut away.
 * @throws ShapeError for a wrong number of widths, and where a mirror or the other end has not enough to show.
 * @example pad(Tensor.of([1, 2, 3]), [[1, 2]]).toArray() // => [0, 1, 2, 3, 0, 0]
 * pad(Tensor.of([1, 2, 3]), [[1, 2]], { mode: 'reflect' }).toArray() // => [2, 1, 2, 3, 2, 1]
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  { mode = 'constant', value = 0 }: Padding = {},
): Tensor {
  if (widths.length !== x.rank || !widths.flat().every(Number.isInteger))
    throw new ShapeError(
      `pad: expected [before, after] in whole numbers for each axis of shape ${formatShape(x.shape)}, got ${JSON.stringify(widths)}`,
    );
  if (!MODES.includes(mode))
    throw new ValueError(`pad: expected mode 'constant', 'replicate', 'reflect' or 'circular', got ${JSON.stringify(mode)}`);
  return widths.reduce((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded;
    const count = padded.shape[axis]!;
    const cut = Math.max(0, -before) + Math.max(0, -after);
    if (cut > count) throw new ShapeError(`pad: axis ${axis} of shape ${formatShape(x.shape)} has no ${cut} elements to cut away`);
    return mode === 'constant'
      ? surround(padded, axis, before, after, value)
      : indexSelect(padded, axis, beyond(mode, x.shape, axis, before, after));
  }, x);
}

function surround(x: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const count = x.shape[axis]!;
  const inner = x.slice(
    x.shape.map((_, i) =>
      i === axis ? { start: Math.max(0, -before), step: 1, size: count + Math.min(0, before) + Math.min(0, after) } : null,
    ),
  );
  if (value === 0) {
    const starts = x.shape.map((_, i) => (i === axis ? Math.max(0, before) : 0));
    return inner.unslice(
      x.shape.with(axis, before + count + after),
      starts,
      x.shape.map(() => 1),
    );
  }
  const edge = (width: number) => (width > 0 ? [Tensor.full(x.shape.with(axis, width), value, x.dtype)] : []);
  return concat([...edge(before), inner, ...edge(after)], axis);
}

/** Which element stands at each place. */
function beyond(mode: Exclude<Padding['mode'], 'constant' | undefined>, shape: Shape, axis: number, before: number, after: number): Tensor {
  const count = shape[axis]!;
  const reach = mode === 'reflect' ? count - 1 : count;
  const found = Array.from({ length: before + count + after }, (_, i) => {
    const place = i - before;
    if (mode === 'replicate' && count > 0) return Math.min(Math.max(place, 0), count - 1);
    if (place < -reach || place >= count + reach)
      throw new ShapeError(
        `pad: expected at most ${reach} on each side of axis ${axis} of shape ${formatShape(shape)} for '${mode}', got [${before}, ${after}]`,
      );
    return mode === 'circular' ? (place + count) % count : place < 0 ? -place : place < count ? place : 2 * (count - 1) - place;
  });
  return Tensor.fromTypedArray(Int32Array.from(found));
}
