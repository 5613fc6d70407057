/** The numbers next to a number, of those that a dtype has. */

import type { FloatDtype } from './dtype.ts';

/** The largest number of a dtype below one of its finite numbers. */
export function nextBelow(x: number, dtype: FloatDtype): number {
  // Read as whole numbers, the bits of positive numbers are in order, those of negative ones in reverse. Below 0 comes what follows −0.
  if (dtype === 'float32') {
    const numbers = Float32Array.of(x || -0);
    new Int32Array(numbers.buffer)[0]! += x > 0 ? -1 : 1;
    return numbers[0]!;
  }
  const numbers = Float64Array.of(x || -0);
  new BigInt64Array(numbers.buffer)[0]! += x > 0 ? -1n : 1n;
  return numbers[0]!;
}

/** The smallest number of a dtype above one of its finite numbers. */
export const nextAbove = (x: number, dtype: FloatDtype): number => 0 - nextBelow(-x, dtype);
