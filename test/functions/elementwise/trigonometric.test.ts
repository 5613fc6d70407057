/** Angles of the longest sides and the shortest. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { slopes } from '../../lib/scalars.ts';

describe('a slope', () => {
  test('of an angle is right for the longest sides and the shortest', () => {
    for (const unit of [1e-300, 1e-160, 1, 1e160, 1e300]) {
      const [byHeight, byWidth] = slopes((a, b) => tapegrad.atan2(a!, b!), 3 * unit, -4 * unit);
      expect([byHeight! * unit * 25, byWidth! * unit * 25]).toEqual([-4, -3].map((n) => expect.closeTo(n, 12)));
      const [up] = slopes((a, b) => tapegrad.atan2(a!, b!), -4 * unit, 3 * unit);
      expect(up! * unit * 25).toBeCloseTo(3, 12);
    }
    for (const [a, b] of [
      [1e-200, 1e200],
      [1e200, 1e-200],
      [-1e200, 1e-200],
      [1e-200, -1e200],
    ] as const) {
      const [byHeight, byWidth] = slopes((a, b) => tapegrad.atan2(a!, b!), a, b);
      const longer = Math.abs(a) > Math.abs(b) ? a : b;
      expect([byHeight! * longer, byWidth! * longer]).toEqual(
        longer === a ? [0, -1].map((y) => expect.closeTo(y, 12)) : [expect.closeTo(1, 12), expect.closeTo(0, 12)],
      );
    }
  });
});
