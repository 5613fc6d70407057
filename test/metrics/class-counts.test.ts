/** What metrics have in common. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sum } from '../../src/metrics/class-counts.ts';

test('a sum of whole numbers has each of them in it once, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { maxLength: 600, size: 'max' }), (numbers) => {
      expect(sum(numbers)).toBe(numbers.reduce((a, b) => a + b, 0));
    }),
  );
});

test.each([
  [7, 2.5928571428571425],
  [8, 2.7178571428571425],
  [15, 3.3182289932289937],
  [16, 3.3807289932289937],
  [128, 5.433147092589173],
  [129, 5.440899030573669],
  [137, 5.50084178584451],
  [257, 6.128236013400938],
  [1000, 7.485470860550345],
  [2049, 8.202566814765497],
])('a sum of %i numbers is rounded as in NumPy 2.4', (n, expected) => {
  expect(sum(Array.from({ length: n }, (_, i) => 1 / (i + 1)))).toBe(expected);
});
