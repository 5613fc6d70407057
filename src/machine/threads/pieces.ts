/** Into which parts a row of things is best divided. */

import type { Part } from '../wasm/division.ts';

/**
 * About so many parts, each a multiple of `step` things but the last. The program takes the first ones and helpers the last, so those in the middle are
 * the smallest: of who is done sooner nobody has to wait long for the other.
 */
export function partsOf(count: number, pieces: number, step = 1): readonly Part[] {
  const weights = weightsOf(Math.max(1, Math.round(pieces)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const parts: Part[] = [];
  let [first, sum] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    const end = sum === total ? count : Math.min(count, step * Math.round((count * sum) / total / step));
    if (end > first) parts.push({ first, count: end - first });
    first = end;
  }
  return parts;
}

/** 4, 3, 2, 1, 1, 2, 3, 4. */
const weightsOf = (pieces: number): number[] => Array.from({ length: pieces }, (_, i) => Math.ceil(Math.abs(i - (pieces - 1) / 2) + 0.5));

/** Into how many pieces work is divided, at most so many, of which the smallest is to have so many operations. */
export function piecesFor(operations: number, most: number, smallest: number): number {
  let pieces = 2;
  // Of an even number, the smallest two have one of `pieces (pieces + 2) / 4` parts each.
  while (pieces + 2 <= most && operations >= (smallest * (pieces + 2) * (pieces + 4)) / 4) pieces += 2;
  return pieces;
}
