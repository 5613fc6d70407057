/** The windows of images as columns, and columns added up to images, by kernels: each channel by itself. */

import { bytesIn, type FloatData, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { KernelHost } from '../machine.ts';
import { runWindowColumns, windowColumns } from './column-kernels.ts';
import { elementsIn, type Frame, fillFrame, frameOfWindows, linesIn, takeFrame } from './frames.ts';
import type { PoolSizes } from './window-pools.ts';
import { axesOf, examplesAtOnce, MOST, tableOf } from './window-products.ts';

/** What windows see of channels, element after element: `[channels, elements, windows]`; nothing where it would take too much memory. */
export function columnsOfWindows(host: KernelHost, x: FloatData, sizes: PoolSizes): FloatData | undefined {
  const channels = x.length / sizeOf(sizes.image);
  const width = sizeOf(sizes.windows.kernel) * sizeOf(sizes.counts);
  const out = newData(floatDtypeOf(x), channels * width);
  const made = inParts(host, { way: 'copy', channels, width, sizes, numbers: out }, ({ first, count, frame, framed, columns, run }) => {
    fillFrame(framed, frame, x, first, count);
    run();
    out.set(columns, first * width);
  });
  return made ? out : undefined;
}

/**
 * Channels of which each pixel is the sum of what it gets as an element of windows, of the first elements first. `x` is `[channels, elements, windows]`, or
 * `[channels, windows]` where all elements of a window give the same; nothing where it would take too much memory.
 */
export function sumsAtWindows(host: KernelHost, x: FloatData, sizes: PoolSizes, width: number): FloatData | undefined {
  const channels = x.length / width;
  const out = newData(floatDtypeOf(x), channels * sizeOf(sizes.image));
  const made = inParts(host, { way: 'add', channels, width, sizes, numbers: out }, ({ first, count, frame, framed, columns, run }) => {
    columns.set(x.subarray(first * width, (first + count) * width));
    framed.fill(0);
    run();
    takeFrame(framed, frame, out, first, count);
  });
  return made ? out : undefined;
}

/** Channels with `width` numbers of columns each, and what is to be done with them; `numbers` has the dtype. */
interface Task {
  readonly way: 'copy' | 'add';
  readonly channels: number;
  readonly width: number;
  readonly sizes: PoolSizes;
  readonly numbers: FloatData;
}

/** Some of the channels, their frames and columns in the memory, and what runs the kernel over these. */
interface Part {
  readonly first: number;
  readonly count: number;
  readonly frame: Frame;
  readonly framed: FloatData;
  readonly columns: FloatData;
  run(): void;
}

/** Goes through the channels, some at a time; false where a single one would take too much memory. */
function inParts(host: KernelHost, { way, channels, width, sizes, numbers }: Task, each: (part: Part) => void): boolean {
  const { memory } = host;
  const dtype = floatDtypeOf(numbers);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOfWindows(axes, axes[2].count);
  const [frameBytes, columnBytes] = [frame.channel * bytes, width * bytes];
  if (frameBytes + columnBytes > MOST) return false;
  const mark = memory.mark();
  const windows = sizeOf(sizes.counts);
  const shared = {
    placeStride: width === windows ? 0 : windows * bytes,
    places: tableOf(host, elementsIn(frame, axes), bytes),
    lines: tableOf(host, linesIn(frame, axes), bytes),
    lineBytes: axes[2].count * bytes,
  };
  const run = host.kernel(`windowColumns ${dtype} ${way}`, () => windowColumns(dtype, way));
  const most = examplesAtOnce(channels, frameBytes + columnBytes);
  const [image, columns] = [memory.allocate(most * frameBytes), memory.allocate(most * columnBytes)];
  for (let first = 0; first < channels; first += most) {
    const count = Math.min(most, channels - first);
    each({
      first,
      count,
      frame,
      framed: memory.view(dtype, image, count * frame.channel),
      columns: memory.view(dtype, columns, count * width),
      run: () => runWindowColumns(run, { ...shared, images: { count, stride: frameBytes, madeStride: columnBytes }, image, columns }),
    });
  }
  memory.release(mark);
  return true;
}
