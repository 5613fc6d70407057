/** Computations written as formulas: where brackets stand, and the notation that an operation declares. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import { expressionOf } from '../../../src/autograd/view/notation.ts';
import { binaryOp, checkpoint, perform, steps, Tape, Tensor, unaryOp } from '../../../src/index.ts';

const [x, y, z] = [2, 3, 5].map((n) => Tensor.of(n, 'float64')) as [Tensor, Tensor, Tensor];

/** What a function computes of `x`, `y` and `z`, as a formula. */
function written(f: () => Tensor): string {
  const tape = new Tape({ x, y, z });
  const result = tape.record(f);
  return expressionOf(
    tape.entries,
    tape.values,
    tape.values.findIndex(({ tensor }) => tensor === result),
  );
}

const { computation } = fc.letrec<{ computation: () => Tensor }>((tie) => ({
  computation: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'formula' },
    fc.constantFrom(
      () => x,
      () => y,
      () => z,
    ),
    fc.tuple(fc.constantFrom('add', 'sub', 'mul', 'div'), tie('computation'), tie('computation')).map(
      ([name, a, b]) =>
        () =>
          a()[name](b()),
    ),
    tie('computation').map((a) => () => a().neg()),
  ),
}));

test('a formula, read with the usual precedence of signs, has the value that was computed', () => {
  fc.assert(
    fc.property(computation, (f) => {
      const text = written(f);
      const program = text.replaceAll('−', '- ').replaceAll('·', '*');
      const value = new Function('x', 'y', 'z', `return ${program}`)(2, 3, 5) as number;
      const wanted = f().item();
      // What is divided by 0, or nearly, is another matter.
      fc.pre(Number.isFinite(wanted) && Math.abs(wanted) < 1e6 && !Number.isNaN(value));
      expect(value, text).toBeCloseTo(wanted, 6);
    }),
    { numRuns: 500 },
  );
});

test.each<[() => Tensor, string]>([
  [() => x.sub(y.sub(z)), 'x − (y − z)'],
  [() => x.sub(y).sub(z), 'x − y − z'],
  [() => x.add(y).mul(z), '(x + y) · z'],
  [() => x.div(y.mul(z)), 'x / (y · z)'],
  [() => y.neg().add(1), '1 − y'],
  [() => y.add(z).neg().add(1), '1 − (y + z)'],
  [() => y.neg().mul(x), '(−y) · x'],
  [() => x.mul(y).neg(), '−x · y'],
  [() => x.add(y).neg(), '−(x + y)'],
  [() => x.exp().mul(y), 'exp(x) · y'],
])('%s is written as %s', (f, text) => expect(written(f)).toBe(text));

test('each product of matrices has its own sign', () => {
  const [a, b] = [Tensor.ones([2, 2]), Tensor.ones([2, 2])];
  const tape = new Tape({ a, b });
  tape.record(() => a.matmul(b).timesTransposed(a.add(b)).transposedTimes(b));
  expect(expressionOf(tape.entries, tape.values, tape.entries.at(-1)!.output)).toBe('((a @ b) @ (a + b)ᵀ)ᵀ @ b');
});

describe('a custom operation', () => {
  const rule = { forward: (a: any, b: any) => a.add(b), backward: { a: ({ dy }: any) => dy, b: ({ dy }: any) => dy } };
  const one = { forward: (x: any) => x, backward: ({ dy }: any) => dy };
  const of = (notation: string) => (a: Tensor, b: Tensor) => perform(binaryOp('join', { ...rule, notation }), { a, b });

  test('is written by its notation, in brackets beside operators of unknown precedence', () => {
    const join = of('a ∘ b');
    expect(written(() => join(x, y.add(z)))).toBe('x ∘ (y + z)');
    expect(written(() => join(join(x, y), z))).toBe('(x ∘ y) ∘ z');
    expect(written(() => join(x, y).add(z))).toBe('x ∘ y + z');
    expect(written(() => join(x, y).sub(z).mul(join(y, z.exp())))).toBe('(x ∘ y − z) · y ∘ exp(z)');
    expect(written(() => of('b if a')(x, y.neg()))).toBe('(−y) if x');
    expect(written(() => of('a · b + b')(x.add(y), y.add(z)))).toBe('(x + y) · (y + z) + y + z');
  });

  test('may have a notation that encloses its input', () => {
    const square = unaryOp('square', { ...one, notation: 'x²' });
    expect(written(() => x.add(perform(square, { x: y.mul(z) })))).toBe('x + (y · z)²');
    expect(written(() => perform(square, { x: perform(square, { x }) }))).toBe('x²²');
  });

  test('without a notation is written as a call, whatever its name', () => {
    const add = binaryOp('add', rule);
    expect(written(() => perform(add, { a: x, b: y }).mul(z))).toBe('add(x, y) · z');
    expect(written(() => x.reshape([1]))).toBe('reshape(x, to: [1])');
  });
});

test.each(Object.values(ops).filter(({ notation }) => notation !== undefined))('the notation of $name has each of its inputs', (op) => {
  for (const input of Object.keys(op.backward)) expect(op.notation!.match(/[a-z]+/gi)).toContain(input);
});

test('what would be doubled too often is left out, and depth is no limit', () => {
  const x = Tensor.of(1);
  const squared = checkpoint((x: Tensor) => Array.from({ length: 60 }).reduce((h: Tensor) => h.mul(h), x));
  const tape = new Tape({ x });
  const y = tape.record(() => squared(x));
  const [step] = [...steps(tape, y)];
  expect(step!.rule.length).toBeLessThan(10_000);
  const deep = checkpoint((x: Tensor) => Array.from({ length: 5000 }).reduce((h: Tensor) => h.neg(), x));
  const long = new Tape({ x });
  const z = long.record(() => deep(x));
  expect([...steps(long, z)]).toHaveLength(1);
});
