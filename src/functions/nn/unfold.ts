/** The windows of images as columns of a matrix (im2col), and its adjoint, columns added up to images (col2im). */

import { type Data, floats, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { readOptions } from '../../base/options.ts';
import { checkShape, formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { columnsOfWindows, sumsAtWindows } from '../../machine/wasm/window-columns.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { countWindows, type Pair, sizesOf, type WindowOptions, type Windows, windowOptions, windowsOf } from './windows.ts';

/** How many numbers of columns are laid out at once by what needs no more of them, unless a single line of windows has more. */
export const MOST_LAID_OUT = 2097152;

/**
 * Some of the columns of images: elements of windows, counted over channels and the axes of the window, and lines of windows, counted over all
 * axes but the last.
 */
export interface Part {
  readonly taps: readonly [from: number, to: number];
  readonly lines: readonly [from: number, to: number];
}

/**
 * Visits what windows see of images or volumes, line by line: where a line begins among the columns `[taps, lines · columns]` of the part, where it
 * begins in the channels `[channels, ...size]`, and how many elements it has. In the channels these are as far apart as the stride along columns.
 */
export function visit(
  size: readonly number[],
  { kernel, stride, padding, dilation }: Windows,
  counts: readonly number[],
  { taps, lines }: Part,
  at: (column: number, pixel: number, count: number) => void,
): void {
  // Images are volumes of a single plane, whose rows are the last axis but one. Read by index: lists in between would cost small images some time.
  const across = size.length - 1;
  const down = across - 1;
  const [height, width, rows, columns] = [size[down]!, size[across]!, counts[down]!, counts[across]!];
  const [kh, kw, sh, sw] = [kernel[down]!, kernel[across]!, stride[down]!, stride[across]!];
  const [ph, pw, dh, dw] = [padding[down]!, padding[across]!, dilation[down]!, dilation[across]!];
  const isVolume = down > 0;
  const [depth, kd] = isVolume ? [size[0]!, kernel[0]!] : [1, 1];
  const [sd, pd, dd] = isVolume ? [stride[0]!, padding[0]!, dilation[0]!] : [1, 0, 1];
  for (let tap = taps[0]; tap < taps[1]; tap++) {
    const channel = Math.floor(tap / (kd * kh * kw));
    const [k, i] = [Math.floor(tap / (kh * kw)) % kd, Math.floor(tap / kw) % kh];
    const left = (tap % kw) * dw - pw;
    const first = Math.max(0, Math.ceil(-left / sw));
    const count = Math.min(columns, Math.ceil((width - left) / sw)) - first;
    for (let line = lines[0], end = line; line < lines[1] && count > 0; line = end) {
      const plane = Math.floor(line / rows);
      end = Math.min(lines[1], (plane + 1) * rows);
      const z = plane * sd - pd + k * dd;
      if (z < 0 || z >= depth) continue;
      for (; line < end; line++) {
        const y = (line - plane * rows) * sh - ph + i * dh;
        if (y < 0 || y >= height) continue;
        const column = ((tap - taps[0]) * (lines[1] - lines[0]) + line - lines[0]) * columns + first;
        at(column, ((channel * depth + z) * height + y) * width + left + first * sw, count);
      }
    }
  }
}

/** Writes a part of the columns of channels, which must be zeros before. */
export function layOut(channels: Data, size: readonly number[], windows: Windows, counts: readonly number[], part: Part, out: Data): void {
  const step = windows.stride.at(-1)!;
  visit(size, windows, counts, part, (column, pixel, count) => {
    for (let k = 0; k < count; k++) out[column + k] = channels[pixel + k * step]!;
  });
}

/** Adds a part of columns to channels. Each pixel adds what it gets in the order of the elements of windows. */
export function addUp(columns: Data, size: readonly number[], windows: Windows, counts: readonly number[], part: Part, out: Data): void {
  const step = windows.stride.at(-1)!;
  visit(size, windows, counts, part, (column, pixel, count) => {
    for (let k = 0; k < count; k++) out[pixel + k * step]! += columns[column + k]!;
  });
}

/** All columns of so many channels. */
const wholeOf = (channels: number, { kernel }: Windows, counts: readonly number[]): Part => ({
  taps: [0, channels * sizeOf(kernel)],
  lines: [0, sizeOf(counts.slice(0, -1))],
});

function sampleOf(draw: Draw): { image: Shape; columns: Shape; windows: Windows } {
  const windows: Windows = {
    kernel: [2, draw.oneOf(1, 2)],
    stride: [draw.oneOf(1, 2), 1],
    padding: [draw.oneOf(0, 1), draw.oneOf(0, 1)],
    dilation: [1, draw.oneOf(1, 2)],
  };
  const image = [draw.size(), 1, 3, 4];
  return { image, columns: [image[0]!, sizeOf(windows.kernel), sizeOf(countWindows('unfold', [3, 4], windows))], windows };
}

/** The windows of images `[n, c, height, width]`, as columns `[n, c·kh·kw, windows]`. The adjoint of `fold`. */
export const unfoldOp: Op<'x', Windows> = {
  name: 'unfold',
  batching: 'rows',
  shape({ x, ...windows }) {
    const counts = countWindows('unfold', x.sizes.slice(2), windows);
    const shape = [x.sizes[0]!, x.sizes[1]! * sizeOf(windows.kernel), sizeOf(counts)];
    checkShape('unfold', shape);
    return shape;
  },
  forward({ x, ...windows }, shape, { host }) {
    const size = x.sizes.slice(2);
    const counts = countWindows('unfold', size, windows);
    const fast = host && x.size > 0 && columnsOfWindows(host, floats(x.numbers), { windows, image: size, counts });
    if (fast) return fast;
    const out = newData(x.dtype, sizeOf(shape));
    layOut(x.numbers, size, windows, counts, wholeOf(x.sizes[0]! * x.sizes[1]!, windows, counts), out);
    return out;
  },
  backward: {
    x: ({ dy, x, kernel, stride, padding, dilation }) =>
      perform(foldOp, { x: dy }, { to: x.sizes.slice(2), kernel, stride, padding, dilation }),
  },
  sample(draw) {
    const { image, windows } = sampleOf(draw);
    return { x: draw.tensor(image), ...windows };
  },
};

/** Columns `[n, c·kh·kw, windows]` added up to images of `to` rows and columns, each at its window. The adjoint of `unfold`. */
export const foldOp: Op<'x', Windows & { readonly to: readonly number[] }> = {
  name: 'fold',
  batching: 'rows',
  shape({ x, to, ...windows }) {
    const count = sizeOf(countWindows('fold', to, windows));
    const channels = x.sizes[1]! / sizeOf(windows.kernel);
    if (Number.isInteger(channels) && x.sizes[2] === count) {
      checkShape('fold', [x.sizes[0]!, channels, ...to]);
      return [x.sizes[0]!, channels, ...to];
    }
    throw new ShapeError(
      `fold: an image of ${to.join(' × ')} has ${count} windows of ${windows.kernel.join(' × ')}, ` +
        `got columns of shape ${formatShape(x.sizes)}`,
    );
  },
  forward({ x, to, ...windows }, shape, { host }) {
    const counts = countWindows('fold', to, windows);
    const width = sizeOf(windows.kernel) * sizeOf(counts);
    const fast = host && x.size > 0 && sumsAtWindows(host, floats(x.numbers), { windows, image: to, counts }, width);
    if (fast) return fast;
    const out = newData(x.dtype, sizeOf(shape));
    addUp(x.numbers, to, windows, counts, wholeOf(shape[0]! * shape[1]!, windows, counts), out);
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
  const size = sizesOf('fold', 'size of images', to, 0, 2);
  if (x.rank !== 3) throw new ShapeError(`fold: expected columns of shape [n, channels · kernel, windows], got ${formatShape(x.sizes)}`);
  return perform(foldOp, { x }, { to: size, ...windows });
}
