/** Padding: elements added around a tensor, or cropped from it. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { concat } from './concat.ts';
import { indexSelect } from './index-select.ts';

/** What a tensor is padded with. */
export interface Padding {
  /** A number, the element at the edge, a reflection that does not repeat it, or the opposite end. Default `'constant'`. */
  readonly mode?: 'constant' | 'replicate' | 'reflect' | 'circular';
  /** The number for `'constant'`. Default 0. */
  readonly value?: number;
}

const MODES: readonly unknown[] = ['constant', 'replicate', 'reflect', 'circular'];

/**
 * Adds elements around a tensor: `[before, after]` for each axis, the first axis first; negative widths crop.
 * @param options `mode`, default `'constant'`, and `value`, default 0
 * @throws ShapeError for a wrong number of widths, and where there is too little to reflect or repeat.
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
      : indexSelect(padded, axis, indicesBeyond(mode, x.shape, axis, before, after));
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

/** The indices that select the padded axis. */
function indicesBeyond(
  mode: Exclude<Padding['mode'], 'constant' | undefined>,
  shape: Shape,
  axis: number,
  before: number,
  after: number,
): Tensor {
  const count = shape[axis]!;
  const reach = mode === 'reflect' ? count - 1 : count;
  const found = Array.from({ length: before + count + after }, (_, i) => {
    const place = i - before;
    if (mode === 'replicate' && count > 0) return Math.min(Math.max(place, 0), count - 1);
    if (place < -reach || place >= count + reach)
      throw new ShapeError(
        `pad: expected at most ${reach} on each side of axis ${axis} of shape ${formatShape(shape)} for '${mode}', got [${before}, ` +
          `${after}]`,
      );
    return mode === 'circular' ? (place + count) % count : place < 0 ? -place : place < count ? place : 2 * (count - 1) - place;
  });
  return Tensor.fromTypedArray(Int32Array.from(found));
}
