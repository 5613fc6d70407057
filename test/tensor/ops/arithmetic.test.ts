/** The larger and the smaller of two, and powers, at ties and for NaN. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, type Tensor } from '../../../src/index.ts';
import { float64 } from '../../lib/tensors.ts';

const special = fc.constantFrom(0, -0, 1, -1, 0.5, 2, Infinity, -Infinity, NaN);

test('maximum and minimum are NaN where either number is', () => {
  fc.assert(
    fc.property(special, special, (a, b) => {
      expect(float64(a).maximum(b).item() + 0).toBe(Math.max(a, b) + 0);
      expect(float64(a).minimum(b).item() + 0).toBe(Math.min(a, b) + 0);
    }),
  );
});

test('maximum and minimum pass the gradient to both where either number is NaN', () => {
  for (const name of ['maximum', 'minimum'] as const) {
    for (const [a, b] of [
      [NaN, 1],
      [1, NaN],
      [NaN, NaN],
    ] as const) {
      const slope = (which: 0 | 1) => grad((a: Tensor, b: Tensor) => a[name](b), which)(float64(a), float64(b)).item();
      expect([slope(0), slope(1)]).toEqual([1, 1]);
    }
  }
});

describe('powers', () => {
  test('0⁰ is 1 and flat in both directions; 0ᵇ is flat along b for b from 0', () => {
    const slope = (a: number, b: number, which: 0 | 1) => grad((a: Tensor, b: Tensor) => a.pow(b), which)(float64(a), float64(b)).item();
    expect([slope(0, 0, 0), slope(0, 0, 1), slope(0, 0.5, 1), slope(0, 2, 1)].map((y) => y + 0)).toEqual([0, 0, 0, 0]);
    expect(slope(0, 1, 0)).toBe(1);
    expect(slope(0, -1, 1)).toBe(-Infinity);
    expect(slope(2, 0, 1)).toBeCloseTo(Math.LN2, 14);
  });
});
