/** Points that fill a cube more evenly than random ones do. */

import type { Random } from '../base/random.ts';

/**
 * The points of a Halton sequence whose digits are permuted (Halton 1960; Owen 2017, "A randomized Halton algorithm in R"), as `scipy.stats.qmc.Halton` does:
 * the number `i`, written in the base of an axis, is mirrored at the point, and each of its digits is replaced through a permutation of its own. So any `bᵏ`
 * points from a multiple of `bᵏ` on have one in each of `bᵏ` equal stretches of that axis.
 * @param random draws the permutations; without it digits stay as they are
 */
export function haltonPoints(count: number, axes: number, random?: Random): number[][] {
  const columns = primes(axes).map((base) => {
    // As many digits as a float64 has room for.
    let digits = 1;
    for (let size = base; size < 2 ** 53; size *= base) digits++;
    const permutations = Array.from({ length: digits }, () => random?.permutation(base));
    return Array.from({ length: count }, (_, i) => mirrored(i, base, permutations));
  });
  return Array.from({ length: count }, (_, i) => columns.map((column) => column[i]!));
}

/** The radical inverse of a whole number. */
function mirrored(i: number, base: number, permutations: readonly (Int32Array | undefined)[]): number {
  let [rest, x, weight] = [i, 0, 1 / base];
  for (const permutation of permutations) {
    const digit = rest % base;
    x += (permutation?.[digit] ?? digit) * weight;
    rest = (rest - digit) / base;
    weight /= base;
  }
  return Math.min(x, 1 - 2 ** -53);
}

/** The first prime numbers. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
