/**
 * 18. Finite differences, and the best step.
 *
 * Whoever checks a derivative by a finite difference has to choose a step. A large step has a large truncation error, because the function is curved.
 * A small step has a large rounding error, because the values are rounded and the error of their difference is divided by the step. The best step
 * lies between the two.
 *
 * ![Error against step, on logarithmic axes: three lines in the shape of a V](finite-differences.svg)
 *
 * The picture shows the largest relative error at 32 points between 0 and 1, in float64, against the step; both axes are logarithmic. Seen from the
 * right, each line falls with a slope of its own: 1, 2 or 4, the order of the formula. To the left of their lowest points all three rise with slope
 * −1. Reverse mode has no step, so its error is a level line. The picture is drawn from the numbers that the tests below check.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, sin, Tensor } from '../../src/index.ts';
import { eighths, expectNear } from './lib.ts';
import { central, epsilon, forward, pointsFrom, richardson, schemes, slopeOfWave, wave, worstError } from './measure.ts';

const at = (x: number) => Tensor.of(x, 'float64') as Tensor;
/** Powers of two, so that x + h is exact. */
const step = (from: number, to: number) => fc.integer({ min: from, max: to }).map((k) => 2 ** -k);
const anyScheme = fc.constantFrom(...schemes);
const start = fc.integer({ min: 0, max: 8 }).map((i) => i / 8);

describe('truncation error', () => {
  // On x² nothing is rounded here, so only the truncation error is left: `(f(x + h) − f(x)) / h = f′(x) + h` for `f(x) = x²`.
  test('the truncation error of a forward difference is h/2 times the second derivative', () => {
    fc.assert(
      fc.property(eighths, step(1, 10), (x, h) => {
        expect(forward((x) => x.mul(x), at(x), h).item()).toBe(2 * x + h);
      }),
    );
  });

  // Going both ways, the second derivative cancels: `(f(x + h) − f(x − h)) / 2h = f′(x) + h²` for `f(x) = x³`, and for x² there is no error at all.
  test('the truncation error of a central difference is h²/6 times the third derivative', () => {
    fc.assert(
      fc.property(eighths, step(1, 10), (x, h) => {
        expect(central((x) => x.mul(x), at(x), h).item()).toBe(2 * x);
        expect(central((x) => x.mul(x).mul(x), at(x), h).item()).toBe(3 * x ** 2 + h ** 2);
      }),
    );
  });

  // With half the step a central difference `D(h)` has a quarter of the error, so `(4 D(h/2) − D(h)) / 3`, its Richardson extrapolation, has none of
  // order h². What is left shows on the fifth power: `f′(x) − h⁴/4` for `f(x) = x⁵`.
  test('the truncation error of Richardson extrapolation is −h⁴/480 times the fifth derivative', () => {
    const power = (n: number) => (x: Tensor) => Array.from({ length: n - 1 }).reduce((y: Tensor) => y.mul(x), x);
    fc.assert(
      fc.property(eighths, step(1, 6), (x, h) => {
        expect(richardson(power(4), at(x), h).item()).toBe(4 * x ** 3);
        expect(richardson(power(5), at(x), h).item()).toBe(5 * x ** 4 - h ** 4 / 4);
      }),
    );
  });

  // Reverse mode, applied to its own results, finds the higher derivatives in these errors.
  test('the truncation errors can be predicted from higher derivatives: h/2 f″, h²/6 f‴, −h⁴/480 f⁽⁵⁾', () => {
    const f = (x: Tensor) => sin(x).mul(x.div(4).exp());
    const [f1, f2, f3, , f5] = derivatives(f, 5);
    fc.assert(
      fc.property(eighths, (x) => {
        const [d1, d2, d3, d5] = [f1!, f2!, f3!, f5!].map((f) => f(at(x)).item()) as [number, number, number, number];
        const [small, large] = [2 ** -12, 2 ** -5];
        expectNear((forward(f, at(x), small).item() - d1) / small, d2 / 2, 1e-2);
        expectNear((central(f, at(x), 2 ** -9).item() - d1) / 2 ** -18, d3 / 6, 1e-4);
        expectNear((richardson(f, at(x), large).item() - d1) / large ** 4, -d5 / 480, 1e-5);
      }),
    );
  });
});

/** The first, second, … derivative of a function of one number. */
function derivatives(f: (x: Tensor) => Tensor, count: number): ((x: Tensor) => Tensor)[] {
  const found = [grad(f)];
  while (found.length < count) found.push(grad(found.at(-1)!));
  return found;
}

/** The largest error of a scheme with a step, among 32 points. */
const errorOf = ({ measure }: (typeof schemes)[number], h: number, x: Tensor) => worstError(measure(wave, x, h), x);

describe('truncation and rounding together, the V in the picture', () => {
  // On the right of the picture the slope is the order: an error that is `c hᵖ` becomes `2ᵖ` times smaller when the step is halved.
  test('where the truncation error dominates, half the step divides the error by 2, 4 or 16', () => {
    fc.assert(
      fc.property(anyScheme, start, fc.nat({ max: 40 }), (scheme, start, k) => {
        const h = 2 ** -(5 + (k % (12 / scheme.order)));
        const ratio = errorOf(scheme, h, pointsFrom(start)) / errorOf(scheme, h / 2, pointsFrom(start));
        expect(Math.abs(Math.log2(ratio) - scheme.order)).toBeLessThan(0.25);
      }),
    );
  });

  // On the left it is −1. A rounded value has an error of about ε, and the difference of two is divided by h: the error is about `ε/h`, so a step 256
  // times smaller makes it 256 times larger, to a factor of 4.
  test('where the rounding error dominates, all three formulas have about the same error, ε/h', () => {
    fc.assert(
      fc.property(anyScheme, start, step(30, 42), (scheme, start, h) => {
        const error = errorOf(scheme, h, pointsFrom(start));
        expect(Math.abs(Math.log2((error * h) / epsilon.float64))).toBeLessThan(4);
        expect(Math.abs(Math.log2(errorOf(scheme, h / 256, pointsFrom(start)) / error) - 8)).toBeLessThan(2);
      }),
    );
  });

  // The sum `c hᵖ + ε/h` is least where both terms are about equal: `h ≈ ε^(1/(p + 1))`. That is `ε^(1/2)` for forward differences, `ε^(1/3)` for
  // central ones and `ε^(1/5)` for Richardson extrapolation: 1.5e-8, 6e-6 and 7e-4 in float64, 3e-4, 5e-3 and 4e-2 in float32. The test tries all
  // powers of two.
  test('the best step is near ε to the power of 1/2, 1/3 or 1/5', () => {
    fc.assert(
      fc.property(anyScheme, start, fc.constantFrom('float32', 'float64'), (scheme, start, dtype) => {
        const [best] = bestOf(scheme, pointsFrom(start, dtype));
        expect(best / epsilon[dtype] ** (1 / (scheme.order + 1))).toBeGreaterThanOrEqual(1 / 4);
        expect(best / epsilon[dtype] ** (1 / (scheme.order + 1))).toBeLessThanOrEqual(4);
      }),
    );
  });

  // There the error is about `hᵖ ≈ ε^(p/(p + 1))`: a forward difference keeps half of the digits, a central one two thirds, Richardson extrapolation
  // four fifths.
  test('with the best step, a half, two thirds or four fifths of the digits are right', () => {
    fc.assert(
      fc.property(anyScheme, start, fc.constantFrom('float32', 'float64'), (scheme, start, dtype) => {
        const [, error] = bestOf(scheme, pointsFrom(start, dtype));
        expect(Math.abs(Math.log2(error / epsilon[dtype] ** (scheme.order / (scheme.order + 1))))).toBeLessThan(3);
      }),
    );
  });

  // Each derivative rule is a formula, rounded like any other, and nothing is divided by a small number. The result is compared with `eˣ (sin x + cos
  // x)`, worked out to 40 digits.
  test('the error of reverse mode is a few roundings, smaller than that of finite differences with any step', () => {
    fc.assert(
      fc.property(start, (start) => {
        const x = pointsFrom(start);
        const found = grad((x: Tensor) => wave(x).sum())(x);
        expectNear(found.sub(slopeOfWave(x)).abs().max().item(), 0, 1e-14);
        expect(worstError(found, x)).toBeLessThan(2 * epsilon.float64);
        for (const scheme of schemes) expect(bestOf(scheme, x)[1]).toBeGreaterThan(100 * worstError(found, x));
      }),
      { numRuns: 10 },
    );
  });
});

/** The step with the smallest error among all powers of two, and that error. */
function bestOf(scheme: (typeof schemes)[number], x: Tensor): readonly [step: number, error: number] {
  const found = Array.from({ length: x.dtype === 'float32' ? 23 : 52 }, (_, k) => [2 ** -k, errorOf(scheme, 2 ** -k, x)] as const);
  return found.reduce((best, one) => (one[1] < best[1] ? one : best));
}
