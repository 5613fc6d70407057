/** Pooling by kernels: each reads the elements of windows where they are in the image. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, SUM_BLOCK } from '../machine.ts';
import { elementsIn, type FrameAxis, fillFrame, frameOf, linesIn, type Triad, type WindowAxis } from './frames.ts';
import { VECTOR } from './matmul-kernels.ts';
import { largestOfWindows, type PlaceNumbers, runPool, sumsOfWindows } from './pool-kernels.ts';
import { axesOf, type ConvolutionSizes, examplesAtOnce, MOST, tableOf } from './window-products.ts';

/** Windows of images, each channel by itself. */
export type PoolSizes = Pick<ConvolutionSizes, 'windows' | 'image' | 'counts'>;

/** A kernel of pooling: what there is beyond the edges of images, and how many bytes the result of a window takes. */
interface PoolKernel {
  readonly name: string;
  readonly write: (dtype: FloatDtype) => Uint8Array<ArrayBuffer>;
  readonly beyond: number;
  readonly bytes: number;
}

/** The address of what a kernel finds in all windows of all channels, in scratch space; nothing where it would take too much memory. */
function pool(host: KernelHost, x: FloatData, sizes: PoolSizes, { name, write, beyond, bytes }: PoolKernel): number | undefined {
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const width = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOf(
    axes.map(({ size, kernel, stride, padding, dilation, count }) => ({
      size,
      offset: padding,
      length: Math.max(padding === 0 ? size : 0, (count - 1) * stride + (kernel - 1) * dilation + 1),
    })) as unknown as Triad<FrameAxis>,
  );
  const [windows, channels] = [sizeOf(sizes.counts), x.length / sizeOf(sizes.image)];
  const imageBytes = frame.channel * width;
  if (imageBytes > MOST || channels * windows * bytes > MOST) return undefined;
  const run = host.kernel(`${name} ${dtype}`, () => write(dtype));
  const out = memory.allocate(channels * windows * bytes);
  const shared = {
    lines: tableOf(host, linesIn(frame, axes), width),
    places: tableOf(host, elementsIn(frame, axes), width),
    numbers: placeNumbers(host, axes, width),
    stride: axes[2].stride * width,
    columns: { count: axes[2].count, lanes: VECTOR / width, bytes },
  };
  const most = examplesAtOnce(channels, imageBytes);
  // The last vector of a line may reach as far beyond its end as its windows.
  const images = memory.allocate(most * imageBytes + VECTOR * axes[2].stride);
  for (let first = 0; first < channels; first += most) {
    const count = Math.min(most, channels - first);
    fillFrame(memory.view(dtype, images, count * frame.channel), frame, x, first, count, beyond);
    runPool(run, { ...shared, images: { count, stride: imageBytes }, b: images, out: out + first * windows * bytes });
  }
  return out;
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

/** Where in its channel the largest element of each window is, of those that tie the first; nothing where one sees only −∞. */
export function largestElements(host: KernelHost, x: FloatData, sizes: PoolSizes): Int32Array | undefined {
  const { memory } = host;
  const mark = memory.mark();
  const address = pool(host, x, sizes, { name: 'largestOfWindows', write: largestOfWindows, beyond: -Infinity, bytes: 4 });
  memory.release(mark);
  if (address === undefined) return undefined;
  const count = (x.length / sizeOf(sizes.image)) * sizeOf(sizes.counts);
  const found = new Int32Array(memory.memory.buffer, address, count).slice();
  for (let i = 0; i < count; i++) if (found[i]! < 0) return undefined;
  return found;
}

/** The sum of each window, as `sum` adds up no more than a block; nothing for windows of one element, which may be −0. */
export function windowSums(host: KernelHost, x: FloatData, sizes: PoolSizes): FloatData | undefined {
  const taps = sizeOf(sizes.windows.kernel);
  if (taps === 1 || taps > SUM_BLOCK) return undefined;
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const mark = memory.mark();
  const address = pool(host, x, sizes, { name: 'sumsOfWindows', write: sumsOfWindows, beyond: 0, bytes: bytesIn[dtype] });
  if (address === undefined) return undefined;
  return memory.copyOut(dtype, address, (x.length / sizeOf(sizes.image)) * sizeOf(sizes.counts), mark);
}
