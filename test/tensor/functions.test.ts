/** The elementary functions are the project's own, so that all engines agree. Here they are held against the engine's, which is right to an ulp. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FloatDtype, rounding } from '../../src/tensor/dtype.ts';
import { exactLog } from '../../src/tensor/exact-log.ts';
import type { Formula } from '../../src/tensor/formula.ts';
import * as arithmetic from '../../src/tensor/ops/arithmetic.ts';
import * as functions from '../../src/tensor/ops/functions.ts';
import { evaluator } from '../lib/evaluator.ts';
import { anyNumbers, specialNumbers } from '../lib/samples.ts';

const logistic = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
/** JavaScript alone says that 1 and −1 to the power of infinity, and 1 to the power of NaN, are NaN; C and IEEE 754 say 1. */
const power = (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

const truths: Record<string, { read: (dtype: FloatDtype) => Formula; truth: (a: number, b: number) => number; ulps: number }> = {
  exp: { read: functions.exp.formula, truth: Math.exp, ulps: 1 },
  log: { read: functions.log.formula, truth: Math.log, ulps: 1 },
  tanh: { read: functions.tanh.formula, truth: Math.tanh, ulps: 1.5 },
  sigmoid: { read: functions.sigmoid.formula, truth: logistic, ulps: 2.5 },
  pow: { read: arithmetic.pow.formula, truth: power, ulps: 1.5 },
};

/** The distance between neighbouring numbers about `x`. */
function ulp(x: number, dtype: FloatDtype): number {
  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), least) - digits);
}

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
    fc.assert(fc.property(anyNumbers[dtype], anyNumbers[dtype], judge), { numRuns: 2000 });
    const near = fc.integer({ min: -20_000, max: 20_000 }).map((i) => rounding[dtype](i / 1000));
    fc.assert(fc.property(near, near, judge), { numRuns: 2000 });
  });

  const [limit, bound] = dtype === 'float32' ? [8191, 2.5] : [100, 1.5];

  test.each(['sin', 'cos'] as const)('%s is right near zero, and no number where it would be wrong', (name) => {
    const evaluate = evaluator({ sin: functions.sin, cos: functions.cos }[name].formula(dtype));
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000, max: 10_000 }).map((i) => rounding[dtype]((i / 10_000) * limit)),
        (x) => {
          expect(Math.abs(evaluate([x]) - Math[name](x)) / ulp(Math[name](x), dtype)).toBeLessThanOrEqual(bound + doubt);
        },
      ),
      { numRuns: 2000 },
    );
    for (const x of [Infinity, -Infinity, NaN, 1e30]) expect(evaluate([x])).toBe(NaN);
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

test('the exact logarithm agrees with the engine to an ulp, and is exact where powers of two cancel', () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -100, max: 2 ** 100, noNaN: true }), (x) => {
      expect(Math.abs(exactLog(x) - Math.log(x))).toBeLessThanOrEqual(ulp(Math.log(x) || 2 ** -60, 'float64'));
    }),
    { numRuns: 3000 },
  );
  expect(exactLog(1)).toBe(0);
  expect(exactLog(2)).toBe(Math.LN2);
});
