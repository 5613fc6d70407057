/** What convolutions and pooling share: windows on images, and signals, which are treated as images of one row. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, type OptionTable, optional, quote } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { checkFloats, type Tensor } from '../../tensor/tensor.ts';

/** Rows and columns, or one number for both. */
export type Pair = number | readonly [rows: number, columns: number];

/** Windows on images: size, stride, padding and dilation along rows and columns. */
export interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Stride, padding and dilation of windows. */
export interface WindowOptions {
  /** The distance between windows. Default 1; for pooling the size of the windows. */
  readonly stride?: Pair;
  /** How far windows reach beyond each edge of the image. Default 0. */
  readonly padding?: Pair;
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: Pair;
}

/** The options of windows, which `windowsOf` checks. */
export const windowOptions: OptionTable<WindowOptions> = {
  stride: /* @__PURE__ */ optional(anything, 1),
  padding: /* @__PURE__ */ optional(anything, 0),
  dilation: /* @__PURE__ */ optional(anything, 1),
};

/** Two whole numbers, or one for both. */
export function pairOf(name: string, what: string, pair: unknown, least: number): readonly [number, number] {
  const both: unknown = typeof pair === 'number' ? [pair, pair] : pair;
  if (Array.isArray(both) && both.length === 2 && both.every((n) => Number.isInteger(n) && n >= least)) return [both[0], both[1]];
  throw new ValueError(`${name}: expected a ${what} of whole numbers from ${least}, got ${quote(pair)}`);
}

/** Windows as users describe them, checked: on images, or on signals, which are images of one row. */
export function windowsOf(name: string, axes: 1 | 2, kernel: unknown, options: Required<WindowOptions>): Windows {
  const read = (what: string, given: unknown, least: number, ofOneRow: number): readonly [number, number] =>
    axes === 2 ? pairOf(name, what, given, least) : [ofOneRow, wholeNumberOf(name, what, given, least)];
  return {
    kernel: read('kernel size', kernel, 1, 1),
    stride: read('stride', options.stride, 1, 1),
    padding: read('padding', options.padding, 0, 0),
    dilation: read('dilation', options.dilation, 1, 1),
  };
}

function wholeNumberOf(name: string, what: string, given: unknown, least: number): number {
  if (Number.isInteger(given) && (given as number) >= least) return given as number;
  throw new ValueError(`${name}: expected a ${what} that is a whole number from ${least}, got ${quote(given)}`);
}

/** The number of windows along rows and columns. `hasRest` says of an axis whether there is one more, which is not whole. */
export function countWindows(
  name: string,
  [height, width]: readonly [number, number],
  { kernel, stride, padding, dilation }: Windows,
  hasRest: (axis: 0 | 1, size: number, count: number) => boolean = () => false,
): [number, number] {
  const counts = [height, width].map((size, i) => {
    const whole = Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1;
    return whole + Number(hasRest(i as 0 | 1, size, whole));
  });
  if (counts.every((count) => count >= 1)) return counts as [number, number];
  const spread = Math.max(...dilation) > 1 ? `, spread by ${dilation.join(' × ')},` : '';
  throw new ShapeError(
    `${name}: windows of ${kernel.join(' × ')}${spread} do not fit on an image of ${height} × ${width} ` +
      `with ${padding.join(' × ')} beyond its edges`,
  );
}

/** Stride, padding and dilation along a single axis. */
export interface Window1dOptions {
  /** The distance between windows. Default 1; for pooling the size of the windows. */
  readonly stride?: number;
  /** How far windows reach beyond each end of the signal. Default 0. */
  readonly padding?: number;
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: number;
}

/** The axes of images and of signals, in words. */
const AXES = { 1: '[n, channels, length]', 2: '[n, channels, height, width]' } as const;

/** Images `[n, channels, height, width]`, or signals `[n, channels, length]` as images of one row; anything else is refused. */
export function asImages(name: string, axes: 1 | 2, x: Tensor): Tensor {
  checkFloats(name, x);
  if (x.rank !== 2 + axes)
    throw new ShapeError(
      `${name}: expected ${axes === 1 ? 'signals' : 'images'} of shape ${AXES[axes]}, got ${formatShape(x.sizes)}` +
        `${x.rank === 1 + axes ? '; a single one needs an axis for the batch: unsqueeze(0)' : ''}`,
    );
  return axes === 1 ? x.unsqueeze(2) : x;
}

/** Images, or images of one row as signals. */
export const fromImages = (axes: 1 | 2, y: Tensor): Tensor => (axes === 1 ? y.squeeze(2) : y);
