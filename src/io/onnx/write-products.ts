/** Products of matrices, and what is linear along an axis: a product with a matrix of constants. */

import type { Dtype } from '../../base/dtype.ts';
import { rfftAdjointOp, rfftOp } from '../../functions/linalg/fourier.ts';
import { resampleAdjointOp, resampleOp } from '../../functions/nn/resample.ts';
import type { Op } from '../../tensor/op.ts';
import { matmul, timesTransposed, transposedTimes } from '../../tensor/ops/matmul.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import type { Graph, Value } from './graph-builder.ts';
import { axesFrom, one, type Writer } from './writer.ts';

/** A matrix, or each of a batch, transposed. */
const transposed = (graph: Graph, { name, sizes: { length } }: Value): string =>
  graph.transpose(name, [...axesFrom(0, length - 2), length - 1, length - 2]);

/** Single matrices by the operation that transposes its factors itself. */
const product =
  (transA: number, transB: number): Writer =>
  ({ graph, inputs }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    if ((transA || transB) && a.sizes.length === 2 && b.sizes.length === 2) return graph.node('Gemm', [a.name, b.name], { transA, transB });
    return graph.node('MatMul', [transA ? transposed(graph, a) : a.name, transB ? transposed(graph, b) : b.name]);
  };

/** `y = x W` along an axis. The rows of `W` are what the operation makes of those of the identity. */
const linearAlong =
  (op: Op<'x', any>, axisOf: (attributes: Readonly<Record<string, unknown>>, rank: number) => number): Writer =>
  ({ graph, inputs: { x }, attributes }) => {
    const rank = x!.sizes.length;
    const axis = axisOf(attributes, rank);
    const identity = Tensor.eye(one('axis', x!.sizes[axis]), x!.kind as Dtype);
    const { sizes, numbers } = perform(op, { x: identity }, { ...attributes, axis: 1 });
    // The axis goes to the end and comes back.
    const others = axesFrom(0, rank).toSpliced(axis, 1);
    const lines = graph.transpose(x!.name, [...others, axis]);
    const y = graph.node('MatMul', [lines, graph.tensor(op.name, sizes, numbers)]);
    return graph.transpose(y, [...others.slice(0, axis), rank - 1, ...others.slice(axis).map((other) => other - 1)]);
  };

const given = ({ axis }: Readonly<Record<string, unknown>>): number => one('axis', axis);
const last = (_: unknown, rank: number): number => rank - 1;

export const products = (): readonly (readonly [Op<any, any>, Writer])[] => [
  [matmul, product(0, 0)],
  [timesTransposed, product(0, 1)],
  [transposedTimes, product(1, 0)],
  [resampleOp, linearAlong(resampleOp, given)],
  [resampleAdjointOp, linearAlong(resampleAdjointOp, given)],
  [rfftOp, linearAlong(rfftOp, last)],
  [rfftAdjointOp, linearAlong(rfftAdjointOp, last)],
];
