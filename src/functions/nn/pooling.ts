/** Pooling: the largest element or the mean of each window of an image or signal. */

import { type Data, newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, boolean, extend, type OptionTable, optional, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { indexSelect } from '../layout/index-select.ts';
import { largestOfWindowsOp, type Pooling, sumWindowsOp } from './window-sums.ts';
import {
  asImages,
  countWindows,
  fromImages,
  type Pair,
  type Window1dOptions,
  type WindowOptions,
  windowOptions,
  windowsOf,
} from './windows.ts';

/** Windows of pooling. Default stride: the size of the windows, which then do not overlap. */
export interface PoolOptions extends WindowOptions {
  /**
   * Whether a last window that is not whole counts, if it begins within the image or the padding before it. What of it lies beyond the padding
   * counts for nothing. Default `false`.
   */
  readonly ceilMode?: boolean;
}

/** Windows of average pooling, and what it divides by. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether zeros beyond the edges count. Default `true`. */
  readonly countPadding?: boolean;
}

/** The same along a single axis. */
export interface Pool1dOptions extends Window1dOptions, Pick<PoolOptions, 'ceilMode'> {}

/** The same along a single axis. */
export interface AveragePool1dOptions extends Pool1dOptions {
  /** Whether zeros beyond the ends count. Default `true`. */
  readonly countPadding?: boolean;
}

const poolOptions: OptionTable<PoolOptions> = /* @__PURE__ */ extend(windowOptions, {
  stride: /* @__PURE__ */ withoutDefault(anything),
  ceilMode: /* @__PURE__ */ optional(boolean, false),
});
const averageOptions: OptionTable<AveragePoolOptions> = /* @__PURE__ */ extend(poolOptions, {
  countPadding: /* @__PURE__ */ optional(boolean, true),
});

/** Images, and the windows of their pooling. */
function pooled(
  name: string,
  axes: 1 | 2,
  x: Tensor,
  kernel: unknown,
  { ceilMode, stride, ...options }: Required<PoolOptions>,
): { images: Tensor; pooling: Pooling } {
  const images = asImages(name, axes, x);
  const windows = windowsOf(name, axes, kernel, { ...options, stride: stride ?? kernel });
  const { padding, dilation } = windows;
  if (padding.some((width, i) => 2 * width > windows.kernel[i]!))
    throw new ValueError(
      `${name}: expected a padding of at most half the window ${formatShape(windows.kernel)}, got ${formatShape(padding)}`,
    );
  const size = [images.sizes[2]!, images.sizes[3]!] as const;
  const counts = countWindows(name, size, windows, (i, size, count) => ceilMode && hasRest(size, count, axisOf(windows, i)));
  for (const i of [0, 1]) {
    const blind = Array.from({ length: counts[i]! }, (_, which) => elementsWithin(which, axisOf(windows, i), 0, size[i]!)).indexOf(0);
    if (blind >= 0)
      throw new ValueError(
        `${name}: window ${blind} of ${formatShape(windows.kernel)}, spread by ${formatShape(dilation)}, sees nothing of ${formatShape(x.sizes)} ` +
          `with a padding of ${formatShape(padding)}`,
      );
  }
  return { images, pooling: { ...windows, counts } };
}

/** Windows along one axis. */
interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

const axisOf = ({ kernel, stride, padding, dilation }: Omit<Pooling, 'counts'>, i: number): Axis => ({
  kernel: kernel[i]!,
  stride: stride[i]!,
  padding: padding[i]!,
  dilation: dilation[i]!,
});

/** Whether there is room for one more window that is not whole: it must begin within the image or the padding before it. */
const hasRest = (size: number, count: number, { kernel, stride, padding, dilation }: Axis): boolean =>
  (count - 1) * stride + dilation * (kernel - 1) + 1 < size + 2 * padding && count * stride < size + padding;

/** How many elements of a window lie from one place of the image up to, but without, another. */
const elementsWithin = (which: number, { kernel, stride, padding, dilation }: Axis, from: number, to: number): number =>
  Array.from({ length: kernel }, (_, k) => which * stride - padding + k * dilation).filter((at) => at >= from && at < to).length;

/** The largest element along an axis. The first of those that tie gets all of the gradient, as in other libraries. */
const firstLargest = (x: Tensor, axis: number): Tensor => x.gather(axis, x.argmax(axis, { keepDims: true }));

/**
 * The largest element of each window. Of those that tie the first in row-major order gets the gradient. Elements beyond the edges do not count.
 * @param x `[n, channels, height, width]`
 * @param options `stride`, default the size of the windows; `padding`, default 0; `dilation`, default 1; `ceilMode`, default `false`
 * @returns `[n, channels, rows, columns]`, as many rows and columns as `conv2d`
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export const maxPool2d = (x: Tensor, kernel: Pair, options?: PoolOptions): Tensor => largest('maxPool2d', 2, x, kernel, options);

/**
 * `maxPool2d` along a single axis: `x : [n, channels, length]`.
 * @example maxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const maxPool1d = (x: Tensor, kernel: number, options?: Pool1dOptions): Tensor => largest('maxPool1d', 1, x, kernel, options);

function largest(name: string, axes: 1 | 2, x: Tensor, kernel: unknown, options: PoolOptions | undefined): Tensor {
  const { images, pooling } = pooled(name, axes, x, kernel, readOptions(name, options, poolOptions));
  const places = perform(largestOfWindowsOp, { x: images }, pooling);
  const [n, c, height, width] = images.sizes as [number, number, number, number];
  const found = images.reshape([n * c, height * width]).gather(1, places.reshape([n * c, pooling.counts[0] * pooling.counts[1]]));
  return fromImages(axes, found.reshape([n, c, ...pooling.counts]));
}

/**
 * The mean of each window. Elements beyond the edges are 0.
 * @param x `[n, channels, height, width]`
 * @param options those of `maxPool2d`, and `countPadding`, default `true`
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example avgPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[2.5, 4.5], [10.5, 12.5]]
 */
export const avgPool2d = (x: Tensor, kernel: Pair, options?: AveragePoolOptions): Tensor => average('avgPool2d', 2, x, kernel, options);

/**
 * `avgPool2d` along a single axis: `x : [n, channels, length]`.
 * @example avgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const avgPool1d = (x: Tensor, kernel: number, options?: AveragePool1dOptions): Tensor => average('avgPool1d', 1, x, kernel, options);

function average(name: string, axes: 1 | 2, x: Tensor, kernel: unknown, options: AveragePoolOptions | undefined): Tensor {
  const { countPadding, ...rest } = readOptions(name, options, averageOptions);
  const { images, pooling } = pooled(name, axes, x, kernel, rest);
  const [rows, columns] = pooling.counts.map((count, i) => {
    const [axis, size] = [axisOf(pooling, i), images.sizes[2 + i]!];
    const beyond = countPadding ? axis.padding : 0;
    return Array.from({ length: count }, (_, which) => elementsWithin(which, axis, -beyond, size + beyond));
  }) as [number[], number[]];
  const sums = perform(sumWindowsOp, { x: images }, pooling);
  return fromImages(axes, sums.div(productsOf(rows, columns, x.dtype)));
}

/** The products of two lists of numbers, as a matrix; as one number where they are all the same. */
function productsOf(rows: ArrayLike<number>, columns: ArrayLike<number>, dtype: Tensor['dtype']): Tensor | number {
  const products = newData(dtype, rows.length * columns.length);
  for (let i = 0; i < products.length; i++) products[i] = rows[Math.floor(i / columns.length)]! * columns[i % columns.length]!;
  return products.every((product) => product === products[0]) ? products[0]! : new Tensor([rows.length, columns.length], products);
}

/** Images to pool to a size, and that size. */
function adaptive(name: string, axes: 1 | 2, x: Tensor, to: unknown): { images: Tensor; sizes: readonly number[] } {
  const images = asImages(name, axes, x);
  if (images.sizes[2] === 0 || images.sizes[3] === 0)
    throw new ShapeError(`${name}: expected ${axes === 1 ? 'signals with elements' : 'images with pixels'}, got ${formatShape(x.sizes)}`);
  const sizes: unknown = axes === 1 ? [1, to] : typeof to === 'number' ? [to, to] : to;
  if (Array.isArray(sizes) && sizes.length === 2 && sizes.every((size) => Number.isInteger(size) && size > 0)) {
    checkShape(name, [...images.sizes.slice(0, 2), ...sizes]);
    return { images, sizes };
  }
  throw new ValueError(`${name}: expected a size from 1 to pool to, got ${quote(to)}`);
}

/**
 * What windows that cover an axis evenly see, each as a line on an axis of its own behind: a shorter window repeats its last element. They may overlap.
 */
function linesOf(x: Tensor, axis: number, count: number): { lines: Tensor; lengths: Data; longest: number } {
  const size = x.sizes[axis]!;
  const startOf = (i: number) => Math.floor((i * size) / count);
  const stopOf = (i: number) => Math.ceil(((i + 1) * size) / count);
  // There may be more windows than an array of JavaScript's own can hold.
  const lengths = newData('int32', count);
  let longest = 0;
  for (let i = 0; i < count; i++) {
    lengths[i] = stopOf(i) - startOf(i);
    longest = Math.max(longest, lengths[i]!);
  }
  const places = newData('int32', count * longest);
  for (let i = 0; i < count; i++) for (let j = 0; j < longest; j++) places[i * longest + j] = Math.min(startOf(i) + j, stopOf(i) - 1);
  const seen = indexSelect(x, axis, new Tensor([places.length], places));
  return { lines: seen.reshape(x.sizes.toSpliced(axis, 1, count, longest)), lengths, longest };
}

/**
 * Means of windows that cover the image evenly: window `i` of `m` goes from `⌊i·size/m⌋` to `⌈(i + 1)·size/m⌉`.
 * @param x `[n, channels, height, width]`
 * @param to the number of windows: rows and columns, or one number for both
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveAvgPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 1).toArray() // => [[[[7.5]]]]
 */
export const adaptiveAvgPool2d = (x: Tensor, to: Pair): Tensor => adaptiveMean('adaptiveAvgPool2d', 2, x, to);

/**
 * `adaptiveAvgPool2d` along a single axis: `x : [n, channels, length]`.
 * @example adaptiveAvgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const adaptiveAvgPool1d = (x: Tensor, to: number): Tensor => adaptiveMean('adaptiveAvgPool1d', 1, x, to);

function adaptiveMean(name: string, axes: 1 | 2, x: Tensor, to: unknown): Tensor {
  const { images, sizes } = adaptive(name, axes, x, to);
  const lengths: Data[] = [];
  const sums = [3, 2].reduce((y, axis) => {
    const found = linesOf(y, axis, sizes[axis - 2]!);
    lengths.unshift(found.lengths);
    if (found.lengths.every((length) => length === found.longest)) return found.lines.sum(axis + 1);
    // What is repeated is left out by a choice, not multiplied by 0: it may be infinite.
    const within = newData(x.dtype, found.lengths.length * found.longest);
    for (let i = 0; i < within.length; i++) within[i] = Number(i % found.longest < found.lengths[Math.floor(i / found.longest)]!);
    const shape = [found.lengths.length, found.longest, ...y.sizes.slice(axis + 1).map(() => 1)];
    return new Tensor(shape, within).where(found.lines, 0).sum(axis + 1);
  }, images);
  return fromImages(axes, sums.div(productsOf(lengths[0]!, lengths[1]!, x.dtype)));
}

/**
 * The largest element of each window, where windows cover the image as in `adaptiveAvgPool2d`.
 * @param x `[n, channels, height, width]`
 * @param to the number of windows: rows and columns, or one number for both
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveMaxPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export const adaptiveMaxPool2d = (x: Tensor, to: Pair): Tensor => adaptiveLargest('adaptiveMaxPool2d', 2, x, to);

/**
 * `adaptiveMaxPool2d` along a single axis: `x : [n, channels, length]`.
 * @example adaptiveMaxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const adaptiveMaxPool1d = (x: Tensor, to: number): Tensor => adaptiveLargest('adaptiveMaxPool1d', 1, x, to);

function adaptiveLargest(name: string, axes: 1 | 2, x: Tensor, to: unknown): Tensor {
  const { images, sizes } = adaptive(name, axes, x, to);
  // Columns first, then rows: so the first of those that tie in row-major order is found. What is repeated is never the first.
  const y = [3, 2].reduce((y, axis) => firstLargest(linesOf(y, axis, sizes[axis - 2]!).lines, axis + 1).squeeze(axis + 1), images);
  return fromImages(axes, y);
}
