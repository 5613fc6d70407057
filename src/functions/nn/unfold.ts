/** The windows that a convolution looks through, side by side; and windows added up where they lie. */

import { newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** Rows and columns, or one number for both. */
export type Pair = number | readonly [rows: number, columns: number];

/** How windows lie on an image: of what size, how far apart, how far beyond its edges, and how far apart are the places within one. */
export interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** How windows lie, as users say it. */
export interface WindowOptions {
  /** How far apart windows are; 1 unless told. */
  readonly stride?: Pair;
  /** How many zeros lie beyond each edge; none unless told. */
  readonly padding?: Pair;
  /** How far apart the places of a window are; 1 unless told. */
  readonly dilation?: Pair;
}

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

/** How many windows there are along rows and columns. */
export function countWindows(
  name: string,
  [height, width]: readonly [number, number],
  { kernel, stride, padding, dilation }: Windows,
): [number, number] {
  const counts = [height, width].map(
    (size, i) => Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1,
  );
  if (counts.every((count) => count >= 1)) return counts as [number, number];
  throw new ShapeError(
    `${name}: windows of ${kernel.join(' × ')}${Math.max(...dilation) > 1 ? `, spread by ${dilation.join(' × ')},` : ''} do not fit on an image of ${height} × ${width} with ${padding.join(' × ')} beyond its edges`,
  );
}

/** Visits every place of every window that lies on the image: where it is in `[n, c·kh·kw, windows]`, and where on `[n, c, height, width]`. */
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

/** The windows of images `[n, c, height, width]`, as columns `[n, c·kh·kw, windows]`. The mirror of `fold`. */
export const unfoldOp: Op<'x', Windows> = {
  name: 'unfold',
  batching: 'rows',
  shape({ x, ...windows }) {
    const [rows, columns] = countWindows('unfold', [x.shape[2]!, x.shape[3]!], windows);
    return [x.shape[0]!, x.shape[1]! * windows.kernel[0] * windows.kernel[1], rows * columns];
  },
  forward({ x, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { data } = x;
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

/** Columns `[n, c·kh·kw, windows]` added up to images of `to` rows and columns, each where its window lies. The mirror of `unfold`. */
export const foldOp: Op<'x', Windows & { readonly to: readonly [number, number] }> = {
  name: 'fold',
  batching: 'rows',
  shape({ x, to, ...windows }) {
    const [rows, columns] = countWindows('fold', to, windows);
    const channels = x.shape[1]! / (windows.kernel[0] * windows.kernel[1]);
    if (Number.isInteger(channels) && x.shape[2] === rows * columns) return [x.shape[0]!, channels, ...to];
    throw new ShapeError(
      `fold: an image of ${to.join(' × ')} has ${rows * columns} windows of ${windows.kernel.join(' × ')}, got columns of shape ${formatShape(x.shape)}`,
    );
  },
  forward({ x, to, ...windows }, shape) {
    const out = newData(x.dtype, sizeOf(shape));
    const { data } = x;
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
 * The windows of images, as columns: `[n, c, height, width]` becomes `[n, c · kh · kw, windows]`. A convolution is a product with them.
 * @throws ShapeError where no window fits.
 * @example unfold(Tensor.arange(9).reshape([1, 1, 3, 3]), 2).slice([0, null, 0]).toArray() // => [0, 1, 3, 4]
 */
export function unfold(x: Tensor, kernel: Pair, options: WindowOptions = {}): Tensor {
  if (x.rank !== 4) throw new ShapeError(`unfold: expected images of shape [n, channels, height, width], got ${formatShape(x.shape)}`);
  return perform(unfoldOp, { x }, windowsOf('unfold', kernel, options));
}

/**
 * Windows added up where they lie on an image of `[height, width]`: what `unfold` has as its gradient. Where windows overlap, they add.
 * @throws ShapeError where the image has another number of windows.
 * @example fold(unfold(Tensor.ones([1, 1, 3, 3]), 2), [3, 3], 2).toArray()[0][0] // => [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
 */
export function fold(x: Tensor, to: readonly [number, number], kernel: Pair, options: WindowOptions = {}): Tensor {
  if (x.rank !== 3) throw new ShapeError(`fold: expected columns of shape [n, channels · kernel, windows], got ${formatShape(x.shape)}`);
  return perform(foldOp, { x }, { to, ...windowsOf('fold', kernel, options) });
}
