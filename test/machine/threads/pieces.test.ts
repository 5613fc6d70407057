/** Parts of a row of things. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf, piecesFor } from '../../../src/machine/threads/pieces.ts';
import { runs } from '../../lib/runs.ts';

test('parts follow one another, have all things, and begin at multiples of the step', () => {
  fc.assert(
    fc.property(fc.nat({ max: 3000 }), fc.nat({ max: 70 }), fc.constantFrom(1, 4, 64), (count, pieces, step) => {
      const parts = partsOf(count, pieces, step);
      let next = 0;
      for (const { first, count } of parts) {
        expect(first).toBe(next);
        expect(count).toBeGreaterThan(0);
        expect(first % step).toBe(0);
        next = first + count;
      }
      expect(next).toBe(count);
      expect(parts.length).toBeLessThanOrEqual(Math.max(1, pieces));
    }),
    { numRuns: runs(300) },
  );
});

test('those in the middle are the smallest', () => {
  expect(partsOf(200, 8).map(({ count }) => count)).toEqual([40, 30, 20, 10, 10, 20, 30, 40]);
  expect(partsOf(50, 3).map(({ count }) => count)).toEqual([20, 10, 20]);
});

test('there are two pieces at least, no more than wanted, and the smallest of several is not too small', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.integer({ min: 2, max: 64 }),
      fc.integer({ min: 1, max: 1e6 }),
      (operations, most, smallest) => {
        const pieces = piecesFor(operations, most, smallest);
        expect(pieces).toBeGreaterThanOrEqual(2);
        expect(pieces).toBeLessThanOrEqual(most);
        if (pieces > 2) expect((4 * operations) / (pieces * (pieces + 2))).toBeGreaterThanOrEqual(smallest);
      },
    ),
    { numRuns: runs(300) },
  );
});
