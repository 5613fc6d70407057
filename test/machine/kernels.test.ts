/**
 * The kernels are only fast: what they compute is defined elsewhere, by `evaluate.ts` and by the plain machine. Here both are held against each
 * other, bit for bit, for every operation and for numbers of every kind.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { type FloatData, newData } from '../../src/base/dtype.ts';
import { ShapeError } from '../../src/base/errors.ts';
import { sizeOf } from '../../src/base/shape.ts';
import { type Formula, formula } from '../../src/formula/formula.ts';
import { machine } from '../../src/machine/backend.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { plain } from '../../src/machine/plain.ts';
import { LazyMatmul, type MatmulTask, type Operand, type Storage } from '../../src/machine/storage.ts';
import { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import type { Op } from '../../src/tensor/op.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { anyNumbers, samples, specialNumbers } from '../lib/samples.ts';

const fast = new WasmMachine();

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

type Transposition = Pick<MatmulTask, 'transposeA' | 'transposeB'>;

/** A product of matrices in these arrays. */
function taskOf(
  { m, k, n }: Pick<MatmulTask, 'm' | 'k' | 'n'>,
  { transposeA, transposeB }: Transposition,
  a: FloatData,
  b: FloatData,
): MatmulTask {
  const [left, right] = [
    { shape: transposeA ? [k, m] : [m, k], data: a },
    { shape: transposeB ? [n, k] : [k, n], data: b },
  ];
  return { a: left, b: right, m, k, n, transposeA, transposeB, pairs: [{ a: 0, b: 0 }] };
}

/** What is in storage. */
const stored = (shape: readonly number[], storage: Storage): Operand => ({
  shape,
  storage,
  get data() {
    return storage.read();
  },
});

/** The same numbers, kept by a machine if it keeps any. */
function kept(on: Machine, x: Operand): Operand {
  const storage = on.keep?.(x.data as FloatData);
  return storage ? stored(x.shape, storage) : x;
}

test('this host runs the kernels', () => expect(machine()).toBeInstanceOf(WasmMachine));

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const numbers = anyNumbers[dtype];
  const dataOf = (size: number, seed: readonly number[]) => newData(dtype, size).map((_, i) => seed[(i * 7 + (i >> 3)) % seed.length]!);
  const seeds = fc.array(numbers, { minLength: 1, maxLength: 50 });
  const sizes = (min = 0) => fc.integer({ min, max: 21 });

  test.each(Object.entries(ops) as [string, Op<any, any>][])('%s gives what its definition gives', (_, op) => {
    fc.assert(
      fc.property(samples(op, { dtype, sizes: { min: 0, max: 9 }, numbers }), ({ inputs, attributes }) => {
        const given = { ...inputs, ...attributes };
        const shape = op.shape(given);
        try {
          expectSameBits(op.forward(given, shape, fast), op.forward(given, shape, plain));
        } catch (error) {
          // Among no elements there is no largest.
          if (!(error instanceof ShapeError) || Object.values(inputs).every((x) => x.size > 0)) throw error;
        }
      }),
      { numRuns: runs(60) },
    );
  });

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
            shape: [pairs.length],
            data: newData(dtype, pairs.length).map((_, i) => pairs[i]![which]!),
          }));
          expectSameBits(fast.map(f, [pairs.length], inputs), plain.map(f, [pairs.length], inputs));
        },
      ),
      { numRuns: runs(150) },
    );
  });

  test('a formula follows any broadcasting', () => {
    const f = formula((a, b, c) => a!.mul(b!).sub(c!), 3)(dtype);
    const shapes = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean(), fc.boolean(), fc.boolean()), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, seeds, (axes, seed) => {
        const inputs = [1, 2, 3].map((which) => {
          const shape = axes.map((axis) => (axis[which] ? axis[0] : 1));
          return { shape, data: dataOf(sizeOf(shape), seed) };
        });
        const shape = axes.map(([size, ...own]) => (own.some(Boolean) ? size : 1));
        expectSameBits(fast.map(f, shape, inputs), plain.map(f, shape, inputs));
      }),
      { numRuns: runs(500) },
    );
  });

  test('a sum adds in the order that is defined', () => {
    fc.assert(
      fc.property(sizes(), sizes(), fc.oneof(fc.constant(1), sizes()), seeds, (before, count, after, seed) => {
        const x = dataOf(before * count * after, seed);
        expectSameBits(fast.sum(x, { before, count, after }), plain.sum(x, { before, count, after }));
      }),
      { numRuns: runs(500) },
    );
  });

  const transpositions: fc.Arbitrary<Transposition> = fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean() });

  test('a product adds in the order that is defined, whichever factor is transposed', () => {
    fc.assert(
      fc.property(
        sizes(),
        sizes(),
        fc.integer({ min: 0, max: 70 }),
        seeds,
        seeds,
        transpositions,
        (m, k, n, seedA, seedB, transposition) => {
          const [a, b] = [dataOf(m * k, seedA), dataOf(k * n, seedB)];
          const task = taskOf({ m, k, n }, transposition, a, b);
          expectSameBits(fast.matmul(task), plain.matmul(task));
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('of several matrices, those are multiplied that are paired', () => {
    fc.assert(
      fc.property(sizes(1), sizes(1), sizes(1), seeds, transpositions, (m, k, n, seed, transposition) => {
        const [a, b] = [dataOf(2 * m * k, seed), dataOf(3 * k * n, seed)];
        const pairs = [
          { a: 1, b: 0 },
          { a: 0, b: 2 },
          { a: 1, b: 1 },
        ];
        const task = { ...taskOf({ m, k, n }, transposition, a, b), pairs };
        const products = fast.matmul(task);
        expectSameBits(products, plain.matmul(task));
        pairs.forEach((pair, i) => {
          const [left, right] = [a.slice(pair.a * m * k, (pair.a + 1) * m * k), b.slice(pair.b * k * n, (pair.b + 1) * k * n)];
          expectSameBits(products.slice(i * m * n, (i + 1) * m * n), plain.matmul(taskOf({ m, k, n }, transposition, left, right)));
        });
      }),
      { numRuns: 100 },
    );
  });

  test('products whose factors do not fit into a cache, and come in groups, are the same products', () => {
    for (const [m, k, n] of [
      [37, 4100, 9],
      [70, 5000, 3],
    ] as const) {
      for (const transposeA of [false, true]) {
        const [a, b] = [dataOf(m * k, [1, -0.5, 0.3]), dataOf(k * n, [0.1, 2, -1, 0.7])];
        const task = taskOf({ m, k, n }, { transposeA, transposeB: false }, a, b);
        expectSameBits(fast.matmul(task), plain.matmul(task));
        const rule = formula((w, product) => w!.sub(product!), 2)(dtype);
        const changed = (on: Machine) => {
          const target = kept(on, { shape: [m, n], data: dataOf(m * n, [3, 1]) });
          on.update(rule, target, [stored([m, n], new LazyMatmul(task, dtype, on))]);
          return target.data.slice();
        };
        expectSameBits(changed(fast), changed(plain));
      }
    }
  });

  test('an update changes kept numbers as its definition says, be its inputs full, single, broadcast or lazy products', () => {
    const rule = formula((w, x, y, z) => w!.mul(0.5).sub(x!.mul(y!)).add(z!), 4)(dtype);
    const kinds = fc.constantFrom('full', 'single', 'row', 'kept', 'product', 'productOfTransposed', 'target');
    fc.assert(
      fc.property(
        fc.tuple(sizes(), fc.integer({ min: 0, max: 40 }), sizes()),
        seeds,
        fc.tuple(kinds, kinds, kinds),
        fc.integer({ min: 0, max: 2 }),
        ([m, n, k], seed, chosen, second) => {
          const updated = (on: Machine) => {
            const numbers = (shape: readonly number[], by: number): Operand => ({ shape, data: dataOf(sizeOf(shape), [...seed, by]) });
            const target = kept(on, numbers([m, n], 1));
            const others = chosen.map((kind, i): Operand => {
              if (kind === 'full') return numbers([m, n], 2 + i);
              if (kind === 'kept') return kept(on, numbers([m, n], 3 + i));
              if (kind === 'single') return numbers([], 4 + i);
              if (kind === 'row') return numbers([n], 5 + i);
              if (kind === 'target') return target;
              const transposition = { transposeA: kind === 'productOfTransposed', transposeB: second === 0 };
              const task = taskOf({ m, k, n }, transposition, dataOf(m * k, [...seed, 6 + i]), dataOf(k * n, [...seed, 7 + i]));
              return stored([m, n], new LazyMatmul(task, dtype, on));
            });
            on.update(rule, target, others);
            return target.data.slice();
          };
          expectSameBits(updated(fast), updated(plain));
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('the largest and the smallest are those that JavaScript finds, NaN and the signs of zeros included', () => {
    fc.assert(
      fc.property(sizes(1), sizes(1), fc.oneof(fc.constant(1), sizes()), seeds, (before, count, after, seed) => {
        const x = dataOf(before * count * after, seed);
        for (const which of ['largest', 'smallest'] as const) {
          const found = fast.extreme(which, x, { before, count, after });
          expectSameBits(found, plain.extreme(which, x, { before, count, after }));
          found.forEach((y, i) => {
            const line = Array.from({ length: count }, (_, j) => x[(Math.floor(i / after) * count + j) * after + (i % after)]!);
            expect(y).toBe(which === 'largest' ? Math.max(...line) : Math.min(...line));
          });
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('results that outgrow the memory of the kernels are right as well', () => {
    const grown = new WasmMachine();
    for (const length of [10, 100_000, 1_000_000]) {
      const [x, y] = [dataOf(length, [1, 2, 3.5]), dataOf(length, [-1, 0.25])];
      const f = formula((a, b) => a!.add(b!), 2)(dtype);
      const inputs = [x, y].map((data) => ({ shape: [length], data }));
      const sums = grown.map(f, [length], inputs);
      for (const i of [0, 1, length >> 1, length - 1]) expect(sums[i]).toBe(x[i]! + y[i]!);
    }
  });
});
