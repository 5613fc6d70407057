/** Convolution and max pooling of what is positive in one pass: some examples at a time, so that what lies between stays in a cache. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { KernelHost } from '../machine.ts';
import { type Fill, frameOfLines, isImage } from './frames.ts';
import { VECTOR } from './matmul-kernels.ts';
import { MARGIN } from './memory.ts';
import { type LargestElements, largestKernel, type PoolSizes, poolingOf, runPooling } from './window-pools.ts';
import { type ConvolutionSizes, type Convolved, convolve, examplesAtOnce } from './window-products.ts';

/**
 * The largest elements of windows on `relu(correlation + bias)`, and where in their channel they are; nothing where windows of pooling reach beyond the edges,
 * or where it would take too much memory.
 */
export function correlateAndPool(
  host: KernelHost,
  given: Convolved,
  sizes: ConvolutionSizes,
  pool: Pick<PoolSizes, 'windows' | 'counts'>,
): LargestElements | undefined {
  const { memory } = host;
  const dtype = floatDtypeOf(given.x);
  const width = bytesIn[dtype];
  const mark = memory.mark();
  const pooling = poolingOf(host, dtype, { ...pool, image: sizes.counts }, 4);
  const count = sizes.n * sizes.o * pooling.windows;
  const { frame, shared } = pooling;
  let isDone = false;
  // The last vector of a line may reach as far beyond the results as its windows are apart.
  if (isImage(frame) && shared.columns.lanes * shared.stride <= MARGIN) {
    const run = largestKernel(host, dtype, pooling, true);
    const [places, values] = [memory.allocate(4 * count + VECTOR), memory.allocate(count * width)];
    const results = convolve(host, given, sizes, false, (first, some, b) => {
      const at = first * sizes.o * pooling.windows;
      runPooling(pooling, width, { run, count: some * sizes.o, b, out: places + 4 * at, values: values + width * at });
    });
    isDone = results !== undefined;
    if (isDone) {
      const found = new Int32Array(memory.memory.buffer, places, count).slice();
      return { places: found, values: memory.copyOut(dtype, values, count, mark) };
    }
  }
  memory.release(mark);
  return undefined;
}

/** The gradient that arrives at largest elements, and what they are: with their places in a channel, each of which is there once. */
export interface AtPlaces {
  readonly dy: FloatData;
  readonly y: FloatData;
  readonly places: Int32Array;
  /** How many there are in a channel. */
  readonly windows: number;
}

/** The gradient that arrives at what was pooled, before `relu`: that at the places of elements which are positive, or NaN, among zeros. */
export const spreadToPlaces =
  ({ dy, y, places, windows }: AtPlaces): Fill =>
  (to, frame, first, count) => {
    const columns = frame.axes[2].size;
    const isWhole = isImage(frame);
    to.fill(0);
    for (let channel = 0, from = first * windows; channel < count; channel++) {
      const start = channel * frame.channel;
      for (const end = from + windows; from < end; from++) {
        const place = places[from]!;
        const at = isWhole ? place : Math.floor(place / columns) * frame.row + (place % columns);
        // A sum, as that of what windows give their elements: there is no −0.
        to[start + at] = y[from]! <= 0 ? 0 : dy[from]! + 0;
      }
    }
  };

/** The sum of each channel over all examples, for results that `fill` gives. */
export function sumsOfChannels(
  host: KernelHost,
  dtype: FloatDtype,
  fill: Fill,
  { n, o, counts }: Pick<ConvolutionSizes, 'n' | 'o' | 'counts'>,
): FloatData {
  const { memory } = host;
  const bytes = bytesIn[dtype];
  const columns = counts.at(-1)!;
  const pixels = sizeOf(counts);
  const frame = frameOfLines(pixels / columns, columns);
  const mark = memory.mark();
  const most = examplesAtOnce(n, o * pixels * bytes);
  const [sums, results] = [memory.allocate(n * o * bytes), memory.allocate(most * o * pixels * bytes)];
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first) * o;
    fill(memory.view(dtype, results, count * pixels), frame, first * o, count);
    const before = memory.mark();
    const found = host.sum(dtype, results, { before: count, count: pixels, after: 1 });
    memory.move(found, sums + first * o * bytes, count * bytes);
    memory.release(before);
  }
  return memory.copyOut(dtype, n === 1 ? sums : host.sum(dtype, sums, { before: 1, count: n, after: o }), o, mark);
}
