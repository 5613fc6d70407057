/**
 * Convolutions and pooling. ONNX has them, but runtimes compute convolutions and means in float32 alone; in float64 they are written tap by tap: a
 * slice for each element of the windows.
 */

import { convBiasOp, convOp, convTransposeOp } from '../../functions/nn/correlation.ts';
import { foldOp, unfoldOp } from '../../functions/nn/unfold.ts';
import { atPlacesOp, toPlacesOp } from '../../functions/nn/window-places.ts';
import { largestOfWindowsOp, spreadWindowsOp, sumWindowsOp } from '../../functions/nn/window-sums.ts';
import { countWindows, type Windows } from '../../functions/nn/windows.ts';
import type { Op } from '../../tensor/op.ts';
import type { Graph } from './graph-builder.ts';
import { KINDS } from './model-message.ts';
import type { Size } from './sizes.ts';
import { placed } from './write-movement.ts';
import { axesFrom, type Call, fixed, one, type Writer } from './writer.ts';

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

const windowsOf = ({ attributes }: Call): Windows => ({
  kernel: fixed('windows', attributes['kernel']),
  stride: fixed('stride', attributes['stride']),
  padding: fixed('padding', attributes['padding']),
  dilation: fixed('dilation', attributes['dilation']),
});

const spatial = (sizes: readonly Size[]): readonly number[] => fixed('sizes of images', sizes.slice(2));

/** How far so many windows reach beyond the end of each axis, at least 0. */
const reach = (size: readonly number[], { kernel, stride, padding, dilation }: Windows, counts: readonly number[]): number[] =>
  size.map((length, i) => Math.max(0, (counts[i]! - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1 - length - padding[i]!));

/** The places of the elements of a window. */
const tapsOf = (kernel: readonly number[]): readonly (readonly number[])[] =>
  kernel.reduce<number[][]>((all, size) => all.flatMap((tap) => axesFrom(0, size).map((k) => [...tap, k])), [[]]);

/** For each element of the windows what stands there in each window: `[n, c, ...counts]`. */
function taps({ graph, inputs: { x }, kind }: Call, windows: Windows, counts: readonly number[]): string[] {
  const { kernel, stride, padding, dilation } = windows;
  const axes = axesFrom(2, kernel.length);
  const padded = graph.pad(x!.name, [0, 0, ...padding], [0, 0, ...reach(spatial(x!.sizes), windows, counts)], graph.scalar(kind, 0));
  return tapsOf(kernel).map((tap) => {
    const starts = tap.map((k, i) => k * dilation[i]!);
    const ends = starts.map((start, i) => start + stride[i]! * (counts[i]! - 1) + 1);
    return graph.slice(padded, axes, starts, ends, stride);
  });
}

/** The adjoint: what each element of the windows gives, summed where it stands: `[n, c, ...to]`. */
function spread(call: Call, given: readonly string[], from: readonly Size[], windows: Windows): string {
  const { graph, sizes, kind } = call;
  const { kernel, stride, padding, dilation } = windows;
  const [to, counts] = [spatial(sizes), spatial(from)];
  const rest = reach(to, windows, counts);
  const whole = [...sizes.slice(0, 2), ...to.map((size, i) => padding[i]! + size + rest[i]!)];
  const places = tapsOf(kernel).map((tap, nth) =>
    placed(graph, { name: given[nth]!, sizes: from, kind }, whole, [0, 0, ...tap.map((k, i) => k * dilation[i]!)], [1, 1, ...stride]),
  );
  const total = places.length === 1 ? places[0]! : graph.node('Sum', places);
  const ends = to.map((size, i) => padding[i]! + size);
  return graph.slice(total, axesFrom(2, to.length), padding, ends);
}

/** `[n, c · taps, windows]` */
function columns(call: Call, windows: Windows, counts: readonly number[]): string {
  const { graph } = call;
  const [n, c] = call.inputs['x']!.sizes as [Size, Size];
  const [channels, count, length] = [one('number of channels', c), product(windows.kernel), product(counts)];
  const laid = taps(call, windows, counts).map((tap) => graph.reshape(tap, [n, channels, 1, length]));
  return graph.reshape(graph.node('Concat', laid, { axis: 2 }), [n, channels * count, length]);
}

/** What of `[n, c · taps, windows]` each tap is. */
function uncolumned(graph: Graph, x: string, [n, c, ...counts]: readonly Size[], kernel: readonly number[]): string[] {
  const lengths = fixed('counts', counts);
  const each = graph.reshape(x, [n!, c!, product(kernel), product(lengths)]);
  return tapsOf(kernel).map((_, tap) => graph.reshape(graph.slice(each, [2], [tap], [tap + 1]), [n!, c!, ...counts]));
}

const attributesOf = ({ kernel, stride, padding, dilation }: Windows, ends = padding) => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...padding, ...ends],
  dilations: dilation,
});

const writeConv: Writer = (call) => {
  const { graph, inputs, attributes, kind, sizes } = call;
  const { bias } = inputs;
  const [x, weight, group] = [inputs['x']!, inputs['weight']!, one('groups', attributes['groups'])];
  const windows = windowsOf(call);
  if (kind === 'float32')
    return graph.node('Conv', [x.name, weight.name, ...(bias ? [bias.name] : [])], { ...attributesOf(windows), group });
  const [n, o, ...counts] = sizes;
  const [outputs, inner] = [one('number of channels', o) / group, product(fixed('filters', weight.sizes.slice(1)))];
  const [lengths, filters] = [fixed('counts', counts), graph.reshape(weight.name, [group, outputs, inner])];
  const laid = graph.reshape(columns(call, windows, lengths), [n!, group, inner, product(lengths)]);
  const y = graph.reshape(graph.node('MatMul', [filters, laid]), sizes);
  return bias ? graph.node('Add', [y, graph.reshape(bias.name, [o!, ...counts.map(() => 1)])]) : y;
};

const writeConvTranspose: Writer = (call) => {
  const { graph, inputs, attributes, kind, sizes } = call;
  const [x, weight, group] = [inputs['x']!, inputs['weight']!, one('groups', attributes['groups'])];
  const windows = windowsOf(call);
  const { kernel, stride, padding, dilation } = windows;
  const counts = spatial(x.sizes);
  if (kind === 'float32') {
    const whole = counts.map((count, i) => (count - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1 - 2 * padding[i]!);
    const output_padding = spatial(sizes).map((size, i) => size - whole[i]!);
    return graph.node('ConvTranspose', [x.name, weight.name], { ...attributesOf(windows), group, output_padding });
  }
  const [n, c] = sizes as [Size, Size];
  const [outputs, inner] = [one('number of channels', x.sizes[1]) / group, product(fixed('filters', weight.sizes.slice(1)))];
  const filters = graph.transpose(graph.reshape(weight.name, [group, outputs, inner]), [0, 2, 1]);
  const y = graph.node('MatMul', [filters, graph.reshape(x.name, [n, group, outputs, product(counts)])]);
  const from = [n, c, ...counts];
  return spread(call, uncolumned(graph, y, from, kernel), from, windows);
};

const writeSumWindows: Writer = (call) => {
  const { graph, attributes, kind } = call;
  const windows = windowsOf(call);
  const counts = fixed('counts', attributes['counts']);
  const whole = reach(spatial(call.inputs['x']!.sizes), windows, counts).every((n, i) => n <= windows.padding[i]!);
  if (kind === 'float32' && whole && windows.dilation.every((n) => n === 1)) {
    const { kernel, stride, padding } = windows;
    const pooling = { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding], count_include_pad: 1 };
    const means = graph.node('AveragePool', [call.inputs['x']!.name], pooling);
    return graph.node('Mul', [means, graph.scalar(kind, product(kernel))]);
  }
  return graph.node('Sum', taps(call, windows, counts));
};

/** ONNX counts places through all channels, here each channel counts from 0. */
const writeLargest: Writer = (call) => {
  const { graph, attributes } = call;
  const windows = windowsOf(call);
  const size = spatial(call.inputs['x']!.sizes);
  const ends = reach(size, windows, fixed('counts', attributes['counts']));
  const x = call.inputs['x']!.name;
  const [values, places] = graph.nodeOf('MaxPool', [x], 2, attributesOf(windows, ends)) as [string, string];
  const found = graph.cast(graph.node('Mod', [places, graph.integers([product(size)])]), KINDS.int32);
  graph.pooled.set(found, { of: graph.sourceOf(x), values });
  return found;
};

/** Each channel in one line. */
const inLines = ({ graph }: Call, { name, sizes }: Call['inputs'][string]): string =>
  graph.reshape(name, [...sizes.slice(0, 2), product(spatial(sizes))]);

/** Elements of channels by their places there. What max pooling picks by its own places the operation of that name gives beside them. */
const writeAtPlaces: Writer = (call) => {
  const { graph, sizes } = call;
  const [x, places] = [call.inputs['x']!, call.inputs['places']!];
  const pooled = graph.pooled.get(graph.sourceOf(places.name));
  if (pooled?.of === graph.sourceOf(x.name)) return graph.reshape(pooled.values, sizes);
  return graph.reshape(graph.node('GatherElements', [inLines(call, x), inLines(call, places)], { axis: 2 }), sizes);
};

const writeToPlaces: Writer = (call) => {
  const { graph, sizes, kind } = call;
  const [x, places] = [call.inputs['x']!, call.inputs['places']!];
  const zeros = graph.expand(graph.scalar(kind, 0), [...sizes.slice(0, 2), product(spatial(sizes))]);
  const sums = graph.node('ScatterElements', [zeros, inLines(call, places), inLines(call, x)], { axis: 2, reduction: 'add' });
  return graph.reshape(sums, sizes);
};

const writeUnfold: Writer = (call) => {
  const windows = windowsOf(call);
  return columns(call, windows, countWindows('unfold', spatial(call.inputs['x']!.sizes), windows));
};

const writeFold: Writer = (call) => {
  const windows = windowsOf(call);
  const from = [...call.sizes.slice(0, 2), ...countWindows('fold', spatial(call.sizes), windows)];
  return spread(call, uncolumned(call.graph, call.inputs['x']!.name, from, windows.kernel), from, windows);
};

const writeSpread: Writer = (call) => {
  const { name, sizes } = call.inputs['x']!;
  const windows = windowsOf(call);
  const every = tapsOf(windows.kernel).map(() => name);
  return spread(call, every, sizes, windows);
};

export const windows = (): readonly (readonly [Op<any, any>, Writer])[] => [
  [convOp, writeConv],
  [convBiasOp, writeConv],
  [convTransposeOp, writeConvTranspose],
  [sumWindowsOp, writeSumWindows],
  [atPlacesOp, writeAtPlaces],
  [toPlacesOp, writeToPlaces],
  [largestOfWindowsOp, writeLargest],
  [unfoldOp, writeUnfold],
  [foldOp, writeFold],
  [spreadWindowsOp, writeSpread],
];
