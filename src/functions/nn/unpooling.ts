/** The undoing of max pooling: what was largest goes back to its place, among zeros. */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { anything, type OptionTable, optional, readOptions, withoutDefault } from '../../base/options.ts';
import { checkShape, formatShape, sameShape, sizeOf } from '../../base/shape.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { scatter } from '../layout/scatter.ts';
import { asImages, fromImages, type Pair, type SpatialAxes, sizesOf, type Triple, type Windows, windowsOf } from './windows.ts';

/** The windows that max pooling had, of images, or with a `Triple` of volumes, or with a number of signals. */
export interface UnpoolOptions<Size = Pair> {
  /** The distance between windows. Default: their size. */
  readonly stride?: Size;
  /** How far windows reached beyond each edge. Default 0. */
  readonly padding?: Size;
  /** The size of what was pooled, where several have as many windows. Default `(count − 1) stride − 2 padding + kernel` along each axis. */
  readonly size?: Size;
}

const unpoolOptions: OptionTable<UnpoolOptions<any>> = {
  stride: /* @__PURE__ */ withoutDefault(anything),
  padding: /* @__PURE__ */ optional(anything, 0),
  size: /* @__PURE__ */ withoutDefault(anything),
};

/**
 * Zeros, with what `maxPool2dWithIndices` found at its place. Of several that came from one place, as windows that overlap have them, the last in
 * row-major order stays, and gets the gradient.
 * @param x `[n, channels, rows, columns]`
 * @param indices int32, of the shape of `x`: places in a channel of the result, counted in row-major order
 * @param kernel the size of the windows
 * @param options `stride`, default the size of the windows; `padding`, default 0; `size`, default the least that has so many windows
 * @returns `[n, channels, height, width]`
 * @throws ShapeError for another number of indices, ValueError for an index that is out of range.
 * @example maxUnpool2d(Tensor.of([[[[5]]]]), Tensor.of([[[[2]]]], 'int32'), 2).toArray() // => [[[[0, 0], [5, 0]]]]
 */
export const maxUnpool2d = (x: Tensor, indices: Tensor, kernel: Pair, options?: UnpoolOptions): Tensor =>
  unpool('maxUnpool2d', 2, x, indices, kernel, options);

/**
 * `maxUnpool2d` along a single axis: `x : [n, channels, count]`.
 * @throws ShapeError for another number of indices, ValueError for an index that is out of range.
 * @example maxUnpool1d(Tensor.of([[[3, 2]]]), Tensor.of([[[1, 2]]], 'int32'), 2).toArray() // => [[[0, 3, 2, 0]]]
 */
export const maxUnpool1d = (x: Tensor, indices: Tensor, kernel: number, options?: UnpoolOptions<number>): Tensor =>
  unpool('maxUnpool1d', 1, x, indices, kernel, options);

/**
 * `maxUnpool2d` along three axes: `x : [n, channels, planes, rows, columns]`.
 * @throws ShapeError for another number of indices, ValueError for an index that is out of range.
 * @example maxUnpool3d(Tensor.of([[[[[5]]]]]), Tensor.of([[[[[1]]]]], 'int32'), [1, 1, 2]).toArray() // => [[[[[0, 5]]]]]
 */
export const maxUnpool3d = (x: Tensor, indices: Tensor, kernel: Triple, options?: UnpoolOptions<Triple>): Tensor =>
  unpool('maxUnpool3d', 3, x, indices, kernel, options);

/** The windows of max pooling that is undone, and the size that is asked for, checked; that of signals as of images of one row. */
export function unpoolWindows(
  name: string,
  axes: SpatialAxes,
  kernel: unknown,
  options: UnpoolOptions<any> | undefined,
): { readonly windows: Windows; readonly size: readonly number[] | undefined } {
  const { size, stride, padding } = readOptions(name, options, unpoolOptions);
  const windows = windowsOf(name, axes, kernel, { stride: stride ?? kernel, padding, dilation: 1 });
  if (size === undefined) return { windows, size };
  const given: unknown = axes === 1 ? [1, size] : size;
  return { windows, size: sizesOf(name, 'size', given, 1, windows.kernel.length) };
}

function unpool(
  name: string,
  axes: SpatialAxes,
  x: Tensor,
  indices: Tensor,
  kernel: unknown,
  options: UnpoolOptions<any> | undefined,
): Tensor {
  const images = asImages(name, axes, x);
  checkTensor(name, 'the indices', indices);
  if (!sameShape(indices.sizes, x.sizes))
    throw new ShapeError(`${name}: expected an index for each element of ${formatShape(x.sizes)}, got ${formatShape(indices.sizes)}`);
  const { windows, size } = unpoolWindows(name, axes, kernel, options);
  const [n, c, ...counts] = images.sizes as [number, number, ...number[]];
  const least = counts.map((count, i) => (count - 1) * windows.stride[i]! - 2 * windows.padding[i]! + windows.kernel[i]!);
  const to = size ?? least;
  // A size that so many windows, whole or not, can have covered.
  if (to.some((one, i) => one < 1 || Math.abs(one - least[i]!) >= windows.stride[i]!))
    throw new ValueError(
      `${name}: expected a size less than the stride ${formatShape(windows.stride)} away from ${least.join(' × ')}, got ${to.join(' × ')}`,
    );
  checkShape(name, [n, c, ...to]);
  const [from, zeros] = [images.reshape([n * c, sizeOf(counts)]), Tensor.zeros([n * c, sizeOf(to)], x.dtype)];
  const y = calledAs(name, 'scatter', () => scatter(zeros, 1, indices.reshape(from.sizes), from));
  return fromImages(axes, y.reshape([n, c, ...to]));
}
