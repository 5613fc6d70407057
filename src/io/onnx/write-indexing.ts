/** Elements and rows by index, orders, and what is only checked. */

import { formula } from '../../formula/formula.ts';
import { inRangeOp } from '../../functions/elementwise/in-range.ts';
import { fmodOp, remainderOp } from '../../functions/elementwise/remainders.ts';
import { indexAddOp, indexSelectOp } from '../../functions/layout/index-select.ts';
import { scatterOp } from '../../functions/layout/scatter.ts';
import { probabilitiesOp } from '../../functions/losses/plain-cross-entropy.ts';
import { searchsortedOp } from '../../functions/sums/bins.ts';
import { argsortOp } from '../../functions/sums/order.ts';
import type { Op } from '../../tensor/op.ts';
import { gather, oneHot, scatterSum } from '../../tensor/ops/indexing.ts';
import { KINDS } from './model-message.ts';
import { axesFrom, type Call, map, one, type Writer } from './writer.ts';

const axisOf = ({ attributes }: Call): number => one('axis', attributes['axis']);

/** What max pooling picks by its indices the operation of that name gives beside them. */
const writeGather: Writer = (call) => {
  const { graph, sizes } = call;
  const [x, indices] = [call.inputs['x']!.name, call.inputs['indices']!.name];
  const pooled = graph.pooled.get(graph.sourceOf(indices));
  if (pooled?.of === graph.sourceOf(x)) return graph.reshape(pooled.values, sizes);
  return graph.node('GatherElements', [x, indices], { axis: axisOf(call) });
};

const writeSelect: Writer = (call) =>
  call.graph.node('Gather', [call.inputs['x']!.name, call.inputs['indices']!.name], { axis: axisOf(call) });

const writeScatter: Writer = (call) =>
  call.graph.node(
    'ScatterElements',
    ['x', 'indices', 'source'].map((name) => call.inputs[name]!.name),
    { axis: axisOf(call) },
  );

/** Rows of the identity by index. */
function chosen({ graph }: Call, indices: string, rank: number, count: number, kind: Call['kind']): string {
  const column = graph.node('Unsqueeze', [indices, graph.integers([rank])]);
  return graph.cast(graph.node('Equal', [column, graph.indices(axesFrom(0, count))]), KINDS[kind]);
}

/** Zeros, to which elements are added where indices say. */
const addTo = (call: Call, indices: string): string => {
  const zeros = call.graph.expand(call.graph.scalar(call.kind, 0), call.sizes);
  return call.graph.node('ScatterElements', [zeros, indices, call.inputs['x']!.name], { axis: axisOf(call), reduction: 'add' });
};

const writeScatterSum: Writer = (call) => addTo(call, call.inputs['indices']!.name);

/** An index for each element instead of each row. */
const writeIndexAdd: Writer = (call) => {
  const { sizes } = call.inputs['x']!;
  const axis = axisOf(call);
  const line = call.graph.reshape(
    call.inputs['indices']!.name,
    sizes.map((size, i) => (i === axis ? size : 1)),
  );
  return addTo(call, call.graph.expand(line, sizes));
};

const writeOneHot: Writer = (call) => {
  const x = call.inputs['x']!;
  return chosen(call, x.name, x.sizes.length, one('number of classes', call.attributes['classes']), call.kind);
};

const writeArgsort: Writer = (call) => {
  const { graph, attributes } = call;
  const x = call.inputs['x']!;
  const axis = axisOf(call);
  const largest = Number(attributes['descending'] === true);
  const [, order] = graph.nodeOf('TopK', [x.name, graph.size(x.sizes[axis]!)], 2, { axis, largest, sorted: 1 });
  return graph.cast(order!, KINDS.int32);
};

const writeSearch: Writer = ({ graph, inputs: { edges, values }, attributes }) => {
  const line = graph.node('Unsqueeze', [edges!.name, graph.integers([edges!.sizes.length - 1])]);
  const column = graph.node('Unsqueeze', [values!.name, graph.integers([values!.sizes.length])]);
  const below = graph.node(attributes['right'] === true ? 'LessOrEqual' : 'Less', [line, column]);
  return graph.reduce('ReduceSum', graph.cast(below, KINDS.int32), [-1], false);
};

const withSignOf = /* @__PURE__ */ formula((rest, b) => rest.equal(0).where(0, rest.mul(b.sign()).less(0).where(rest.add(b), rest)));

const writeFmod: Writer = ({ graph, inputs: { a, b } }) => graph.node('Mod', [a!.name, b!.name], { fmod: 1 });

/** Of whole numbers the operation itself has the sign of the divisor. */
const writeRemainder: Writer = (call) => {
  const { graph, inputs, kind } = call;
  const [a, b] = [inputs['a']!.name, inputs['b']!.name];
  return kind === 'int32' ? graph.node('Mod', [a, b]) : map(graph, withSignOf, kind, writeFmod(call), b);
};

/** Numbers that are checked when they are computed here. */
const writeChecked: Writer = ({ inputs: { x } }) => x!.name;

export const indexing = (): readonly (readonly [Op<any, any>, Writer])[] => [
  [gather, writeGather],
  [indexSelectOp, writeSelect],
  [scatterOp, writeScatter],
  [scatterSum, writeScatterSum],
  [indexAddOp, writeIndexAdd],
  [oneHot, writeOneHot],
  [argsortOp, writeArgsort],
  [searchsortedOp, writeSearch],
  [fmodOp, writeFmod],
  [remainderOp, writeRemainder],
  [inRangeOp, writeChecked],
  [probabilitiesOp, writeChecked],
];
