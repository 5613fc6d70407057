/** What pooling asks of the windows of images, each channel by itself: their sums, and where their largest elements are. */

import { newData } from '../../base/dtype.ts';
import { checkShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { sumInto } from '../../machine/reduce.ts';
import { type Draw, distinct, type Op } from '../../tensor/op.ts';
import { perform } from '../../tensor/tensor.ts';
import { layOut, MOST_LAID_OUT, visit } from './unfold.ts';
import { countWindows, type Windows } from './windows.ts';

/** Windows, and how many of them there are along rows and columns: the last may reach beyond the image and its padding. */
export interface Pooling extends Windows {
  readonly counts: readonly [rows: number, columns: number];
}

/** Sums of the windows of images `[n, c, h, w]`: `[n, c, ...counts]`. Beyond the edges all is 0. The adjoint of `spreadWindowsOp`. */
export const sumWindowsOp: Op<'x', Pooling> = {
  name: 'sumWindows',
  batching: 'rows',
  shape: ({ x, counts }) => [x.sizes[0]!, x.sizes[1]!, ...counts],
  forward({ x, counts: [rows, columns], ...windows }, shape, machine) {
    const [n, c, height, width] = x.sizes as [number, number, number, number];
    const taps = windows.kernel[0] * windows.kernel[1];
    const out = newData(x.dtype, sizeOf(shape));
    // As many planes at a time as may be laid out at once, or as many lines of a single one.
    const planes = Math.max(1, Math.floor(MOST_LAID_OUT / (taps * rows * columns)));
    const lines = Math.max(1, Math.min(rows, Math.floor(MOST_LAID_OUT / (taps * columns))));
    for (let plane = 0; plane < n * c; plane += planes) {
      const count = Math.min(planes, n * c - plane);
      for (let row = 0; row < rows; row += lines) {
        const size = Math.min(lines, rows - row) * columns;
        const seen = newData(x.dtype, count * taps * size);
        const part = { taps: [plane * taps, (plane + count) * taps], rows: [row, Math.min(rows, row + lines)] } as const;
        layOut(x.numbers, [height, width], windows, columns, part, seen);
        out.set(sumInto([count, 1, size], { sizes: [count, taps, size], data: seen }, machine), (plane * rows + row) * columns);
      }
    }
    return out;
  },
  backward: {
    x: ({ dy, x, kernel, stride, padding, dilation, counts }) =>
      perform(spreadWindowsOp, { x: dy }, { kernel, stride, padding, dilation, counts, to: [x.sizes[2]!, x.sizes[3]!] }),
  },
  sample(draw) {
    const { image, pooling } = sampleOf(draw);
    return { x: draw.tensor(image), ...pooling };
  },
};

/** Images `[n, c, ...to]` of which each pixel is the sum of what the windows `[n, c, ...counts]` that see it give. The adjoint of `sumWindowsOp`. */
export const spreadWindowsOp: Op<'x', Pooling & { readonly to: readonly [number, number] }> = {
  name: 'spreadWindows',
  batching: 'rows',
  shape: ({ x, to }) => [x.sizes[0]!, x.sizes[1]!, ...to],
  forward({ x, to, counts: [rows, columns], ...windows }, shape) {
    const taps = windows.kernel[0] * windows.kernel[1];
    const size = rows * columns;
    const out = newData(x.dtype, sizeOf(shape));
    const step = windows.stride[1];
    visit(to, windows, columns, { taps: [0, shape[0]! * shape[1]! * taps], rows: [0, rows] }, (column, pixel, count) => {
      const from = Math.floor(column / (taps * size)) * size + (column % size);
      for (let k = 0; k < count; k++) out[pixel + k * step]! += x.numbers[from + k]!;
    });
    return out;
  },
  backward: {
    x: ({ dy, to: _, kernel, stride, padding, dilation, counts }) =>
      perform(sumWindowsOp, { x: dy }, { kernel, stride, padding, dilation, counts }),
  },
  sample(draw) {
    const { image, pooling } = sampleOf(draw);
    return { x: draw.tensor([image[0]!, image[1]!, ...pooling.counts]), ...pooling, to: [image[2]!, image[3]!] };
  },
};

/**
 * Where in its channel the largest element of each window is, of those that tie the first; NaN counts as the largest. Elements beyond the edges do not
 * count.
 */
export const largestOfWindowsOp: Op<'x', Pooling> = {
  name: 'largestOfWindows',
  batching: 'rows',
  shape({ x, counts }) {
    const shape = [x.sizes[0]!, x.sizes[1]!, ...counts];
    checkShape('largestOfWindows', shape);
    return shape;
  },
  forward({ x: { numbers: data, sizes: images }, counts: [rows, columns], ...windows }, shape) {
    const [n, c, height, width] = images as [number, number, number, number];
    const taps = windows.kernel[0] * windows.kernel[1];
    const [size, plane] = [rows * columns, height * width];
    const found = newData('int32', sizeOf(shape)).fill(-1);
    const step = windows.stride[1];
    visit([height, width], windows, columns, { taps: [0, n * c * taps], rows: [0, rows] }, (column, pixel, count) => {
      const which = Math.floor(column / (taps * size));
      const [to, first] = [which * size + (column % size), which * plane];
      for (let k = 0; k < count; k++) {
        const [x, best] = [data[pixel + k * step]!, data[first + found[to + k]!]!];
        if (found[to + k]! < 0 || x > best || (x !== x && best === best)) found[to + k] = pixel + k * step - first;
      }
    });
    return found;
  },
  backward: { x: null },
  sample(draw) {
    const { image, pooling } = sampleOf(draw);
    return { x: draw.tensor(image, distinct), ...pooling };
  },
};

function sampleOf(draw: Draw): { image: Shape; pooling: Pooling } {
  const windows: Windows = {
    kernel: [2, draw.oneOf(1, 2)],
    stride: [draw.oneOf(1, 2), draw.oneOf(1, 2)],
    padding: [draw.oneOf(0, 1), 0],
    dilation: [1, draw.oneOf(1, 2)],
  };
  const [rows, columns] = countWindows('sumWindows', [3, 4], windows);
  return { image: [draw.size(), draw.size(), 3, 4], pooling: { ...windows, counts: [rows, columns] } };
}
