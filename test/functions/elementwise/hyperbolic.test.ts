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

describe('the derivatives', () => {
  const { sinh, cosh, grad, Tensor } = tapegrad;
  type F = (x: tapegrad.Tensor) => tapegrad.Tensor;

  test('of the hyperbolic sine and cosine are each other, to any order, wherever they are numbers', () => {
    for (const [dtype, places] of [
      ['float32', [-88, -60, -59, -1, -0.125, 0, 0.5, 60, 88]],
      ['float64', [-709, -501, -473, -1, 0, 1e-5, 501, 709]],
    ] as const)
      for (const x of places) {
        const at = Tensor.of(x, dtype);
        let [odd, even]: [F, F] = [(x) => sinh(x), (x) => cosh(x)];
        for (let order = 1; order <= 3; order++) {
          [odd, even] = [grad(odd), grad(even)];
          const wanted = order % 2 ? [cosh(at), sinh(at)] : [sinh(at), cosh(at)];
          expect([odd(at).item(), even(at).item()], `order ${order} at ${x}`).toEqual(wanted.map((y) => y.item()));
        }
      }
  });

  test('of the inverse hyperbolic cosine are those of its definition: infinite at 1, NaN below, 0 at infinity', () => {
    const first = grad((x: tapegrad.Tensor) => tapegrad.acosh(x));
    const at = (f: F, x: number) => f(Tensor.of(x, 'float64')).item() + 0;
    expect([1, 0.5, -2, Infinity].map((x) => at(first, x))).toEqual([Infinity, NaN, NaN, 0]);
    expect([1, 0.5, -2, Infinity].map((x) => at(grad(first), x))).toEqual([-Infinity, NaN, NaN, 0]);
    expect(at(grad(first), 2)).toBeCloseTo(-2 / 3 ** 1.5, 14);
  });

  test('of the inverse hyperbolic sine vanish at infinity', () => {
    const first = grad((x: tapegrad.Tensor) => tapegrad.asinh(x));
    for (const x of [Infinity, -Infinity]) expect([first, grad(first)].map((f) => f(Tensor.of(x)).item() + 0)).toEqual([0, 0]);
  });
});
