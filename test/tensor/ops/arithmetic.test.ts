/** The larger and the smaller of two, and powers, at ties and for NaN. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, hessian, jacobian, type Tensor, vmap } from '../../../src/index.ts';
import { float64 } from '../../lib/tensors.ts';

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
