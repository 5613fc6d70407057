/** Large computations in parts give the same bits as in one piece. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/base/shape.ts';
import { formula } from '../../src/formula/formula.ts';
import { MATMUL_PART, type Machine } from '../../src/machine/machine.ts';
import { plain } from '../../src/machine/plain.ts';
import { LazyMatmul, type Operand } from '../../src/machine/storage.ts';
import { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import { arraysOf, kept, sizes, stored, taskOf, transpositions } from '../lib/kernels.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

/** A machine to which little is large. */
const small = new WasmMachine({ numbers: 2048, matmul: 4096 });

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const { seeds, dataOf } = arraysOf(dtype);
  const rule = formula((a, b, c) => a!.mul(b!).add(c!), 3)(dtype);

  test('an elementwise result, whichever axes its inputs are broadcast along', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        shapes,
        seeds,
        fc.array(fc.nat({ max: 15 }), { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (shape, seed, masks, keeps) => {
          const operands = (on: Machine) =>
            masks.map((mask, i): Operand => {
              const own = shape.map((size, axis) => ((mask >> axis) & 1 ? 1 : size));
              const x = { sizes: own, data: dataOf(sizeOf(own), [...seed, i]) };
              return keeps && i === 1 ? kept(on, x) : x;
            });
          expectSameBits(small.map(rule, shape, operands(small)), plain.map(rule, shape, operands(plain)));
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('an update in place, of numbers that are kept, single, full or a lazy product', () => {
    const kinds = fc.constantFrom('kept', 'single', 'full', 'product');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        sizes(),
        seeds,
        kinds,
        transpositions,
        (m, n, k, seed, kind, way) => {
          const updated = (on: Machine) => {
            const full = (by: number) => ({ sizes: [m, n], data: dataOf(m * n, [...seed, by]) });
            const target = kept(on, full(1));
            const task = taskOf({ m, k, n }, way, dataOf(m * k, [...seed, 2]), dataOf(k * n, [...seed, 3]));
            const others = {
              kept: () => kept(on, full(4)),
              single: () => ({ sizes: [], data: dataOf(1, [...seed, 5]) }),
              full: () => full(6),
              product: () => stored([m, n], new LazyMatmul(task, dtype, on)),
            };
            on.update(rule, [target], [others[kind](), full(7)]);
            return target.storage.read();
          };
          expectSameBits(updated(small), updated(plain));
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('sums and extremes, of many blocks, of long axes and of many columns', () => {
    const axis = fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 40 })),
      fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 200, max: 3000 }), fc.integer({ min: 1, max: 4 })),
      fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 3000 })),
    );
    fc.assert(
      fc.property(axis, seeds, ([before, count, after], seed) => {
        const [x, sizes] = [dataOf(before * count * after, seed), { before, count, after }];
        expectSameBits(small.sum(x, sizes), plain.sum(x, sizes));
        for (const which of ['largest', 'smallest'] as const)
          expectSameBits(small.extreme(which, x, sizes), plain.extreme(which, x, sizes));
      }),
      { numRuns: runs(100) },
    );
  });

  test('products, of which rows, columns and pairs are divided', () => {
    const size = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(size, size, size, seeds, transpositions, fc.boolean(), (m, k, n, seed, way, several) => {
        const task = {
          ...taskOf({ m, k, n }, way, dataOf(2 * m * k, seed), dataOf(2 * k * n, [...seed, 1])),
          pairs: several
            ? [
                { a: 1, b: 0 },
                { a: 0, b: 1 },
                { a: 1, b: 1 },
              ]
            : [{ a: 1, b: 1 }],
        };
        expectSameBits(small.matmul(task), plain.matmul(task));
      }),
      { numRuns: runs(100) },
    );
  });

  test('products of more than a part for each element, whichever factor is transposed', () => {
    for (const k of [MATMUL_PART + 1, 3 * MATMUL_PART - 5])
      for (const [m, n] of [
        [1, 1],
        [3, 2],
      ] as const)
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const [a, b] = [dataOf(2 * m * k, [1, -0.5, 0.3, 0.7]), dataOf(k * n, [0.1, 2, -1])];
            const task = { ...taskOf({ m, k, n }, { transposeA, transposeB }, a, b), pairs: [{ a: 1, b: 0 }] };
            expectSameBits(new WasmMachine().matmul(task), plain.matmul(task));
          }
  });
});

test('however large a result is, the memory of the kernels stays small', () => {
  const machine = new WasmMachine();
  const length = 2 ** 24;
  const x = { sizes: [length], data: new Float32Array(length).fill(1) };
  const sum = machine.map(formula((a, b) => a!.add(b!), 2)('float32'), [length], [x, x]);
  expect(sum.every((y) => y === 2)).toBe(true);
  expect(machine.sum(sum, { before: 1, count: length, after: 1 })[0]).toBe(2 * length);
  machine.matmul(taskOf({ m: 2 ** 12, k: 2 ** 12, n: 1 }, { transposeA: false, transposeB: false }, x.data, new Float32Array(2 ** 12)));
  expect(machine.bytes).toBeLessThanOrEqual(2 ** 28);
});
