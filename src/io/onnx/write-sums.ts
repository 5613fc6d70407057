/** What runs along axes: sums, extremes, softmax, lengths and scans. */

import { formula } from '../../formula/formula.ts';
import { crossEntropyOfClasses, crossEntropyOfRows } from '../../functions/losses/plain-cross-entropy.ts';
import { maskedSoftmaxOp } from '../../functions/nn/masked-softmax.ts';
import { cumsumOp, prodOp } from '../../functions/sums/scan.ts';
import type { Op } from '../../tensor/op.ts';
import { centre, normOp, normSlope } from '../../tensor/ops/lengths.ts';
import { argmax, argmin, logSumExp, max, min, sum, sumTo } from '../../tensor/ops/reductions.ts';
import { logSoftmax, softmax } from '../../tensor/ops/softmax.ts';
import type { Graph, Reduction, Value } from './graph-builder.ts';
import { KINDS, type Kind } from './model-message.ts';
import { type Size, sameSize } from './sizes.ts';
import { axesFrom, type Call, fixed, map, one, type Writer } from './writer.ts';

const axesOf = ({ attributes }: Call): readonly number[] => fixed('axes', attributes['axes']);

const reduction =
  (type: Reduction): Writer =>
  (call) =>
    call.graph.reduce(type, call.inputs['x']!.name, axesOf(call), call.attributes['keepDims'] === true);

const writeSumTo: Writer = ({ graph, inputs: { x }, sizes }) => {
  const from = x!.sizes;
  const first = from.length - sizes.length;
  const axes = axesFrom(0, from.length).filter((axis) => axis < first || !sameSize(from[axis]!, sizes[axis - first]!));
  return graph.reshape(graph.reduce('ReduceSum', x!.name, axes), sizes);
};

const index =
  (type: 'ArgMax' | 'ArgMin'): Writer =>
  (call) => {
    const [axis] = axesOf(call);
    const found = call.graph.node(type, [call.inputs['x']!.name], { axis: axis!, keepdims: Number(call.attributes['keepDims'] === true) });
    return call.graph.cast(found, KINDS.int32);
  };

const exponential = /* @__PURE__ */ formula((x, peak) => x.sub(peak).exp());
const quotient = /* @__PURE__ */ formula((x, total) => x.div(total));
const logShare = /* @__PURE__ */ formula((x, peak, total) => x.sub(peak).sub(total.log()));
const restored = /* @__PURE__ */ formula((peak, total) => total.log().add(peak));

/** The largest element of each line, and the sum of exponentials of the distances from it. */
function sumOfExponentials(graph: Graph, { name, kind }: Value, axes: readonly number[]) {
  const peak = graph.reduce('ReduceMax', name, axes);
  const exponentials = map(graph, exponential, kind, name, peak);
  return { peak, exponentials, total: graph.reduce('ReduceSum', exponentials, axes) };
}

const writeSoftmax: Writer = (call) => {
  const { graph, kind } = call;
  const [x, axes] = [call.inputs['x']!, axesOf(call)];
  if (axes.length === 1) return graph.node('Softmax', [x.name], { axis: axes[0]! });
  const { exponentials, total } = sumOfExponentials(graph, x, axes);
  return map(graph, quotient, kind, exponentials, total);
};

const writeLogSoftmax: Writer = (call) => {
  const { graph, kind } = call;
  const [x, axes] = [call.inputs['x']!, axesOf(call)];
  if (axes.length === 1) return graph.node('LogSoftmax', [x.name], { axis: axes[0]! });
  const { peak, total } = sumOfExponentials(graph, x, axes);
  return map(graph, logShare, kind, x.name, peak, total);
};

const writeLogSumExp: Writer = (call) => {
  const { graph, kind, sizes } = call;
  const { peak, total } = sumOfExponentials(graph, call.inputs['x']!, axesOf(call));
  const y = map(graph, restored, kind, peak, total);
  return call.attributes['keepDims'] === true ? y : graph.reshape(y, sizes);
};

const seen = /* @__PURE__ */ formula((x, keep) => keep.where(x, -Infinity));
const weight = /* @__PURE__ */ formula((x, keep, peak) => keep.where(x.sub(peak).exp(), 0));
const share = /* @__PURE__ */ formula((exponential, keep, total) => keep.where(exponential.div(total), 0));

const writeMaskedSoftmax: Writer = (call) => {
  const { graph, kind, inputs } = call;
  const [x, keep, axes] = [inputs['x']!.name, inputs['keep']!.name, axesOf(call)];
  const peak = graph.reduce('ReduceMax', map(graph, seen, kind, x, keep), axes);
  const exponentials = map(graph, weight, kind, x, keep, peak);
  return map(graph, share, kind, exponentials, keep, graph.reduce('ReduceSum', exponentials, axes));
};

/** The mean as it is rounded is not quite that of the numbers, so it is subtracted twice. */
const writeCentre: Writer = (call) => {
  const { graph } = call;
  const axes = axesOf(call);
  const less = (x: string) => graph.node('Sub', [x, meanOf(graph, x, axes)]);
  return less(less(call.inputs['x']!.name));
};

const meanOf = (graph: Graph, x: string, axes: readonly number[]): string =>
  axes.length === 0 ? x : graph.node('ReduceMean', [x], { axes });

const square = /* @__PURE__ */ formula((x, unit) => x.div(unit).mul(x.div(unit)));
const unit = /* @__PURE__ */ formula((largest) => largest.equal(0).where(1, largest));
const length = /* @__PURE__ */ formula((total, unit) => total.sqrt().mul(unit));
const slope = /* @__PURE__ */ formula((gradient, x, length) => {
  const isZero = length.equal(0);
  return isZero.where(0, gradient).mul(x).div(isZero.where(1, length));
});

/** Lengths along axes, which are kept. Elements are measured in multiples of the largest, so that no square overflows. */
function lengthsOf(graph: Graph, { name, kind }: Value, axes: readonly number[]): string {
  const by = map(graph, unit, kind, graph.reduce('ReduceMax', graph.node('Abs', [name]), axes));
  return map(graph, length, kind, graph.reduce('ReduceSum', map(graph, square, kind, name, by), axes), by);
}

const writeNorm: Writer = (call) => call.graph.reshape(lengthsOf(call.graph, call.inputs['x']!, axesOf(call)), call.sizes);

const writeNormSlope: Writer = (call) => {
  const [x, gradient] = [call.inputs['x']!, call.inputs['gradient']!];
  return map(call.graph, slope, call.kind, gradient.name, x.name, lengthsOf(call.graph, x, axesOf(call)));
};

const writeCumsum: Writer = ({ graph, inputs: { x }, attributes }) =>
  graph.node('CumSum', [x!.name, graph.indices([one('axis', attributes['axis'])], [])], {
    reverse: Number(attributes['reverse'] === true),
  });

const writeProd: Writer = ({ graph, inputs: { x }, attributes }) =>
  graph.reduce('ReduceProd', x!.name, [one('axis', attributes['axis'])], false);

const logarithms = (graph: Graph, { name }: Value): string => graph.node('LogSoftmax', [name], { axis: 1 });

const writeClasses: Writer = ({ graph, inputs: { logits, classes }, sizes }) => {
  const column: readonly Size[] = [sizes[0]!, 1];
  const chosen = graph.node('GatherElements', [logarithms(graph, logits!), graph.reshape(classes!.name, column)], { axis: 1 });
  return graph.node('Neg', [graph.reshape(chosen, sizes)]);
};

const expected = /* @__PURE__ */ formula((logarithm, target) => target.equal(0).where(0, logarithm.mul(target).neg()));

const writeRows: Writer = ({ graph, inputs: { logits, targets }, kind }) =>
  graph.reduce('ReduceSum', map(graph, expected, kind as Kind, logarithms(graph, logits!), targets!.name), [1], false);

export const sums = (): readonly (readonly [Op<any, any>, Writer])[] => [
  [sum, reduction('ReduceSum')],
  [sumTo, writeSumTo],
  [max, reduction('ReduceMax')],
  [min, reduction('ReduceMin')],
  [argmax, index('ArgMax')],
  [argmin, index('ArgMin')],
  [softmax, writeSoftmax],
  [logSoftmax, writeLogSoftmax],
  [logSumExp, writeLogSumExp],
  [maskedSoftmaxOp, writeMaskedSoftmax],
  [centre, writeCentre],
  [normOp, writeNorm],
  [normSlope, writeNormSlope],
  [cumsumOp, writeCumsum],
  [prodOp, writeProd],
  [crossEntropyOfClasses, writeClasses],
  [crossEntropyOfRows, writeRows],
];
