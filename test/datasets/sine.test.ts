/** A wave, and what is added to it. */

import { expect, test } from 'vitest';
import { sine } from '../../src/datasets/index.ts';
import { square, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

test('y is the sine of x, from −π to π, in columns', () => {
  const { x, y } = sine(101, { waves: 3, dtype: 'float64' });
  expect([x.shape, y.shape, x.data[0], x.data[50], x.data[100]]).toEqual([[101, 1], [101, 1], -Math.PI, 0, Math.PI]); // biome-ignore format: one line
  x.data.forEach((t, i) => expect(y.data[i]).toBeCloseTo(Math.sin(3 * t), 14));
});

test('noise is added to y alone', () => {
  const [plain, noisy] = [sine(4000), sine(4000, { noise: 0.5, seed: 2 })];
  expect(noisy.x.toArray()).toEqual(plain.x.toArray());
  expect(Math.abs(square(noisy.y.sub(plain.y)).mean().item() - 0.25)).toBeLessThan(0.03);
});

refuses('%s is refused', [
  ['no points', () => sine(0), ValueError, /^sine: expected size to be a whole number from 1, got 0/],
  ['waves in text', () => sine(5, { waves: '2' } as never), ValueError, /^sine: expected waves to be a finite number, got '2'/],
  ['another option', () => sine(5, { periods: 2 } as never), ValueError, /^sine: there is no option periods/],
]); // biome-ignore format: one line a case
