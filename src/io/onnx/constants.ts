/** Constants of a graph: what took part in a computation and came from outside. */

import type { Dtype } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { Parameter } from '../../tensor/parameter.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Graph } from './graph-builder.ts';
import { KINDS } from './model-message.ts';
import { Free, type Size, sizeOfAll } from './sizes.ts';
import { axesFrom } from './writer.ts';

/** A tensor as it was at each recording. */
interface Constant {
  readonly at: readonly Tensor[];
  readonly sizes: readonly Size[];
  readonly name: string | undefined;
  /** The last size of the result that it is used for. */
  readonly width: Size | undefined;
}

/** Writes a constant; parameters of float32 in float16 if asked for. */
export function writeConstant(graph: Graph, { at, sizes, name, width }: Constant, batches: readonly number[], halves: boolean): string {
  const [x] = at as [Tensor];
  const fixed = at.every((other) => other === x || sameNumbers(other, x));
  if (!fixed) return writeFree(graph, { at, sizes, name, width }, batches);
  if (name === undefined && x.rank === 0) return graph.number(x.dtype, x.numbers[0]!, width);
  const wish = name ?? 'constant';
  const isWeight = x instanceof Parameter && x.dtype === 'float32';
  return halves && isWeight ? graph.half(wish, x.sizes, x.numbers) : graph.tensor(wish, x.sizes, x.numbers.slice());
}

function sameNumbers(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || a.rank !== b.rank || a.sizes.some((size, axis) => size !== b.sizes[axis])) return false;
  const { numbers } = b;
  return a.numbers.every((x, i) => Object.is(x, numbers[i]));
}

/** A constant that changes with the batch: one number throughout, the same for each example, a count of examples, or the numbers from 0 on. */
function writeFree(graph: Graph, { at, sizes, name }: Constant, batches: readonly number[]): string {
  const [x] = at as [Tensor];
  const scalar = x.rank === 0 ? sizeOfAll(at.map(({ numbers }) => numbers[0]!), batches) : 0; // biome-ignore format: a line
  if (scalar instanceof Free && scalar.line) return scalarOf(graph, scalar, x.dtype);
  const axes = axesFrom(0, x.rank).filter((axis) => sizes[axis] instanceof Free);
  const examples = axes.length > 0 ? at.map((one) => firstAlong(one, axes)) : undefined;
  if (examples?.every((example) => example && sameNumbers(example, examples[0]!))) {
    const example = examples[0]!;
    const numbers =
      example.size === 1
        ? graph.scalar(example.dtype, example.numbers[0]!)
        : graph.tensor('constant', example.sizes, example.numbers.slice());
    return graph.expand(numbers, sizes);
  }
  if (x.rank === 1 && at.every(({ numbers }) => numbers.every((n, i) => n === i))) {
    const end = graph.node('Squeeze', [graph.size(sizes[0]!)]);
    return graph.cast(
      graph.node('Range', [graph.node('Squeeze', [graph.integers([0])]), end, graph.node('Squeeze', [graph.integers([1])])]),
      KINDS[x.dtype],
    );
  }
  throw new ValueError(
    `${name ?? `a constant of shape ${formatShape(x.sizes)}`} has other numbers for another size of the batch; make it an input, or export with fixed: true`,
  );
}

const scalarOf = (graph: Graph, size: Free, dtype: Dtype): string => graph.cast(graph.node('Squeeze', [graph.size(size)]), KINDS[dtype]);

/** The first part along some axes, of size 1 there, if all others are the same. */
function firstAlong(x: Tensor, axes: readonly number[]): Tensor | undefined {
  if (x.size === 0) return undefined;
  const first = x.slice(x.sizes.map((_, axis) => (axes.includes(axis) ? [0, 1] : null)));
  return sameNumbers(first.broadcastTo(x.sizes), x) ? first : undefined;
}
