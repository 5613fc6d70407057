/** What convolutions and pooling share: windows on images, and signals, which are treated as images of one row. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';

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

/** Windows as users describe them, checked. */
export function windowsOf(name: string, kernel: Pair, { stride = 1, padding = 0, dilation = 1 }: WindowOptions): Windows {
  const both = (what: string, pair: Pair, least: number): readonly [number, number] => {
    const [rows, columns] = typeof pair === 'number' ? [pair, pair] : pair;
    if ([rows, columns].every((n) => Number.isInteger(n) && n >= least)) return [rows, columns];
    throw new ValueError(`${name}: expected a ${what} of whole numbers from ${least}, got ${JSON.stringify(pair)}`);
  };
  return {
    kernel: both('kernel size', kernel, 1),
    stride: both('stride', stride, 1),
    padding: both('padding', padding, 0),
    dilation: both('dilation', dilation, 1),
  };
}

/** The number of windows along rows and columns. */
export function countWindows(
  name: string,
  [height, width]: readonly [number, number],
  { kernel, stride, padding, dilation }: Windows,
): [number, number] {
  const counts = [height, width].map(
    (size, i) => Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1,
  );
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

/** A signal `[n, channels, length]`, or a filter for it, as an image of one row. */
export function asImage(name: string, x: Tensor): Tensor {
  checkTensor(name, 'the signal or filter', x);
  if (x.rank !== 3)
    throw new ShapeError(`${name}: expected three axes, [n, channels, length] or [outputs, inputs, kernel], got ${formatShape(x.shape)}`);
  return x.reshape([x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]);
}

/** An image of one row as a signal. */
export const asSignal = (y: Tensor): Tensor => y.reshape([y.shape[0]!, y.shape[1]!, y.shape[3]!]);

/** Windows on a signal as windows on an image of one row. */
export const onOneRow = ({ stride = 1, padding = 0, dilation = 1 }: Window1dOptions): WindowOptions => ({
  stride: [1, stride],
  padding: [0, padding],
  dilation: [1, dilation],
});
