/**
 * The kernels of products of matrices `c = a b`. They work in tiles of a few rows by a few vectors whose sums stay in registers; each element adds its
 * `k` products from first to last: one block of those that `machine.ts` defines. A strip is the neighbouring rows of `a` that a tile needs, a panel the neighbouring columns of `b`.
 */

import type { FloatDtype } from '../../base/dtype.ts';
import { MATMUL_BLOCK } from '../machine.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile, type Scope, TOTALS, when } from './assembler.ts';
import { storing } from './edges.ts';
import { type Lanes, VECTOR, vectors } from './lanes.ts';

export { VECTOR };

/** A tile of so many rows uses the registers best; the last rows of a matrix may be fewer. */
export const ROWS = 4;

/** The rows of a tile, the vectors in each of them, and how a strip of `a` is stored. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
  /** Whether the elements of a strip's column follow one another; else each is in its own row. */
  readonly contiguous: boolean;
}

/** Where the strips of `a` are: the first address, and the distances of strips, of the rows in a strip, and of the elements in a row, in bytes. */
export interface StripLayout {
  readonly address: number;
  readonly stripStride: number;
  readonly rowStride: number;
  readonly stepStride: number;
  readonly contiguous: boolean;
}

/** Where the panels of `b` are: the first address, and the distances of panels and of the rows in a panel, in bytes. */
export interface PanelLayout {
  readonly address: number;
  readonly panelStride: number;
  readonly stepStride: number;
}

/** The sums of a tile, as vectors in rows, and the code that adds all products to them. */
interface TileSums {
  readonly rows: readonly (readonly Local[])[];
  /** `a` and `b` are the addresses of the strip and of the panel. */
  readonly addUp: (a: Local, b: Code) => Code;
}

/** Parameters of a kernel that say how it finds the elements of a strip and of a panel, `k` of each. */
interface TileParameters {
  readonly k: Local;
  readonly aRowStride: Local;
  readonly aStepStride: Local;
  readonly bStepStride: Local;
}

export function sumsOf(v: Lanes, scope: Scope, { rows: count, vectors, contiguous }: Tile, parameters: TileParameters): TileSums {
  const { k, aRowStride, aStepStride, bStepStride } = parameters;
  const rows = Array.from({ length: count }, () => Array.from({ length: vectors }, () => scope.vector()));
  const row = Array.from({ length: vectors }, () => scope.vector());
  const x = scope.vector();
  const [fromB, left, rest] = [scope.integer(), scope.integer(), scope.integer()];
  const fromA = Array.from({ length: contiguous ? 1 : count }, () => scope.integer());
  const element = (i: number) => (contiguous ? v.loadSplat(fromA[0]!, i * v.bytes) : v.loadSplat(fromA[i]!));
  const sums = rows.flat();
  const [block, totals] = [i32.constant(MATMUL_BLOCK), TOTALS];
  const several = i32.less(block, k);
  const addBlock = repeat(left, [
    row.map((y, i) => y.set(v.load(fromB, VECTOR * i))),
    rows.map((sums, i) => [x.set(element(i)), sums.map((sum, j) => sum.set(v.add(sum, v.mul(x, row[j]!))))]),
    fromA.map((from) => advance(from, aStepStride)),
    advance(fromB, bStepStride),
  ]);
  return {
    rows,
    addUp: (a, b) => [
      fromA.map((from, i) => from.set(i === 0 ? a : i32.add(fromA[i - 1]!, aRowStride))),
      fromB.set(b),
      sums.map((sum) => sum.set(v.constant(0))),
      rest.set(k),
      when(several, [
        // Sums of blocks go to memory, so that registers are free for the next.
        sums.map((sum, i) => v.store(totals, sum, VECTOR * i)),
        repeatWhile(i32.less(block, rest), [
          left.set(block),
          addBlock,
          sums.map((sum, i) => [v.store(totals, v.add(v.load(totals, VECTOR * i), sum), VECTOR * i), sum.set(v.constant(0))]),
          advance(rest, -MATMUL_BLOCK),
        ]),
      ]),
      left.set(rest),
      addBlock,
      when(
        several,
        sums.map((sum, i) => sum.set(v.add(v.load(totals, VECTOR * i), sum))),
      ),
    ],
  };
}

/**
 * What a kernel multiplies: so many strips and panels, with `k` products for each element, to rows that are `rowBytes` apart from the address `c` on. The
 * last panel has `rest` bytes of a row, or if that is 0, all of its own.
 */
export interface Multiplication {
  readonly strips: number;
  readonly panels: number;
  readonly rest: number;
  readonly k: number;
  readonly a: StripLayout;
  readonly b: PanelLayout;
  readonly c: number;
  readonly rowBytes: number;
}

/** The parameters in which both kernels of products get the places of their factors, in the order in which they are passed. */
export const FACTORS = ['a', 'aStripStride', 'aRowStride', 'aStepStride', 'b', 'bPanelStride', 'bStepStride'] as const;

const MULTIPLICATION = ['strips', 'panels', 'rest', 'k', ...FACTORS, 'c', 'rowBytes'] as const;

export const runMultiplication = (run: Kernel, { strips, panels, rest, k, a, b, c, rowBytes }: Multiplication): void =>
  run(strips, panels, rest, k, a.address, a.stripStride, a.rowStride, a.stepStride, b.address, b.panelStride, b.stepStride, c, rowBytes);

/** The kernel of `c = a b`, tile by tile. */
export function multiplication(dtype: FloatDtype, tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(MULTIPLICATION, (parameters, scope) => {
    const { strips, panels, rest, a, aStripStride, b, bPanelStride, c, rowBytes } = parameters;
    const [restHere, to, fromA, strip] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const { rows, addUp } = sumsOf(v, scope, tile, parameters);
    const store = storing(v, scope, tile.vectors, restHere);
    return repeat(panels, [
      restHere.set(i32.mul(rest, isLast(panels))),
      to.set(c),
      fromA.set(a),
      strip.set(strips),
      repeat(strip, [addUp(fromA, b), rows.map((sums) => [store(to, sums), advance(to, rowBytes)]), advance(fromA, aStripStride)]),
      advance(c, VECTOR * tile.vectors),
      advance(b, bPanelStride),
    ]);
  });
}

/** Whether a count that goes down to 0 is at its last, as 1 or 0. */
export const isLast = (left: Local): Code => i32.less(left, i32.constant(2));
