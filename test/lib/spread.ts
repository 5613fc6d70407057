/** Numbers that other programs can be given as well, and the comparison with what they made of them. */

import { expect } from 'vitest';
import { Tensor } from '../../src/index.ts';

/** Float64 numbers from −1 to 1 in a shape, `((i · factor) mod 17 − 8) / 8`, in an order that differs with the factor. */
export const spread = (factor: number, ...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Float64Array.from({ length: size }, (_, i) => (((i * factor) % 17) - 8) / 8);
  return Tensor.fromTypedArray(numbers, shape);
};

/** Throws unless numbers are near those wanted, of which there may be only the first: by 10⁻⁷, or that share of larger ones. */
export function expectClose(found: Tensor | readonly number[], wanted: readonly number[]): void {
  const numbers = found instanceof Tensor ? found.data : found;
  expect(numbers.length).toBeGreaterThanOrEqual(wanted.length);
  wanted.forEach((want, i) => {
    expect(Math.abs(numbers[i]! - want)).toBeLessThan(1e-7 * Math.max(1, Math.abs(want)));
  });
}
