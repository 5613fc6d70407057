/**
 * The adjoint of a convolution in the images, by kernels: for each element of windows in turn, what all windows give it is added where they see it, in a
 * frame that is then the image.
 */

import { bytesIn, type FloatData, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, MATMUL_BLOCK } from '../machine.ts';
import type { Division } from './division.ts';
import { elementsIn, type Fill, frameOfLines, frameOfWindows, isImage, linesIn, takeFrame } from './frames.ts';
import { ROWS, VECTOR } from './matmul-kernels.ts';
import { runWindowSpread, type WindowSpread, windowSpread } from './spread-kernels.ts';
import { stripsOf } from './strips.ts';
import { axesOf, type ConvolutionSizes, examplesAtOnce, MOST, MOST_MADE, tableOf } from './window-products.ts';

/** The adjoint of the correlation in the images, for results that `fill` gives; nothing where it would take too much memory. */
export function correlateBack(host: KernelHost, fill: Fill, weight: FloatData, sizes: ConvolutionSizes): FloatData | undefined {
  const { n, c, o, groups, image, counts } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(weight);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOfWindows(axes, axes[2].count);
  const [m, filters, windows, pixels] = [c / groups, o / groups, sizeOf(counts), sizeOf(image)];
  const [resultBytes, imageBytes] = [o * windows * bytes, c * frame.channel * bytes];
  if (imageBytes + resultBytes > MOST) return undefined;
  const mark = memory.mark();
  const elements = elementsIn(frame, axes);
  const turns = turnsOf(filters, elements.length);
  const packed = memory.allocate(weight.length * bytes);
  packWeights(memory.view(dtype, packed, weight.length), weight, sizes, turns);
  const shared = {
    aStride: m * bytes,
    gStride: windows * bytes,
    lineBytes: axes[2].count * bytes,
    turns: tableOf(
      host,
      turns.flatMap(({ tap, first, count }) => [elements[tap]! * bytes, count, first * windows * bytes]),
      1,
    ),
    rowStride: frame.channel * bytes,
    lines: tableOf(host, linesIn(frame, axes), bytes),
  };
  const most = examplesAtOnce(n, imageBytes + resultBytes);
  const whole = isImage(frame) && n * imageBytes <= MOST_MADE;
  const [results, images] = [memory.allocate(most * resultBytes), memory.allocate((whole ? n : most) * imageBytes)];
  const out = newData(dtype, whole ? 0 : n * c * pixels);
  const runs = runsOf(host, sizes, shared, bytes);
  const lines = frameOfLines(windows / axes[2].count, axes[2].count);
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    const to = images + (whole ? first * imageBytes : 0);
    fill(memory.view(dtype, results, count * o * windows), lines, first * o, count * o);
    const made = memory.view(dtype, to, count * c * frame.channel);
    made.fill(0);
    const division = memory.divide(2 * count * o * windows * m * elements.length, 'windows');
    for (const part of division.parts(count, 1)) {
      division.chunk();
      const each = { count: part.count, stride: resultBytes, madeStride: imageBytes };
      for (let group = 0; group < groups; group++)
        for (const spread of runs)
          spread(
            division,
            each,
            packed + group * filters * elements.length * m * bytes,
            results + part.first * resultBytes + (group * resultBytes) / groups,
            to + part.first * imageBytes + (group * imageBytes) / groups,
          );
    }
    division.finish();
    if (!whole) takeFrame(made, frame, out, first * c, count * c);
  }
  if (whole) return memory.copyOut(dtype, images, n * c * pixels, mark);
  memory.release(mark);
  return out;
}

/** Spreads results `g` by weights `a` over images, some of their channels. */
type Spread = (division: Division, images: WindowSpread['images'], a: number, g: number, out: number) => void;

/** The kernels for strips of channels. */
function runsOf(
  { kernel }: KernelHost,
  { c, groups }: ConvolutionSizes,
  shared: Omit<WindowSpread, 'images' | 'strips' | 'a' | 'g' | 'out'>,
  bytes: number,
): Spread[] {
  const { lineBytes, rowStride } = shared;
  const dtype = bytes === 4 ? 'float32' : 'float64';
  return stripsOf(c / groups, bytes).map(({ rows, count, first }): Spread => {
    const vectors = lineBytes <= VECTOR ? 1 : rows === ROWS || lineBytes <= 2 * VECTOR ? 2 : 4;
    const run = kernel(`windowSpread ${dtype} ${rows} ${vectors}`, () => windowSpread(dtype, { rows, vectors }));
    return (division, images, a, g, out) =>
      runWindowSpread(division.of(run), vectors, {
        ...shared,
        images,
        strips: count,
        a: a + first * bytes,
        g,
        out: out + first * rowStride,
      });
  });
}

/** An element of windows, and some filters of a group, in the order in which what they give is added. */
interface Turn {
  readonly tap: number;
  readonly first: number;
  readonly count: number;
}

function turnsOf(filters: number, taps: number): Turn[] {
  const turns: Turn[] = [];
  for (let first = 0; first < filters; first += MATMUL_BLOCK) {
    for (let tap = 0; tap < taps; tap++) turns.push({ tap, first, count: Math.min(MATMUL_BLOCK, filters - first) });
  }
  return turns;
}

/** The weights in the order in which they are multiplied, those of the channels of a group next to each other. */
function packWeights(to: FloatData, weight: FloatData, { c, o, groups, windows }: ConvolutionSizes, turns: readonly Turn[]): void {
  const [channels, filters, size] = [c / groups, o / groups, sizeOf(windows.kernel)];
  let at = 0;
  for (let group = 0; group < groups; group++) {
    for (const { tap, first, count } of turns) {
      for (let filter = group * filters + first; filter < group * filters + first + count; filter++) {
        let from = filter * channels * size + tap;
        for (let channel = 0; channel < channels; channel++, from += size) to[at++] = weight[from]!;
      }
    }
  }
}
