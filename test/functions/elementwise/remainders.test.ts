/** Remainders and the longer side of a triangle. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { eighths } from '../../book/lib.ts';
import { runs } from '../../lib/runs.ts';
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
        const rest = tapegrad.remainder(Tensor.of(a, 'float64'), b).item() + 0;
        expect(rest).toBe(a % b === 0 || a % b < 0 === b < 0 ? (a % b) + 0 : (a % b) + b);
      }),
    );
    expect([0, -0, 6, -6].map((a) => tapegrad.fmod(Tensor.of(a), 3).item())).toEqual([0, -0, 0, -0]);
    for (const [a, b] of [
      [NaN, NaN],
      [1, NaN],
      [NaN, 1],
      [0, NaN],
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

describe('a remainder', () => {
  const whole = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer().map((n) => n * 1e6),
    fc.constantFrom(0, -0, 1e300, -5e-324, Infinity, NaN),
  );

  test('is exact for every quotient and every divisor, in both dtypes', () => {
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        for (const round of [(x: number) => x, Math.fround]) {
          const dtype = round === Math.fround ? 'float32' : 'float64';
          const [x, y] = [round(a), round(b)];
          const rest = x % y;
          expect(tapegrad.fmod(Tensor.of(x, dtype), Tensor.of(y, dtype)).item()).toBe(rest);
          const found = tapegrad.remainder(Tensor.of(x, dtype), Tensor.of(y, dtype)).item();
          expect(found).toBe(rest === 0 ? (y < 0 ? -0 : 0) : rest < 0 === y < 0 ? rest : round(rest + y));
        }
      }),
      { numRuns: runs(500) },
    );
    expect(tapegrad.fmod(Tensor.of([1e10, 1e9, 5, 5]), Tensor.of([7, 3, Infinity, 1e38])).toArray()).toEqual([4, 1, 5, 5]);
    expect(tapegrad.remainder(Tensor.of([1e10, 2 ** 30, -1]), Tensor.of([7, 3, 3])).toArray()).toEqual([4, 1, 2]);
    expect(tapegrad.remainder(Tensor.of(1e17, 'float64'), 3).item()).toBe(1);
  });

  test('broadcasts, and is mapped, and has the quotient as its slope by the divisor', () => {
    const [a, b] = [Tensor.of([[7], [-7]], 'float64'), Tensor.of([2, 3, -4], 'float64')];
    expect(tapegrad.fmod(a, b).toArray()).toEqual([
      [1, 1, 3],
      [-1, -1, -3],
    ]);
    expect(
      tapegrad
        .vmap((a: Tensor) => tapegrad.remainder(a, b))(a)
        .toArray(),
    ).toEqual(tapegrad.remainder(a, b).toArray());
    const quotient = tapegrad.grad((b: Tensor) => tapegrad.fmod(Tensor.of(1e9, 'float64'), b));
    expect([quotient(Tensor.of(7, 'float64')).item(), tapegrad.grad(quotient)(Tensor.of(7, 'float64')).item() + 0]).toEqual([
      -142857142, 0,
    ]);
  });

  test('of int32 is exact, and refused for a division by 0', () => {
    const int32 = (values: number[]) => Tensor.of(values, 'int32');
    expect(tapegrad.fmod(int32([7, -7, -(2 ** 31)]), int32([3, 3, -1])).toArray()).toEqual([1, -1, 0]);
    expect(tapegrad.remainder(int32([7, -7]), 3).toArray()).toEqual([1, 2]);
    for (const f of [tapegrad.fmod, tapegrad.remainder])
      expect(() => f(int32([1]), int32([0]))).toThrow(
        `${f === tapegrad.fmod ? 'fmod' : 'remainder'}: int32 has no remainder of a division by 0`,
      );
    expect(() => tapegrad.fmod(int32([1]), int32([0]))).toThrow(tapegrad.ValueError);
  });
});

describe('a length', () => {
  const at = (a: number, b: number) => Tensor.of([a, b], 'float64');
  const length = (x: Tensor) => tapegrad.hypot(x.slice([0]), x.slice([1])) as Tensor;

  test('is infinite where one side is, whatever the other', () => {
    for (const [a, b] of [
      [Infinity, NaN],
      [NaN, -Infinity],
      [-Infinity, 0],
    ] as const)
      expect(tapegrad.hypot(Tensor.of(a), b).item()).toBe(Infinity);
  });

  test('has slopes of length 1 and the second derivatives of its definition, however long it is', () => {
    for (const scale of [1, 1e-300, 1e150, 1e300, -3e307]) {
      const [a, b] = [0.6 * scale, 0.8 * scale];
      const sign = Math.sign(scale);
      expect(tapegrad.grad(length)(at(a, b)).toArray()).toEqual([expect.closeTo(0.6 * sign, 14), expect.closeTo(0.8 * sign, 14)]);
      const second = Array.from(tapegrad.hessian(length)(at(a, b)).data, (y) => y * Math.abs(scale));
      expect(second).toEqual([0.64, -0.48, -0.48, 0.36].map((y) => expect.closeTo(y, 14)));
    }
  });

  test('of two sides that are alike has the second derivatives of its definition', () => {
    for (const [a, b] of [
      [1, 1],
      [-2, 2],
      [0.25, -0.25],
    ] as const) {
      const found = tapegrad.hessian(length)(at(a, b)).data;
      const r = Math.hypot(a, b);
      expect(Array.from(found)).toEqual([b * b, -a * b, -a * b, a * a].map((y) => expect.closeTo(y / r ** 3, 13)));
    }
  });

  test('that is infinite has the slopes of its infinite sides', () => {
    const slope = (a: number, b: number) => Array.from(tapegrad.grad(length)(at(a, b)).data, (y) => y + 0);
    expect([slope(Infinity, 1), slope(2, -Infinity)]).toEqual([
      [1, 0],
      [0, -1],
    ]);
    expect(slope(Infinity, -Infinity)).toEqual([expect.closeTo(Math.SQRT1_2, 15), expect.closeTo(-Math.SQRT1_2, 15)]);
    expect(slope(NaN, 1)).toEqual([NaN, NaN]);
  });

  test('of 0, squared, has a second derivative that is NaN and not 0, which would be wrong', () => {
    const squared = tapegrad.hessian((x: Tensor) => length(x).pow(2));
    const [aa, , , bb] = squared(at(0, 0)).data;
    expect([aa, bb]).toEqual([NaN, NaN]);
  });
});

describe('a slope', () => {
  hasSlopes([
    ['hypot, at a length of 1', (a, b) => tapegrad.hypot(a!, b!), [1, 0], [1, 0]],
    ['hypot, at another length of 1', (a, b) => tapegrad.hypot(a!, b!), [0, 1], [0, 1]],
    ['hypot, at the origin', (a, b) => tapegrad.hypot(a!, b!), [0, 0], [0, 0]],
  ]);
});
