/**
 * The correlation of images with filters, and its adjoints in the images and in the filters. The three are each other's derivatives. They are defined
 * here as products with the windows of images, which are laid out in parts, so that the columns take little memory beside the images; the parts change
 * no bit. A machine with kernels gives the same bits and lays nothing out.
 */

import { type Data, type FloatData, floatDtypeOf, floats, newData } from '../../base/dtype.ts';
import { checkShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { MATMUL_BLOCK, type Machine } from '../../machine/machine.ts';
import type { MatrixPair, Operand } from '../../machine/storage.ts';
import { type ConvolutionSizes, correlate } from '../../machine/wasm/convolution.ts';
import { correlateBack } from '../../machine/wasm/convolution-back.ts';
import { type FilterPart, lineProducts, piecesOf } from '../../machine/wasm/line-products.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { addUp, layOut, MOST_LAID_OUT } from './unfold.ts';
import { asVolume, countWindows, type Windows } from './windows.ts';

/** Windows, and the number of groups of channels, each with its own filters. */
export interface Correlation extends Windows {
  readonly groups: number;
}

/** How many numbers of products of single examples are held before they are added. */
const MOST_HELD = 8388608;

/** `x : [n, c, h, w]`, or with another axis in front of these two, with `weight : [o, c / groups, kh, kw]`: `[n, o, rows, columns]`. */
export const convOp: Op<'x' | 'weight', Correlation> = {
  name: 'conv',
  batching: (call) => performBatched(call, 'x', 'weight'),
  shape({ x, weight, ...windows }) {
    const shape = [x.sizes[0]!, weight.sizes[0]!, ...countWindows('conv', x.sizes.slice(2), windows)];
    checkShape('conv', shape);
    return shape;
  },
  forward({ x, weight, ...correlation }, shape, machine) {
    const out = newData(x.dtype, sizeOf(shape));
    if (out.length === 0) return out;
    const sizes = sizesOf(x.sizes, shape, correlation);
    const { c, o, groups, taps, inner, counts, rows, columns, image, windows } = sizes;
    const fast = machine.host && inner > 0 && correlate(machine.host, floats(x.numbers), weight, sizes);
    if (fast) return fast;
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
  },
  backward: {
    x: ({ dy, x, weight, ...rest }) => perform(convTransposeOp, { x: dy, weight }, { ...correlationOf(rest), to: x.sizes.slice(2) }),
    weight: ({ dy, x, ...rest }) => perform(convWeightOp, { x, g: dy }, correlationOf(rest)),
  },
  sample(draw) {
    const { x, weight, windows } = sampleOf(draw);
    return { x: draw.tensor(x), weight: draw.tensor(weight), ...windows };
  },
};

/** The adjoint in the images: `x : [n, o, rows, columns]` with `weight : [o, c / groups, kh, kw]`: `[n, c, ...to]`. */
export const convTransposeOp: Op<'x' | 'weight', Correlation & { readonly to: readonly number[] }> = {
  name: 'convTranspose',
  batching: (call) => performBatched(call, 'x', 'weight'),
  shape({ x, weight, groups, to }) {
    const shape = [x.sizes[0]!, weight.sizes[1]! * groups, ...to];
    checkShape('convTranspose', shape);
    return shape;
  },
  forward({ x, weight, to, ...correlation }, shape, machine) {
    const sizes = sizesOf(shape, x.sizes, correlation);
    if (x.size * weight.size === 0 || sizeOf(shape) === 0) return newData(x.dtype, sizeOf(shape));
    const fast = machine.host && correlateBack(machine.host, floats(x.numbers), floats(weight.numbers), sizes);
    return fast ?? spreadBlocks(x, weight, sizes, machine);
  },
  backward: {
    x: ({ dy, weight, to: _, ...rest }) => perform(convOp, { x: dy, weight }, correlationOf(rest)),
    weight: ({ dy, x, to: _, ...rest }) => perform(convWeightOp, { x: dy, g: x }, correlationOf(rest)),
  },
  sample(draw) {
    const { x, y, weight, windows } = sampleOf(draw);
    return { x: draw.tensor(y), weight: draw.tensor(weight), ...windows, to: x.slice(2) };
  },
};

/** The adjoint in the filters: `x : [n, c, h, w]` with `g : [n, o, rows, columns]`: `[o, c / groups, kh, kw]`. */
export const convWeightOp: Op<'x' | 'g', Correlation> = {
  name: 'convWeight',
  batching: (call) => performBatched(call, 'x', 'g'),
  shape: ({ x, g, groups, kernel }) => [g.sizes[1]!, x.sizes[1]! / groups, ...kernel],
  forward({ x, g, ...correlation }, shape, machine) {
    const out = newData(x.dtype, sizeOf(shape));
    if (x.size * g.size * out.length === 0) return out;
    const sizes = sizesOf(x.sizes, g.sizes, correlation);
    const { n, o, groups, inner, taps } = sizes;
    for (const part of partsOfFilters(sizes)) {
      const given: Given = [floats(x.numbers), floats(g.numbers), sizes, part];
      const held = (machine.host && lineProducts(machine.host, ...given)) ?? productsOfLines(...given);
      const sums = sumOfExamples(held, n, held.length / n, machine);
      if (sums.length === out.length) return sums;
      const start = ((part.groups[0] * o) / groups + part.filters[0]) * inner + part.channels[0] * taps;
      const width = (part.channels[1] - part.channels[0]) * taps;
      copyLines(sums.length / width, width, { data: sums, start: 0, stride: width }, { data: out, start, stride: inner });
    }
    return out;
  },
  backward: {
    x: ({ dy, x, g, ...rest }) => perform(convTransposeOp, { x: g, weight: dy }, { ...correlationOf(rest), to: x.sizes.slice(2) }),
    g: ({ dy, x, ...rest }) => perform(convOp, { x, weight: dy }, correlationOf(rest)),
  },
  sample(draw) {
    const { x, y, windows } = sampleOf(draw);
    return { x: draw.tensor(x), g: draw.tensor(y), ...windows };
  },
};

/**
 * Each pixel of an image adds what windows that see it give, those of the first filters of a group before the next: for each element of windows in turn
 * the sum over as many filters as `MATMUL_BLOCK` says.
 */
function spreadBlocks(x: Tensor, weight: Tensor, sizes: Sizes, machine: Machine): Data {
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

/** All elements of the filters, or parts of them, so that not too many products are held before they are added. */
function partsOfFilters({ n, c, o, groups, inner, taps }: Sizes): FilterPart[] {
  const [filters, channels] = [o / groups, c / groups];
  const whole = { groups: [0, groups], filters: [0, filters], channels: [0, channels] } as const;
  if (n * o * inner <= MOST_HELD) return [whole];
  const parts: FilterPart[] = [];
  const some = Math.max(1, Math.min(filters, Math.floor(MOST_HELD / (n * taps))));
  const most = Math.max(1, Math.min(channels, Math.floor(MOST_HELD / (n * some * taps))));
  for (let group = 0; group < groups; group++) {
    for (let filter = 0; filter < filters; filter += some) {
      for (let channel = 0; channel < channels; channel += most) {
        parts.push({
          groups: [group, group + 1],
          filters: [filter, Math.min(filters, filter + some)],
          channels: [channel, Math.min(channels, channel + most)],
        });
      }
    }
  }
  return parts;
}

type Given = [x: FloatData, g: FloatData, sizes: Sizes, part: FilterPart];

/**
 * For each example what the results `g` of some filters give with each element of windows in some channels: `[n, filters, channels · elements]`.
 *
 * The products along lines are added to a running sum for each lane of a vector of 16 bytes; those of a block of lines to the sums of the blocks before
 * it, and at the end the lanes are joined, as `sum` joins them.
 */
function productsOfLines(...[x, g, sizes, part]: Given): FloatData {
  const { n, c, o, groups, taps, image, windows, counts, rows, columns } = sizes;
  const size = rows * columns;
  const [filters, channels] = [part.filters[1] - part.filters[0], part.channels[1] - part.channels[0]];
  const [held, seen] = [
    newData(floatDtypeOf(x), n * (part.groups[1] - part.groups[0]) * filters * channels * taps),
    newData(floatDtypeOf(x), size),
  ];
  let to = 0;
  for (let example = 0; example < n; example++) {
    for (let group = part.groups[0]; group < part.groups[1]; group++) {
      const first = example * c + (group * c) / groups + part.channels[0];
      const filter = example * o + (group * o) / groups + part.filters[0];
      for (let tap = 0; tap < channels * taps; tap++) {
        seen.fill(0);
        layOut(x, image, windows, counts, { taps: [first * taps + tap, first * taps + tap + 1], lines: [0, rows] }, seen);
        for (let i = 0; i < filters; i++) {
          const results = g.subarray((filter + i) * size, (filter + i + 1) * size);
          held[to + i * channels * taps + tap] = productOfLines(results, seen, columns);
        }
      }
      to += filters * channels * taps;
    }
  }
  return held;
}

/** Lines of numbers times other such lines, added in lanes. */
function productOfLines(a: FloatData, b: FloatData, columns: number): number {
  const lanes = 16 / a.BYTES_PER_ELEMENT;
  const { pieces, length, inBlock } = piecesOf(columns, lanes);
  const dtype = floatDtypeOf(a);
  const [sums, totals, product] = [newData(dtype, lanes), newData(dtype, lanes), newData(dtype, 1)];
  for (let piece = 0; piece < (a.length / columns) * pieces; piece++) {
    const first = (piece % pieces) * length;
    const start = Math.floor(piece / pieces) * columns + first;
    for (let i = 0; i < Math.min(length, columns - first); i++) {
      product[0] = a[start + i]! * b[start + i]!;
      sums[i % lanes]! += product[0]!;
    }
    if ((piece + 1) % inBlock > 0 && piece + 1 < (a.length / columns) * pieces) continue;
    for (let lane = 0; lane < lanes; lane++) totals[lane]! += sums[lane]!;
    sums.fill(0);
  }
  for (let half = lanes / 2; half >= 1; half /= 2) for (let i = 0; i < half; i++) totals[i]! += totals[i + half]!;
  return totals[0]!;
}

/** Sizes that the three have in common. */
interface Sizes extends ConvolutionSizes {
  /** How many lines of windows there are, along all axes but the last, and how many windows in each. */
  readonly rows: number;
  readonly columns: number;
  /** How many elements a window has in one channel, and in all channels of a group: those of a filter. */
  readonly taps: number;
  readonly inner: number;
  /** How many numbers the columns of one example are. */
  readonly each: number;
}

function sizesOf(images: Shape, results: Shape, { groups, kernel, stride, padding, dilation }: Correlation): Sizes {
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

function copyLines(count: number, length: number, from: Lines, to: Lines): void {
  for (let i = 0; i < count; i++) {
    const first = from.start + i * from.stride;
    to.data.set(from.data.subarray(first, first + length), to.start + i * to.stride);
  }
}

const sumOfExamples = (held: Data, n: number, size: number, machine: Machine): Data =>
  n === 1 ? held : machine.sum(held as FloatData, { before: 1, count: n, after: size });

/** The attributes without what a rule is handed besides. */
const correlationOf = ({ kernel, stride, padding, dilation, groups }: Correlation): Correlation => ({
  kernel,
  stride,
  padding,
  dilation,
  groups,
});

/**
 * Many examples are more examples for filters that are the same for each; for filters of their own they are more groups of channels.
 */
function performBatched<In extends string, Attributes extends Correlation>(
  { inputs, attributes, shape, count, perform }: BatchedCall<In, Attributes>,
  ...names: readonly [In, In]
): Tensor {
  const [first, second] = names.map((name) => inputs[name]) as [Batched, Batched];
  const call = (a: Tensor, b: Tensor, groups: number) =>
    perform({ [names[0]]: a, [names[1]]: b } as { [name in In]: Tensor }, { ...attributes, groups });
  const isFilter = names[1] === ('weight' as string);
  if (isFilter && !second.batched) {
    const [, n, ...rest] = first.x.sizes as [number, number, ...number[]];
    return call(first.x.reshape([count * n, ...rest]), second.x, attributes.groups).reshape([count, ...shape]);
  }
  const asGroups = (input: Batched): Tensor => {
    const whole = repeated(input, count);
    const [, n, c, ...image] = whole.sizes as [number, number, number, ...number[]];
    return moved(whole).reshape([n, count * c, ...image]);
  };
  const asFilters = (input: Batched): Tensor => {
    const [, o, ...rest] = repeated(input, count).sizes as [number, number, ...number[]];
    return repeated(input, count).reshape([count * o, ...rest]);
  };
  const y = call(asGroups(first), isFilter ? asFilters(second) : asGroups(second), attributes.groups * count);
  if (!isFilter) return y.reshape([count, ...shape]);
  const [n, o, ...image] = shape as [number, number, ...number[]];
  return moved(y.reshape([n, count, o, ...image]));
}

/** The first two axes exchanged. */
const moved = (x: Tensor): Tensor => x.permute([1, 0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2)]);

function sampleOf(draw: Draw) {
  const groups = draw.oneOf(1, 2);
  const width = draw.oneOf(1, 2);
  const plane: Windows = {
    kernel: [2, width],
    stride: [draw.oneOf(1, 2), draw.oneOf(1, 2)],
    // Where all windows of an element lay beyond the edges, a NaN there would be in a derivative and not in the value.
    padding: [draw.oneOf(0, 1), width === 1 ? 0 : draw.oneOf(0, 1)],
    dilation: [1, draw.oneOf(1, 2)],
  };
  const [n, c, o] = [draw.size(), groups, groups * draw.oneOf(1, 2)];
  const { size, windows } = draw.oneOf(true, false) ? { size: [3, 4], windows: plane } : asVolume(draw, [3, 4], plane);
  return {
    x: [n, c, ...size],
    y: [n, o, ...countWindows('conv', size, windows)],
    weight: [o, c / groups, ...windows.kernel],
    windows: { ...windows, groups },
  };
}
