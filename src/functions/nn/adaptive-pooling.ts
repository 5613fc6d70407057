/** Pooling to a size: the largest element or the mean of windows that cover a signal, an image or a volume evenly. */

import { type Data, newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { indexSelect } from '../layout/index-select.ts';
import { productsOf } from './pooling.ts';
import { asImages, fromImages, type Pair, SPATIAL, type SpatialAxes, type Triple } from './windows.ts';

/** The largest element along an axis. The first of those that tie gets all of the gradient, as in other libraries. */
const firstLargest = (x: Tensor, axis: number): Tensor => x.gather(axis, x.argmax(axis, { keepDims: true }));

/** Images to pool to a size, and that size. */
function adaptive(name: string, axes: SpatialAxes, x: Tensor, to: unknown): { images: Tensor; sizes: readonly number[] } {
  const images = asImages(name, axes, x);
  if (images.sizes.slice(2).includes(0))
    throw new ShapeError(
      `${name}: expected ${SPATIAL[axes].things} with ${axes === 2 ? 'pixels' : 'elements'}, got ${formatShape(x.sizes)}`,
    );
  const sizes = sizesToPool(name, axes, to);
  checkShape(name, [...images.sizes.slice(0, 2), ...sizes]);
  return { images, sizes };
}

/** A size to pool to, checked: signals are images of one row. */
export function sizesToPool(name: string, axes: SpatialAxes, to: unknown): readonly number[] {
  const sizes: unknown = axes === 1 ? [1, to] : typeof to === 'number' ? new Array<number>(axes).fill(to) : to;
  if (Array.isArray(sizes) && sizes.length === Math.max(axes, 2) && sizes.every((size) => Number.isInteger(size) && size > 0))
    return [...sizes];
  throw new ValueError(`${name}: expected a size from 1 to pool to, got ${quote(to)}`);
}

/** The axes that are pooled along, the last first. */
const axesOf = (sizes: readonly number[]): number[] => sizes.map((_, i) => i + 2).reverse();

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
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveAvgPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[2, 1]]]
 */
export const adaptiveAvgPool1d = (x: Tensor, to: number): Tensor => adaptiveMean('adaptiveAvgPool1d', 1, x, to);

/**
 * `adaptiveAvgPool2d` along three axes: `x : [n, channels, depth, height, width]`.
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveAvgPool3d(Tensor.arange(8).reshape([1, 1, 2, 2, 2]), [2, 1, 1]).toArray() // => [[[[[1.5]], [[5.5]]]]]
 */
export const adaptiveAvgPool3d = (x: Tensor, to: Triple): Tensor => adaptiveMean('adaptiveAvgPool3d', 3, x, to);

function adaptiveMean(name: string, axes: SpatialAxes, x: Tensor, to: unknown): Tensor {
  const { images, sizes } = adaptive(name, axes, x, to);
  const lengths: Data[] = [];
  const sums = axesOf(sizes).reduce((y, axis) => {
    const found = linesOf(y, axis, sizes[axis - 2]!);
    lengths.unshift(found.lengths);
    if (found.lengths.every((length) => length === found.longest)) return found.lines.sum(axis + 1);
    // What is repeated is left out by a choice, not multiplied by 0: it may be infinite.
    const within = newData(x.dtype, found.lengths.length * found.longest);
    for (let i = 0; i < within.length; i++) within[i] = Number(i % found.longest < found.lengths[Math.floor(i / found.longest)]!);
    const shape = [found.lengths.length, found.longest, ...y.sizes.slice(axis + 1).map(() => 1)];
    return new Tensor(shape, within).where(found.lines, 0).sum(axis + 1);
  }, images);
  return fromImages(axes, sums.div(productsOf(lengths, x.dtype)));
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
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveMaxPool1d(Tensor.of([[[1, 3, 2, 0]]]), 2).toArray() // => [[[3, 2]]]
 */
export const adaptiveMaxPool1d = (x: Tensor, to: number): Tensor => adaptiveLargest('adaptiveMaxPool1d', 1, x, to);

/**
 * `adaptiveMaxPool2d` along three axes: `x : [n, channels, depth, height, width]`.
 * @throws ShapeError for other shapes, ValueError for a number below 1.
 * @example adaptiveMaxPool3d(Tensor.arange(8).reshape([1, 1, 2, 2, 2]), [2, 1, 1]).toArray() // => [[[[[3]], [[7]]]]]
 */
export const adaptiveMaxPool3d = (x: Tensor, to: Triple): Tensor => adaptiveLargest('adaptiveMaxPool3d', 3, x, to);

function adaptiveLargest(name: string, axes: SpatialAxes, x: Tensor, to: unknown): Tensor {
  const { images, sizes } = adaptive(name, axes, x, to);
  // The last axis first: so the first of those that tie in row-major order is found. What is repeated is never the first.
  const y = axesOf(sizes).reduce((y, axis) => firstLargest(linesOf(y, axis, sizes[axis - 2]!).lines, axis + 1).squeeze(axis + 1), images);
  return fromImages(axes, y);
}
