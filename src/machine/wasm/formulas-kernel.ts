/** Several formulas of the same inputs read as one kernel: what they have in common is computed once, and all results are stored in one pass. */

import type { Formulas } from '../../formula/joined-formulas.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile } from './assembler.ts';
import { storing } from './edges.ts';
import { NEIGHBOURS, registerOf, translate, uniform, varying } from './elementwise.ts';
import { vectors } from './lanes.ts';

/**
 * Computes formulas of inputs for so many rows of `rowBytes`. Of each result, and after these of each input, the places tell the address of the first row
 * and the distance from each to the next in bytes.
 */
export function runFormulas(run: Kernel, rows: number, rowBytes: number, places: readonly number[]): void {
  const [a, aStride, b, bStride, c, cStride, d, dStride] = places;
  // Spreading the places would take longer than many a kernel. A kernel ignores what it has no parameter for.
  if (places.length <= 8) run(rows, rowBytes, a!, aStride!, b!, bStride!, c!, cStride!, d!, dStride!);
  else run(rows, rowBytes, ...places);
}

/** The kernel of several formulas, some of whose inputs are uniform along a row. */
export function formulasKernel({ dtype, each }: Formulas, isUniform: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  const results = each.map((_, i) => [`result${i}`, `resultStride${i}`] as const);
  const inputs = isUniform.map((_, i) => [`input${i}`, `inputStride${i}`] as const);
  return assemble(['rows', 'rowBytes', ...[...results, ...inputs].flat()] as const, (parameters, scope) => {
    const local = (name: string): Local => parameters[name as keyof typeof parameters]!;
    const { rows, rowBytes } = parameters as { readonly [name in 'rows' | 'rowBytes']: Local };
    const [column, rest, at] = [scope.integer(), scope.integer(), scope.integer()];
    const sources = inputs.map(([row], i) => ({ row: local(row), registers: isUniform[i] ? uniform(scope) : varying(scope) }));
    const {
      constants,
      forRow,
      forPair,
      results: found,
    } = translate(
      each,
      v,
      scope,
      sources.map(({ registers }) => registers),
    );
    const isLast = i32.less(rowBytes, i32.add(column, i32.constant(32)));
    const store = storing(v, scope, NEIGHBOURS.length, rest, isLast);
    const load = ({ row, registers }: (typeof sources)[number]): Code =>
      registers.length === 1 ? [] : [at.set(i32.add(row, column)), NEIGHBOURS.map((i) => registerOf(registers, i).set(v.load(at, 16 * i)))];
    return [
      constants,
      rest.set(i32.and(rowBytes, i32.constant(31))),
      repeat(rows, [
        sources.map(({ row, registers }) => (registers.length === 1 ? registers[0].set(v.loadSplat(row)) : [])),
        forRow,
        column.set(i32.constant(0)),
        repeatWhile(i32.less(column, rowBytes), [
          sources.map(load),
          forPair,
          found.map((result, i) => [
            at.set(i32.add(local(results[i]![0]), column)),
            // A result of uniform inputs alone has one register, which both neighbours are stored from.
            store(
              at,
              NEIGHBOURS.map((neighbour) => registerOf(result, neighbour)),
            ),
          ]),
          advance(column, 32),
        ]),
        [...results, ...inputs].map(([row, stride]) => advance(local(row), local(stride))),
      ]),
    ];
  });
}
