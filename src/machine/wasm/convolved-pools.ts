/** Convolution and max pooling of what is positive in one pass: some examples at a time, so that what lies between stays in a cache. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { KernelHost } from '../machine.ts';
import { type Fill, type Frame, frameOfLines, isImage } from './frames.ts';
import { VECTOR } from './matmul-kernels.ts';
import { MARGIN } from './memory.ts';
import { runSpreadPairs, spreadPairs, stepsOfPairs } from './place-kernels.ts';
import { type LargestElements, largestKernel, type PoolSizes, poolingOf, runPooling } from './window-pools.ts';
import { type ConvolutionSizes, type Convolved, convolve, examplesAtOnce, MOST_MADE, tableOf } from './window-products.ts';

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

/** The gradient that arrives at largest elements of windows, and their places in a channel, each of which is there once; −1 where it goes nowhere. */
export interface AtPlaces {
  readonly dy: FloatData;
  readonly places: Int32Array;
  readonly pool: Pick<PoolSizes, 'windows' | 'counts'>;
}

/** What arrives at the results that were pooled: the gradients at their places, among zeros. */
export const spreadToPlaces =
  (host: KernelHost, given: AtPlaces): Fill =>
  (to, frame, first, count) => {
    const { windows, counts } = given.pool;
    const isFast = to instanceof Float32Array && counts.length === 2 && windows.kernel[1] === 2 && windows.stride[1] === 2;
    const [, rows, columns] = frame.axes;
    const isCovered = isImage(frame) && 2 * counts[1]! === columns.size && windows.kernel[0]! * counts[0]! === rows.size;
    if (!isFast || !isCovered) to.fill(0);
    if (isFast) spreadPairsTo(host, to, frame, first, count, given);
    else spreadOneByOne(to, frame, first, count, given);
  };

function spreadOneByOne(to: FloatData, frame: Frame, first: number, count: number, { dy, places, pool }: AtPlaces): void {
  const columns = frame.axes[2].size;
  const windows = sizeOf(pool.counts);
  const isWhole = isImage(frame);
  for (let channel = 0, from = first * windows; channel < count; channel++) {
    const start = channel * frame.channel;
    for (const end = from + windows; from < end; from++) {
      const place = places[from]!;
      if (place < 0) continue;
      // A sum, as that of what windows give their elements: there is no −0.
      to[start + (isWhole ? place : Math.floor(place / columns) * frame.row + (place % columns))] = dy[from]! + 0;
    }
  }
}

/** The same by a kernel, to a part of the memory. */
function spreadPairsTo(
  host: KernelHost,
  to: Float32Array,
  frame: Frame,
  first: number,
  count: number,
  { dy, places, pool }: AtPlaces,
): void {
  const { memory } = host;
  const { windows, counts } = pool;
  const each = sizeOf(counts);
  const [from, end] = [first * each, (first + count) * each];
  const columns = frame.axes[2].size;
  const stride = windows.stride[0]!;
  // Before anything is allocated: a memory that grows leaves an array that shows it without a place.
  const out = to.byteOffset;
  const mark = memory.mark();
  const [gradients, numbers] = [memory.copyIn(dy.subarray(from, end)), memory.allocate(4 * (end - from))];
  const steps = tableOf(host, stepsOfPairs(columns, stride), 1).address;
  new Int32Array(memory.memory.buffer, numbers, end - from).set(places.subarray(from, end));
  runSpreadPairs(host.kernel('spreadPairs', spreadPairs), {
    channels: count,
    dy: gradients,
    places: numbers,
    out,
    lines: counts[0]!,
    count: counts[1]!,
    rows: windows.kernel[0]!,
    channelStride: 4 * frame.channel,
    lineStride: 4 * stride * frame.row,
    rowStride: 4 * frame.row,
    steps,
  });
  memory.release(mark);
}

/**
 * The sum of each channel over all examples, for results that `fill` gives: of its pixels first, as axes are summed from the last on; those of a single
 * channel are one axis with the examples. Nothing where that would take too much memory.
 */
export function sumsOfChannels(
  host: KernelHost,
  dtype: FloatDtype,
  fill: Fill,
  { n, o, counts }: Pick<ConvolutionSizes, 'n' | 'o' | 'counts'>,
): FloatData | undefined {
  const { memory } = host;
  const bytes = bytesIn[dtype];
  const columns = counts.at(-1)!;
  const pixels = sizeOf(counts);
  if (o === 1 && n * pixels * bytes > MOST_MADE) return undefined;
  const frame = frameOfLines(pixels / columns, columns);
  const mark = memory.mark();
  const most = o === 1 ? n : examplesAtOnce(n, o * pixels * bytes);
  const [sums, results] = [memory.allocate(n * o * bytes), memory.allocate(most * o * pixels * bytes)];
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first) * o;
    fill(memory.view(dtype, results, count * pixels), frame, first * o, count);
    if (o === 1) return memory.copyOut(dtype, host.sum(dtype, results, { before: 1, count: n * pixels, after: 1 }), 1, mark);
    const before = memory.mark();
    const found = host.sum(dtype, results, { before: count, count: pixels, after: 1 });
    memory.move(found, sums + first * o * bytes, count * bytes);
    memory.release(before);
  }
  return memory.copyOut(dtype, n === 1 ? sums : host.sum(dtype, sums, { before: 1, count: n, after: o }), o, mark);
}
