/**
 * The adjoint of a convolution in the images, by kernels. Pixels whose places have the same remainder by the stride are seen by the same elements of
 * windows: each such phase is a convolution by itself, of results with those elements.
 */

import { bytesIn, type FloatData, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, MATMUL_BLOCK } from '../machine.ts';
import { type Frame, type FrameAxis, fillFrame, frameOf, places, type Triad, type WindowAxis } from './frames.ts';
import {
  areFinite,
  axesOf,
  type ConvolutionSizes,
  examplesAtOnce,
  joined,
  type Lines,
  MOST,
  MOST_MADE,
  multiplication,
  tableOf,
} from './window-products.ts';

/** Along an axis, the pixels with one remainder by the stride: the first, how many there are, and the elements of windows that see them. */
interface Phase {
  readonly first: number;
  readonly count: number;
  /** Which window sees the first of them with its first element, were it there. */
  readonly window: number;
  readonly taps: readonly Tap[];
}

/** An element of windows, and how many windows earlier than the window with its first element there it sees a pixel. */
interface Tap {
  readonly index: number;
  readonly earlier: number;
}

function phasesOf({ size, kernel, stride, padding, dilation }: WindowAxis): Phase[] {
  return Array.from({ length: stride }, (_, remainder) => {
    const window = Math.max(0, Math.ceil((padding - remainder) / stride));
    const first = window * stride + remainder - padding;
    const taps = Array.from({ length: kernel }, (_, index) => ({ index, place: index * dilation - remainder }))
      .filter(({ place }) => place % stride === 0)
      .map(({ index, place }) => ({ index, earlier: place / stride }));
    return { first, count: Math.max(0, Math.ceil((size - first) / stride)), window, taps };
  }).filter(({ count, taps }) => count > 0 && taps.length > 0);
}

/** Results, with as many zeros around as the phases see. */
function axisOfResults({ count }: WindowAxis, phases: readonly Phase[]): FrameAxis {
  const offset = Math.max(0, ...phases.flatMap(({ window, taps }) => taps.map(({ earlier }) => earlier - window)));
  return { size: count, offset, length: offset + Math.max(1, ...phases.map(({ window, count }) => window + count)) };
}

/** What a phase is computed by. */
interface Pass {
  /** The elements of windows, counted in a window, and where they see the first pixel of a line in a channel of the frame. */
  readonly taps: readonly { readonly index: number; readonly place: number }[];
  /** Where in a channel of the frame the lines begin. */
  readonly lines: readonly number[];
  /** Where in a channel of the image the pixels begin, and how many there are along each axis. */
  readonly first: number;
  readonly counts: Triad<number>;
}

function passesOf(axes: Triad<WindowAxis>, phases: Triad<readonly Phase[]>, frame: Frame): Pass[] {
  const [, { size: height, kernel: kh }, { size: width, kernel: kw }] = axes;
  const [planes, rows, columns] = frame.axes;
  const at = (k: number, i: number, j: number) => (k * rows.length + i) * frame.row + j;
  return phases[0].flatMap((z) =>
    phases[1].flatMap((y) =>
      phases[2].map((x): Pass => {
        const start = at(z.window + planes.offset, y.window + rows.offset, x.window + columns.offset);
        const taps = z.taps.flatMap((k) =>
          y.taps.flatMap((i) =>
            x.taps.map((j) => ({ index: (k.index * kh + i.index) * kw + j.index, place: -at(k.earlier, i.earlier, j.earlier) })),
          ),
        );
        return {
          taps,
          lines: places(z.count, y.count, 1, (k, i) => start + at(k, i, 0)),
          first: (z.first * height + y.first) * width + x.first,
          counts: [z.count, y.count, x.count],
        };
      }),
    ),
  );
}

/** The adjoint of the correlation in the images; nothing where it would take too much memory, or where a weight is not finite. */
export function correlateBack(host: KernelHost, g: FloatData, weight: FloatData, sizes: ConvolutionSizes): FloatData | undefined {
  const { n, c, o, groups, image } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(g);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const phases = axes.map(phasesOf) as unknown as Triad<readonly Phase[]>;
  const frame = frameOf(axes.map((axis, i) => axisOfResults(axis, phases[i]!)) as unknown as Triad<FrameAxis>);
  const [m, filters, pixels] = [c / groups, o / groups, sizeOf(image)];
  const [resultBytes, imageBytes] = [o * frame.channel * bytes, c * pixels * bytes];
  // With a zero where there is no window, a weight that is not finite would make a NaN.
  if (imageBytes + resultBytes > MOST || !areFinite(weight)) return undefined;
  const mark = memory.mark();
  const steps = passesOf(axes, phases, frame).map((pass) => {
    const size = pass.counts[0] * pass.counts[1] * pass.counts[2];
    const { lines, length } = joined(pass.lines, pass.counts[2]);
    const blocks = blocksOf(filters, pass.taps.length);
    const product: Lines = {
      m,
      k: filters * pass.taps.length,
      alternate: true,
      lines: tableOf(host, lines, bytes),
      blocks: tableOf(
        host,
        blocks.map(({ count }) => count),
        1,
      ),
      places: tableOf(
        host,
        blocks.flatMap(({ tap, first, count }) =>
          Array.from({ length: count }, (_, i) => (first + i) * frame.channel + pass.taps[tap]!.place),
        ),
        bytes,
      ),
      rowStride: size * bytes,
      lineStride: length * bytes,
      lineBytes: length * bytes,
    };
    const packed = memory.allocate(groups * product.k * m * bytes);
    packWeights(memory.view(dtype, packed, groups * product.k * m), weight, sizes, pass, blocks);
    return { pass, size, multiply: multiplication(host, dtype, product), packed, packedBytes: product.k * m * bytes };
  });
  const most = examplesAtOnce(n, imageBytes + resultBytes);
  // A single phase makes images as they are.
  const whole = steps.length === 1 && steps[0]!.size === pixels && n * imageBytes <= MOST_MADE;
  const [results, images] = [memory.allocate(most * resultBytes), memory.allocate((whole ? n : most) * imageBytes)];
  const out = newData(dtype, whole ? 0 : n * c * pixels);
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    const to = images + (whole ? first * imageBytes : 0);
    fillFrame(memory.view(dtype, results, count * o * frame.channel), frame, g, first * o, count * o);
    for (const { pass, size, multiply, packed, packedBytes } of steps) {
      const each = { count, stride: resultBytes, madeStride: c * size * bytes };
      for (let group = 0; group < groups; group++)
        multiply(packed + group * packedBytes, results + (group * resultBytes) / groups, to + group * m * size * bytes, each);
      if (whole) continue;
      const made = memory.view(dtype, images, count * c * size);
      if (size === pixels) out.set(made, first * c * pixels);
      else spread(made, out.subarray(first * c * pixels), axes, pass);
    }
  }
  if (whole) return memory.copyOut(dtype, images, n * c * pixels, mark);
  memory.release(mark);
  return out;
}

/** Some filters of a group, in the order in which their products are added: for each element of windows. */
interface Block {
  readonly tap: number;
  readonly first: number;
  readonly count: number;
}

function blocksOf(filters: number, taps: number): Block[] {
  const blocks: Block[] = [];
  for (let first = 0; first < filters; first += MATMUL_BLOCK) {
    for (let tap = 0; tap < taps; tap++) blocks.push({ tap, first, count: Math.min(MATMUL_BLOCK, filters - first) });
  }
  return blocks;
}

/** The weights in the order in which they are multiplied, those of the channels of a group next to each other. */
function packWeights(
  to: FloatData,
  weight: FloatData,
  { c, o, groups, windows }: ConvolutionSizes,
  { taps }: Pass,
  blocks: readonly Block[],
): void {
  const [channels, filters, size] = [c / groups, o / groups, sizeOf(windows.kernel)];
  let at = 0;
  for (let group = 0; group < groups; group++) {
    for (const { tap, first, count } of blocks) {
      for (let filter = group * filters + first; filter < group * filters + first + count; filter++) {
        let from = filter * channels * size + taps[tap]!.index;
        for (let channel = 0; channel < channels; channel++, from += size) to[at++] = weight[from]!;
      }
    }
  }
}

/** Brings the pixels of a phase to their places. */
function spread(made: FloatData, out: FloatData, [z, y, x]: Triad<WindowAxis>, { first, counts: [planes, rows, columns] }: Pass): void {
  const channels = made.length / (planes * rows * columns);
  let from = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < rows; row++) {
        let at = ((channel * z.size + plane * z.stride) * y.size + row * y.stride) * x.size + first;
        for (let column = 0; column < columns; column++, at += x.stride) out[at] = made[from++]!;
      }
    }
  }
}
