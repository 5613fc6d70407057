/** Normal numbers within bounds: quantiles, tails and rounding. */

import { describe, expect, test } from 'vitest';
import { erf, Tensor, truncatedNormal, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('a truncated normal distribution', () => {
  /** The share of a standard normal distribution below a number. */
  const below = (x: number) => (1 + erf(Tensor.of(x / Math.SQRT2, 'float64')).item()) / 2;

  test.each([
    [-2, 2],
    [-0.3, 0.4],
    [-5, 1],
    [0.1, 9],
    [0.6, 0.9],
    [1.5, 4],
    [-4, -1],
    [-0.4, 3],
  ])('between %d and %d has its quantiles, and keeps within', (low, high) => {
    const drawn = truncatedNormal([40_000], {
      low: 10 + 3 * low,
      high: 10 + 3 * high,
      mean: 10,
      standardDeviation: 3,
      seed: 1,
      dtype: 'float64',
    });
    const z = drawn.sub(10).div(3) as Tensor;
    expect(z.min().item()).toBeGreaterThanOrEqual(low - 1e-12);
    expect(z.max().item()).toBeLessThanOrEqual(high + 1e-12);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const at = low + share * (Math.min(high, low + 3) - low);
      const wanted = (below(at) - below(low)) / (below(high) - below(low));
      expect(Math.abs(z.less(at).mean().item() - wanted)).toBeLessThan(0.012);
    }
  });

  test('far in a tail is drawn all the same', () => {
    const drawn = truncatedNormal([1000], { low: 20, high: 50, seed: 1, dtype: 'float64' });
    expect(drawn.min().item()).toBeGreaterThanOrEqual(20);
    // Of a normal distribution beyond a the mean is a + 1/a, but for terms in 1/a³.
    expect(drawn.mean().item()).toBeCloseTo(20.05, 2);
  });

  test('keeps to its range in float32 too, of which the bounds may be no numbers', () => {
    const drawn = truncatedNormal([1000], { low: 0.1, high: 0.1000001, seed: 1 });
    for (const x of drawn.data) expect(x >= 0.1 && x <= 0.1000001).toBe(true);
    expect(truncatedNormal([2], { low: 1, high: 1 }).toArray()).toEqual([1, 1]);
  });
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['bounds the wrong way', () => truncatedNormal([2], { low: 1, high: 0 }), ValueError, /^truncatedNormal: expected/],
    [
      'bounds without a number',
      () => truncatedNormal([2], { low: 1 + 1e-9, high: 1 + 2e-9 }),
      ValueError,
      /^truncatedNormal: float32 has no number/,
    ],
    [
      'a deviation of 0',
      () => truncatedNormal([2], { standardDeviation: 0 }),
      /^truncatedNormal: expected standardDeviation to be a finite number above 0/,
    ],
  ]);
});
