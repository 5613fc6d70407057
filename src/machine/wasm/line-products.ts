/** The adjoint of a convolution in the filters, by kernels: lines of results times what each element of windows sees of the images. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, MATMUL_BLOCK } from '../machine.ts';
import { elementsIn, type Fill, fillFrame, frameOfLines, frameOfWindows, linesIn } from './frames.ts';
import { lineProduct, runLineProduct } from './line-kernels.ts';
import { ROWS, VECTOR } from './matmul-kernels.ts';
import { areFinite, axesOf, type ConvolutionSizes, examplesAtOnce, MOST_MADE, tableOf } from './window-products.ts';

/** So many elements of windows at a time use the registers best, with `ROWS` rows of results. */
const ELEMENTS = 2;

/** Some of the elements of filters: of some groups all, or of one group some filters, and what they have of some channels. */
export interface FilterPart {
  readonly groups: Range;
  readonly filters: Range;
  readonly channels: Range;
}

type Range = readonly [from: number, to: number];

/**
 * Lines as they are multiplied: cut into pieces that have at most `MATMUL_BLOCK` steps of a vector, the last filled up with zeros, so many of which
 * make a block.
 */
export interface Pieces {
  readonly pieces: number;
  /** How many numbers a piece has. */
  readonly length: number;
  readonly inBlock: number;
}

/** How lines of so many numbers are cut for vectors of so many. */
export function piecesOf(columns: number, lanes: number): Pieces {
  const steps = Math.ceil(columns / lanes);
  const pieces = Math.ceil(steps / MATMUL_BLOCK);
  const each = Math.ceil(steps / pieces);
  return { pieces, length: each * lanes, inBlock: Math.max(1, Math.floor(MATMUL_BLOCK / each)) };
}

/**
 * The products of results, which `fill` gives, with images `x`, for a part of the filters: `[filters, channels · elements]`, the sum of all examples; or of
 * each example, where these are too many numbers for scratch space. Nothing where lines are filled up with zeros, and an image is not finite.
 */
export function lineProducts(host: KernelHost, x: FloatData, fill: Fill, sizes: ConvolutionSizes, part: FilterPart): FloatData | undefined {
  const { n, c, o, groups, counts, windows } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const { pieces, length, inBlock } = piecesOf(axes[2].count, VECTOR / bytes);
  if (pieces * length > axes[2].count && !areFinite(x)) return undefined;
  const frame = frameOfWindows(axes, pieces * length);
  const lineCount = sizeOf(counts) / axes[2].count;
  const frameOfResults = frameOfLines(lineCount, axes[2].count, pieces * length);
  const [some, filters, channels] = [lengthOf(part.groups), lengthOf(part.filters), lengthOf(part.channels)];
  const inner = channels * sizeOf(windows.kernel);
  const width = some * filters * inner;
  const inScratch = n * width * bytes <= MOST_MADE;
  const held = newData(dtype, inScratch ? 0 : n * width);
  const mark = memory.mark();
  const pieceStarts = linesIn(frame, axes).flatMap((line) => Array.from({ length: pieces }, (_, piece) => line + piece * length));
  const lines = tableOf(host, pieceStarts, bytes);
  const elements = elementsIn(frame, axes);
  const places = tableOf(
    host,
    Array.from({ length: channels }, (_, channel) => elements.map((place) => channel * frame.channel + place)).flat(),
    bytes,
  );
  const runs = runsOf(host, dtype, filters, inner);
  const [imageBytes, resultBytes] = [channels * frame.channel * bytes, filters * frameOfResults.channel * bytes];
  const outBytes = filters * inner * bytes;
  const most = examplesAtOnce(n, some * (imageBytes + resultBytes + outBytes));
  const [images, results] = [memory.allocate(most * some * imageBytes), memory.allocate(most * some * resultBytes)];
  const out = memory.allocate((inScratch ? n : most) * some * outBytes);
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    const asked = some * channels === c && some * filters === o ? count : 1;
    for (let i = 0; i < count; i += asked) {
      const view = (address: number, each: number) => memory.view(dtype, address + i * some * each, (asked * some * each) / bytes);
      const group = part.groups[0];
      fillFrame(view(images, imageBytes), frame, x, (first + i) * c + (group * c) / groups + part.channels[0], asked * some * channels);
      const filter = (first + i) * o + (group * o) / groups + part.filters[0];
      fill(view(results, resultBytes), frameOfResults, filter, asked * some * filters);
    }
    const all = count * some;
    const to = out + (inScratch ? first * width * bytes : 0);
    const division = memory.divide(2 * all * filters * inner * lineCount * pieces * length, 'windows');
    for (const its of division.parts(all, 1)) {
      division.chunk();
      for (const { run, row, turns, size } of runs) {
        runLineProduct(division.of(run), size, {
          images: { count: its.count, stride: imageBytes, madeStride: outBytes },
          g: results + its.first * resultBytes + row * frameOfResults.channel * bytes,
          gStride: resultBytes,
          gRowStride: frameOfResults.channel * bytes,
          b: images + its.first * imageBytes,
          lines,
          linesInBlock: inBlock,
          lineBytes: length * bytes,
          places: { address: places.address + 4 * turns[0], length: lengthOf(turns) },
          out: to + its.first * outBytes + (row * inner + turns[0]) * bytes,
          outRowStride: inner * bytes,
        });
      }
    }
    division.finish();
    if (!inScratch) held.set(memory.view(dtype, out, count * width), first * width);
  }
  if (inScratch) return memory.copyOut(dtype, n === 1 ? out : host.sum(dtype, out, { before: 1, count: n, after: width }), width, mark);
  memory.release(mark);
  return held;
}

/** The kernels for strips of filters, with as many elements at a time as are best, and then those that are left. */
function runsOf(host: KernelHost, dtype: FloatDtype, filters: number, inner: number) {
  const whole = inner - (inner % ELEMENTS);
  return Array.from({ length: Math.ceil(filters / ROWS) }, (_, strip) => strip * ROWS).flatMap((row) => {
    const rows = Math.min(ROWS, filters - row);
    const parts: { readonly turns: Range; readonly size: number }[] = [
      { turns: [0, whole], size: ELEMENTS },
      { turns: [whole, inner], size: 1 },
    ];
    return parts
      .filter(({ turns }) => lengthOf(turns) > 0)
      .map((part) => {
        const run = host.kernel(`lineProduct ${dtype} ${rows} ${part.size}`, () => lineProduct(dtype, rows, part.size));
        return { ...part, run, row };
      });
  });
}

const lengthOf = ([from, to]: Range): number => to - from;
