/** Pooling by kernels: each reads the elements of windows where they are in the image. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, SUM_BLOCK } from '../machine.ts';
import type { Kernel } from './assembler.ts';
import { elementsIn, type Frame, type FrameAxis, fillFrame, frameOf, linesIn, type Triad, type WindowAxis } from './frames.ts';
import { VECTOR } from './matmul-kernels.ts';
import { largestOfWindows, type PlaceNumbers, type PoolLines, runPool, type Spacing, sumsOfWindows } from './pool-kernels.ts';
import { axesOf, type ConvolutionSizes, examplesAtOnce, MOST, tableOf } from './window-products.ts';

/** Windows of images, each channel by itself. */
export type PoolSizes = Pick<ConvolutionSizes, 'windows' | 'image' | 'counts'>;

/** Pooling of frames in memory: what kernels read besides, and how many windows a channel has. */
export interface Pooling {
  readonly frame: Frame;
  readonly spacing: Spacing;
  readonly windows: number;
  readonly shared: Omit<PoolLines, 'images' | 'b' | 'out' | 'values'>;
}

/** Prepares kernels whose results take so many bytes for a window. */
export function poolingOf(host: KernelHost, dtype: FloatDtype, sizes: PoolSizes, bytes: number): Pooling {
  const width = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOf(
    axes.map(({ size, kernel, stride, padding, dilation, count }) => ({
      size,
      offset: padding,
      length: Math.max(padding === 0 ? size : 0, (count - 1) * stride + (kernel - 1) * dilation + 1),
    })) as unknown as Triad<FrameAxis>,
  );
  const stride = axes[2].stride;
  const shared = {
    lines: tableOf(host, linesIn(frame, axes), width),
    places: tableOf(host, elementsIn(frame, axes), width),
    numbers: placeNumbers(host, axes, width),
    stride: stride * width,
    columns: { count: axes[2].count, lanes: VECTOR / width, bytes },
  };
  return { frame, spacing: stride === 1 ? 'next' : stride === 2 ? 'second' : 'apart', windows: sizeOf(sizes.counts), shared };
}

/** What a kernel finds in some channels, the first of which is at an address. */
interface Found {
  readonly run: Kernel;
  readonly count: number;
  readonly b: number;
  readonly out: number;
  readonly values?: number;
}

/** Runs a kernel of pooling. */
export function runPooling({ frame, shared }: Pooling, width: number, { run, count, b, out, values = 0 }: Found): void {
  runPool(run, { ...shared, images: { count, stride: frame.channel * width }, b, out, values });
}

/** Goes through the channels of images, some at a time, each in a frame that begins at an address; there is `beyond` beyond the edges. */
function eachFrame(
  { memory }: KernelHost,
  x: FloatData,
  { frame, shared }: Pooling,
  beyond: number,
  visit: (first: number, count: number, at: number) => void,
): void {
  const dtype = floatDtypeOf(x);
  const [planes, rows, columns] = frame.axes;
  const channels = x.length / (planes.size * rows.size * columns.size);
  const imageBytes = frame.channel * bytesIn[dtype];
  const most = examplesAtOnce(channels, imageBytes);
  // The last vector of a line may reach beyond its end as far as its windows are apart.
  const images = memory.allocate(most * imageBytes + shared.columns.lanes * shared.stride);
  for (let first = 0; first < channels; first += most) {
    const count = Math.min(most, channels - first);
    fillFrame(memory.view(dtype, images, count * frame.channel), frame, x, first, count, beyond);
    visit(first, count, images);
  }
}

/** Where windows and their elements are in the image itself, in whole numbers as wide as a lane. */
function placeNumbers(host: KernelHost, axes: Triad<WindowAxis>, width: number): PlaceNumbers {
  const image = frameOf(axes.map(({ size }) => ({ size, offset: 0, length: size })) as unknown as Triad<FrameAxis>);
  const [z, y, x] = axes;
  const first = -((z.padding * y.size + y.padding) * x.size + x.padding);
  const table = (numbers: readonly number[]) =>
    tableOf(host, width === 4 ? numbers : numbers.flatMap((number) => [number, Math.floor(number / 2 ** 32)]), 1).address;
  const lanes = VECTOR / width;
  return {
    lines: table(linesIn(image, axes).map((line) => line + first)),
    elements: table(elementsIn(image, axes)),
    steps: table([...Array.from({ length: lanes }, (_, i) => i * x.stride), ...Array.from({ length: lanes }, () => lanes * x.stride)]),
  };
}

/** The largest elements of windows, and where in their channel each is. */
export interface LargestElements {
  readonly places: Int32Array;
  readonly values: FloatData;
}

/** The kernel that finds them. */
export const largestKernel = ({ kernel }: KernelHost, dtype: FloatDtype, { spacing }: Pooling, rectified: boolean): Kernel =>
  kernel(`largestOfWindows ${dtype} ${spacing} ${rectified}`, () => largestOfWindows(dtype, spacing, rectified));

/** The largest element of each window, of those that tie the first; nothing where a window sees only −∞, or where it would take too much memory. */
export function largestElements(host: KernelHost, x: FloatData, sizes: PoolSizes): LargestElements | undefined {
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const width = bytesIn[dtype];
  const count = (x.length / sizeOf(sizes.image)) * sizeOf(sizes.counts);
  const mark = memory.mark();
  const pooling = poolingOf(host, dtype, sizes, 4);
  let isBlind = pooling.frame.channel * width > MOST || count * width > MOST;
  if (!isBlind) {
    const run = largestKernel(host, dtype, pooling, false);
    const [places, values] = [memory.allocate(4 * count + VECTOR), memory.allocate(count * width)];
    eachFrame(host, x, pooling, -Infinity, (first, some, b) => {
      const at = first * pooling.windows;
      runPooling(pooling, width, { run, count: some, b, out: places + 4 * at, values: values + width * at });
      isBlind ||= new Int32Array(memory.memory.buffer, places + 4 * (at + some * pooling.windows), VECTOR / 4).some((place) => place < 0);
    });
    if (!isBlind) {
      const found = new Int32Array(memory.memory.buffer, places, count).slice();
      return { places: found, values: memory.copyOut(dtype, values, count, mark) };
    }
  }
  memory.release(mark);
  return undefined;
}

/** The sum of each window, as `sum` adds up no more than a block; nothing for windows of one element, which may be −0. */
export function windowSums(host: KernelHost, x: FloatData, sizes: PoolSizes): FloatData | undefined {
  const taps = sizeOf(sizes.windows.kernel);
  if (taps === 1 || taps > SUM_BLOCK) return undefined;
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const width = bytesIn[dtype];
  const count = (x.length / sizeOf(sizes.image)) * sizeOf(sizes.counts);
  const mark = memory.mark();
  const pooling = poolingOf(host, dtype, sizes, width);
  if (pooling.frame.channel * width > MOST || count * width > MOST) {
    memory.release(mark);
    return undefined;
  }
  const { spacing } = pooling;
  const run = host.kernel(`sumsOfWindows ${dtype} ${spacing}`, () => sumsOfWindows(dtype, spacing));
  const out = memory.allocate(count * width);
  eachFrame(host, x, pooling, 0, (first, some, b) => {
    runPooling(pooling, width, { run, count: some, b, out: out + first * pooling.windows * width });
  });
  return memory.copyOut(dtype, out, count, mark);
}
