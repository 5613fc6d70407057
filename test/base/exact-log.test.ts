/** The logarithm of powers of bases, held against the engine’s. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactLog } from '../../src/base/exact-log.ts';
import { runs } from '../lib/runs.ts';
import { ulp } from '../lib/ulp.ts';

test('the exact logarithm agrees with the engine to an ulp, and is exact where powers of two cancel', () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -100, max: 2 ** 100, noNaN: true }), (x) => {
      expect(Math.abs(exactLog(x) - Math.log(x))).toBeLessThanOrEqual(ulp(Math.log(x) || 2 ** -60, 'float64'));
    }),
    { numRuns: runs(3000) },
  );
  expect(exactLog(1)).toBe(0);
  expect(exactLog(2)).toBe(Math.LN2);
});
