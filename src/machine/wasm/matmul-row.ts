/** The kernel that multiplies a single row with a matrix. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, either, i32, type Kernel, repeat, when } from './assembler.ts';
import { pairsInRows, storing } from './edges.ts';
import { NEIGHBOURS, registerOf, varying } from './elementwise.ts';
import { vectors } from './lanes.ts';
import { VECTOR } from './matmul-kernels.ts';

/** How many rows of a matrix are read at once: each sum is then loaded and stored that much less often. */
const AT_ONCE = 4;
const AT_ONCE_BITS = 2;

/** A row of `k` elements at `a`, times a matrix at `b` with rows of `rowBytes`, to the address `c`, and, if that is not 0, added to the row at `total`. */
export interface RowMultiplication {
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly total: number;
  readonly rowBytes: number;
}

const ROW_MULTIPLICATION = ['k', 'a', 'b', 'c', 'total', 'rowBytes'] as const;

export const runRowMultiplication = (run: Kernel, { k, a, b, c, total, rowBytes }: RowMultiplication): void =>
  run(k, a, b, c, total, rowBytes);

/**
 * The kernel of a single row times a matrix. A tile would use each number that it loads only once or twice here, so the matrix is read from end to end
 * instead, as caches like it; its rows add their multiples to sums in memory.
 */
export function rowMultiplication(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(ROW_MULTIPLICATION, ({ k, a, b, c, total, rowBytes }, scope) => {
    const [left, rest] = [scope.integer(), scope.integer()];
    const { at, isRest, over, storeRest } = pairsInRows(v, scope, rest);
    const sums = varying(scope);
    const storeTotals = storing(v, scope, sums.length, rest, isRest);
    const lines = Array.from({ length: AT_ONCE }, () => ({ from: scope.integer(), x: scope.vector() }));
    const addRows = (rows: typeof lines): Code => [
      rows.map(({ from, x }, i) => [x.set(v.loadSplat(a, i * v.bytes)), from.set(i === 0 ? b : i32.add(rows[i - 1]!.from, rowBytes))]),
      over(c, rowBytes, [
        NEIGHBOURS.map((i) => registerOf(sums, i).set(v.load(at, VECTOR * i))),
        rows.map(({ from, x }) =>
          NEIGHBOURS.map((i) => registerOf(sums, i).set(v.add(registerOf(sums, i), v.mul(x, v.load(from, VECTOR * i))))),
        ),
        NEIGHBOURS.map((i) => v.store(at, registerOf(sums, i), VECTOR * i)),
        rows.map(({ from }) => advance(from, 2 * VECTOR)),
      ]),
      advance(a, rows.length * v.bytes),
      advance(b, i32.mul(rowBytes, i32.constant(rows.length))),
    ];
    const several = (count: Code, rows: typeof lines) => [left.set(count), when(left, repeat(left, addRows(rows)))];
    return [
      rest.set(i32.and(rowBytes, i32.constant(2 * VECTOR - 1))),
      over(
        c,
        rowBytes,
        NEIGHBOURS.map((i) => v.store(at, v.constant(0), VECTOR * i)),
      ),
      several(i32.shiftRight(k, i32.constant(AT_ONCE_BITS)), lines),
      several(i32.and(k, i32.constant(AT_ONCE - 1)), lines.slice(0, 1)),
      either(
        total,
        over(c, rowBytes, [
          NEIGHBOURS.map((i) => registerOf(sums, i).set(v.add(v.load(total, VECTOR * i), v.load(at, VECTOR * i)))),
          storeTotals(total, sums),
          advance(total, 2 * VECTOR),
        ]),
        storeRest(c, rowBytes),
      ),
    ];
  });
}
