/** What is passed back in one kernel, and added up there, is what operations one after another give, to the bit. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FloatDtype, type Op, perform, steps, Tape, Tensor } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

/** Steps of a random program: which operation, and how far back its operands are. */
const programs = fc.array(
  fc.record({ op: fc.constantFrom('add', 'sub', 'mul', 'tanh', 'neg', 'scale', 'spread'), left: fc.nat(3), right: fc.nat(3) }),
  { minLength: 1, maxLength: 12 },
);

const matrix = (rows: number, columns: number, seed: number, dtype: FloatDtype) =>
  Tensor.uniform([rows, columns], { low: -2, high: 2, seed, dtype });

test('a sweep of a program that uses tensors again and again has the same bits alone, recorded and step by step', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(programs, sizes, fc.nat(), fc.constantFrom<FloatDtype>('float32', 'float64'), (program, [rows, columns], seed, dtype) => {
      const x = matrix(rows, columns, seed, dtype);
      const row = matrix(1, columns, seed + 1, dtype);
      const f = () => {
        const values = [x];
        const at = (back: number) => values[Math.max(0, values.length - 1 - back)]!;
        for (const { op, left, right } of program) {
          const [a, b] = [at(left), at(right)];
          if (op === 'tanh' || op === 'neg') values.push(a[op]());
          else values.push(op === 'scale' ? a.mul(0.7) : op === 'spread' ? a.mul(row) : a[op](b));
        }
        return values.at(-1)!.add(x).add(row);
      };
      const gradient = matrix(rows, columns, seed + 2, dtype);
      const sweep = () => {
        const tape = new Tape();
        return tape.backward(tape.record(f), [x, row], { gradient });
      };
      const alone = sweep();
      const recorded = new Tape().record(sweep);
      const tape = new Tape({ x, row });
      const y = tape.record(f);
      const taken = [...steps(tape, y, { gradient })];
      for (const [i, name] of (['x', 'row'] as const).entries()) {
        // A gradient may be the one that arrives, as it is.
        expectSameBits(alone[i]!.data.slice(), recorded[i]!.data);
        expectSameBits(alone[i]!.data.slice(), taken.findLast((step) => step.name === name)!.total.data);
      }
    }),
    { numRuns: runs(100) },
  );
});

test('a rule that computes something for all of its inputs is given the same object for each', () => {
  const seen = new Set<object>();
  const twice = (given: { readonly dy: Tensor }) => {
    seen.add(given);
    return given.dy.mul(2);
  };
  const op = {
    name: 'both',
    shape: ({ a }: { a: Tensor }) => a.shape,
    forward: ({ a }: { a: Tensor }) => a.data.slice(),
    backward: { a: twice, b: twice },
    sample: () => ({ a: Tensor.of([1]), b: Tensor.of([1]) }),
  };
  const [a, b] = [Tensor.of([1]), Tensor.of([2])];
  const tape = new Tape();
  const y = tape.record(() => perform(op as unknown as Op<'a' | 'b'>, { a, b }).sum());
  expect(tape.backward(y, [a, b]).map((x) => x.toArray())).toEqual([[2], [2]]);
  expect(seen.size).toBe(1);
});
