/** Pooling: the largest element or the mean of each window of a signal, an image or a volume. */

import { newData } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { anything, boolean, extend, numberAbove, type OptionTable, optional, readOptions, withoutDefault } from '../../base/options.ts';
import { formatShape, sizeOf } from '../../base/shape.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { largestOfWindows } from './largest-of-windows.ts';
import { type Pooling, sumWindowsOp } from './window-sums.ts';
import {
  asImages,
  countWindows,
  fromImages,
  type Pair,
  type SpatialAxes,
  type Triple,
  type Window1dOptions,
  type WindowOptions,
  type Windows,
  windowOptions,
  windowsOf,
} from './windows.ts';

/** Windows of pooling of images, or with a `Triple` of volumes. Default stride: the size of the windows, which then do not overlap. */
export interface PoolOptions<Size = Pair> extends WindowOptions<Size> {
  /**
   * Whether a last window that is not whole counts, if it begins within the image or the padding before it. What of it lies beyond the padding
   * counts for nothing. Default `false`.
   */
  readonly ceilMode?: boolean;
}

/** What an average divides by. */
export interface DivisorOptions {
  /** Whether zeros beyond the edges count. Default `true`. */
  readonly countPadding?: boolean;
  /** What all sums are divided by, however many elements they have. Default: the number of elements that count. */
  readonly divisor?: number;
}

/** Windows of average pooling of images, or with a `Triple` of volumes, and what it divides by. */
export interface AveragePoolOptions<Size = Pair> extends PoolOptions<Size>, DivisorOptions {}

/** The same along a single axis. */
export interface Pool1dOptions extends Window1dOptions, Pick<PoolOptions, 'ceilMode'> {}

/** The same along a single axis. */
export interface AveragePool1dOptions extends Pool1dOptions, DivisorOptions {}

/** The largest element of each window, and which it is. */
export interface LargestOfWindows {
  readonly values: Tensor;
  /** Where in its channel each is, counted in row-major order: int32, of the same shape. */
  readonly indices: Tensor;
}

/** The options of pooling, which `pooled` checks. */
export const poolOptions: OptionTable<PoolOptions<any>> = /* @__PURE__ */ extend(windowOptions, {
  stride: /* @__PURE__ */ withoutDefault(anything),
  ceilMode: /* @__PURE__ */ optional(boolean, false),
});
/** The options of average pooling. */
export const averageOptions: OptionTable<AveragePoolOptions<any>> = /* @__PURE__ */ extend(poolOptions, {
  countPadding: /* @__PURE__ */ optional(boolean, true),
  divisor: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ numberAbove(0)),
});

/** The windows of pooling, checked: their padding is at most half of them. */
export function poolWindows(
  name: string,
  axes: SpatialAxes,
  kernel: unknown,
  { stride, padding, dilation }: Required<WindowOptions<any>>,
): Windows {
  const windows = windowsOf(name, axes, kernel, { stride: stride ?? kernel, padding, dilation });
  if (windows.padding.every((width, i) => 2 * width <= windows.kernel[i]!)) return windows;
  throw new ValueError(
    `${name}: expected a padding of at most half the window ${formatShape(windows.kernel)}, got ${formatShape(windows.padding)}`,
  );
}

/** Images, and the windows of their pooling. */
function pooled(
  name: string,
  axes: SpatialAxes,
  x: Tensor,
  kernel: unknown,
  { ceilMode, ...options }: Required<PoolOptions<any>>,
): { images: Tensor; pooling: Pooling } {
  const images = asImages(name, axes, x);
  const windows = poolWindows(name, axes, kernel, options);
  const { padding, dilation } = windows;
  const size = images.sizes.slice(2);
  const counts = countWindows(name, size, windows, (i, size, count) => ceilMode && hasRest(size, count, axisOf(windows, i)));
  counts.forEach((count, i) => {
    const axis = axisOf(windows, i);
    // Whole windows on the image itself see all of their elements.
    if (axis.padding === 0 && !ceilMode) return;
    const blind = Array.from({ length: count }, (_, which) => elementsWithin(which, axis, 0, size[i]!)).indexOf(0);
    if (blind >= 0)
      throw new ValueError(
        `${name}: window ${blind} of ${formatShape(windows.kernel)}, spread by ${formatShape(dilation)}, sees nothing of ${formatShape(x.sizes)} ` +
          `with a padding of ${formatShape(padding)}`,
      );
  });
  return { images, pooling: { ...windows, counts } };
}

/** Windows along one axis. */
interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

const axisOf = ({ kernel, stride, padding, dilation }: Windows, i: number): Axis => ({
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

/**
 * The largest element of each window. Of those that tie the first in row-major order gets the gradient. Elements beyond the edges do not count.
 * @param x `[n, channels, height, width]`
 * @param options `stride`, default the size of the windows; `padding`, default 0, at most half a window; `dilation`, default 1; `ceilMode`,
 *   default `false`
 * @returns `[n, channels, rows, columns]`, as many rows and columns as `conv2d`
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export const maxPool2d = (x: Tensor, kernel: Pair, options?: PoolOptions): Tensor => largest('maxPool2d', 2, x, kernel, options).values;

/**
 * `maxPool2d` along a single axis: `x : [n, channels, length]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const maxPool1d = (x: Tensor, kernel: number, options?: Pool1dOptions): Tensor => largest('maxPool1d', 1, x, kernel, options).values;

/**
 * `maxPool2d` along three axes: `x : [n, channels, depth, height, width]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool3d(Tensor.arange(8).reshape([1, 1, 2, 2, 2]), [1, 2, 2]).toArray() // => [[[[[3]], [[7]]]]]
 */
export const maxPool3d = (x: Tensor, kernel: Triple, options?: PoolOptions<Triple>): Tensor =>
  largest('maxPool3d', 3, x, kernel, options).values;

/**
 * `maxPool2d`, and where in its channel each largest element is: what `maxUnpool2d` puts them back by.
 * @returns `{ values, indices }`, both `[n, channels, rows, columns]`; the indices are int32 and count in row-major order
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool2dWithIndices(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).indices.toArray()[0][0] // => [[5, 7], [13, 15]]
 */
export const maxPool2dWithIndices = (x: Tensor, kernel: Pair, options?: PoolOptions): LargestOfWindows =>
  largest('maxPool2dWithIndices', 2, x, kernel, options);

/**
 * `maxPool2dWithIndices` along a single axis: `x : [n, channels, length]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool1dWithIndices(Tensor.of([[[1, 3, 2, 0]]]), 2).indices.toArray() // => [[[1, 2]]]
 */
export const maxPool1dWithIndices = (x: Tensor, kernel: number, options?: Pool1dOptions): LargestOfWindows =>
  largest('maxPool1dWithIndices', 1, x, kernel, options);

/**
 * `maxPool2dWithIndices` along three axes: `x : [n, channels, depth, height, width]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example maxPool3dWithIndices(Tensor.arange(8).reshape([1, 1, 2, 2, 2]), [1, 2, 2]).indices.toArray() // => [[[[[3]], [[7]]]]]
 */
export const maxPool3dWithIndices = (x: Tensor, kernel: Triple, options?: PoolOptions<Triple>): LargestOfWindows =>
  largest('maxPool3dWithIndices', 3, x, kernel, options);

function largest(name: string, axes: SpatialAxes, x: Tensor, kernel: unknown, options: PoolOptions<any> | undefined): LargestOfWindows {
  const { images, pooling } = pooled(name, axes, x, kernel, readOptions(name, options, poolOptions));
  const { values, places } = largestOfWindows(images, pooling);
  return { values: fromImages(axes, values), indices: fromImages(axes, places) };
}

/**
 * The mean of each window. Elements beyond the edges are 0.
 * @param x `[n, channels, height, width]`
 * @param options those of `maxPool2d`; `countPadding`, default `true`; `divisor`, default the number of elements that count
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example avgPool2d(Tensor.arange(16).reshape([1, 1, 4, 4]), 2).toArray()[0][0] // => [[2.5, 4.5], [10.5, 12.5]]
 */
export const avgPool2d = (x: Tensor, kernel: Pair, options?: AveragePoolOptions): Tensor => average('avgPool2d', 2, x, kernel, options);

/**
 * `avgPool2d` along a single axis: `x : [n, channels, length]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example avgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const avgPool1d = (x: Tensor, kernel: number, options?: AveragePool1dOptions): Tensor => average('avgPool1d', 1, x, kernel, options);

/**
 * `avgPool2d` along three axes: `x : [n, channels, depth, height, width]`.
 * @throws ShapeError, and ValueError for windows that see nothing
 * @example avgPool3d(Tensor.arange(8).reshape([1, 1, 2, 2, 2]), 2).toArray() // => [[[[[3.5]]]]]
 */
export const avgPool3d = (x: Tensor, kernel: Triple, options?: AveragePoolOptions<Triple>): Tensor =>
  average('avgPool3d', 3, x, kernel, options);

function average(name: string, axes: SpatialAxes, x: Tensor, kernel: unknown, options: AveragePoolOptions<any> | undefined): Tensor {
  const { countPadding, divisor, ...rest } = readOptions(name, options, averageOptions);
  const { images, pooling } = pooled(name, axes, x, kernel, rest as Required<PoolOptions<any>>);
  const lengths = pooling.counts.map((count, i) => {
    const [axis, size] = [axisOf(pooling, i), images.sizes[2 + i]!];
    const beyond = countPadding ? axis.padding : 0;
    return Array.from({ length: count }, (_, which) => elementsWithin(which, axis, -beyond, size + beyond));
  });
  const sums = perform(sumWindowsOp, { x: images }, pooling);
  return fromImages(axes, sums.div(divisor ?? productsOf(lengths, x.dtype)));
}

/** The products of numbers of several lists, one from each, with an axis for each list; as one number where they are all the same. */
export function productsOf(lists: readonly ArrayLike<number>[], dtype: Tensor['dtype']): Tensor | number {
  const shape = lists.map(({ length }) => length);
  const products = newData(dtype, sizeOf(shape)).fill(1);
  let after = products.length;
  for (const list of lists) {
    after /= list.length;
    for (let i = 0; i < products.length; i++) products[i]! *= list[Math.floor(i / after) % list.length]!;
  }
  return products.every((product) => product === products[0]) ? products[0]! : new Tensor(shape, products);
}
