/** What convolutions and pooling share: windows on volumes, images, and signals, which are treated as images of one row. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, type OptionTable, optional, quote } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import type { Draw } from '../../tensor/op.ts';
import { checkFloats, type Tensor } from '../../tensor/tensor.ts';

/** Rows and columns, or one number for both. */
export type Pair = number | readonly [rows: number, columns: number];

/** Planes, rows and columns, or one number for all three. */
export type Triple = number | readonly [planes: number, rows: number, columns: number];

/** How many axes signals, images and volumes have. */
export type SpatialAxes = 1 | 2 | 3;

/** Windows on images or volumes: size, stride, padding and dilation along each axis, rows and columns last. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** Stride, padding and dilation of windows: of images, or with a `Triple` of volumes. */
export interface WindowOptions<Size = Pair> {
  /** The distance between windows. Default 1; for pooling the size of the windows. */
  readonly stride?: Size;
  /** How far windows reach beyond each edge of the image. Default 0. */
  readonly padding?: Size;
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: Size;
}

/** The options of windows, which `windowsOf` checks. */
export const windowOptions: OptionTable<WindowOptions<any>> = {
  stride: /* @__PURE__ */ optional(anything, 1),
  padding: /* @__PURE__ */ optional(anything, 0),
  dilation: /* @__PURE__ */ optional(anything, 1),
};

/** A whole number for each of several axes, or one for all. */
export function sizesOf(name: string, what: string, given: unknown, least: number, axes: number): readonly number[] {
  const all: unknown = typeof given === 'number' ? new Array<number>(axes).fill(given) : given;
  if (Array.isArray(all) && all.length === axes && all.every((n) => Number.isSafeInteger(n) && n >= least)) return [...all];
  throw new ValueError(`${name}: expected a ${what} of whole numbers from ${least}, got ${quote(given)}`);
}

/** Windows as users describe them, checked: on volumes, images, or on signals, which are images of one row. */
export function windowsOf(name: string, axes: SpatialAxes, kernel: unknown, options: Required<WindowOptions<any>>): Windows {
  const read = (what: string, given: unknown, least: number, ofOneRow: number): readonly number[] =>
    axes === 1 ? [ofOneRow, wholeNumberOf(name, what, given, least)] : sizesOf(name, what, given, least, axes);
  return {
    kernel: read('kernel size', kernel, 1, 1),
    stride: read('stride', options.stride, 1, 1),
    padding: read('padding', options.padding, 0, 0),
    dilation: read('dilation', options.dilation, 1, 1),
  };
}

function wholeNumberOf(name: string, what: string, given: unknown, least: number): number {
  if (Number.isSafeInteger(given) && (given as number) >= least) return given as number;
  throw new ValueError(`${name}: expected a ${what} that is a whole number from ${least}, got ${quote(given)}`);
}

/** The number of windows along each axis. `hasRest` says of an axis whether there is one more, which is not whole. */
export function countWindows(
  name: string,
  sizes: readonly number[],
  { kernel, stride, padding, dilation }: Windows,
  hasRest: (axis: number, size: number, count: number) => boolean = () => false,
): number[] {
  const counts = sizes.map((size, i) => {
    const whole = Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1;
    return whole + Number(hasRest(i, size, whole));
  });
  if (counts.every((count) => count >= 1)) return counts;
  const spread = Math.max(...dilation) > 1 ? `, spread by ${dilation.join(' × ')},` : '';
  throw new ShapeError(
    `${name}: windows of ${kernel.join(' × ')}${spread} do not fit on ${sizes.length === 3 ? 'a volume' : 'an image'} of ` +
      `${sizes.join(' × ')} with ${padding.join(' × ')} beyond its edges`,
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

/** What has one, two or three axes, in words. */
export const SPATIAL = {
  1: { things: 'signals', axes: '[n, channels, length]' },
  2: { things: 'images', axes: '[n, channels, height, width]' },
  3: { things: 'volumes', axes: '[n, channels, depth, height, width]' },
} as const;

/** Volumes, images, or signals as images of one row; anything else is refused. */
export function asImages(name: string, axes: SpatialAxes, x: Tensor): Tensor {
  checkFloats(name, x);
  if (x.rank !== 2 + axes)
    throw new ShapeError(
      `${name}: expected ${SPATIAL[axes].things} of shape ${SPATIAL[axes].axes}, got ${formatShape(x.sizes)}` +
        `${x.rank === 1 + axes ? '; a single one needs an axis for the batch: unsqueeze(0)' : ''}`,
    );
  return axes === 1 ? x.unsqueeze(2) : x;
}

/** Volumes and images as they are, images of one row as signals. */
export const fromImages = (axes: SpatialAxes, y: Tensor): Tensor => (axes === 1 ? y.squeeze(2) : y);

/** For a sample: windows on images with another axis in front, and the size of such volumes. */
export const asVolume = (draw: Draw, size: readonly number[], { kernel, stride, padding, dilation }: Windows) => ({
  size: [2, ...size],
  windows: {
    kernel: [draw.oneOf(1, 2), ...kernel],
    stride: [draw.oneOf(1, 2), ...stride],
    padding: [0, ...padding],
    dilation: [1, ...dilation],
  },
});
