/** What moves, repeats or selects elements. */

import { ValueError } from '../../base/errors.ts';
import { concatOp } from '../../functions/layout/concat.ts';
import type { Op } from '../../tensor/op.ts';
import { broadcastTo, cast, permute, reshape, slice, unslice } from '../../tensor/ops/movement.ts';
import { FAR, type Graph } from './graph-builder.ts';
import { KINDS, type Kind } from './model-message.ts';
import { difference, Free, type Size, sameSize } from './sizes.ts';
import { axesFrom, type Call, fixed, one, type Writer } from './writer.ts';

/** A place along an axis as ONNX counts it: from the end where the axis is free. */
function place(at: Size, axis: Size): number {
  if (typeof at === 'number') return at < 0 ? -FAR : at;
  const left = difference(axis, at);
  if (left === undefined) throw new ValueError('a slice begins or ends at a place that changes with the size of the batch');
  return left > 0 ? -left : FAR;
}

/** The sum of a start and some steps, where it is a number or moves with the size. */
function endOf(start: Size, step: number, size: Size): Size {
  if (typeof start === 'number' && typeof size === 'number') return start + step * size;
  const count = (size instanceof Free ? size : (start as Free)).at.length;
  const at = axesFrom(0, count).map((i) => atPlace(start, i) + step * atPlace(size, i));
  return at.every((end) => end === at[0]) ? at[0]! : new Free(at, undefined);
}

const atPlace = (size: Size, i: number): number => (size instanceof Free ? size.at[i]! : size);

const writeSlice: Writer = ({ graph, inputs: { x }, attributes, sizes }) => {
  const [starts, steps] = [attributes['starts'] as readonly Size[], fixed('steps', attributes['steps'])];
  const axes = axesFrom(0, sizes.length).filter(
    (axis) => steps[axis] !== 1 || starts[axis] !== 0 || !sameSize(x!.sizes[axis]!, sizes[axis]!),
  );
  if (axes.length === 0) return x!.name;
  const at = axes.map((axis) => ({ size: x!.sizes[axis]!, start: starts[axis]!, step: steps[axis]!, count: sizes[axis]! }));
  return graph.slice(
    x!.name,
    axes,
    at.map(({ start, size }) => place(start, size)),
    at.map(({ start, step, count, size }) => place(endOf(start, step, count), size)),
    at.map(({ step }) => step),
  );
};

/** Zeros of a shape in which a slice would find `x`. */
export function placed(
  graph: Graph,
  x: { readonly name: string; readonly sizes: readonly Size[]; readonly kind: Kind },
  to: readonly Size[],
  starts: readonly number[],
  steps: readonly number[],
): string {
  const zero = graph.scalar(x.kind, 0);
  const none = to.map(() => 0);
  let name = x.name;
  const [before, after] = [[...none], [...none]];
  to.forEach((size, axis) => {
    if (sameSize(size, x.sizes[axis]!) && starts[axis] === 0 && steps[axis] === 1) return;
    const [count, length] = [x.sizes[axis]!, size];
    const rest = difference(length, count);
    if (steps[axis] === 1 && rest !== undefined) {
      before[axis] = starts[axis]!;
      after[axis] = rest - starts[axis]!;
      return;
    }
    // An element of zeros is added to the end, and taken wherever there is none of x.
    const [given, wanted] = fixed('shape', [count, length]) as [number, number];
    const from = axesFrom(0, wanted).map((i) => {
      const nth = (i - starts[axis]!) / steps[axis]!;
      return Number.isInteger(nth) && nth >= 0 && nth < given ? nth : given;
    });
    name = graph.node('Gather', [graph.pad(name, none, none.with(axis, 1), zero), graph.indices(from)], { axis });
  });
  return graph.pad(name, before, after, zero);
}

const writeUnslice: Writer = ({ graph, inputs: { x }, attributes, sizes }) =>
  placed(graph, x!, sizes, fixed('starts', attributes['starts']), fixed('steps', attributes['steps']));

/** An axis that has its size already is left as it is: an axis that changes with the batch need not be computed. */
const writeBroadcast: Writer = ({ graph, inputs: { x }, sizes }) => {
  const first = sizes.length - x!.sizes.length;
  return graph.expand(
    x!.name,
    sizes.map((size, axis) => (axis >= first && sameSize(x!.sizes[axis - first]!, size) ? 1 : size)),
  );
};

const writeCast: Writer = ({ graph, inputs: { x }, kind }) => graph.cast(x!.name, KINDS[kind]);

const writeConcat: Writer = ({ graph, inputs, attributes }: Call) =>
  graph.node(
    'Concat',
    Object.values(inputs).map(({ name }) => name),
    { axis: one('axis', attributes['axis']) },
  );

export const movement = (): readonly (readonly [Op<any, any>, Writer])[] => [
  [reshape, ({ graph, inputs: { x }, sizes }) => graph.reshape(x!.name, sizes)],
  [permute, ({ graph, inputs: { x }, attributes }) => graph.node('Transpose', [x!.name], { perm: fixed('axes', attributes['axes']) })],
  [broadcastTo, writeBroadcast],
  [slice, writeSlice],
  [unslice, writeUnslice],
  [cast, writeCast],
  [concatOp, writeConcat],
];
