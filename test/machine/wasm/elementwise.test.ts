/** Formulas as vector instructions, held against their plain reading bit for bit. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { newData } from '../../../src/base/dtype.ts';
import { sizeOf } from '../../../src/base/shape.ts';
import { type Formula, formula } from '../../../src/formula/formula.ts';
import { plain } from '../../../src/machine/plain.ts';
import { arraysOf, fast } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { anyNumbers, specialNumbers } from '../../lib/samples.ts';

/** A formula made by random choices: of an operation, and of its operands among all that was made before. */
function anyFormula(made: Formula[], choices: readonly (readonly [number, ...number[]])[]): Formula {
  const normal = (x: Formula) => x.abs().less(1e30).where(x.abs().add(1), 1);
  for (const [which, ...operands] of choices) {
    const [a, b, c, d] = operands.map((operand) => made[operand % made.length]!) as [Formula, Formula, Formula, Formula];
    const makers = [
      () => a.add(b),
      () => a.sub(b),
      () => a.mul(b),
      () => a.div(b),
      () => a.neg(),
      () => a.abs(),
      () => a.sqrt(),
      () => a.floor(),
      () => a.atMost(b),
      () => a.atLeast(b),
      () => a.less(b).where(c, d),
      () => a.equal(b).where(c, d),
      () => a.notEqual(b),
      () => a.lessEqual(b).where(c, d),
      () => a.where(b, c),
      () => a.rarely(b, c),
      () => a.sign(),
      () => a.add((which % 1000) / 7),
      () => a.less(100).where(a.atLeast(-100), 3).floor().powerOfTwo(),
      () => normal(a).ilogb(),
      () => normal(a).significand(),
      () => a.exp(),
    ];
    made.push(makers[which % makers.length]!());
  }
  return made.at(-1)!;
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const numbers = anyNumbers[dtype];
  const { seeds, dataOf } = arraysOf(dtype);

  test('any formula gives what its definition gives', () => {
    const choice = fc.nat({ max: 9999 });
    const tried = specialNumbers[dtype].slice(0, 12);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(choice, choice, choice, choice, choice), { maxLength: 30 }),
        fc.array(numbers, { maxLength: 5 }),
        (choices, others) => {
          const f = formula((a, b) => anyFormula([a!, b!], choices), 2)(dtype);
          const pairs = [...tried, ...others].flatMap((x, _, all) => all.map((y) => [x, y] as const));
          const inputs = [0, 1].map((which) => ({
            sizes: [pairs.length],
            data: newData(dtype, pairs.length).map((_, i) => pairs[i]![which]!),
          }));
          expectSameBits(fast.map(f, [pairs.length], inputs), plain.map(f, [pairs.length], inputs));
        },
      ),
      { numRuns: runs(150) },
    );
  });

  test('a formula gives the same bits for any broadcasting', () => {
    const f = formula((a, b, c) => a!.mul(b!).sub(c!), 3)(dtype);
    const shapes = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean(), fc.boolean(), fc.boolean()), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, seeds, (axes, seed) => {
        const inputs = [1, 2, 3].map((which) => {
          const shape = axes.map((axis) => (axis[which] ? axis[0] : 1));
          return { sizes: shape, data: dataOf(sizeOf(shape), seed) };
        });
        const shape = axes.map(([size, ...own]) => (own.some(Boolean) ? size : 1));
        expectSameBits(fast.map(f, shape, inputs), plain.map(f, shape, inputs));
      }),
      { numRuns: runs(500) },
    );
  });
});
