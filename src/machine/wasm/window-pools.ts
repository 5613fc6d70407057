/** Pooling by kernels: each reads the elements of windows where they are in the image. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, SUM_BLOCK } from '../machine.ts';
import { elementsIn, fillFrame, frameOf, linesIn, type Triad } from './frames.ts';
import { VECTOR } from './matmul-kernels.ts';
import { largestOfWindows, runPool, sumsOfWindows } from './pool-kernels.ts';
import { axesOf, type ConvolutionSizes, examplesAtOnce, MOST, tableOf } from './window-products.ts';

/** Windows of images, each channel by itself. */
export type PoolSizes = Pick<ConvolutionSizes, 'windows' | 'image' | 'counts'>;

/** What a kernel finds in all windows of all channels; nothing where it would take too much memory. `beyond` is what there is beyond the edges. */
function pool(
  host: KernelHost,
  x: FloatData,
  sizes: PoolSizes,
  {
    name,
    write,
    beyond,
  }: { readonly name: string; readonly write: (dtype: FloatDtype) => Uint8Array<ArrayBuffer>; readonly beyond: number },
): FloatData | undefined {
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOf(
    axes.map(({ size, kernel, stride, padding, dilation, count }) => ({
      size,
      offset: padding,
      length: Math.max(padding === 0 ? size : 0, (count - 1) * stride + (kernel - 1) * dilation + 1),
    })) as unknown as Triad<{ size: number; offset: number; length: number }>,
  );
  const [columns, lanes] = [axes[2].count, VECTOR / bytes];
  const [panels, lineCount, channels] = [Math.ceil(columns / lanes), sizeOf(sizes.counts) / columns, x.length / sizeOf(sizes.image)];
  const [imageBytes, madeBytes] = [frame.channel * bytes, lineCount * panels * VECTOR];
  if (imageBytes + madeBytes > MOST) return undefined;
  const run = host.kernel(`${name} ${dtype}`, () => write(dtype));
  const out = newData(dtype, channels * lineCount * columns);
  const mark = memory.mark();
  const places = elementsIn(frame, axes);
  const shared = {
    lines: tableOf(host, linesIn(frame, axes), bytes),
    places: tableOf(host, places, bytes),
    stride: axes[2].stride * bytes,
    panels,
  };
  const indices = memory.allocate(places.length * bytes);
  const most = examplesAtOnce(channels, imageBytes + madeBytes);
  // The last vector of a line may reach as far beyond its end as its windows.
  const [images, made] = [memory.allocate(most * imageBytes + VECTOR * axes[2].stride), memory.allocate(most * madeBytes)];
  memory.view(dtype, indices, places.length).set(places.map((_, i) => i));
  for (let first = 0; first < channels; first += most) {
    const count = Math.min(most, channels - first);
    fillFrame(memory.view(dtype, images, count * frame.channel), frame, x, first, count, beyond);
    for (let i = 0; i < count; i++) runPool(run, { ...shared, indices, b: images + i * imageBytes, out: made + i * madeBytes });
    copyLines(memory.view(dtype, made, (count * madeBytes) / bytes), panels * lanes, out, first * lineCount * columns, columns);
  }
  memory.release(mark);
  return out;
}

/** Copies lines of `length` numbers, which are `pitch` apart. */
function copyLines(from: FloatData, pitch: number, to: FloatData, start: number, length: number): void {
  if (pitch === length) {
    to.set(from, start);
    return;
  }
  let at = start;
  for (let line = 0; line < from.length; line += pitch) for (let i = 0; i < length; i++) to[at++] = from[line + i]!;
}

/** Which element of each window is the largest, of those that tie the first; −1 where all are −∞. */
export const largestElements = (host: KernelHost, x: FloatData, sizes: PoolSizes): FloatData | undefined =>
  pool(host, x, sizes, { name: 'largestOfWindows', write: largestOfWindows, beyond: -Infinity });

/** The sum of each window, as `sum` adds up no more than a block; nothing for windows of one element, which may be −0. */
export function windowSums(host: KernelHost, x: FloatData, sizes: PoolSizes): FloatData | undefined {
  const taps = sizeOf(sizes.windows.kernel);
  if (taps === 1 || taps > SUM_BLOCK) return undefined;
  return pool(host, x, sizes, { name: 'sumsOfWindows', write: sumsOfWindows, beyond: 0 });
}
