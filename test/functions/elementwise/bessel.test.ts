/** Modified Bessel functions: to the last digits, at the edges, and as derivatives of each other. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { besselIOp } from '../../../src/functions/elementwise/bessel.ts';
import { gradcheck, gradgradcheck, i0, i0e, i1, i1e, perform, type Tensor, vmap } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { worstUlps } from '../../lib/special-functions.ts';
import { float64 } from '../../lib/tensors.ts';

test.each([
  ['i0', i0],
  ['i1', i1],
  ['i0e', i0e],
  ['i1e', i1e],
] as const)('%s is right to a few ulps', (name, f) => {
  // biome-ignore format: one line
  const { float64, float32 } = worstUlps(name, f);
  expect(float64).toBeLessThan(5);
  expect(float32).toBeLessThan(0.51);
});

test('even and odd, at 0, at the smallest numbers and far out', () => {
  const x = float64([0, 5e-324, 1e-200, 1e-20, 700, Infinity, NaN]);
  expect(i0(x).toArray()).toEqual([1, 1, 1, 1, 1.5295933476718737e302, Infinity, NaN]);
  expect(i1(float64([0, 1e-200, Infinity, NaN])).toArray()).toEqual([0, 5e-201, Infinity, NaN]);
  expect(i1(x.neg()).add(i1(x)).slice([[0, 5]]).toArray()).toEqual([0, 0, 0, 0, 0]); // biome-ignore format: one line
  expect(i0(x.neg()).toArray()).toEqual(i0(x).toArray());
  expect(i0e(float64([Infinity, -Infinity])).toArray()).toEqual([0, 0]);
  // Beyond e⁷⁰⁹ the exponential alone would overflow.
  expect(i0(float64(713)).item() / 1.0e308).toBeCloseTo(0.6704, 2);
});

test('orders are bound to each other: I₀(x) − I₂(x) = 2 I₁(x) / x', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 100, noNaN: true }), (number) => {
      const x = float64(number);
      const [zero, one, two] = [0, 1, 2].map((order) => perform(besselIOp, { x }, { order }).item()) as [number, number, number];
      expect(Math.abs(zero - two - (2 * one) / number)).toBeLessThan(1e-14 * zero);
    }),
    { numRuns: runs(100) },
  );
});

test('derivatives are right to the second order, at 0 too', () => {
  for (const f of [i0, i1]) {
    const x = float64([-3, -0.5, 0, 1e-8, 2, 10]);
    gradcheck(f, [x]);
    gradgradcheck(f, [x]);
    expect(vmap((x: Tensor) => f(x))(x).toArray()).toEqual(f(x).toArray());
  }
  for (const f of [i0e, i1e]) {
    gradcheck(f, [float64([-3, -0.5, 2, 10])]);
    gradgradcheck(f, [float64([-3, -0.5, 2, 10])]);
  }
});
