/** Elementwise operations, written by their formulas. */

import type { ElementwiseOp } from '../../tensor/op.ts';
import { inputsOf, readFormula } from './formulas.ts';
import type { Graph, Value } from './graph-builder.ts';
import { KINDS } from './model-message.ts';
import { type Size, sameSize } from './sizes.ts';

/** Writes an elementwise operation of values, whose result has these sizes. */
export function writeElementwise(graph: Graph, op: ElementwiseOp, inputs: readonly Value[], sizes: readonly Size[]): string {
  const [{ kind }] = inputs as [Value];
  const formula = op.formula(kind === 'float32' ? 'float32' : 'float64');
  const names = inputs.map(({ name }) => (kind === 'int32' ? graph.cast(name, KINDS.float64) : name));
  const y = broadcast(graph, readFormula(graph, formula, names, sizes.at(-1)), inputsOf(formula), inputs, sizes);
  // Whole numbers are computed in float64 and rounded down.
  return kind === 'int32' ? graph.cast(graph.node('Floor', [y]), KINDS.int32) : y;
}

/** What a formula makes no use of may still be what its result is as large as. */
function broadcast(graph: Graph, y: string, used: ReadonlySet<number>, inputs: readonly Value[], sizes: readonly Size[]): string {
  const isWhole = ({ sizes: own }: Value) => own.length === sizes.length && own.every((size, axis) => sameSize(size, sizes[axis]!));
  const fits = used.size === inputs.length || inputs.some((input, i) => used.has(i) && isWhole(input));
  return fits ? y : graph.expand(y, sizes);
}
