/** Remainders and the longer side of a triangle. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { eighths } from '../../book/lib.ts';
import { hasSlopes } from '../../lib/scalars.ts';

describe('remainders', () => {
  test('agree with Python and JavaScript, and the hypotenuse agrees with Math.hypot', () => {
    fc.assert(
      fc.property(
        eighths,
        eighths.filter((b) => b !== 0),
        (a, b) => {
          const [x, y] = [Tensor.of(a, 'float64'), Tensor.of(b, 'float64')];
          expect(tapegrad.fmod(x, y).item() + 0).toBe((a % b) + 0);
          expect(tapegrad.remainder(x, y).item() + 0).toBe((((a % b) + b) % b) + 0);
          expect(tapegrad.frac(x).item() + 0).toBe((a % 1) + 0);
          expect(tapegrad.hypot(x, y).item()).toBeCloseTo(Math.hypot(a, b), 13);
        },
      ),
    );
    const large = fc.tuple(fc.double({ min: -1e14, max: 1e14, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
    fc.assert(
      fc.property(large, fc.constantFrom(1, -1), ([a, size], sign) => {
        const b = size * sign;
        expect(Math.abs(tapegrad.fmod(Tensor.of(a, 'float64'), b).item())).toBe(Math.abs(a % b));
        const rest = tapegrad.remainder(Tensor.of(a, 'float64'), b).item();
        expect(rest).toBe(a % b === 0 || a % b < 0 === b < 0 ? (a % b) + 0 : (a % b) + b);
      }),
    );
    expect([0, -0, 6, -6].map((a) => tapegrad.fmod(Tensor.of(a), 3).item())).toEqual([0, -0, 0, -0]);
    for (const [a, b] of [
      [NaN, NaN],
      [1, NaN],
      [NaN, 1],
    ] as const)
      expect(tapegrad.hypot(Tensor.of(a), b).item()).toBe(NaN);
    const length = (a: number, b: number) => tapegrad.hypot(Tensor.of(a, 'float64'), b).item();
    expect([length(3e300, 4e300) / 5e300, length(0, 0), length(Infinity, 1), length(NaN, 1), length(-Infinity, Infinity)]).toEqual([
      1,
      0,
      Infinity,
      NaN,
      Infinity,
    ]);
  });
});

describe('a slope', () => {
  hasSlopes([
    ['hypot, at a length of 1', (a, b) => tapegrad.hypot(a!, b!), [1, 0], [1, 0]],
    ['hypot, at another length of 1', (a, b) => tapegrad.hypot(a!, b!), [0, 1], [0, 1]],
    ['hypot, at the origin', (a, b) => tapegrad.hypot(a!, b!), [0, 0], [0, 0]],
  ]);
});
