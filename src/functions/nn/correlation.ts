/**
 * The correlation of images with filters, and its adjoints in the images and in the filters. The three are each other's derivatives. They are defined
 * here as products with the windows of images, which are laid out in parts, so that the columns take little memory beside the images; the parts change
 * no bit. A machine with kernels gives the same bits and lays nothing out.
 */

import { floats, newData } from '../../base/dtype.ts';
import { checkShape, sizeOf } from '../../base/shape.ts';
import { channelsOf } from '../../machine/wasm/frames.ts';
import { lineProducts } from '../../machine/wasm/line-products.ts';
import { correlateBack } from '../../machine/wasm/window-products-back.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { type Correlation, copyLines, correlated, sizesOf, spreadBlocks, sumOfExamples } from './correlation-parts.ts';
import { partsOfFilters, productsOfLines } from './filter-products.ts';
import { asVolume, countWindows, type Windows } from './windows.ts';

export type { Correlation } from './correlation-parts.ts';

/** `x : [n, c, h, w]`, or with another axis in front of these two, with `weight : [o, c / groups, kh, kw]`: `[n, o, rows, columns]`. */
export const convOp: Op<'x' | 'weight', Correlation> = {
  name: 'conv',
  batching: (call) => performBatched(call, 'x', 'weight'),
  shape({ x, weight, ...windows }) {
    const shape = [x.sizes[0]!, weight.sizes[0]!, ...countWindows('conv', x.sizes.slice(2), windows)];
    checkShape('conv', shape);
    return shape;
  },
  forward: ({ x, weight, ...correlation }, shape, machine) => correlated({ x, weight }, correlation, shape, machine),
  backward: {
    x: ({ dy, x, weight, ...rest }) => perform(convTransposeOp, { x: dy, weight }, { ...correlationOf(rest), to: x.sizes.slice(2) }),
    weight: ({ dy, x, ...rest }) => perform(convWeightOp, { x, g: dy }, correlationOf(rest)),
  },
  sample(draw) {
    const { x, weight, windows } = sampleOf(draw);
    return { x: draw.tensor(x), weight: draw.tensor(weight), ...windows };
  },
};

/** The same with a number added to each channel of the result, `bias : [o]`: the bits of `convOp` and a sum. */
export const convBiasOp: Op<'x' | 'weight' | 'bias', Correlation> = {
  name: 'convBias',
  batching({ inputs: { x, weight, bias }, attributes, ...call }) {
    const correlate: BatchedCall<'x' | 'weight', Correlation>['perform'] = (inputs, given = attributes) => perform(convOp, inputs, given);
    const y =
      x.batched || weight.batched
        ? performBatched({ ...call, attributes, inputs: { x, weight }, perform: correlate }, 'x', 'weight')
        : correlate({ x: x.x, weight: weight.x });
    const ones = attributes.kernel.map(() => 1);
    return y.add(bias.x.reshape(bias.batched ? [call.count, 1, -1, ...ones] : [-1, ...ones]));
  },
  shape: ({ bias: _, ...given }) => convOp.shape(given),
  forward: ({ x, weight, bias, ...correlation }, shape, machine) => correlated({ x, weight, bias }, correlation, shape, machine),
  backward: {
    x: ({ dy, x, weight, bias: _, ...rest }) =>
      perform(convTransposeOp, { x: dy, weight }, { ...correlationOf(rest), to: x.sizes.slice(2) }),
    weight: ({ dy, x, bias: _, ...rest }) => perform(convWeightOp, { x, g: dy }, correlationOf(rest)),
    bias: ({ dy, bias, kernel }) => dy.sumTo([bias.size, ...kernel.map(() => 1)]).reshape([bias.size]),
  },
  sample(draw) {
    const { x, weight, windows } = sampleOf(draw);
    return { x: draw.tensor(x), weight: draw.tensor(weight), bias: draw.tensor([weight[0]!]), ...windows };
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
    const fast = machine.host && correlateBack(machine.host, channelsOf(floats(x.numbers)), floats(weight.numbers), sizes);
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
    const { o, groups, inner, taps } = sizes;
    for (const part of partsOfFilters(sizes)) {
      const [images, results] = [floats(x.numbers), floats(g.numbers)];
      const fast = machine.host && lineProducts(machine.host, images, channelsOf(results), sizes, part);
      const sums = sumOfExamples(fast ?? productsOfLines(images, results, sizes, part), part, sizes, machine);
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
