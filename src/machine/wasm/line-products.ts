/** The adjoint of a convolution in the filters, by kernels: lines of results times what each element of windows sees of the images. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { type KernelHost, MATMUL_BLOCK } from '../machine.ts';
import { elementsIn, fillFrame, frameOf, frameOfWindows, linesIn } from './frames.ts';
import { lineProduct, runLineProduct } from './line-kernels.ts';
import { ROWS, VECTOR } from './matmul-kernels.ts';
import { areFinite, axesOf, type ConvolutionSizes, examplesAtOnce, tableOf } from './window-products.ts';

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
 * For each example the products of results `g` with images `x`, for a part of the filters: `[n, filters, channels · elements]`. Nothing where lines are
 * filled up with zeros, and an image is not finite.
 */
export function lineProducts(
  host: KernelHost,
  x: FloatData,
  g: FloatData,
  sizes: ConvolutionSizes,
  part: FilterPart,
): FloatData | undefined {
  const { n, c, o, groups, counts, windows } = sizes;
  const { memory } = host;
  const dtype = floatDtypeOf(x);
  const bytes = bytesIn[dtype];
  const axes = axesOf(sizes);
  const { pieces, length, inBlock } = piecesOf(axes[2].count, VECTOR / bytes);
  if (pieces * length > axes[2].count && !areFinite(x)) return undefined;
  const frame = frameOfWindows(axes, pieces * length);
  const lineCount = sizeOf(counts) / axes[2].count;
  const frameOfResults = frameOf([
    { size: 1, offset: 0, length: 1 },
    { size: lineCount, offset: 0, length: lineCount },
    { size: axes[2].count, offset: 0, length: pieces * length },
  ]);
  const [some, filters, channels] = [lengthOf(part.groups), lengthOf(part.filters), lengthOf(part.channels)];
  const inner = channels * sizeOf(windows.kernel);
  const held = newData(dtype, n * some * filters * inner);
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
  const [images, results, out] = [imageBytes, resultBytes, outBytes].map((each) => memory.allocate(most * some * each)) as [
    number,
    number,
    number,
  ];
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    const asked = some * channels === c && some * filters === o ? count : 1;
    for (let i = 0; i < count; i += asked) {
      const view = (address: number, each: number) => memory.view(dtype, address + i * some * each, (asked * some * each) / bytes);
      const group = part.groups[0];
      fillFrame(view(images, imageBytes), frame, x, (first + i) * c + (group * c) / groups + part.channels[0], asked * some * channels);
      fillFrame(
        view(results, resultBytes),
        frameOfResults,
        g,
        (first + i) * o + (group * o) / groups + part.filters[0],
        asked * some * filters,
      );
    }
    const all = count * some;
    const division = memory.divide(2 * all * filters * inner * lineCount * pieces * length, 'windows');
    for (const its of division.parts(all, 1)) {
      division.chunk();
      for (const { run, row, from, to, width } of runs) {
        runLineProduct(division.of(run), width, {
          images: { count: its.count, stride: imageBytes, madeStride: outBytes },
          g: results + its.first * resultBytes + row * frameOfResults.channel * bytes,
          gStride: resultBytes,
          gRowStride: frameOfResults.channel * bytes,
          b: images + its.first * imageBytes,
          lines,
          linesInBlock: inBlock,
          lineBytes: length * bytes,
          places: { address: places.address + 4 * from, length: to - from },
          out: out + its.first * outBytes + (row * inner + from) * bytes,
          outRowStride: inner * bytes,
        });
      }
    }
    division.finish();
    held.set(memory.view(dtype, out, count * some * filters * inner), first * some * filters * inner);
  }
  memory.release(mark);
  return held;
}

/** The kernels for strips of filters, with as many elements at a time as are best, and then those that are left. */
function runsOf(host: KernelHost, dtype: FloatDtype, filters: number, inner: number) {
  const whole = inner - (inner % ELEMENTS);
  return Array.from({ length: Math.ceil(filters / ROWS) }, (_, strip) => strip * ROWS).flatMap((row) => {
    const rows = Math.min(ROWS, filters - row);
    const parts = [
      { from: 0, to: whole, width: ELEMENTS },
      { from: whole, to: inner, width: 1 },
    ].filter(({ from, to }) => from < to);
    return parts.map((part) => {
      const run = host.kernel(`lineProduct ${dtype} ${rows} ${part.width}`, () => lineProduct(dtype, rows, part.width));
      return { ...part, run, row };
    });
  });
}

const lengthOf = ([from, to]: Range): number => to - from;
