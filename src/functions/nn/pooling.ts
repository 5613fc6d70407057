/** Pooling: the largest element or the mean of each window of an image or signal. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { indexSelect } from '../layout/index-select.ts';
import { pad } from '../layout/pad.ts';
import { unfold } from './unfold.ts';
import { asImage, asSignal, countWindows, onOneRow, type Pair, type Window1dOptions, type WindowOptions, windowsOf } from './windows.ts';

/** Windows of pooling. Default stride: the size of the windows, which then do not overlap. */
export interface PoolOptions extends WindowOptions {}

/** Windows of average pooling, and what it divides by. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether zeros beyond the edges count. Default `true`. */
  readonly countPadding?: boolean;
}

/** The same along a single axis. */
export interface AveragePool1dOptions extends Window1dOptions {
  /** Whether zeros beyond the ends count. Default `true`. */
  readonly countPadding?: boolean;
}

/** The largest element along an axis. The first of those that tie gets all of the gradient, as in other libraries. */
const firstLargest = (x: Tensor, axis: number): Tensor => x.gather(axis, x.argmax(axis, { keepDims: true }));

/** The windows of each channel, `[n·c, kh·kw, windows]`, with a number beyond the edges, and the shape of the pooled image. */
function windowed(name: string, x: Tensor, kernel: Pair, options: PoolOptions, beyond: number): { windows: Tensor; shape: number[] } {
  checkTensor(name, 'x', x);
  if (x.rank !== 4) throw new ShapeError(`${name}: expected images of shape [n, channels, height, width], got ${formatShape(x.shape)}`);
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const complete = { stride: kernel, ...options };
  const { padding, ...windows } = windowsOf(name, kernel, complete);
  if (padding.some((width, i) => 2 * width > windows.kernel[i]!))
    throw new ValueError(
      `${name}: expected a padding of at most half the window ${formatShape(windows.kernel)}, got ${formatShape(padding)}`,
    );
  const [rows, columns] = countWindows(name, [height, width], { padding, ...windows });
  const edged =
    beyond === 0
      ? x
      : pad(
          x,
          [
            [0, 0],
            [0, 0],
            [padding[0], padding[0]],
            [padding[1], padding[1]],
          ],
          { value: beyond },
        );
  const image = edged.reshape([n * channels, 1, edged.shape[2]!, edged.shape[3]!]);
  return { windows: unfold(image, kernel, { ...complete, padding: beyond === 0 ? padding : 0 }), shape: [n, channels, rows, columns] };
}

/**
 * The largest element of each window. Of those that tie the first in row-major order gets the gradient. Elements beyond the edges are −∞.
 * @param x `[n, channels, height, width]`
 * @param options `stride`, default the size of the windows; `padding`, default 0; `dilation`, default 1
 * @returns `[n, channels, rows, columns]`, as many rows and columns as `conv2d`
 * @throws ShapeError, ValueError
 * @example maxPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export function maxPool2d(x: Tensor, kernel: Pair, options: PoolOptions = {}): Tensor {
  const { windows, shape } = windowed('maxPool2d', x, kernel, options, -Infinity);
  return firstLargest(windows, 1).reshape(shape);
}

/**
 * The mean of each window. Elements beyond the edges are 0.
 * @param x `[n, channels, height, width]`
 * @param options those of `maxPool2d`, and `countPadding`, default `true`
 * @throws ShapeError, ValueError
 * @example avgPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[2.5, 4.5], [10.5, 12.5]]
 */
export function avgPool2d(x: Tensor, kernel: Pair, { countPadding = true, ...options }: AveragePoolOptions = {}): Tensor {
  const { windows, shape } = windowed('avgPool2d', x, kernel, options, 0);
  if (countPadding) return windows.mean(1).reshape(shape);
  const counts = windowed('avgPool2d', Tensor.ones([1, 1, x.shape[2]!, x.shape[3]!], x.dtype), kernel, options, 0).windows.sum(1);
  return windows.sum(1).div(counts).reshape(shape);
}

/**
 * `maxPool2d` along a single axis: `x : [n, channels, length]`.
 * @example maxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const maxPool1d = (x: Tensor, kernel: number, options: Window1dOptions = {}): Tensor =>
  asSignal(maxPool2d(asImage('maxPool1d', x), [1, kernel], onOneRow({ stride: kernel, ...options })));

/**
 * `avgPool2d` along a single axis: `x : [n, channels, length]`.
 * @example avgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const avgPool1d = (x: Tensor, kernel: number, { countPadding = true, ...options }: AveragePool1dOptions = {}): Tensor =>
  asSignal(avgPool2d(asImage('avgPool1d', x), [1, kernel], { countPadding, ...onOneRow({ stride: kernel, ...options }) }));

/** The start and stop of each of `count` windows that cover an axis evenly; they may overlap. */
const spans = (size: number, count: number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) => [Math.floor((i * size) / count), Math.ceil(((i + 1) * size) / count)]);

function adaptive(name: string, x: Tensor, to: Pair): readonly [number, number] {
  checkTensor(name, 'x', x);
  if (x.rank !== 4 || x.shape[2] === 0 || x.shape[3] === 0)
    throw new ShapeError(`${name}: expected images of shape [n, channels, height, width] with pixels, got ${formatShape(x.shape)}`);
  const sizes = typeof to === 'number' ? ([to, to] as const) : to;
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new ValueError(`${name}: expected a size from 1 to pool to, got ${JSON.stringify(to)}`);
}

/**
 * Means of windows that cover the image evenly: window `i` of `m` goes from `⌊i·size/m⌋` to `⌈(i + 1)·size/m⌉`.
 * @param x `[n, channels, height, width]`
 * @param to the number of windows: rows and columns, or one number for both
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveAvgPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 1).toArray() // => [[[[7.5]]]]
 */
export function adaptiveAvgPool2d(x: Tensor, to: Pair): Tensor {
  const sizes = adaptive('adaptiveAvgPool2d', x, to);
  const [down, across] = sizes.map((count, i) => {
    const size = x.shape[2 + i]!;
    const shares = spans(size, count).map(([start, stop]) =>
      Array.from({ length: size }, (_, at) => (at >= start && at < stop ? 1 / (stop - start) : 0)),
    );
    return Tensor.of(shares, x.dtype) as Tensor;
  }) as [Tensor, Tensor];
  return down.matmul(x.timesTransposed(across));
}

/**
 * The largest element of each window, where windows cover the image as in `adaptiveAvgPool2d`.
 * @param x `[n, channels, height, width]`
 * @param to the number of windows: rows and columns, or one number for both
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveMaxPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export function adaptiveMaxPool2d(x: Tensor, to: Pair): Tensor {
  const sizes = adaptive('adaptiveMaxPool2d', x, to);
  // Columns first, then rows: so the first of those that tie in row-major order is found.
  return [3, 2].reduce((y, axis) => {
    const windows = spans(y.shape[axis]!, sizes[axis - 2]!);
    const longest = Math.max(...windows.map(([start, stop]) => stop - start));
    // A shorter window repeats its last index, which is never the first of those that tie.
    const places = windows.flatMap(([start, stop]) => Array.from({ length: longest }, (_, i) => Math.min(start + i, stop - 1)));
    const seen = indexSelect(y, axis, Tensor.fromTypedArray(Int32Array.from(places)));
    return firstLargest(seen.reshape(y.shape.toSpliced(axis, 1, windows.length, longest)), axis + 1).squeeze(axis + 1);
  }, x);
}

/**
 * `adaptiveAvgPool2d` along a single axis: `x : [n, channels, length]`.
 * @example adaptiveAvgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const adaptiveAvgPool1d = (x: Tensor, to: number): Tensor => asSignal(adaptiveAvgPool2d(asImage('adaptiveAvgPool1d', x), [1, to]));

/**
 * `adaptiveMaxPool2d` along a single axis: `x : [n, channels, length]`.
 * @example adaptiveMaxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const adaptiveMaxPool1d = (x: Tensor, to: number): Tensor => asSignal(adaptiveMaxPool2d(asImage('adaptiveMaxPool1d', x), [1, to]));
