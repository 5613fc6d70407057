/** The kernel that multiplies a single row with a matrix. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile, when } from './assembler.ts';
import { pairByPair } from './edges.ts';
import { NEIGHBOURS, registerOf, varying } from './elementwise.ts';
import { VECTOR, vectors } from './lanes.ts';

/** How many rows of a matrix are read at once: each sum is then loaded and stored that much less often. */
const AT_ONCE = 4;
const AT_ONCE_BITS = 2;

/** A row of `k` elements at `a`, times a matrix at `b` with rows of `rowBytes`, to the address `out`, or added to the row that is there. */
export interface RowMultiplication {
  readonly k: number;
  readonly a: number;
  readonly b: number;
  /** Scratch space for as many sums, up to a whole pair of vectors. */
  readonly sums: number;
  readonly out: number;
  readonly adds: boolean;
  readonly rowBytes: number;
}

const ROW_MULTIPLICATION = ['k', 'a', 'b', 'sums', 'out', 'adds', 'rowBytes'] as const;

export const runRowMultiplication = (run: Kernel, { k, a, b, sums, out, adds, rowBytes }: RowMultiplication): void =>
  run(k, a, b, sums, out, Number(adds), rowBytes);

/**
 * The kernel of a single row times a matrix. A tile would use each number that it loads only once or twice here, so the matrix is read from end to end
 * instead, as caches like it; its rows add their multiples to sums in memory.
 */
export function rowMultiplication(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(ROW_MULTIPLICATION, ({ k, a, b, sums, out, adds, rowBytes }, scope) => {
    const [at, end, left, rest] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const pair = varying(scope);
    const eachPair = pairByPair(v, scope, rest);
    const lines = Array.from({ length: AT_ONCE }, () => ({ from: scope.integer(), x: scope.vector() }));
    const add = (from: Code) => NEIGHBOURS.map((i) => registerOf(pair, i).set(v.add(v.load(from, VECTOR * i), registerOf(pair, i))));
    const overSums = (body: Code): Code => [
      at.set(sums),
      end.set(i32.add(sums, rowBytes)),
      repeatWhile(i32.less(at, end), [body, NEIGHBOURS.map((i) => v.store(at, registerOf(pair, i), VECTOR * i)), advance(at, 2 * VECTOR)]),
    ];
    const addRows = (rows: typeof lines): Code => [
      rows.map(({ from, x }, i) => [x.set(v.loadSplat(a, i * v.bytes)), from.set(i === 0 ? b : i32.add(rows[i - 1]!.from, rowBytes))]),
      overSums([
        NEIGHBOURS.map((i) => registerOf(pair, i).set(v.load(at, VECTOR * i))),
        rows.map(({ from, x }) =>
          NEIGHBOURS.map((i) => registerOf(pair, i).set(v.add(registerOf(pair, i), v.mul(x, v.load(from, VECTOR * i))))),
        ),
        rows.map(({ from }) => advance(from, 2 * VECTOR)),
      ]),
      advance(a, rows.length * v.bytes),
      advance(b, i32.mul(rowBytes, i32.constant(rows.length))),
    ];
    const several = (count: Code, rows: typeof lines) => [left.set(count), when(left, repeat(left, addRows(rows)))];
    const loadSums = [NEIGHBOURS.map((i) => registerOf(pair, i).set(v.load(sums, VECTOR * i))), advance(sums, 2 * VECTOR)];
    return [
      rest.set(i32.and(rowBytes, i32.constant(2 * VECTOR - 1))),
      overSums(pair.map((register) => register!.set(v.constant(0)))),
      several(i32.shiftRight(k, i32.constant(AT_ONCE_BITS)), lines),
      several(i32.and(k, i32.constant(AT_ONCE - 1)), lines.slice(0, 1)),
      eachPair(out, rowBytes, (store) => [loadSums, when(adds, add(out)), store(out, pair as readonly Local[])]),
    ];
  });
}
