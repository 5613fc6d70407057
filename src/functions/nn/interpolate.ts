/** Signals, images and volumes made larger or smaller. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, boolean, type OptionTable, oneOf, optional, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import { checkFloats, perform, type Tensor } from '../../tensor/tensor.ts';
import { type Resampling, resampleOp } from './resample.ts';

/** Options of `interpolate`: either a size or a scale, and how elements between others are found. */
export interface InterpolateOptions {
  /** The size of the result: one number for each axis after the channels, or one for all. */
  readonly size?: number | readonly number[];
  /** How many times as large the result is, for each axis or for all: `⌊size · scale⌋`. */
  readonly scale?: number | readonly number[];
  /**
   * - `'nearest'`: the element at or before the position `i · size / count`; `'nearest-exact'`: the one nearest to the centre.
   * - `'linear'`: between two along each axis; `'bilinear'` and `'trilinear'` say that there are two axes or three.
   * - `'cubic'`: between four along each axis (Keys 1981, slope −0.75), which may overshoot; `'bicubic'` says that there are two axes.
   *
   * Default `'nearest'`.
   */
  readonly mode?: 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'cubic' | 'bicubic';
  /**
   * Whether the first and the last elements of the two lie on each other, for linear and cubic modes. Otherwise the edges do, and positions are those of
   * centres: `(i + ½) · size / count − ½`. Default false.
   */
  readonly alignCorners?: boolean;
  /** Whether what is made smaller is averaged, for linear and cubic modes. Default false. */
  readonly antialias?: boolean;
}

const interpolateOptions: OptionTable<InterpolateOptions> = /* @__PURE__ */ (() => ({
  size: withoutDefault(anything),
  scale: withoutDefault(anything),
  mode: optional(oneOf('nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'cubic', 'bicubic'), 'nearest'),
  alignCorners: optional(boolean, false),
  antialias: optional(boolean, false),
}))();

/** Modes that say how many axes there are, and the modes that they are. */
const NAMED: Readonly<Record<string, readonly [method: 'linear' | 'cubic', axes: number]>> = {
  bilinear: ['linear', 2],
  trilinear: ['linear', 3],
  bicubic: ['cubic', 2],
};

/**
 * Signals, images or volumes of another size, interpolated along one axis after another, the last first. Its derivative is the exact adjoint.
 *
 * Where a scale is given, positions are `i / scale`, also where `size · scale` is no whole number; an axis that keeps its size is left as it is, but in
 * cubic modes without `antialias` and in `'nearest-exact'`. All as in PyTorch, but that its `nearest` leaves the scale aside where an axis keeps its size or
 * doubles it, of images always, of signals and volumes only in the derivative.
 * @param x `[n, channels, length]`, `[n, channels, height, width]` or `[n, channels, depth, height, width]`
 * @param options `size` or `scale`; `mode`, default `'nearest'`; `alignCorners`, default false; `antialias`, default false
 * @returns `[n, channels, ...size]`
 * @throws ShapeError for other shapes and sizes below 1; ValueError for options that do not fit each other.
 * @example interpolate(Tensor.of([[[0, 1]]]), { size: 4, mode: 'linear' }).toArray() // => [[[0, 0.25, 0.75, 1]]]
 * interpolate(Tensor.of([[[0, 1]]]), { size: 3, mode: 'linear', alignCorners: true }).toArray() // => [[[0, 0.5, 1]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { size, scale, mode, method, axes, alignCorners, antialias } = interpolationOf('interpolate', options);
  checkFloats('interpolate', x);
  if (x.rank < 3 || x.rank > 5)
    throw new ShapeError(
      `interpolate: expected signals, images or volumes, of shape [n, channels, ...] with one to three axes more, got ${formatShape(x.sizes)}`,
    );
  if (axes !== undefined && axes !== x.rank - 2)
    throw new ShapeError(`interpolate: expected ${axes} axes after the channels for '${mode}', got ${formatShape(x.sizes)}`);
  const lengths = stepsOf(x.sizes.slice(2), size, scale);
  checkShape('interpolate', [...x.sizes.slice(0, 2), ...lengths.map(({ count }) => count)]);
  // Not the tensor itself, which may be a parameter and change.
  return lengths.reduceRight((y, { from, count, step }, i) => {
    if (from === count && (antialias || method === 'nearest' || method === 'linear')) return y;
    const aligned = alignCorners && { aligned: true, step: [from - 1, Math.max(1, count - 1)] as const };
    return perform(resampleOp, { x: y }, { axis: i + 2, from, count, method, step, aligned: false, antialias, ...aligned });
  }, x.reshape(x.sizes));
}

/** The options of an interpolation, all that can be checked without what is interpolated, and how many axes the mode says that there are. */
export function interpolationOf(name: string, options: InterpolateOptions | undefined) {
  const { size, scale, mode, alignCorners, antialias } = readOptions(name, options, interpolateOptions) as Required<InterpolateOptions>;
  const [method, axes] = NAMED[mode] ?? [mode as Resampling['method'], undefined];
  if (method.startsWith('nearest') && (alignCorners || antialias))
    throw new ValueError(`${name}: ${alignCorners ? 'alignCorners' : 'antialias'} is for linear and cubic modes, got '${mode}'`);
  if (alignCorners && antialias) throw new ValueError(`${name}: expected either alignCorners or antialias, got both`);
  if ((size === undefined) === (scale === undefined))
    throw new ValueError(`${name}: expected either a size or a scale, got ${size === undefined ? 'neither' : 'both'}`);
  const [what, given, right] = size === undefined ? ['scale above 0', scale, isScale] : ['size of whole numbers from 1', size, isSize];
  if (!(Array.isArray(given) ? given.length >= 1 && given.length <= 3 && given.every(right) : right(given)))
    throw new ValueError(`${name}: expected a ${what}, one number or one for each axis, got ${quote(given)}`);
  return { size, scale, mode, method, axes, alignCorners, antialias };
}

const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 1;
const isScale = (n: unknown): boolean => Number.isFinite(n) && (n as number) > 0;

/** For each axis how many elements it has, how many it will have, and how far apart these are. */
function stepsOf(
  from: readonly number[],
  size: number | readonly number[] | undefined,
  scale: number | readonly number[] | undefined,
): { readonly from: number; readonly count: number; readonly step: readonly [number, number] }[] {
  const [name, given] = size === undefined ? ['scale', scale!] : ['size', size];
  const all = typeof given === 'number' ? from.map(() => given) : given;
  if (all.length !== from.length)
    throw new ShapeError(`interpolate: expected a ${name} for each of ${from.length} axes, got ${quote(given)}`);
  return from.map((length, i) => {
    const count = size === undefined ? Math.floor(length * all[i]!) : all[i]!;
    if (length < 1 || count < 1)
      throw new ShapeError(
        `interpolate: expected elements along each axis, got ${length}, of which the ${name} ${quote(given)} makes ${count}`,
      );
    return { from: length, count, step: size === undefined ? [1, all[i]!] : [length, count] };
  });
}
