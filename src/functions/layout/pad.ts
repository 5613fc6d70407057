/** Padding: elements added around a tensor, or cropped from it. */

import { calledAs } from '../../base/called-as.ts';
import { newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { anyNumber, type OptionTable, oneOf, optional, quote, readOptions } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { concat } from './concat.ts';
import { indexSelect } from './index-select.ts';

/** What a tensor is padded with. */
export interface Padding {
  /** A number, the element at the edge, a reflection that does not repeat it, one that does, or the opposite end. Default `'constant'`. */
  readonly mode?: 'constant' | 'replicate' | 'reflect' | 'symmetric' | 'circular';
  /** The number for `'constant'`. Default 0. */
  readonly value?: number;
}

const OPTIONS: OptionTable<Padding> = /* @__PURE__ */ (() => ({
  mode: optional(oneOf('constant', 'replicate', 'reflect', 'symmetric', 'circular'), 'constant'),
  value: optional(anyNumber, 0),
}))();

const isPair = (width: unknown): boolean => Array.isArray(width) && width.length === 2 && width.every((n) => Number.isSafeInteger(n));

/**
 * Adds elements around a tensor: `[before, after]` for each axis, the first axis first; negative widths crop.
 * @param options `mode`, default `'constant'`, and `value`, default 0
 * @throws ShapeError for a wrong number of widths, and where there is too little to reflect or repeat.
 * @example pad(Tensor.of([1, 2, 3]), [[1, 2]]).toArray() // => [0, 1, 2, 3, 0, 0]
 * pad(Tensor.of([1, 2, 3]), [[1, 2]], { mode: 'reflect' }).toArray() // => [2, 1, 2, 3, 2, 1]
 */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[], options?: Padding): Tensor {
  checkTensor('pad', 'x', x);
  const { mode, value } = readOptions('pad', options, OPTIONS);
  if (!(Array.isArray(widths) && widths.length === x.rank && widths.every(isPair)))
    throw new ShapeError(
      `pad: expected [before, after] in whole numbers for each axis of shape ${formatShape(x.sizes)}, got ${quote(widths)}`,
    );
  // Not the tensor itself, which may be a parameter and change.
  if (!widths.some(([before, after]) => before !== 0 || after !== 0)) return x.reshape(x.sizes);
  return widths.reduce<Tensor>((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded;
    const count = padded.sizes[axis]!;
    const cut = Math.max(0, -before) + Math.max(0, -after);
    if (cut > count) throw new ShapeError(`pad: axis ${axis} of shape ${formatShape(x.sizes)} has no ${cut} elements to cut away`);
    const shape = padded.sizes.with(axis, before + count + after);
    checkShape('pad', shape);
    return mode === 'constant'
      ? surround(padded, axis, before, after, value!)
      : indexSelect(padded, axis, indicesBeyond(mode!, x.sizes, axis, before, after));
  }, x);
}

function surround(x: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const count = x.sizes[axis]!;
  const inner = x.slice(
    x.sizes.map((_, i) =>
      i === axis ? { start: Math.max(0, -before), step: 1, size: count + Math.min(0, before) + Math.min(0, after) } : null,
    ),
  );
  if (value === 0) {
    const starts = x.sizes.map((_, i) => (i === axis ? Math.max(0, before) : 0));
    return inner.unslice(
      x.sizes.with(axis, before + count + after),
      starts,
      x.sizes.map(() => 1),
    );
  }
  const edge = (width: number) =>
    width > 0 ? [calledAs('pad', 'Tensor.full', () => Tensor.full(x.sizes.with(axis, width), value, x.dtype))] : [];
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
  const indexOf = (place: number): number => {
    if (mode === 'replicate' && count > 0) return Math.min(Math.max(place, 0), count - 1);
    if (place < -reach || place >= count + reach)
      throw new ShapeError(
        `pad: expected at most ${reach} on each side of axis ${axis} of shape ${formatShape(shape)} for '${mode}', got [${before}, ` +
          `${after}]`,
      );
    if (mode === 'circular') return (place + count) % count;
    const edge = Number(mode === 'symmetric');
    return place < 0 ? -place - edge : place < count ? place : 2 * (count - 1) + edge - place;
  };
  const found = newData('int32', before + count + after);
  for (let i = 0; i < found.length; i++) found[i] = indexOf(i - before);
  return new Tensor([found.length], found);
}
