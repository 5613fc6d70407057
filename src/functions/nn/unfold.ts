/** The windows of images as columns of a matrix (im2col), and its adjoint, columns added up to images (col2im). */

import { type Data, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { readOptions } from '../../base/options.ts';
import { checkShape, formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { countWindows, type Pair, pairOf, type WindowOptions, type Windows, windowOptions, windowsOf } from './windows.ts';

/** How many numbers of columns are laid out at once by what needs no more of them, unless a single line of windows has more. */
export const MOST_LAID_OUT = 2097152;

/** Some of the columns of images: elements of windows, counted over planes, rows and columns of the window, and rows of windows. */
export interface Part {
  readonly taps: readonly [from: number, to: number];
  readonly rows: readonly [from: number, to: number];
}

/**
 * Visits what windows see of an image, line by line: where a line begins among the columns `[taps, rows · columns]` of the part, where it begins in
 * the planes `[planes, height, width]`, and how many elements it has. In the planes these are `stride[1]` apart.
 */
export function visit(
  [height, width]: readonly [number, number],
  { kernel: [kh, kw], stride, padding, dilation }: Windows,
  columns: number,
  { taps, rows }: Part,
  at: (column: number, pixel: number, count: number) => void,
): void {
  const lines = rows[1] - rows[0];
  for (let tap = taps[0]; tap < taps[1]; tap++) {
    const plane = Math.floor(tap / (kh * kw));
    const i = Math.floor(tap / kw) % kh;
    const left = (tap % kw) * dilation[1] - padding[1];
    const first = Math.max(0, Math.ceil(-left / stride[1]));
    const count = Math.min(columns, Math.ceil((width - left) / stride[1])) - first;
    for (let row = rows[0]; row < rows[1] && count > 0; row++) {
      const y = row * stride[0] - padding[0] + i * dilation[0];
      if (y < 0 || y >= height) continue;
      const column = ((tap - taps[0]) * lines + row - rows[0]) * columns + first;
      at(column, (plane * height + y) * width + left + first * stride[1], count);
    }
  }
}

/** Writes a part of the columns of planes, which must be zeros before. */
export function layOut(planes: Data, size: readonly [number, number], windows: Windows, columns: number, part: Part, out: Data): void {
  const step = windows.stride[1];
  visit(size, windows, columns, part, (column, pixel, count) => {
    for (let k = 0; k < count; k++) out[column + k] = planes[pixel + k * step]!;
  });
}

/** Adds a part of columns to planes. Each pixel adds what it gets in the order of the elements of windows. */
export function addUp(columns: Data, size: readonly [number, number], windows: Windows, width: number, part: Part, out: Data): void {
  const step = windows.stride[1];
  visit(size, windows, width, part, (column, pixel, count) => {
    for (let k = 0; k < count; k++) out[pixel + k * step]! += columns[column + k]!;
  });
}

/** All columns of images: `planes` of them, with as many rows of windows. */
const wholeOf = (planes: number, { kernel }: Windows, rows: number): Part => ({
  taps: [0, planes * kernel[0] * kernel[1]],
  rows: [0, rows],
});

function sampleOf(draw: Draw): { image: Shape; columns: Shape; windows: Windows } {
  const windows: Windows = {
    kernel: [2, draw.oneOf(1, 2)],
    stride: [draw.oneOf(1, 2), 1],
    padding: [draw.oneOf(0, 1), draw.oneOf(0, 1)],
    dilation: [1, draw.oneOf(1, 2)],
  };
  const image = [draw.size(), 1, 3, 4];
  const [rows, columns] = countWindows('unfold', [3, 4], windows);
  return { image, columns: [image[0]!, windows.kernel[0] * windows.kernel[1], rows * columns], windows };
}

/** The windows of images `[n, c, height, width]`, as columns `[n, c·kh·kw, windows]`. The adjoint of `fold`. */
export const unfoldOp: Op<'x', Windows> = {
  name: 'unfold',
  batching: 'rows',
  shape({ x, ...windows }) {
    const [rows, columns] = countWindows('unfold', [x.sizes[2]!, x.sizes[3]!], windows);
    const shape = [x.sizes[0]!, x.sizes[1]! * windows.kernel[0] * windows.kernel[1], rows * columns];
    checkShape('unfold', shape);
    return shape;
  },
  forward({ x, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const [n, c, height, width] = x.sizes as [number, number, number, number];
    const [rows, columns] = countWindows('unfold', [height, width], windows);
    layOut(x.numbers, [height, width], windows, columns, wholeOf(n * c, windows, rows), out);
    return out;
  },
  backward: {
    x: ({ dy, x, kernel, stride, padding, dilation }) =>
      perform(foldOp, { x: dy }, { to: [x.sizes[2]!, x.sizes[3]!], kernel, stride, padding, dilation }),
  },
  sample(draw) {
    const { image, windows } = sampleOf(draw);
    return { x: draw.tensor(image), ...windows };
  },
};

/** Columns `[n, c·kh·kw, windows]` added up to images of `to` rows and columns, each at its window. The adjoint of `unfold`. */
export const foldOp: Op<'x', Windows & { readonly to: readonly [number, number] }> = {
  name: 'fold',
  batching: 'rows',
  shape({ x, to, ...windows }) {
    const [rows, columns] = countWindows('fold', to, windows);
    const channels = x.sizes[1]! / (windows.kernel[0] * windows.kernel[1]);
    if (Number.isInteger(channels) && x.sizes[2] === rows * columns) {
      checkShape('fold', [x.sizes[0]!, channels, ...to]);
      return [x.sizes[0]!, channels, ...to];
    }
    throw new ShapeError(
      `fold: an image of ${to.join(' × ')} has ${rows * columns} windows of ${windows.kernel.join(' × ')}, ` +
        `got columns of shape ${formatShape(x.sizes)}`,
    );
  },
  forward({ x, to, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const [rows, columns] = countWindows('fold', to, windows);
    addUp(x.numbers, to, windows, columns, wholeOf(shape[0]! * shape[1]!, windows, rows), out);
    return out;
  },
  backward: {
    x: ({ dy, kernel, stride, padding, dilation }) => perform(unfoldOp, { x: dy }, { kernel, stride, padding, dilation }),
  },
  sample(draw) {
    const { columns, windows } = sampleOf(draw);
    return { x: draw.tensor(columns), to: [3, 4], ...windows };
  },
};

/**
 * The windows of images, as columns: a convolution is a product with them.
 * @param x `[n, c, height, width]`
 * @param kernel the size of windows: rows and columns, or one number for both
 * @param options `stride`, default 1, `padding`, default 0, and `dilation`, default 1
 * @returns `[n, c · kh · kw, windows]`
 * @throws ShapeError where no window fits.
 * @example unfold(Tensor.arange(9).reshape([1, 1, 3, 3]), 2).slice([0, null, 0]).toArray() // => [0, 1, 3, 4]
 */
export function unfold(x: Tensor, kernel: Pair, options?: WindowOptions): Tensor {
  const windows = windowsOf('unfold', 2, kernel, readOptions('unfold', options, windowOptions));
  checkTensor('unfold', 'x', x);
  if (x.rank !== 4) throw new ShapeError(`unfold: expected images of shape [n, channels, height, width], got ${formatShape(x.sizes)}`);
  return perform(unfoldOp, { x }, windows);
}

/**
 * Columns added up to images, each at its window: the adjoint of `unfold`. Where windows overlap, they add.
 * @param x `[n, c · kh · kw, windows]`
 * @param to the size of the images, `[height, width]`
 * @param kernel the size of windows: rows and columns, or one number for both
 * @param options `stride`, default 1, `padding`, default 0, and `dilation`, default 1
 * @returns `[n, c, height, width]`
 * @throws ShapeError where such images have another number of windows.
 * @example fold(unfold(Tensor.ones([1, 1, 3, 3]), 2), [3, 3], 2).toArray()[0][0] // => [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
 */
export function fold(x: Tensor, to: readonly [number, number], kernel: Pair, options?: WindowOptions): Tensor {
  const windows = windowsOf('fold', 2, kernel, readOptions('fold', options, windowOptions));
  checkTensor('fold', 'x', x);
  const size = pairOf('fold', 'size of images', to, 0);
  if (x.rank !== 3) throw new ShapeError(`fold: expected columns of shape [n, channels · kernel, windows], got ${formatShape(x.sizes)}`);
  return perform(foldOp, { x }, { to: size, ...windows });
}
