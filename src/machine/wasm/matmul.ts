/**
 * The product of two matrices, in tiles of a few rows by a few vectors whose sums stay in registers.
 * Each element adds its products from first to last, as `machine.ts` defines.
 */

import type { FloatDtype } from '../../base/dtype.ts';
import type { Formula } from '../../formula/formula.ts';
import { advance, assemble, type Code, i32, type Local, repeat, repeatWhile, type Scope, when } from './assembler.ts';
import { flowing, NEIGHBOURS, type Places, placeOf, staying, translate } from './elementwise.ts';
import { type Lanes, vectors } from './lanes.ts';

/** A tile of so many rows uses the registers best; the last rows of a matrix may be fewer. */
export const ROWS = 4;
const VECTOR = 16;

/**
 * How the elements of a column of `a` that a tile needs lie: `together`, one after another, or `apart`, each in its own row.
 */
export type Column = 'together' | 'apart';

/** A tile: its rows, the vectors in each of them, and how its columns of `a` lie. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
  readonly column: Column;
}

/** `run(strips, k, from, rowBytes, to)`: some neighbouring rows at a time, one number of each in turn. */
export function interleave(dtype: FloatDtype, rows: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(5, (scope, strips, k, from, rowBytes, to) => {
    const left = scope.integer();
    const places = Array.from({ length: rows }, () => scope.integer());
    return repeat(strips, [
      places.map((place) => [place.set(from), advance(from, rowBytes)]),
      left.set(k),
      repeat(left, [places.map((place, i) => [v.copy(to, place, i * v.bytes), advance(place, v.bytes)]), advance(to, rows * v.bytes)]),
    ]);
  });
}

/** `run(panels, k, from, rowBytes, to)`: some neighbouring columns at a time, row after row. */
export function stack(dtype: FloatDtype, columns: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  const bytes = columns * v.bytes;
  const offsets = Array.from({ length: bytes / 16 }, (_, i) => 16 * i);
  return assemble(5, (scope, panels, k, from, rowBytes, to) => {
    const [place, left] = [scope.integer(), scope.integer()];
    return repeat(panels, [
      place.set(from),
      left.set(k),
      repeat(left, [offsets.map((offset) => v.store(to, v.load(place, offset), offset)), advance(to, bytes), advance(place, rowBytes)]),
      advance(from, bytes),
    ]);
  });
}

/** The sums of a tile, as vectors in rows, and the code that adds all products to them. */
interface Sums {
  readonly rows: readonly (readonly Local[])[];
  /** `from`: the first element of the strip of `a` and of the panel of `b`. */
  readonly addUp: (a: Local, b: Code) => Code;
}

/** Where the next elements of a strip and of a panel lie, `k` of them. */
interface Steps {
  readonly k: Local;
  readonly aRow: Local;
  readonly aStep: Local;
  readonly bStep: Local;
}

function sumsOf(v: Lanes, scope: Scope, { rows: count, vectors, column }: Tile, { k, aRow, aStep, bStep }: Steps): Sums {
  const rows = Array.from({ length: count }, () => Array.from({ length: vectors }, () => scope.vector()));
  const row = Array.from({ length: vectors }, () => scope.vector());
  const x = scope.vector();
  const [fromB, left] = [scope.integer(), scope.integer()];
  const fromA = Array.from({ length: column === 'apart' ? count : 1 }, () => scope.integer());
  const element = (i: number) => (column === 'apart' ? v.loadSplat(fromA[i]!) : v.loadSplat(fromA[0]!, i * v.bytes));
  return {
    rows,
    addUp: (a, b) => [
      fromA.map((place, i) => place.set(i === 0 ? a : i32.add(fromA[i - 1]!, aRow))),
      fromB.set(b),
      rows.flat().map((sum) => sum.set(v.constant(0))),
      left.set(k),
      repeat(left, [
        row.map((y, i) => y.set(v.load(fromB, VECTOR * i))),
        rows.map((sums, i) => [x.set(element(i)), sums.map((sum, j) => sum.set(v.add(sum, v.mul(x, row[j]!))))]),
        fromA.map((place) => advance(place, aStep)),
        advance(fromB, bStep),
      ]),
    ],
  };
}

/**
 * `run(strips, panels, k, a, aStrip, aRow, aStep, b, bPanel, bStep, c, rowBytes)`: the tiles of `c = a b`, from strips of `a` and panels of `b`,
 * which begin `aStrip` and `bPanel` bytes after each other, and whose elements follow in steps of `aStep` and `bStep`.
 *
 * Tiles may hang over the right edge, into the beginning of the rows below. So panels are taken from right to left and rows from top to bottom:
 * what was spoiled is written after by its owner.
 */
export function product(dtype: FloatDtype, tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(12, (scope, strips, panels, k, a, aStrip, aRow, aStep, b, bPanel, bStep, c, rowBytes) => {
    const [panel, to, fromA, strip] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const { rows, addUp } = sumsOf(v, scope, tile, { k, aRow, aStep, bStep });
    return repeat(panels, [
      panel.set(i32.sub(panels, i32.constant(1))),
      to.set(i32.add(c, i32.mul(panel, i32.constant(VECTOR * tile.vectors)))),
      fromA.set(a),
      strip.set(strips),
      repeat(strip, [
        addUp(fromA, i32.add(b, i32.mul(panel, bPanel))),
        rows.map((sums) => [sums.map((sum, i) => v.store(to, sum, VECTOR * i)), advance(to, rowBytes)]),
        advance(fromA, aStrip),
      ]),
    ]);
  });
}

/** So many rows of a matrix are read at once: each sum is then fetched and put back a quarter as often. */
const AT_ONCE = 4;
const AT_ONCE_BITS = 2;

/**
 * `run(k, a, b, c, rowBytes)`: a single row times a matrix. Here a tile would have little to do with each number that it fetches, so the matrix
 * is read as it lies, from end to end, as memory likes it; its rows add their multiples to sums that stay near by.
 */
export function rowTimes(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(5, (scope, k, a, b, c, rowBytes) => {
    const [at, end, left] = [scope.integer(), scope.integer(), scope.integer()];
    const sums = flowing(scope);
    const lines = Array.from({ length: AT_ONCE }, () => ({ from: scope.integer(), x: scope.vector() }));
    const over = (body: Code): Code => [
      at.set(c),
      end.set(i32.add(c, rowBytes)),
      repeatWhile(i32.less(at, end), [body, advance(at, 2 * VECTOR)]),
    ];
    const addRows = (rows: typeof lines): Code => [
      rows.map(({ from, x }, i) => [x.set(v.loadSplat(a, i * v.bytes)), from.set(i === 0 ? b : i32.add(rows[i - 1]!.from, rowBytes))]),
      over([
        NEIGHBOURS.map((i) => placeOf(sums, i).set(v.load(at, VECTOR * i))),
        rows.map(({ from, x }) => NEIGHBOURS.map((i) => placeOf(sums, i).set(v.add(placeOf(sums, i), v.mul(x, v.load(from, VECTOR * i)))))),
        NEIGHBOURS.map((i) => v.store(at, placeOf(sums, i), VECTOR * i)),
        rows.map(({ from }) => advance(from, 2 * VECTOR)),
      ]),
      advance(a, rows.length * v.bytes),
      advance(b, i32.mul(rowBytes, i32.constant(rows.length))),
    ];
    const several = (count: Code, rows: typeof lines) => [left.set(count), when(left, repeat(left, addRows(rows)))];
    return [
      over(NEIGHBOURS.map((i) => v.store(at, v.constant(0), VECTOR * i))),
      several(i32.shiftRight(k, i32.constant(AT_ONCE_BITS)), lines),
      several(i32.and(k, i32.constant(AT_ONCE - 1)), lines.slice(0, 1)),
    ];
  });
}

/** What an input of a formula is that changes a matrix by a product. */
export const ROLES = ['target', 'product', 'flows', 'stays'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `run(strips, panels, rest, k, a, aStrip, aRow, aStep, b, bPanel, bStep, target, rowBytes, x, y, …)`: changes a matrix where it lies, by a formula
 * of itself, of the product `a b`, which is never stored, and of matrices like it or single numbers `x`, `y`, …
 *
 * Nothing hangs over an edge here, since what is spoiled could not be read any more: a last panel of `rest` bytes leaves all else as it was.
 */
export function update(formula: Formula, roles: readonly Role[], tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[formula.dtype];
  const others = roles.filter((role) => role === 'flows' || role === 'stays').length;
  return assemble(
    13 + others,
    (scope, strips, panels, rest, k, a, aStrip, aRow, aStep, b, bPanel, bStep, target, rowBytes, ...addresses) => {
      const [to, row, at, fromB, left] = [scope.integer(), scope.integer(), scope.integer(), scope.integer(), scope.integer()];
      const inputs = roles.map((role) => ({
        role,
        places: role === 'stays' ? staying(scope) : flowing(scope),
        address: role === 'flows' || role === 'stays' ? addresses.shift()! : to,
      }));
      const sums = sumsOf(v, scope, tile, { k, aRow, aStep, bStep });
      const { constants, forRow, forPair, result } = translate(
        formula,
        v,
        scope,
        inputs.map(({ places }) => places),
      );
      const old = inputs.find(({ role }) => role === 'target')!.places;
      const change = (masks: readonly Local[] | undefined): Code => [
        sums.addUp(a, fromB),
        at.set(to),
        sums.rows.map((row) => [
          pairs(row).map((pair, which) => {
            const offset = 2 * VECTOR * which;
            const load = ({ role, places, address }: (typeof inputs)[number], i: 0 | 1): Code =>
              role === 'product'
                ? placeOf(places, i).set(placeOf(pair, i))
                : role === 'stays'
                  ? []
                  : placeOf(places, i).set(v.load(role === 'target' ? at : i32.add(at, address), offset + VECTOR * i));
            const keep = (value: Code, i: 0 | 1) => (masks ? v.select(masks[2 * which + i]!, value, placeOf(old, i)) : value);
            return [
              inputs.map((input) => NEIGHBOURS.map((i) => load(input, i))),
              forPair,
              NEIGHBOURS.map((i) => v.store(at, keep(placeOf(result, i), i), offset + VECTOR * i)),
            ];
          }),
          advance(at, rowBytes),
        ]),
      ];
      const masks = Array.from({ length: tile.vectors }, () => scope.vector());
      return [
        constants,
        inputs.map(({ role, places, address }) =>
          role === 'stays' ? places[0].set(v.loadSplat(address)) : role === 'flows' ? address.set(i32.sub(address, target)) : [],
        ),
        forRow,
        masks.map((mask, i) => mask.set(v.bytesBefore(rest, VECTOR * i))),
        row.set(target),
        repeat(strips, [
          to.set(row),
          fromB.set(b),
          left.set(panels),
          when(left, repeat(left, [change(undefined), advance(to, VECTOR * tile.vectors), advance(fromB, bPanel)])),
          when(rest, change(masks)),
          advance(a, aStrip),
          advance(row, i32.mul(rowBytes, i32.constant(tile.rows))),
        ]),
      ];
    },
  );
}

const pairs = (row: readonly Local[]): readonly Places[] => row.flatMap((first, i) => (i % 2 === 0 ? [[first, row[i + 1]!] as const] : []));
