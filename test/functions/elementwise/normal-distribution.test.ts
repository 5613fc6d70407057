/** The normal distribution: to the last digits, far out, and as inverses of each other. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { erf, erfinv, grad, gradcheck, gradgradcheck, logNdtr, ndtr, ndtri, type Tensor } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { worstUlps } from '../../lib/special-functions.ts';
import { float64 } from '../../lib/tensors.ts';

test.each([
  ['ndtr', ndtr],
  ['logNdtr', logNdtr],
  ['ndtri', ndtri],
  ['erfinv', erfinv],
] as const)('%s is right to a few ulps', (name, f) => {
  // biome-ignore format: one line
  const { float64, float32 } = worstUlps(name, f);
  expect(float64).toBeLessThan(6);
  expect(float32).toBeLessThan(6);
});

test('at 0 and far out they are what PyTorch 2.13 has', () => {
  const x = float64([0, Infinity, -Infinity, NaN, 40, -40]);
  expect(ndtr(x).toArray()).toEqual([0.5, 1, 0, NaN, 1, 0]);
  expect(Array.from(logNdtr(x).data, (y) => y + 0).slice(0, 5)).toEqual([-Math.LN2, 0, -Infinity, NaN, 0]);
  expect(ndtri(float64([0, 1, 0.5, -0.1, 1.1, NaN])).toArray()).toEqual([-Infinity, Infinity, 0, NaN, NaN, NaN]);
  expect(erfinv(float64([1, -1, 0, 1.1, NaN])).toArray()).toEqual([Infinity, -Infinity, 0, NaN, NaN]);
});

test('erfinv and ndtri undo erf and ndtr', () => {
  fc.assert(
    fc.property(fc.double({ min: -0.999, max: 0.999, noNaN: true }), fc.double({ min: 1e-300, max: 0.5, noNaN: true }), (x, p) => {
      expect(Math.abs(erf(erfinv(float64(x))).item() - x)).toBeLessThan(1e-15);
      expect(Math.abs(ndtr(ndtri(float64(p))).item() / p - 1)).toBeLessThan(1e-12);
    }),
    { numRuns: runs(100) },
  );
});

test('derivatives are right to the second order', () => {
  const x = float64([-6, -3.1, -2.9, -1.5, -0.2, 0.8, 2.5]);
  for (const f of [ndtr, logNdtr]) {
    gradcheck(f, [x]);
    gradgradcheck(f, [x]);
  }
  for (const f of [erfinv, ndtri]) {
    const inside = f === erfinv ? float64([-0.9, -0.3, 0, 0.5]) : float64([0.05, 0.3, 0.5, 0.9]);
    gradcheck(f, [inside]);
    gradgradcheck(f, [inside]);
  }
});

test('the slope of logNdtr keeps its digits where the density and the share underflow', () => {
  const slope = grad((x: Tensor) => logNdtr(x).sum());
  const curvature = grad((x: Tensor) => slope(x).sum());
  const x = float64([-50, -1e4]);
  // From mpmath: φ/Φ, and its derivative.
  expect(slope(x).data[0]).toBeCloseTo(50.01998403190564, 12);
  expect(slope(x).data[1]! - 1e4).toBeCloseTo(1e-4, 8);
  expect(curvature(x).data[0]! + 1).toBeCloseTo(0.000399, 6);
  expect(slope(float64([40, 1e300])).toArray()).toEqual([0, 0]);
  expect(slope(float64([-1e300])).data[0]! / 1e300).toBeCloseTo(1, 14);
});
