/** Logarithms of sums, products and odds, at their edges. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { hasSlopes, sigmoid } from '../../lib/scalars.ts';

describe('a slope', () => {
  hasSlopes([
    ['logAddExp, of two infinities', (a, b) => tapegrad.logAddExp(a!, b!), [-Infinity, -Infinity], [0.5, 0.5]],
    ['logAddExp, of two that tie', (a, b) => tapegrad.logAddExp(a!, b!), [2, 2], [0.5, 0.5]],
    ['xlogy, of 0 and 0', (a) => tapegrad.xlogy(a!, 0), [0], [0]],
    ['xlogy, of 0 and 0, by both', (a, b) => tapegrad.xlogy(a!, b!), [0, 0], [0, 0]],
    ['xlogy, of 0 and a negative number', (a, b) => tapegrad.xlogy(a!, b!), [0, -2], [0, 0]],
    ['xlogy, of two numbers', (a, b) => tapegrad.xlogy(a!, b!), [3, 1], [0, 3]],
    ['logAddExp2, of two infinities', (a, b) => tapegrad.logAddExp2(a!, b!), [-Infinity, -Infinity], [0.5, 0.5]],
    ['logAddExp2, of two that tie', (a, b) => tapegrad.logAddExp2(a!, b!), [2, 2], [0.5, 0.5]],
    ['logAddExp2, of unlike infinities', (a, b) => tapegrad.logAddExp2(a!, b!), [Infinity, -Infinity], [1, 0]],
    ['logit, at the ends', (x) => tapegrad.logit(x!), [1], [Infinity]],
    ['xlogy, of 0 and 2', (a) => tapegrad.xlogy(a!, 2), [0], [Math.LN2]],
  ]);
});

describe('logarithms', () => {
  const pair = (f: (a: Tensor, b: Tensor) => Tensor, a: number, b: number) => f(Tensor.of(a, 'float64'), Tensor.of(b, 'float64')).item();
  test('of sums are exact where one is far larger, and infinite or NaN where they should be', () => {
    const cases: [number, number, number][] = [
      [0, 0, Math.LN2],
      [1000, 0, 1000],
      [0, 1000, 1000],
      [-Infinity, 3, 3],
      [3, -Infinity, 3],
      [Infinity, -Infinity, Infinity],
      [Infinity, Infinity, Infinity],
      [-Infinity, -Infinity, -Infinity],
      [NaN, 1, NaN],
      [1, NaN, NaN],
    ];
    for (const [a, b, wanted] of cases) expect(pair(tapegrad.logAddExp, a, b), `${a}, ${b}`).toBe(wanted);
  });

  test('of sums to the base 2 are those to the base e, by another scale', () => {
    for (const [a, b] of [
      [0, 0],
      [1, 3],
      [3, 1],
      [-5, 7],
      [3000, 2990],
    ] as const)
      expect(pair(tapegrad.logAddExp2, a, b)).toBeCloseTo(pair(tapegrad.logAddExp, a * Math.LN2, b * Math.LN2) / Math.LN2, 10);
    expect([pair(tapegrad.logAddExp2, Infinity, -Infinity), pair(tapegrad.logAddExp2, -Infinity, -Infinity)]).toEqual([
      Infinity,
      -Infinity,
    ]);
    expect([pair(tapegrad.logAddExp2, NaN, 1), pair(tapegrad.logAddExp2, 1, NaN)]).toEqual([NaN, NaN]);
  });

  test('of odds outside of 0 to 1 are NaN, and so are their derivatives; at the ends they are infinite', () => {
    for (const x of [-1, 2, -Infinity, NaN])
      for (const f of [
        tapegrad.logit,
        tapegrad.grad((x: Tensor) => tapegrad.logit(x)),
        tapegrad.grad(tapegrad.grad((x: Tensor) => tapegrad.logit(x))),
      ])
        expect(f(Tensor.of(x, 'float64')).item()).toBe(NaN);
    const slope = tapegrad.grad((x: Tensor) => tapegrad.logit(x));
    expect([slope(Tensor.of(0)).item(), slope(Tensor.of(1)).item()]).toEqual([Infinity, Infinity]);
  });

  test('of odds are refused an epsilon that is none', () => {
    for (const epsilon of [-0.1, 0.6, NaN, '0.1'])
      expect(() => tapegrad.logit(Tensor.of(0.5), { epsilon: epsilon as number })).toThrow(
        /^logit: expected epsilon to be a number from 0 to 0.5, got /,
      );
    expect(tapegrad.logit(Tensor.of([0, 1]), { epsilon: 0.5 }).toArray()).toEqual([0, 0]);
    expect(tapegrad.logit(Tensor.of([0.5]), { epsilon: 0 }).toArray()).toEqual([0]);
  });

  test('times 0 are 0, except where the logarithm is of NaN', () => {
    const cases: [number, number, number][] = [
      [0, 0, 0],
      [0, -1, 0],
      [0, Infinity, 0],
      [0, NaN, NaN],
      [2, 1, 0],
      [2, 0, -Infinity],
      [NaN, 2, NaN],
    ];
    for (const [a, b, wanted] of cases) expect(pair(tapegrad.xlogy, a, b) + 0, `${a}, ${b}`).toBe(wanted);
  });

  test('of odds keep their digits where the odds are nearly even, and where they are tiny', () => {
    const logit = (p: number) => tapegrad.logit(Tensor.of(p, 'float64')).item();
    for (let i = -50; i <= 50; i++) {
      const p = 0.5 + (i + 0.5) * 1.37e-8;
      expect(logit(p) / (2 * Math.atanh(2 * (p - 0.5)))).toBeCloseTo(1, 14);
    }
    expect([1e-20, 1e-300].map((p) => logit(p) / Math.log(p))).toEqual([expect.closeTo(1, 13), expect.closeTo(1, 13)]);
  });

  test('of odds are the inverse of the sigmoid, and finite with an epsilon', () => {
    for (const p of [0.01, 0.5, 0.99]) expect(sigmoid(tapegrad.logit(Tensor.of(p, 'float64')).item())).toBeCloseTo(p, 14);
    expect(
      tapegrad
        .logit(Tensor.of([0, 1], 'float64'), { epsilon: 0.25 })
        .toArray()
        .map(sigmoid),
    ).toEqual([0.25, 0.75].map((p) => expect.closeTo(p, 14)));
  });
});
