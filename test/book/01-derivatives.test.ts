/**
 * 1. What a derivative is.
 *
 * The derivative of a function says how much its value changes when its argument changes a little. It is the limit of the slope between two points
 * as they come together. A library does not take the limit: it knows the derivatives of a few functions from tables, and combines them. Slopes that
 * are measured with small steps serve to check it.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DerivativeError, grad, gradcheck, perform, sin, Tensor, unaryOp } from '../../src/index.ts';
import { anyFunction, eighths, expectNear, vectors } from './lib.ts';

const at = (x: number) => Tensor.of(x, 'float64');
const functions = { sin, exp: (x: Tensor) => x.exp(), tanh: (x: Tensor) => x.tanh() } as const;
const slopes = { sin: Math.cos, exp: Math.exp, tanh: (x: number) => 1 - Math.tanh(x) ** 2 } as const;

// A library begins with a table: `sin′ = cos`, `exp′ = exp`, `tanh′ = 1 − tanh²`. `grad` turns a function into its derivative.
test('the derivatives of sin, exp and tanh are those of the tables: cos, exp and 1 − tanh²', () => {
  fc.assert(
    fc.property(fc.constantFrom('sin', 'exp', 'tanh'), eighths, (name, x) => {
      expectNear(grad(functions[name])(at(x)).item(), slopes[name](x), 1e-13);
    }),
  );
});

// Near x a smooth function is nearly a straight line: `f(x + h) ≈ f(x) + f′(x) h`. The remainder is at most `h²/2` times the largest second
// derivative, which for the sine is 1 (Taylor’s theorem).
test('a function changes by its derivative times the step, up to a remainder that shrinks with the square of the step', () => {
  fc.assert(
    fc.property(eighths, fc.integer({ min: 4, max: 12 }), (x, k) => {
      const h = 2 ** -k;
      const rest = sin(at(x + h)).item() - sin(at(x)).item() - grad(sin)(at(x)).item() * h;
      expect(Math.abs(rest)).toBeLessThanOrEqual(0.5 * h * h + 1e-15);
    }),
  );
});

// A computer cannot take the limit, but it can take a small h. The slope between two points at equal distances on both sides, `(f(x + h) − f(x −
// h)) / 2h ≈ f′(x)`, has a truncation error that shrinks with h². Too small an h is no good either, since the values of f are rounded, and that
// rounding error is divided by h. Chapter 18 has more on both.
test('the error of a central difference first shrinks with the square of the step, and then grows as the step goes to 0', () => {
  const x = 0.7;
  const error = (h: number) =>
    Math.abs(
      (at(x + h)
        .exp()
        .item() -
        at(x - h)
          .exp()
          .item()) /
        (2 * h) -
        grad((x: Tensor) => x.exp())(at(x)).item(),
    );
  expect(error(1e-2) / error(1e-3)).toBeGreaterThan(90);
  expect(error(1e-2) / error(1e-3)).toBeLessThan(110);
  expect(error(1e-5)).toBeLessThan(1e-9);
  expect(error(1e-12)).toBeGreaterThan(1e-6);
});

// `gradcheck` measures all slopes of a function in this way, and compares them with those that the library finds.
test('the function gradcheck compares a derivative with finite differences, for every element of every argument', () => {
  fc.assert(fc.property(anyFunction, vectors(1), ({ f }, [x]) => gradcheck(f, [x])));
});

// A check is worth as much as the mistakes it finds. Here are three wrong derivatives of x², which has the slope 2x.
test('a check by gradcheck finds a rule with a wrong sign, a wrong factor or a wrong power', () => {
  const rules = [
    unaryOp('sign', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x).mul(-2) }),
    unaryOp('factor', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x) }),
    unaryOp('power', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(2) }),
  ];
  for (const rule of rules) expect(() => gradcheck((x: Tensor) => perform(rule, { x }), [at(1.75)]), rule.name).toThrow(DerivativeError);
});
