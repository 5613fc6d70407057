/** Convolutions that nobody lays out: kernels find the elements of windows by tables. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Windows } from '../../functions/nn/windows.ts';
import { type KernelHost, MATMUL_BLOCK, MATMUL_PART } from '../machine.ts';
import type { Operand } from '../storage.ts';
import { elementsIn, type Frame, fillFrame, frameOfWindows, linesIn, type Triad, type WindowAxis } from './frames.ts';
import { ROWS, VECTOR } from './matmul-kernels.ts';
import { stripsOf } from './strips.ts';
import { type Images, runWindowProduct, type Table, type WindowProduct, windowProduct } from './window-kernels.ts';

/** More bytes than this are not laid out for one example, since a memory never gives back what it has grown to. */
export const MOST = 2 ** 26;

/** Results of no more bytes than these are copied to an array at once, which is faster than to fill one with zeros first. */
export const MOST_MADE = 2 ** 23;

/** So many bytes of images and results of several examples stay in a second-level cache. */
const AT_ONCE = 2 ** 20;

/** The sizes of a convolution: of `n` images with `c` channels, by `o` filters. */
export interface ConvolutionSizes {
  readonly windows: Windows;
  readonly groups: number;
  readonly n: number;
  readonly c: number;
  readonly o: number;
  readonly image: readonly number[];
  /** How many windows there are along each axis. */
  readonly counts: readonly number[];
}

/** The axes of windows; images and signals are volumes of one plane. */
export function axesOf({
  windows: { kernel, stride, padding, dilation },
  image,
  counts,
}: Pick<ConvolutionSizes, 'windows' | 'image' | 'counts'>): Triad<WindowAxis> {
  const axes = image.map((size, i) => ({
    size,
    kernel: kernel[i]!,
    stride: stride[i]!,
    padding: padding[i]!,
    dilation: dilation[i]!,
    count: counts[i]!,
  }));
  const single: WindowAxis = { size: 1, kernel: 1, stride: 1, padding: 0, dilation: 1, count: 1 };
  return [...Array.from({ length: 3 - axes.length }, () => single), ...axes] as unknown as Triad<WindowAxis>;
}

/** Integers in scratch space: so many numbers each, in bytes. */
export function tableOf({ memory }: KernelHost, numbers: readonly number[], bytes: number): Table {
  const address = memory.allocate(4 * numbers.length);
  const table = new Int32Array(memory.memory.buffer, address, numbers.length);
  for (let i = 0; i < numbers.length; i++) table[i] = numbers[i]! * bytes;
  return { address, length: numbers.length };
}

/** Whether zeros may be multiplied with these, where the definition multiplies nothing. */
export function areFinite(numbers: FloatData): boolean {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! - numbers[i]! !== 0) return false;
  return true;
}

/** How many examples of so many bytes are worked on at once. */
export const examplesAtOnce = (n: number, bytes: number): number => Math.max(1, Math.min(n, Math.floor(AT_ONCE / bytes)));

/** The products of windows with `m` rows of `k` elements, for all lines of windows, and where they go. */
export interface Lines extends Pick<WindowProduct, 'lines' | 'blocks' | 'places' | 'rowStride' | 'lineStride' | 'lineBytes'> {
  readonly m: number;
  readonly k: number;
  /** Whether the rows alternate, so that an element of each follows that of the row before. */
  readonly alternate: boolean;
}

/** Multiplies the rows at `a` with the windows of images from `b` on, to the lines from `c` on, and adds the numbers at `bias`, if that is not 0. */
export type Multiply = (a: number, b: number, c: number, images: Images, bias?: number) => void;

/** Finds the kernels of a product once, for all groups. */
export function multiplication({ kernel, memory }: KernelHost, dtype: FloatDtype, product: Lines): Multiply {
  const { m, k, alternate, rowStride, lineBytes } = product;
  const bytes = bytesIn[dtype];
  const [row, step] = alternate ? [bytes, m * bytes] : [k * bytes, bytes];
  const runs = stripsOf(m, k * bytes).map(({ rows, count, first }) => {
    const vectors = lineBytes <= VECTOR ? 1 : rows === ROWS || lineBytes <= 2 * VECTOR ? 2 : 4;
    const run = kernel(`windowProduct ${dtype} ${rows} ${vectors} ${alternate}`, () =>
      windowProduct(dtype, { rows, vectors, contiguous: alternate }),
    );
    return { run, vectors, count, first, layout: { stripStride: rows * row, rowStride: row, stepStride: step, contiguous: alternate } };
  });
  return (a, b, c, images, bias = 0) => {
    const division = memory.divide((2 * m * k * product.lines.length * lineBytes * images.count) / bytes, 'windows');
    for (const part of division.parts(images.count, 1)) {
      division.chunk();
      const some = { ...images, count: part.count };
      const [from, to] = [b + part.first * images.stride, c + part.first * images.madeStride];
      for (const { run, vectors, count, first, layout } of runs) {
        const strips = { ...layout, address: a + first * row };
        const added = bias === 0 ? 0 : bias + first * bytes;
        const its = { ...product, images: some, strips: count, a: strips, b: from, bias: added, c: to + first * rowStride };
        runWindowProduct(division.of(run), vectors, its);
      }
    }
    division.finish();
  };
}

/** Lines that follow one another in the frame as in the result are one. */
export function joined(lines: readonly number[], length: number): { lines: readonly number[]; length: number } {
  return lines.every((line, i) => line === lines[0]! + i * length)
    ? { lines: lines.slice(0, 1), length: lines.length * length }
    : { lines, length };
}

/** Images, filters, and what is added to each channel of the result, if anything is. */
export interface Convolved {
  readonly x: FloatData;
  readonly weight: Operand;
  readonly bias: Operand | undefined;
}

/** The correlation of images with filters, and a bias added if there is one; nothing where it would take too much memory. */
export function correlate(host: KernelHost, given: Convolved, sizes: ConvolutionSizes): FloatData | undefined {
  const { n, o, counts } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(given.x);
  const each = o * sizeOf(counts);
  const mark = memory.mark();
  if (n * each * bytesIn[dtype] <= MOST_MADE) {
    const results = convolve(host, given, sizes, true);
    return results === undefined ? undefined : memory.copyOut(dtype, results, n * each, mark);
  }
  let made: FloatData | undefined;
  convolve(host, given, sizes, false, (first, count, from) => {
    made ??= newData(dtype, n * each);
    made.set(memory.view(dtype, from, count * each), first * each);
  });
  memory.release(mark);
  return made;
}

/** Is called with some examples after others: the first, how many there are, and the address of their results. */
type Visit = (first: number, count: number, results: number) => void;

/**
 * Computes results in scratch space, of all examples or of some at a time, and says where they are; nothing where that would take too much memory.
 * @param whole whether the results of all examples stay there
 */
export function convolve(
  host: KernelHost,
  { x, weight, bias }: Convolved,
  sizes: ConvolutionSizes,
  whole: boolean,
  visit?: Visit,
): number | undefined {
  const { n, c, o, groups, counts } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const frame = frameOfWindows(axes, axes[2].count);
  const [m, channels, pixels] = [o / groups, c / groups, sizeOf(counts)];
  const elements = elementsIn(frame, axes);
  const k = channels * elements.length;
  const [imageBytes, resultBytes] = [c * frame.channel * bytes, o * pixels * bytes];
  if (k > MATMUL_PART || imageBytes + resultBytes > MOST) return undefined;
  const filters = columnsFirst(host, dtype, host.addressOf(weight), { groups, m, k });
  const added = bias ? host.addressOf(bias) : 0;
  const { lines, length } = joined(linesIn(frame, axes), axes[2].count);
  const product: Lines = {
    m,
    k,
    alternate: true,
    lines: tableOf(host, lines, bytes),
    blocks: tableOf(host, blocksOf(k), 1),
    places: tableOf(host, inChannels(channels, frame, elements), bytes),
    rowStride: pixels * bytes,
    lineStride: length * bytes,
    lineBytes: length * bytes,
  };
  const multiply = multiplication(host, dtype, product);
  const most = examplesAtOnce(n, imageBytes + resultBytes);
  const images = memory.allocate(most * imageBytes);
  const results = memory.allocate((whole ? n : most) * resultBytes);
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    fillFrame(memory.view(dtype, images, count * c * frame.channel), frame, x, first * c, count * c);
    const to = results + (whole ? first * resultBytes : 0);
    const each = { count, stride: imageBytes, madeStride: resultBytes };
    for (let group = 0; group < groups; group++)
      multiply(
        filters + group * m * k * bytes,
        images + (group * imageBytes) / groups,
        to + (group * resultBytes) / groups,
        each,
        bias ? added + group * m * bytes : 0,
      );
    visit?.(first, count, to);
  }
  return results;
}

/** The address of a copy of matrices of `m` rows, in which an element of each row follows that of the row before: kernels read these sooner. */
function columnsFirst(
  { memory }: KernelHost,
  dtype: FloatDtype,
  from: number,
  { groups, m, k }: { readonly groups: number; readonly m: number; readonly k: number },
): number {
  const address = memory.allocate(groups * m * k * bytesIn[dtype]);
  const [rows, columns] = [memory.view(dtype, from, groups * m * k), memory.view(dtype, address, groups * m * k)];
  for (let group = 0, at = 0; group < groups; group++)
    for (let row = 0; row < m; row++) for (let i = 0; i < k; i++) columns[group * m * k + i * m + row] = rows[at++]!;
  return address;
}

/** How many products each block of so many has. */
const blocksOf = (k: number): number[] =>
  Array.from({ length: Math.ceil(k / MATMUL_BLOCK) }, (_, i) => Math.min(MATMUL_BLOCK, k - i * MATMUL_BLOCK));

const inChannels = (channels: number, { channel }: Frame, elements: readonly number[]): number[] =>
  Array.from({ length: channels }, (_, i) => elements.map((place) => i * channel + place)).flat();
