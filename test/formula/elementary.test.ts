/** The elementary functions are the project's own, so that all engines agree. Here they are held against the engine's, which is right to an ulp. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FloatDtype, rounding } from '../../src/base/dtype.ts';
import type { Formula } from '../../src/formula/formula.ts';
import { logSigmoidOp, softplusOp } from '../../src/functions/elementwise/activations.ts';
import { erfcOp, erfOp } from '../../src/functions/elementwise/error-function.ts';
import * as hyperbolic from '../../src/functions/elementwise/hyperbolic.ts';
import * as powers from '../../src/functions/elementwise/powers.ts';
import * as trigonometric from '../../src/functions/elementwise/trigonometric.ts';
import * as arithmetic from '../../src/tensor/ops/arithmetic.ts';
import * as functions from '../../src/tensor/ops/elementary.ts';
import { evaluator } from '../lib/evaluator.ts';
import { runs } from '../lib/runs.ts';
import { anyNumbers, specialNumbers } from '../lib/samples.ts';
import { ulp } from '../lib/ulp.ts';

const logistic = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** JavaScript alone says that 1 and −1 to the power of infinity, and 1 to the power of NaN, are NaN; C and IEEE 754 say 1. */
const power = (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

const truths: Record<string, { read: (dtype: FloatDtype) => Formula; truth: (a: number, b: number) => number; ulps: number }> = {
  exp: { read: functions.exp.formula, truth: Math.exp, ulps: 1 },
  expm1: { read: functions.expm1.formula, truth: Math.expm1, ulps: 1.5 },
  log: { read: functions.log.formula, truth: Math.log, ulps: 1 },
  log1p: { read: functions.log1p.formula, truth: Math.log1p, ulps: 1.5 },
  sin: { read: trigonometric.sinOp.formula, truth: Math.sin, ulps: 1 },
  cos: { read: trigonometric.cosOp.formula, truth: Math.cos, ulps: 1 },
  tanh: { read: functions.tanhOp.formula, truth: Math.tanh, ulps: 1.5 },
  sigmoid: { read: functions.sigmoidOp.formula, truth: logistic, ulps: 2.5 },
  tan: { read: trigonometric.tanOp.formula, truth: Math.tan, ulps: 2 },
  asin: { read: trigonometric.asinOp.formula, truth: Math.asin, ulps: 1.5 },
  acos: { read: trigonometric.acosOp.formula, truth: Math.acos, ulps: 1.5 },
  atan: { read: trigonometric.atanOp.formula, truth: Math.atan, ulps: 1.5 },
  atan2: { read: trigonometric.atan2Op.formula, truth: Math.atan2, ulps: 2 },
  sinh: { read: hyperbolic.sinhOp.formula, truth: Math.sinh, ulps: 2 },
  cosh: { read: hyperbolic.coshOp.formula, truth: Math.cosh, ulps: 2 },
  asinh: { read: hyperbolic.asinhOp.formula, truth: Math.asinh, ulps: 2 },
  acosh: { read: hyperbolic.acoshOp.formula, truth: Math.acosh, ulps: 2 },
  atanh: { read: hyperbolic.atanhOp.formula, truth: Math.atanh, ulps: 2 },
  exp2: { read: powers.exp2Op.formula, truth: (x) => 2 ** x, ulps: 1 },
  log2: { read: powers.log2Op.formula, truth: Math.log2, ulps: 1.5 },
  log10: { read: powers.log10Op.formula, truth: Math.log10, ulps: 1.5 },
  softplus: { read: softplusOp.formula, truth: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), ulps: 2 },
  logSigmoid: { read: logSigmoidOp.formula, truth: (x) => Math.min(x, -0) - Math.log1p(Math.exp(-Math.abs(x))), ulps: 2 },
  pow: { read: arithmetic.pow.formula, truth: power, ulps: 1.5 },
};

/** `[x, sin x, cos x]` where a multiple of π/2 is nearest, and some ordinary traps; found with 3000 bits. */
const hardest: Record<FloatDtype, readonly (readonly [number, number, number])[]> = {
  float32: [
    [7.729178919452902e28, 1, -1.6147697982476211e-9],
    [355, -0.00003014435335948845, -0.999999999545659],
  ],
  float64: [
    [5.319372648326541e255, 1, -4.687165924254628e-19],
    [1.7976931348623157e308, 0.004961954789184062, -0.9999876894265599],
    [1e22, -0.8522008497671888, 0.523214785395139],
  ],
};

/** `[x, erf x]`, on both sides of every seam. */
const errors: readonly (readonly [number, number])[] = [
  [1e-300, 1.1283791670955126e-300],
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.84, 0.7651427114549945],
  [0.85, 0.7706680576083526],
  [1, 0.8427007929497149],
  [1.2, 0.9103139782296353],
  [1.25, 0.9229001282564583],
  [2, 0.9953222650189527],
  [2.85, 0.9999443437200386],
  [2.86, 0.9999475988269556],
  [4, 0.9999999845827421],
  [5.9, 0.9999999999999999],
];

/** `[x, erfc x]`, from 60 digits. */
const complements: readonly (readonly [number, number])[] = [
  [-3, 1.9999779095030015],
  [0.1, 0.8875370839817152],
  [0.3, 0.6713732405408726],
  [0.8, 0.2578990352923395],
  [1, 0.15729920705028513],
  [1.5, 0.033894853524689274],
  [3, 0.00002209049699858544],
  [8, 1.1224297172982926e-29],
  [7.7, 1.2942740067717136e-27],
  [20, 5.395865611607901e-176],
  [25.7, 3.1188999330073835e-289],
  [26, 5.663192408856143e-296],
];

type Evaluate = ReturnType<typeof evaluator>;

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  // The engine's own result may be off by an ulp of float64 itself.
  const doubt = dtype === 'float64' ? 1 : 0.001;

  test.each(Object.entries(truths))('%s is right to the last place or two, for numbers of every kind', (_, { read, truth, ulps }) => {
    const evaluate = evaluator(read(dtype));
    const judge = (a: number, b: number) => {
      const [found, wanted] = [evaluate([a, b]), truth(a, b)];
      const rounded = rounding[dtype](wanted);
      if (!Number.isFinite(rounded) || rounded === 0) expect(found, `at ${a}, ${b}`).toBe(rounded);
      else expect(Math.abs(found - wanted) / ulp(wanted, dtype), `at ${a}, ${b}`).toBeLessThanOrEqual(ulps + doubt);
    };
    const special = specialNumbers[dtype].map(rounding[dtype]);
    for (const a of special) for (const b of special) judge(a, b);
    fc.assert(fc.property(anyNumbers[dtype], anyNumbers[dtype], judge), { numRuns: runs(2000) });
    const near = fc.integer({ min: -20_000, max: 20_000 }).map((i) => rounding[dtype](i / 1000));
    fc.assert(fc.property(near, near, judge), { numRuns: runs(2000) });
  });

  test.each(['sin', 'cos'] as const)(
    '%s is right for every finite number, the nearest to a multiple of π/2 among them, and no number for others',
    (name) => {
      const evaluate = evaluator({ sin: trigonometric.sinOp, cos: trigonometric.cosOp }[name].formula(dtype));
      const sizes = fc.tuple(
        fc.integer({ min: 2 ** 24, max: 2 ** 25 - 1 }),
        fc.integer({ min: -60, max: dtype === 'float32' ? 102 : 998 }),
        fc.boolean(),
      );
      fc.assert(
        fc.property(sizes, ([digits, exponent, negative]) => {
          const x = rounding[dtype]((negative ? -1 : 1) * digits * 2 ** exponent);
          expect(Math.abs(evaluate([x]) - Math[name](x)) / ulp(Math[name](x), dtype), `at ${x}`).toBeLessThanOrEqual(1 + doubt);
        }),
        { numRuns: runs(3000) },
      );
      // Of all float64, and of all float32, these come nearest.
      for (const [x, sine, cosine] of hardest[dtype]) {
        const truth = name === 'sin' ? sine : cosine;
        expect(Math.abs(evaluate([x]) - truth) / ulp(truth, dtype), `at ${x}`).toBeLessThanOrEqual(1);
      }
      for (const x of [Infinity, -Infinity, NaN]) expect(evaluate([x])).toBe(NaN);
    },
  );

  test('eˣ − 1 is right where it is hardest, just beyond the first halving of the range, and below 0 to two thirds of an ulp', () => {
    const evaluate = evaluator(functions.expm1.formula(dtype));
    for (const [from, to, ulps] of [
      [0.3465, 0.38, 1.3],
      [-5, -0.4, 0.67],
    ] as const) {
      for (let i = 0; i < 3000; i++) {
        const x = rounding[dtype](from + (i / 3000) * (to - from));
        expect(Math.abs(evaluate([x]) - Math.expm1(x)) / ulp(Math.expm1(x), dtype), `at ${x}`).toBeLessThanOrEqual(ulps + doubt);
      }
    }
  });

  test('the error function is what 200 digits make of it, odd, and 1 at the end', () => {
    const evaluate = evaluator(erfOp.formula(dtype));
    for (const [at, truth] of errors) {
      const x = rounding[dtype](at);
      // Where float32 rounds the argument, the value follows the slope.
      const wanted = truth + (x - at) * (2 / Math.sqrt(Math.PI)) * Math.exp(-at * at);
      if (rounding[dtype](wanted) !== 0) expect(Math.abs(evaluate([x]) - wanted) / ulp(wanted, dtype), `at ${at}`).toBeLessThanOrEqual(1.1);
      expect(evaluate([-x])).toBe(-evaluate([x]));
    }
    expect([0, -0, 6, 1e30, Infinity, -Infinity, NaN].map((x) => evaluate([x]))).toEqual([0, -0, 1, 1, 1, -1, NaN]);
  });

  test('the complement of the error function keeps its digits where it is small', () => {
    const evaluate = evaluator(erfcOp.formula(dtype));
    for (const [at, truth] of complements) {
      const x = rounding[dtype](at);
      // Where float32 rounds the argument, the value follows the slope.
      const wanted = truth * Math.exp(at * at - x * x) * (Math.abs(x - at) < 1e-12 ? 1 : at > 1 ? at / x : 1);
      const tolerance = dtype === 'float32' ? 4 : 2.5;
      if (wanted > 2 ** -126 || dtype === 'float64')
        expect(Math.abs(evaluate([x]) - wanted) / ulp(wanted, dtype), `at ${at}`).toBeLessThanOrEqual(tolerance);
    }
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }).map(rounding[dtype]), (x) => {
        expect(Math.abs(evaluate([x]) + evaluate([-x]) - 2)).toBeLessThanOrEqual(2 * ulp(2, dtype));
        expect(Math.abs(evaluate([x]) + evaluator(erfOp.formula(dtype))([x]) - 1)).toBeLessThanOrEqual(2 * ulp(1, dtype));
      }),
    );
    expect([0, -0, 30, Infinity, -30, -Infinity, NaN].map((x) => evaluate([x]))).toEqual([1, 1, 0, 0, 2, 2, NaN]);
  });

  test('powers of two come out exactly, and their logarithms too; of ten to the nearest number', () => {
    const [exp2, log2, log10] = [powers.exp2Op, powers.log2Op, powers.log10Op].map((op) => evaluator(op.formula(dtype))) as [
      Evaluate,
      Evaluate,
      Evaluate,
    ];
    const [least, most] = dtype === 'float32' ? [-149, 127] : [-1074, 1023];
    for (let n = least; n <= most; n++) {
      expect(exp2([n]), `2^${n}`).toBe(2 ** n);
      expect(log2([2 ** n]), `log2 2^${n}`).toBe(n);
    }
    expect([exp2([most + 1]), exp2([-1200]), exp2([NaN])]).toEqual([Infinity, 0, NaN]);
    for (let n = 0; n <= (dtype === 'float32' ? 10 : 22); n++) expect(log10([10 ** n]), `log10 10^${n}`).toBe(n);
  });

  test('the hyperbolic functions are finite to the last', () => {
    const [sinh, cosh] = [hyperbolic.sinhOp, hyperbolic.coshOp].map((op) => evaluator(op.formula(dtype))) as [Evaluate, Evaluate];
    // Beyond these eˣ is infinite, and half of it is not.
    for (const x of dtype === 'float32' ? [88.8, 89.2, 89.41] : [709.9, 710.2, 710.47]) {
      const at = rounding[dtype](x);
      expect(Math.abs(sinh([at]) / Math.sinh(at) - 1)).toBeLessThan(dtype === 'float32' ? 1e-6 : 1e-12);
      expect(cosh([-at])).toBe(sinh([at]));
      expect(sinh([-at])).toBe(-sinh([at]));
    }
    const [most] = dtype === 'float32' ? [90] : [711];
    expect([sinh([most]), cosh([-most])]).toEqual([Infinity, Infinity]);
  });

  test('an angle has the quadrant of its point, both signs of zero counted', () => {
    const evaluate = evaluator(trigonometric.atan2Op.formula(dtype));
    for (const y of [0, -0, 1, -1, Infinity, -Infinity]) {
      for (const x of [0, -0, 1, -1, Infinity, -Infinity]) {
        const [found, wanted] = [evaluate([y, x]), Math.atan2(y, x)];
        if (wanted === 0) expect(found, `${y}, ${x}`).toBe(wanted);
        else expect(Math.abs(found - wanted), `${y}, ${x}`).toBeLessThanOrEqual(ulp(wanted, dtype));
      }
    }
  });

  test('powers that are numbers come out exactly', () => {
    const evaluate = evaluator(arithmetic.pow.formula(dtype));
    fc.assert(
      fc.property(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 0, max: 4 }), (a, b) => {
        expect(evaluate([a, b])).toBe(a ** b);
      }),
    );
  });
});
