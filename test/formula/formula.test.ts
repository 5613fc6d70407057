/** What formulas mean, said with JavaScript's own operators, on numbers of every kind. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rounding } from '../../src/base/dtype.ts';
import { type Formula, formula } from '../../src/formula/formula.ts';
import { elementwiseOp, grad, perform, Tensor, unaryOp, useBackend } from '../../src/index.ts';
import { evaluator } from '../lib/evaluator.ts';
import { anyNumbers } from '../lib/samples.ts';

type Write = (a: Formula, b: Formula, c: Formula, d: Formula) => Formula;
type Meaning = (a: number, b: number, c: number, d: number) => number;

const meanings: Record<string, [Write, Meaning]> = {
  'a + b': [(a, b) => a.add(b), (a, b) => a + b],
  'a − b': [(a, b) => a.sub(b), (a, b) => a - b],
  'a · b': [(a, b) => a.mul(b), (a, b) => a * b],
  'a / b': [(a, b) => a.div(b), (a, b) => a / b],
  '−a': [(a) => a.neg(), (a) => -a],
  '1 / a': [(a) => a.reciprocal(), (a) => 1 / a],
  '|a|': [(a) => a.abs(), Math.abs],
  '√a': [(a) => a.sqrt(), Math.sqrt],
  '⌊a⌋': [(a) => a.floor(), Math.floor],
  'the sign of a': [(a) => a.sign(), Math.sign],
  'a, at most b': [(a, b) => a.atMost(b), (a, b) => (b < a ? b : a)],
  'a, at least b': [(a, b) => a.atLeast(b), (a, b) => (a < b ? b : a)],
  'a < b': [(a, b) => a.less(b), (a, b) => Number(a < b)],
  'a ≤ b': [(a, b) => a.lessEqual(b), (a, b) => Number(a <= b)],
  'a > b': [(a, b) => a.greater(b), (a, b) => Number(a > b)],
  'a ≥ b': [(a, b) => a.greaterEqual(b), (a, b) => Number(a >= b)],
  'a = b': [(a, b) => a.equal(b), (a, b) => Number(a === b)],
  'a ≠ b': [(a, b) => a.notEqual(b), (a, b) => Number(a !== b)],
  'a < b ? c : d': [(a, b, c, d) => a.less(b).where(c, d), (a, b, c, d) => (a < b ? c : d)],
  'a ≤ b ? c : d': [(a, b, c, d) => a.lessEqual(b).where(c, d), (a, b, c, d) => (a <= b ? c : d)],
  'a > b ? c : d': [(a, b, c, d) => a.greater(b).where(c, d), (a, b, c, d) => (a > b ? c : d)],
  'a = b ? c : d': [(a, b, c, d) => a.equal(b).where(c, d), (a, b, c, d) => (a === b ? c : d)],
  'a ≠ b ? c : d': [(a, b, c, d) => a.notEqual(b).where(c, d), (a, b, c, d) => (a !== b ? c : d)],
  'a ≠ 0 ? c : d': [(a, _, c, d) => a.where(c, d), (a, _, c, d) => (a !== 0 ? c : d)],
  'a choice of 1 or 0 that is asked again': [(a, b, c, d) => a.less(b).where(1, 0).where(c, d), (a, b, c, d) => (a < b ? c : d)],
  'a choice of 0 or 1 that is asked again': [(a, b, c, d) => a.less(b).where(0, 1).where(c, d), (a, b, c, d) => (a < b ? d : c)],
};

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const number = anyNumbers[dtype];
  test.each(Object.entries(meanings))('%s is what JavaScript says it is, rounded once', (_, [write, meaning]) => {
    const read = evaluator(formula(write, 4)(dtype));
    fc.assert(
      fc.property(number, number, number, number, fc.boolean(), (a, b, c, d, alike) => {
        const other = alike ? a : b;
        expect(read([a, other, c, d])).toBe(rounding[dtype](meaning(a, other, c, d)));
      }),
    );
  });

  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];

  test('a positive number is its mantissa times two to its exponent', () => {
    const mantissa = evaluator(formula((x) => x.significand())(dtype));
    const exponent = evaluator(formula((x) => x.ilogb())(dtype));
    const power = evaluator(formula((x) => x.powerOfTwo())(dtype));
    const normal = number.filter((x) => x >= 2 ** least && x < Infinity);
    fc.assert(
      fc.property(normal, (x) => {
        expect(mantissa([x])).toBeGreaterThanOrEqual(1);
        expect(mantissa([x])).toBeLessThan(2);
        expect(mantissa([x]) * power([exponent([x])])).toBe(x);
      }),
    );
  });

  test('a product with a power of two is exact, or rounded once where it is subnormal', () => {
    const scaled = evaluator(formula((x, n) => x!.ldexp(n!), 2)(dtype));
    const [from, to] = [least - digits - 2, 1 - least];
    fc.assert(
      fc.property(
        number.filter((x) => Math.abs(x) >= 0.5 && Math.abs(x) <= 2),
        fc.integer({ min: from, max: to }),
        (x, n) => {
          // In two steps: 2ⁿ itself may be no float64.
          const half = Math.floor(n / 2);
          const wide = dtype === 'float32' ? Math.fround(x * 2 ** n) : x * 2 ** half * 2 ** (n - half);
          expect(scaled([x, n])).toBe(wide);
        },
      ),
    );
  });
});

test('what JavaScript makes of a formula by its own operators is refused', () => {
  const square = formula(((x: Formula) => (x as unknown as number) * 2) as unknown as (x: Formula) => Formula);
  expect(() => square('float32')).toThrow("JavaScript's operators do not compute with a formula: write a.add(b)");
});

test.each<[string, unknown, string]>([
  ['a tensor', Tensor.of([1, 2]), 'a tensor of shape [2]'],
  ['nothing', undefined, 'undefined'],
  ['text', '2', "'2'"],
])('%s among the operands of a formula is refused', (_, operand, got) => {
  const message = `formula: expected a formula or a number to compute with, got ${got}; each input is a parameter of the function`;
  for (const method of ['add', 'less', 'greater', 'pow', 'where', 'atLeast', 'rarely'] as const)
    expect(() => formula((x) => (x[method] as (...given: unknown[]) => Formula)(operand, operand))('float32')).toThrow(message);
});

test('what a formula is to be written by, and is none, is refused', () => {
  const nothing = formula((() => undefined) as unknown as (x: Formula) => Formula);
  expect(() => nothing('float32')).toThrow('formula: expected to get a formula, made by methods such as x.mul(x), got undefined');
});

test('a formula may have more steps than a call stack is deep, and so may a rule', () => {
  const many = (x: Formula) => {
    let y = x;
    for (let i = 0; i < 10_000; i++) y = y.add(1);
    return y;
  };
  const op = unaryOp('many', { forward: many, backward: ({ dy }) => many(dy as unknown as Formula).sub(10_000) as never });
  const x = Tensor.of([1, 2], 'float64');
  for (const backend of ['wasm', 'plain'] as const) {
    useBackend(backend);
    expect(perform(op, { x }).toArray()).toEqual([10_001, 10_002]);
    expect(grad((x: Tensor) => perform(op, { x }).sum())(x).toArray()).toEqual([1, 1]);
  }
  useBackend('wasm');
});

test('a formula has at most as many inputs as a kernel can take, and no other number of them', () => {
  const sum = (...xs: Formula[]) => xs.reduce((a, b) => a.add(b));
  const names = Array.from({ length: 400 }, (_, i) => `x${i}`);
  const op = elementwiseOp('sumOfAll', {
    forward: sum,
    backward: Object.fromEntries(names.map((name) => [name, null])),
    sample: (draw) => Object.fromEntries(names.map((name) => [name, draw.tensor([2])])),
  });
  expect(perform(op, Object.fromEntries(names.map((name) => [name, Tensor.ones([3])]))).toArray()).toEqual([400, 400, 400]);
  for (const inputs of [401, -1, 1.5, NaN, 1e15, Symbol('s')])
    expect(() => formula(sum, inputs as number)).toThrow(/^formula: expected inputs to be a whole number from 0 to 400, got /);
});
