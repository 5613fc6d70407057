/** The windows of images as columns of a matrix (im2col), and its adjoint, columns added up to images (col2im). */

import { newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { countWindows, type Pair, type WindowOptions, type Windows, windowsOf } from './windows.ts';

/** Visits every element of every window within the image: its offset in `[n, c·kh·kw, windows]`, and in `[n, c, height, width]`. */
function visit(image: Shape, windows: Windows, counts: readonly [number, number], at: (column: number, pixel: number) => void): void {
  const [planes, height, width] = [image[0]! * image[1]!, image[2]!, image[3]!];
  const [kh, kw] = windows.kernel;
  const [rows, columns] = counts;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const line = (plane * kh * kw + i * kw + j) * rows * columns;
        for (let row = 0; row < rows; row++) {
          const y = row * windows.stride[0] - windows.padding[0] + i * windows.dilation[0];
          if (y < 0 || y >= height) continue;
          let x = j * windows.dilation[1] - windows.padding[1];
          for (let column = 0; column < columns; column++, x += windows.stride[1]) {
            if (x >= 0 && x < width) at(line + row * columns + column, (plane * height + y) * width + x);
          }
        }
      }
    }
  }
}

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
    const [rows, columns] = countWindows('unfold', [x.shape[2]!, x.shape[3]!], windows);
    return [x.shape[0]!, x.shape[1]! * windows.kernel[0] * windows.kernel[1], rows * columns];
  },
  forward({ x, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { numbers: data } = x;
    visit(x.shape, windows, countWindows('unfold', [x.shape[2]!, x.shape[3]!], windows), (column, pixel) => {
      out[column] = data[pixel]!;
    });
    return out;
  },
  backward: {
    x: ({ dy, x, kernel, stride, padding, dilation }) =>
      perform(foldOp, { x: dy }, { to: [x.shape[2]!, x.shape[3]!], kernel, stride, padding, dilation }),
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
    const channels = x.shape[1]! / (windows.kernel[0] * windows.kernel[1]);
    if (Number.isInteger(channels) && x.shape[2] === rows * columns) return [x.shape[0]!, channels, ...to];
    throw new ShapeError(
      `fold: an image of ${to.join(' × ')} has ${rows * columns} windows of ${windows.kernel.join(' × ')}, ` +
        `got columns of shape ${formatShape(x.shape)}`,
    );
  },
  forward({ x, to, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { numbers: data } = x;
    visit(shape, windows, countWindows('fold', to, windows), (column, pixel) => {
      out[pixel]! += data[column]!;
    });
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
export function unfold(x: Tensor, kernel: Pair, options: WindowOptions = {}): Tensor {
  checkTensor('unfold', 'x', x);
  if (x.rank !== 4) throw new ShapeError(`unfold: expected images of shape [n, channels, height, width], got ${formatShape(x.shape)}`);
  return perform(unfoldOp, { x }, windowsOf('unfold', kernel, options));
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
export function fold(x: Tensor, to: readonly [number, number], kernel: Pair, options: WindowOptions = {}): Tensor {
  checkTensor('fold', 'x', x);
  if (x.rank !== 3) throw new ShapeError(`fold: expected columns of shape [n, channels · kernel, windows], got ${formatShape(x.shape)}`);
  return perform(foldOp, { x }, { to, ...windowsOf('fold', kernel, options) });
}
