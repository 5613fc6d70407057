/**
 * Derivatives at special numbers, of every operation: whichever way they are asked for, they are the same; NaN where they are NaN. What an
 * operation chooses where it has a choice is in `docs/conventions.md`.
 */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { type AnyOp, refuse, type Sample, scattered, smooth } from '../../src/autograd/checks/samples.ts';
import { grad, hessian, jacobian, jvp, stack, Tensor, vjp, vmap } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';
import { samples } from '../lib/samples.ts';

/** Both zeros, infinities, NaN, ties, large means, and numbers whose squares and reciprocals are numbers still. */
const moderate = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  3,
  -3,
  6,
  Infinity,
  -Infinity,
  NaN,
  1e30,
  -1e30,
  1e-30,
  1e6,
  1e6 + 1,
  1e6 + 2,
  88.8,
  709.9,
  -745.1,
  16777217,
];
/** Those of ordinary size among them, beside which no other number loses all its digits in a sum. */
const ordinary = moderate.filter((x) => !(Math.abs(x) > 6 && Number.isFinite(x)));
/** And those whose squares are none: the largest, the least normal one, a subnormal one. */
const special = [...moderate, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** -1022, 2 ** -1023];

const table = Object.entries(ops) as [string, AnyOp][];

/** Both the same, but for rounding, or neither finite. */
const alike = (a: number, b: number, scale = Math.max(Math.abs(a), Math.abs(b), 1e-3)): boolean =>
  (!Number.isFinite(a) && !Number.isFinite(b)) || Math.abs(a - b) <= 1e-9 * scale;

/** Refuses an operation of which two ways to the same derivative find different ones. */
function allAlike(op: AnyOp, where: string, ways: Readonly<Record<string, Tensor>>): void {
  const [[first, { data }], ...others] = Object.entries(ways) as [[string, Tensor], ...[string, Tensor][]];
  for (const [name, other] of others)
    if (!alike(data[0]!, other.data[0]!)) refuse(op, `${where} is ${data[0]} by ${first}, ${other.data[0]} by ${name}`);
}

const one = Tensor.of(1, 'float64');
/** The only element, by a Jacobian that is found column by column, forward. */
const forward = (f: (x: Tensor) => Tensor) => (x: Tensor) => jacobian((x) => stack([f(x), f(x)]))(x).slice([0]);
/** For two examples at once, the first of which counts. */
const mapped = (f: (x: Tensor) => Tensor) => (x: Tensor) => vmap(f)(stack([x, x])).slice([0]);

/** The operation as functions of one number each, where all its arguments and its value are single numbers. */
function functionsOf(op: AnyOp, sample: Sample): { f: (x: Tensor) => Tensor; x: Tensor; where: string }[] {
  const { f, xs } = smooth(op, sample);
  if (xs.some(({ size }) => size !== 1)) return [];
  const y = f(...xs);
  if (y.size !== 1 || Number.isNaN(y.data[0])) return [];
  return xs.map((x, which) => ({
    f: (one) => f(...xs.with(which, one.reshape(x.shape))).reshape([]),
    x: x.reshape([]),
    where: `by argument ${which} at ${xs.map(({ data }) => data[0]).join(', ')}`,
  }));
}

describe.each(table)('%s', (_, op) => {
  test('has the same first derivative at special numbers, whichever way it is asked for', () => {
    fc.assert(
      fc.property(samples(op, { sizes: { min: 1, max: 1 }, numbers: fc.constantFrom(...special) }), (sample) => {
        for (const { f, x, where } of functionsOf(op, sample))
          allAlike(op, `the derivative ${where}`, {
            grad: grad(f)(x),
            jvp: jvp(f, [x], [one])[1],
            jacobian: forward(f)(x),
            vmap: mapped(grad(f))(x),
          });
      }),
      { numRuns: runs(25) },
    );
  });

  test('has the same second derivative at special numbers, whichever way it is asked for', () => {
    fc.assert(
      fc.property(samples(op, { sizes: { min: 1, max: 1 }, numbers: fc.constantFrom(...moderate) }), (sample) => {
        for (const { f, x, where } of functionsOf(op, sample))
          allAlike(op, `the second derivative ${where}`, {
            grad: grad(grad(f))(x),
            jvp: jvp(grad(f), [x], [one])[1],
            hessian: hessian(f)(x),
            jacobian: forward(grad(f))(x),
            vmap: mapped(hessian(f))(x),
          });
      }),
      { numRuns: runs(25) },
    );
  });

  test('has two directions that are adjoint at special numbers: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩', () => {
    // What is composed of several operations adds up what it makes of large numbers and of small ones; its parts are tried at large numbers by themselves.
    const numbers = fc.constantFrom(...(op.composed ? ordinary : moderate));
    fc.assert(
      fc.property(samples(op, { sizes: { min: 1, max: 2 }, numbers }), (sample) => {
        const { f, xs } = smooth(op, sample);
        if (xs.length === 0) return;
        const [y, pullback] = vjp(f, ...xs);
        if (!y.data.every(Number.isFinite)) return;
        const [u, vs] = [scattered(y, 1), xs.map((x, i) => scattered(x, i + 2))];
        const products = (as: readonly Tensor[], bs: readonly Tensor[]) => as.flatMap((a, i) => [...a.mul(bs[i]!).data]);
        const [left, right] = [products([u], [jvp(f, xs, vs)[1]]), products(pullback(u), vs)];
        const total = (terms: readonly number[]) => terms.reduce((sum, x) => sum + x, 0);
        const scale = total([...left, ...right].map(Math.abs));
        if (!alike(total(left), total(right), Math.max(scale, 1e-3)))
          refuse(op, `⟨u, J v⟩ is ${total(left)}, ⟨Jᵀ u, v⟩ is ${total(right)}`);
      }),
      { numRuns: runs(25) },
    );
  });
});
