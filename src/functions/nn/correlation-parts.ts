/** The definitions of the correlation and of its adjoint in the images: products with windows, which are laid out in parts. */

import { type Data, type FloatData, floats, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { MATMUL_BLOCK, type Machine } from '../../machine/machine.ts';
import type { MatrixPair, Operand } from '../../machine/storage.ts';
import type { FilterPart } from '../../machine/wasm/line-products.ts';
import { correlate } from '../../machine/wasm/window-products.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Sizes } from './filter-products.ts';
import { addUp, layOut, MOST_LAID_OUT } from './unfold.ts';
import type { Windows } from './windows.ts';

/** Windows, and the number of groups of channels, each with its own filters. */
export interface Correlation extends Windows {
  readonly groups: number;
}

/** Images, filters, and what is added to each channel of the result. */
interface Given {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

/** The correlation of images with filters, in numbers of that shape. */
export function correlated({ x, weight, bias }: Given, correlation: Correlation, shape: Shape, machine: Machine): Data {
  const sizes = sizesOf(x.sizes, shape, correlation);
  if (machine.host && sizes.inner > 0 && sizeOf(shape) > 0) {
    const fast = correlate(machine.host, { x: floats(x.numbers), weight, bias }, sizes);
    if (fast) return fast;
  }
  const out = products(x, weight, sizes, machine);
  if (bias) addToChannels(out, bias.numbers, sizes.rows * sizes.columns);
  return out;
}

function products(x: Tensor, weight: Tensor, sizes: Sizes, machine: Machine): Data {
  const { n, c, o, groups, taps, inner, counts, rows, columns, image, windows } = sizes;
  const out = newData(x.dtype, n * o * rows * columns);
  if (out.length === 0) return out;
  for (const { examples, lines } of partsOf(sizes)) {
    const [count, width] = [examples[1] - examples[0], (lines[1] - lines[0]) * columns];
    const seen = newData(x.dtype, count * c * taps * width);
    layOut(x.numbers, image, windows, counts, { taps: [examples[0] * c * taps, examples[1] * c * taps], lines }, seen);
    const y = machine.matmul({
      a: weight,
      b: operand(seen),
      m: o / groups,
      k: inner,
      n: width,
      transposeA: false,
      transposeB: false,
      pairs: pairsOf(count * groups, (i) => ({ a: i % groups, b: i })),
    });
    if (y.length === out.length) return y;
    const start = (examples[0] * o * rows + lines[0]) * columns;
    copyLines(count * o, width, { data: y, start: 0, stride: width }, { data: out, start, stride: rows * columns });
  }
  return out;
}

/** Adds a number to each channel of so many pixels. */
function addToChannels(images: Data, bias: Data, pixels: number): void {
  for (let i = 0, at = 0; at < images.length; i = (i + 1) % bias.length)
    for (const end = at + pixels; at < end; at++) images[at]! += bias[i]!;
}

/**
 * Each pixel of an image adds what windows that see it give, those of the first filters of a group before the next: for each element of windows in turn
 * the sum over as many filters as `MATMUL_BLOCK` says.
 */
export function spreadBlocks(x: Tensor, weight: Tensor, sizes: Sizes, machine: Machine): Data {
  const { n, c, o, groups, image, taps, inner, counts, rows, columns, windows } = sizes;
  const out = newData(x.dtype, n * c * sizeOf(image));
  const filters = o / groups;
  for (let first = 0; first < filters; first += MATMUL_BLOCK) {
    const k = Math.min(MATMUL_BLOCK, filters - first);
    const a = newData(x.dtype, groups * k * inner);
    const ofGroup = filters * inner;
    copyLines(groups, k * inner, { data: weight.numbers, start: first * inner, stride: ofGroup }, { data: a, start: 0, stride: k * inner });
    // The last lines first: so each pixel gets what it adds in the order of the elements of windows, in however many parts.
    for (const { examples, lines } of partsOf(sizes).reverse()) {
      const [count, width] = [examples[1] - examples[0], (lines[1] - lines[0]) * columns];
      const seen = newData(x.dtype, count * groups * k * width);
      for (let i = 0; i < count * groups; i++) {
        const start = ((examples[0] * groups + i) * filters + first) * rows * columns + lines[0] * columns;
        const from = { data: x.numbers, start, stride: rows * columns };
        copyLines(k, width, from, { data: seen, start: i * k * width, stride: width });
      }
      const spread = machine.matmul({
        a: operand(a),
        b: operand(seen),
        m: inner,
        k,
        n: width,
        transposeA: true,
        transposeB: false,
        pairs: pairsOf(count * groups, (i) => ({ a: i % groups, b: i })),
      });
      addUp(spread, image, windows, counts, { taps: [0, count * c * taps], lines }, out.subarray(examples[0] * c * sizeOf(image)));
    }
  }
  return out;
}

export function sizesOf(images: Shape, results: Shape, { groups, kernel, stride, padding, dilation }: Correlation): Sizes {
  const [n, c, ...image] = images as readonly [number, number, ...number[]];
  const [, o, ...counts] = results as readonly [number, number, ...number[]];
  const [rows, columns] = [sizeOf(counts.slice(0, -1)), counts.at(-1)!];
  const taps = sizeOf(kernel);
  const windows = { kernel, stride, padding, dilation };
  const each = c * taps * rows * columns;
  return { windows, groups, n, c, o, image, counts, rows, columns, taps, inner: (c / groups) * taps, each };
}

/** Some examples, and some lines of windows. */
interface Share {
  readonly examples: readonly [from: number, to: number];
  readonly lines: readonly [from: number, to: number];
}

/** As many examples at a time as may be laid out at once, or as many lines of a single one. */
function partsOf({ n, rows, each }: Sizes): Share[] {
  const [examples, lines] = [Math.max(1, Math.floor(MOST_LAID_OUT / each)), Math.max(1, Math.floor((MOST_LAID_OUT * rows) / each))];
  const parts: Share[] = [];
  for (let first = 0; first < n; first += examples) {
    const some = [first, Math.min(n, first + examples)] as const;
    for (let line = 0; line < rows; line += lines) parts.push({ examples: some, lines: [line, Math.min(rows, line + lines)] });
  }
  return parts;
}

const operand = (data: Data): Operand => ({ sizes: [data.length], data });

const pairsOf = (count: number, pair: (i: number) => MatrixPair): MatrixPair[] => Array.from({ length: count }, (_, i) => pair(i));

/** Lines of numbers, each `stride` after the one before. */
interface Lines {
  readonly data: Data;
  readonly start: number;
  readonly stride: number;
}

export function copyLines(count: number, length: number, from: Lines, to: Lines): void {
  for (let i = 0; i < count; i++) {
    const first = from.start + i * from.stride;
    to.data.set(from.data.subarray(first, first + length), to.start + i * to.stride);
  }
}

/** The sum of all examples of what there is of each, for a part of the filters, if it is not known already. */
export function sumOfExamples(held: FloatData, { groups, filters, channels }: FilterPart, { n, taps }: Sizes, machine: Machine): FloatData {
  const lengthOf = ([from, to]: readonly [number, number]) => to - from;
  const after = lengthOf(groups) * lengthOf(filters) * lengthOf(channels) * taps;
  return held.length === after ? held : machine.sum(held, { before: 1, count: n, after });
}
