/** What pooling asks of the windows of images, each channel by itself: their sums, and where their largest elements are. */

import { floats, newData } from '../../base/dtype.ts';
import { checkShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { sumInto } from '../../machine/reduce.ts';
import { sumsAtWindows } from '../../machine/wasm/window-columns.ts';
import { largestElements, windowSums } from '../../machine/wasm/window-pools.ts';
import { type Draw, distinct, type Op } from '../../tensor/op.ts';
import { perform } from '../../tensor/tensor.ts';
import { layOut, MOST_LAID_OUT, visit } from './unfold.ts';
import { asVolume, countWindows, type Windows } from './windows.ts';

/** Windows, and how many of them there are along each axis: the last may reach beyond the image and its padding. */
export interface Pooling extends Windows {
  readonly counts: readonly number[];
}

/** Sums of the windows of images `[n, c, h, w]`, or volumes: `[n, c, ...counts]`. Beyond the edges all is 0. The adjoint of `spreadWindowsOp`. */
export const sumWindowsOp: Op<'x', Pooling> = {
  name: 'sumWindows',
  batching: 'rows',
  shape: ({ x, counts }) => [x.sizes[0]!, x.sizes[1]!, ...counts],
  forward({ x, counts, ...windows }, shape, machine) {
    const all = x.sizes[0]! * x.sizes[1]!;
    const taps = sizeOf(windows.kernel);
    const columns = counts.at(-1)!;
    const rows = sizeOf(counts.slice(0, -1));
    const fast = machine.host && x.size > 0 && windowSums(machine.host, floats(x.numbers), { windows, image: x.sizes.slice(2), counts });
    if (fast) return fast;
    const out = newData(x.dtype, sizeOf(shape));
    // As many channels at a time as may be laid out at once, or as many lines of a single one.
    const channels = Math.max(1, Math.floor(MOST_LAID_OUT / (taps * rows * columns)));
    const lines = Math.max(1, Math.min(rows, Math.floor(MOST_LAID_OUT / (taps * columns))));
    for (let channel = 0; channel < all; channel += channels) {
      const count = Math.min(channels, all - channel);
      for (let row = 0; row < rows; row += lines) {
        const size = Math.min(lines, rows - row) * columns;
        const seen = newData(x.dtype, count * taps * size);
        const part = { taps: [channel * taps, (channel + count) * taps], lines: [row, Math.min(rows, row + lines)] } as const;
        layOut(x.numbers, x.sizes.slice(2), windows, counts, part, seen);
        out.set(sumInto([count, 1, size], { sizes: [count, taps, size], data: seen }, machine), (channel * rows + row) * columns);
      }
    }
    return out;
  },
  backward: {
    x: ({ dy, x, kernel, stride, padding, dilation, counts }) =>
      perform(spreadWindowsOp, { x: dy }, { kernel, stride, padding, dilation, counts, to: x.sizes.slice(2) }),
  },
  sample(draw) {
    const { image, pooling } = sampleOf(draw);
    return { x: draw.tensor(image), ...pooling };
  },
};

/** Images `[n, c, ...to]` of which each pixel is the sum of what the windows `[n, c, ...counts]` that see it give. The adjoint of `sumWindowsOp`. */
export const spreadWindowsOp: Op<'x', Pooling & { readonly to: readonly number[] }> = {
  name: 'spreadWindows',
  batching: 'rows',
  shape: ({ x, to }) => [x.sizes[0]!, x.sizes[1]!, ...to],
  forward({ x, to, counts, ...windows }, shape, { host }) {
    const taps = sizeOf(windows.kernel);
    const size = sizeOf(counts);
    const fast = host && x.size > 0 && sumsAtWindows(host, floats(x.numbers), { windows, image: to, counts }, size);
    if (fast) return fast;
    const out = newData(x.dtype, sizeOf(shape));
    const step = windows.stride.at(-1)!;
    const data = x.numbers;
    visit(to, windows, counts, { taps: [0, shape[0]! * shape[1]! * taps], lines: [0, size / counts.at(-1)!] }, (column, pixel, count) => {
      const from = Math.floor(column / (taps * size)) * size + (column % size);
      for (let k = 0; k < count; k++) out[pixel + k * step]! += data[from + k]!;
    });
    return out;
  },
  backward: {
    x: ({ dy, to: _, kernel, stride, padding, dilation, counts }) =>
      perform(sumWindowsOp, { x: dy }, { kernel, stride, padding, dilation, counts }),
  },
  sample(draw) {
    const { image, pooling } = sampleOf(draw);
    return { x: draw.tensor([image[0]!, image[1]!, ...pooling.counts]), ...pooling, to: image.slice(2) };
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
  forward({ x: { numbers: data, sizes: images }, counts, ...windows }, shape, machine) {
    const [taps, image] = [sizeOf(windows.kernel), images.slice(2)];
    const [size, pixels] = [sizeOf(counts), sizeOf(image)];
    const fast = machine.host && data.length > 0 && largestElements(machine.host, floats(data), { windows, image, counts });
    if (fast) return fast.places;
    const found = newData('int32', sizeOf(shape)).fill(-1);
    const step = windows.stride.at(-1)!;
    const whole = { taps: [0, images[0]! * images[1]! * taps], lines: [0, size / counts.at(-1)!] } as const;
    visit(image, windows, counts, whole, (column, pixel, count) => {
      const which = Math.floor(column / (taps * size));
      const [to, first] = [which * size + (column % size), which * pixels];
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
  const plane: Windows = {
    kernel: [2, draw.oneOf(1, 2)],
    stride: [draw.oneOf(1, 2), draw.oneOf(1, 2)],
    padding: [draw.oneOf(0, 1), 0],
    dilation: [1, draw.oneOf(1, 2)],
  };
  const { size, windows } = draw.oneOf(true, false) ? { size: [3, 4], windows: plane } : asVolume(draw, [3, 4], plane);
  return { image: [draw.size(), draw.size(), ...size], pooling: { ...windows, counts: countWindows('sumWindows', size, windows) } };
}
