/** The next number of a dtype, against the spacing of its numbers. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounding } from '../../src/base/dtype.ts';
import { nextAbove, nextBelow } from '../../src/base/neighbours.ts';

const dtypes = fc.constantFrom('float32' as const, 'float64' as const);

test('between a number and the next there is none: what lies half way is rounded to one of them', () => {
  fc.assert(
    fc.property(dtypes, fc.double({ min: -1e30, max: 1e30, noNaN: true }), (dtype, wide) => {
      const x = rounding[dtype](wide);
      const below = nextBelow(x, dtype);
      expect(below).toBeLessThan(x);
      expect(rounding[dtype](below)).toBe(below);
      expect([below, x]).toContain(rounding[dtype](below + (x - below) / 2) || x);
      expect(nextAbove(below, dtype)).toBe(x + 0);
    }),
  );
});

test.each([
  ['float32', 1, 1 - 2 ** -24],
  ['float64', 1, 1 - 2 ** -53],
  ['float32', -1, -1 - 2 ** -23],
  ['float64', -1, -1 - 2 ** -52],
  ['float32', 0, -(2 ** -149)],
  ['float64', 0, -Number.MIN_VALUE],
  ['float32', -0, -(2 ** -149)],
  ['float64', Number.MIN_VALUE, 0],
] as const)('in %s the number below %s is %s', (dtype, x, below) => {
  expect(nextBelow(x, dtype)).toBe(below);
  expect(nextAbove(-x, dtype)).toBe(0 - below);
});
