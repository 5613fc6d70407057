/** The larger and the smaller of two, and powers, at ties and for NaN. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, hessian, jacobian, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const special = fc.constantFrom(0, -0, 1, -1, 0.5, 2, Infinity, -Infinity, NaN);

test('maximum and minimum are NaN where either number is', () => {
  fc.assert(
    fc.property(special, special, (a, b) => {
      expect(float64(a).maximum(b).item() + 0).toBe(Math.max(a, b) + 0);
      expect(float64(a).minimum(b).item() + 0).toBe(Math.min(a, b) + 0);
    }),
  );
});

test('maximum and minimum pass the gradient to both where either number is NaN', () => {
  for (const name of ['maximum', 'minimum'] as const) {
    for (const [a, b] of [
      [NaN, 1],
      [1, NaN],
      [NaN, NaN],
    ] as const) {
      const slope = (which: 0 | 1) => grad((a: Tensor, b: Tensor) => a[name](b), which)(float64(a), float64(b)).item();
      expect([slope(0), slope(1)]).toEqual([1, 1]);
    }
  }
});

describe('powers', () => {
  test('of 0 have the derivatives of 1, x, x², x³ and x⁴, to any order and every way', () => {
    const orders = [
      [1, 0, 0, 0, 0],
      [0, 1, 0, 0, 0],
      [0, 0, 2, 0, 0],
      [0, 0, 0, 6, 0],
      [0, 0, 0, 0, 24],
    ];
    const powers = (x: Tensor) => x.pow(float64([0, 1, 2, 3, 4]));
    for (let which = 0; which < 5; which++) {
      let one = (x: Tensor): Tensor => powers(x).slice([which]);
      for (const wanted of orders) {
        expect([one(float64(0)).item() + 0, vmap(one)(float64([0, 0])).data[1]! + 0]).toEqual([wanted[which], wanted[which]]);
        one = grad(one);
      }
    }
    let all = powers;
    for (const wanted of orders) {
      expect(Array.from(all(float64(0)).data, (y) => y + 0)).toEqual(wanted);
      all = jacobian(all);
    }
  });

  test('at 0⁰ have no slope of their slope in either direction', () => {
    const second = hessian((ab: Tensor) => ab.slice([0]).pow(ab.slice([1])));
    expect(Array.from(second(float64([0, 0])).data, (y) => y + 0)).toEqual([0, 0, 0, 0]);
  });

  test('0⁰ is 1 and flat in both directions; 0ᵇ is flat along b for b from 0', () => {
    const slope = (a: number, b: number, which: 0 | 1) => grad((a: Tensor, b: Tensor) => a.pow(b), which)(float64(a), float64(b)).item();
    expect([slope(0, 0, 0), slope(0, 0, 1), slope(0, 0.5, 1), slope(0, 2, 1)].map((y) => y + 0)).toEqual([0, 0, 0, 0]);
    expect(slope(0, 1, 0)).toBe(1);
    expect(slope(0, -1, 1)).toBe(-Infinity);
    expect(slope(2, 0, 1)).toBeCloseTo(Math.LN2, 14);
    expect([slope(NaN, 0, 0), slope(Infinity, -1, 1), slope(Infinity, 0, 0), slope(-Infinity, 0, 0)].map((y) => y + 0)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(slope(NaN, 1, 0)).toBe(1);
    expect([slope(-1, 0, 1), slope(Infinity, 2, 1)]).toEqual([NaN, Infinity]);
  });
});

describe('int32', () => {
  const whole = fc.oneof(
    fc.integer(),
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 2 ** 16, -(2 ** 16), 46341),
  );
  const exact: Record<string, (a: bigint, b: bigint) => bigint | undefined> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    // To the floor: JavaScript's own quotient is cut off towards 0.
    div: (a, b) => (b === 0n ? undefined : a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n)),
    maximum: (a, b) => (a > b ? a : b),
    minimum: (a, b) => (a < b ? a : b),
    neg: (a) => -a,
    abs: (a) => (a < 0n ? -a : a),
    sign: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n),
  };

  test.each(Object.entries(exact))('%s is exact, or refused where int32 cannot hold it', (name, definition) => {
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        const wanted = definition(BigInt(a), BigInt(b));
        const found = () => (int32([a]) as any)[name](int32([b])) as Tensor;
        if (wanted !== undefined && BigInt.asIntN(32, wanted) === wanted) {
          expect(BigInt(found().item())).toBe(wanted);
          expect(found().dtype).toBe('int32');
        } else {
          expect(found).toThrow(ValueError);
          expect(found).toThrow(new RegExp(`^${name}: element 0 is .*, which int32 cannot hold`));
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('does not carry a gradient', () => {
    const f = (x: Tensor) => x.cast('int32').mul(2).div(3).neg().cast('float64').mul(x).sum();
    expect(grad(f)(float64([7.5])).toArray()).toEqual([-4]);
  });

  test('broadcasts, and meets no fraction', () => {
    expect(int32([[7], [-7]]).div(int32([2, -2])).toArray()).toEqual([[3, -4], [-4, 3]]); // biome-ignore format: a matrix
    const methods = [
      'add',
      'sub',
      'mul',
      'div',
      'pow',
      'maximum',
      'minimum',
      'less',
      'lessEqual',
      'greater',
      'greaterEqual',
      'equal',
      'notEqual',
    ];
    for (const name of methods)
      for (const number of [0.5, NaN, -Infinity, 2 ** 31])
        expect(() => (int32([1]) as any)[name](number)).toThrow(
          `${name}: expected whole numbers that fit in int32, got ${number}; for others convert the tensor with cast('float32')`,
        );
    for (const call of [() => int32([1]).where(int32([1]), 0.5), () => int32([1]).where(0.5, int32([1])), () => int32([1]).clamp(0.5)])
      expect(call).toThrow(/^(where|clamp): expected whole numbers that fit in int32, got 0\.5/);
    expect(int32([5, -1, 2]).clamp(0, 3).toArray()).toEqual([3, 0, 2]);
    expect(
      int32([5, -(2 ** 31)])
        .clamp(undefined, 3)
        .toArray(),
    ).toEqual([3, -(2 ** 31)]);
    expect(
      int32([2 ** 31 - 1, -7])
        .clamp(int32([0]))
        .toArray(),
    ).toEqual([2 ** 31 - 1, 0]);
    expect(Tensor.zeros([0], 'int32').add(1).shape).toEqual([0]);
  });
});
