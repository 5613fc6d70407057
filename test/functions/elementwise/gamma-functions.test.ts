/** The logarithm of the gamma function and its derivatives: to the last digits, at poles, and as derivatives of each other. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digamma, grad, gradcheck, gradgradcheck, lgamma, polygamma, Tensor, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { worstUlps } from '../../lib/special-functions.ts';
import { float64 } from '../../lib/tensors.ts';

test.each([
  ['lgamma', lgamma, 20],
  ['digamma', digamma, 70],
  ['polygamma 1', (x: Tensor) => polygamma(x, 1), 4],
  ['polygamma 2', (x: Tensor) => polygamma(x, 2), 5],
] as const)('%s is right to a few ulps (more next to zeros at negative numbers, where terms cancel)', (name, f, most) => {
  const { float64, float32 } = worstUlps(name, f);
  expect(float64).toBeLessThan(most);
  expect(float32).toBeLessThan(0.51);
});

test('of whole numbers it is the logarithm of the factorial', () => {
  let factorial = 1;
  for (let n = 1; n < 20; n++) {
    expect(lgamma(float64(n)).item()).toBeCloseTo(Math.log(factorial), 13);
    factorial *= n;
  }
});

test('at 0, at poles and far out it is what PyTorch 2.13 has', () => {
  expect(lgamma(float64([0, -0, -1, -2, Infinity, -Infinity, NaN])).toArray()).toEqual([Infinity, Infinity, Infinity, Infinity, Infinity, Infinity, NaN]); // biome-ignore format: one line
  expect(digamma(float64([0, -0, -1, Infinity, -Infinity, NaN])).toArray()).toEqual([-Infinity, Infinity, NaN, Infinity, NaN, NaN]);
  expect(lgamma(float64([5e-324, -5e-324])).toArray()).toEqual([744.4400719213812, 744.4400719213812]);
  // PyTorch has 1e32 at −1, where both sides tend to infinity.
  expect(polygamma(float64([0, -1, Infinity]), 1).toArray()).toEqual([Infinity, Infinity, 0]);
});

test('each is one step from itself: ψₙ(x + 1) = ψₙ(x) + (−1)ⁿ n! / xⁿ⁺¹, for negative numbers too', () => {
  const number = fc.double({ min: -20, max: 20, noNaN: true }).filter((x) => Math.abs(x - Math.round(x)) > 1e-3);
  fc.assert(
    fc.property(number, fc.integer({ min: 0, max: 5 }), (x, order) => {
      const [here, next] = [x, x + 1].map((x) => polygamma(float64(x), order).item()) as [number, number];
      const factorial = [1, 1, 2, 6, 24, 120][order]!;
      const step = ((order % 2 === 0 ? 1 : -1) * factorial) / x ** (order + 1);
      const scale = Math.max(Math.abs(here), Math.abs(next), Math.abs(step));
      expect(Math.abs(next - here - step)).toBeLessThan(1e-11 * scale);
    }),
    { numRuns: runs(200) },
  );
});

test('each is the derivative of the one before, and that holds for negative numbers', () => {
  const x = float64([0.3, 1.7, 4.5, 30, -0.4, -2.3]);
  gradcheck(lgamma, [x]);
  gradgradcheck(lgamma, [x]);
  gradcheck((x: Tensor) => polygamma(x, 2), [x]);
  expect(grad((x: Tensor) => lgamma(x).sum())(x).toArray()).toEqual(digamma(x).toArray());
  expect(vmap((x: Tensor) => polygamma(x, 1))(x).toArray()).toEqual(polygamma(x, 1).toArray());
});

refuses('%s is refused', [
  ['an order below 0', () => polygamma(Tensor.of(1), -1), /^polygamma: expected order to be a whole number from 0 to 100, got -1/],
  ['int32', () => lgamma(Tensor.of(1, 'int32')), /^lgamma: expected float32 or float64/],
  ['a number', () => digamma(3 as never), /^digamma: expected a tensor for x/],
]);

test('an order whose factorial is beyond float64, for which no loop should wait, is refused', () => {
  for (const order of [101, 2 ** 53, Infinity, -1, 0.5])
    expect(() => polygamma(Tensor.of([1]), order)).toThrow(/^polygamma: expected order to be a whole number from 0 to 100, got/);
  expect(Number.isFinite(polygamma(Tensor.of([1], 'float64'), 100).item())).toBe(true);
});
