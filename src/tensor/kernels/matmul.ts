/**
 * The product of two matrices, in tiles of four rows by two vectors whose sums stay in registers.
 * Each element adds its products from first to last, as `machine.ts` defines.
 */

import type { FloatDtype } from '../dtype.ts';
import { advance, assemble, type Code, i32, repeat } from './assembler.ts';
import { vectors } from './lanes.ts';

const ROWS = 4;
const TILE_BYTES = 32;

/** The size of a tile. */
export const tile = (dtype: FloatDtype): { rows: number; columns: number } => ({ rows: ROWS, columns: TILE_BYTES / vectors[dtype].bytes });

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

/**
 * `run(strips, panels, k, a, b, c, rowBytes)`: the tiles of `c = a b`, from strips of `a` and panels of `b`.
 *
 * Tiles may hang over the right edge, into the beginning of the rows below, and over the bottom, into nobody's room. So panels
 * are taken from right to left and strips from top to bottom: what was spoiled is written after by its owner.
 */
export function product(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(7, (scope, strips, panels, k, a, b, c, rowBytes) => {
    const [panel, to, fromA, fromB] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const [strip, left] = [scope.integer(), scope.integer()];
    const columns = [0, 16].map((offset) => ({ offset, y: scope.vector() }));
    const rows = Array.from({ length: ROWS }, () => columns.map(({ offset, y }) => ({ offset, y, sum: scope.vector() })));
    const x = scope.vector();
    const addProducts: Code = [
      columns.map(({ y, offset }) => y.set(v.load(fromB, offset))),
      rows.map((row, i) => [x.set(v.loadSplat(fromA, i * v.bytes)), row.map(({ sum, y }) => sum.set(v.add(sum, v.mul(x, y))))]),
      advance(fromA, ROWS * v.bytes),
      advance(fromB, TILE_BYTES),
    ];
    return repeat(panels, [
      panel.set(i32.sub(panels, i32.constant(1))),
      to.set(i32.add(c, i32.mul(panel, i32.constant(TILE_BYTES)))),
      fromA.set(a),
      strip.set(strips),
      repeat(strip, [
        fromB.set(i32.add(b, i32.mul(i32.mul(panel, k), i32.constant(TILE_BYTES)))),
        rows.flat().map(({ sum }) => sum.set(v.constant(0))),
        left.set(k),
        repeat(left, addProducts),
        rows.map((row) => [row.map(({ sum, offset }) => v.store(to, sum, offset)), advance(to, rowBytes)]),
      ]),
    ]);
  });
}
