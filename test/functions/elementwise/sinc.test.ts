/** The cardinal sine: to the last digits, 0 at whole numbers, and derivatives right at 0. */

import { expect, test } from 'vitest';
import { grad, gradcheck, gradgradcheck, hessian, sinc, type Tensor, vmap } from '../../../src/index.ts';
import { worstUlps } from '../../lib/special-functions.ts';
import { float64 } from '../../lib/tensors.ts';

test('it is right to two ulps', () => {
  const { float64, float32 } = worstUlps('sinc', sinc);
  expect(float64).toBeLessThan(2);
  expect(float32).toBeLessThan(0.51);
});

test('it is 1 at 0, and 0 at whole numbers and far out', () => {
  expect(sinc(float64([0, -0, 5e-324, NaN])).toArray()).toEqual([1, 1, 1, NaN]);
  expect(sinc(float64([1, 2, 1000, 2 ** 53, 1e300, Infinity, -Infinity])).toArray()).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('derivatives are right to the second order, at 0 and next to it too', () => {
  const x = float64([-2.5, -0.3, 0, 1e-9, 0.4, 0.7, 1, 3.2]);
  gradcheck(sinc, [x]);
  gradgradcheck(sinc, [x]);
  expect(hessian((x: Tensor) => sinc(x))(float64(0)).item()).toBeCloseTo(-(Math.PI ** 2) / 3, 14);
  expect(grad((x: Tensor) => sinc(x))(float64(1e-9)).item()).toBeCloseTo((-1e-9 * Math.PI ** 2) / 3, 22);
  expect(vmap((x: Tensor) => sinc(x))(x).toArray()).toEqual(sinc(x).toArray());
});
