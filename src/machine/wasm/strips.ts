/** The strips of a product: neighbouring rows of its first factor, and of the result, that tiles have. */

import type { Matrix } from '../machine.ts';
import type { Part } from './division.ts';
import { ROWS, type StripLayout } from './matmul-kernels.ts';

/** So many bytes leave space for others in the second-level cache of any processor. */
const SECOND_CACHE = 262144;

/** Neighbouring rows of a factor: `count` strips of `rows` rows, from row `first` on. */
export interface Strips {
  readonly rows: number;
  readonly count: number;
  readonly first: number;
}

/**
 * As many full strips as there are, and a lower one of the rows that are left. Rows of so many bytes come in groups that stay in the second-level cache
 * while all panels pass by.
 * @param part only some of the strips
 */
export function stripsOf(rows: number, rowBytes: number, part: Part = { first: 0, count: Math.ceil(rows / ROWS) }): readonly Strips[] {
  const end = Math.min(rows, (part.first + part.count) * ROWS);
  const rest = end % ROWS;
  const group = ROWS * Math.max(1, Math.floor(SECOND_CACHE / (ROWS * rowBytes)));
  const strips: Strips[] = [];
  for (let first = part.first * ROWS; first < end - rest; first += group) {
    strips.push({ rows: ROWS, count: Math.min(group, end - rest - first) / ROWS, first });
  }
  if (rest > 0) strips.push({ rows: rest, count: 1, first: end - rest });
  return strips;
}

/** How strips of a factor are read that is not packed. */
export function layoutOf({ address, rows, columns, transposed }: Matrix, strips: Strips, bytes: number): StripLayout {
  const rowStride = transposed ? bytes : columns * bytes;
  const stepStride = transposed ? rows * bytes : bytes;
  return {
    address: address + strips.first * rowStride,
    stripStride: strips.rows * rowStride,
    rowStride,
    stepStride,
    contiguous: transposed,
  };
}
