/** The inverse hyperbolic sine of large numbers. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { slopes } from '../../lib/scalars.ts';

describe('a slope', () => {
  test('of the inverse hyperbolic sine is one over x where x is large, and its own slope too', () => {
    for (const x of [1e9, -1e9, 1e150, 1e200, -1e300]) {
      expect(slopes((x) => tapegrad.asinh(x!), x)[0]! * Math.abs(x)).toBeCloseTo(1, 12);
      expect(
        slopes(
          tapegrad.grad((x) => tapegrad.asinh(x!)),
          x,
        )[0]! *
          x *
          Math.abs(x),
      ).toBeCloseTo(Math.abs(x) < 1e155 ? -1 : 0, 12);
    }
  });
});
