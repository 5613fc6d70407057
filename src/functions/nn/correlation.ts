/**
 * The correlation of images with filters, and its adjoints in the images and in the filters. The three are each other's derivatives. They are defined
 * here as products with the windows of images, which are laid out in parts, so that the columns take little memory beside the images; the parts change
 * no bit. A machine with kernels gives the same bits and lays nothing out.
 */

import { type Data, type FloatData, floats, newData } from '../../base/dtype.ts';
import { checkShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { MATMUL_BLOCK, type Machine } from '../../machine/machine.ts';
import type { MatrixPair, Operand } from '../../machine/storage.ts';
import { lineProducts } from '../../machine/wasm/line-products.ts';
import { correlate } from '../../machine/wasm/window-products.ts';
import { correlateBack } from '../../machine/wasm/window-products-back.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { type FilterTask, partsOfFilters, productsOfLines, type Sizes } from './filter-products.ts';
import { addUp, layOut, MOST_LAID_OUT } from './unfold.ts';
import { asVolume, countWindows, type Windows } from './windows.ts';

/** Windows, and the number of groups of channels, each with its own filters. */
export interface Correlation extends Windows {
  readonly groups: number;
}

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
      const given: FilterTask = [floats(x.numbers), floats(g.numbers), sizes, part];
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
