/** The machine of the kernels, held against the plain machine bit for bit. */

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { MemoryError } from '../../../src/base/errors.ts';
import { sizeOf } from '../../../src/base/shape.ts';
import { formula, formulas } from '../../../src/formula/formula.ts';
import { machine } from '../../../src/machine/backend.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { plain } from '../../../src/machine/plain.ts';
import { LazyMatmul, type Operand } from '../../../src/machine/storage.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';
import { arraysOf, fast, kept, sizes, stored, taskOf } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

test('the machine of this host is that of the kernels', () => expect(machine()).toBeInstanceOf(WasmMachine));

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const { seeds, dataOf } = arraysOf(dtype);

  test('an update changes kept storage as its definition does, with full, single, broadcast and lazy inputs', () => {
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
            const numbers = (shape: readonly number[], by: number): Operand => ({
              sizes: shape,
              data: dataOf(sizeOf(shape), [...seed, by]),
            });
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
            on.update(rule, [target], others);
            return target.data.slice();
          };
          expectSameBits(updated(fast), updated(plain));
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('several storages change together as their definition says, whatever the other inputs are, and where kernels get no memory as well', () => {
    const rules = formulas((w, v, u, x, y) => {
      const next = v!.mul(0.5).add(x!);
      return [w!.sub(next.mul(y!)), next, u!.atLeast(next.mul(w!))];
    })(dtype);
    const kinds = fc.constantFrom('full', 'single', 'row', 'kept', 'product', 'productOfTransposed');
    fc.assert(
      fc.property(
        fc.tuple(sizes(), fc.integer({ min: 0, max: 40 }), sizes()),
        seeds,
        fc.tuple(kinds, kinds),
        fc.boolean(),
        ([m, n, k], seed, chosen, transposeB) => {
          const updated = (on: Machine, update: (...given: Parameters<Machine['update']>) => void) => {
            const numbers = (shape: readonly number[], by: number): Operand => ({
              sizes: shape,
              data: dataOf(sizeOf(shape), [...seed, by]),
            });
            const targets = [1, 2, 3].map((by) => kept(on, numbers([m, n], by)));
            const others = chosen.map((kind, i): Operand => {
              if (kind === 'full') return numbers([m, n], 4 + i);
              if (kind === 'kept') return kept(on, numbers([m, n], 4 + i));
              if (kind === 'single') return numbers([], 4 + i);
              if (kind === 'row') return numbers([n], 4 + i);
              const transposition = { transposeA: kind === 'productOfTransposed', transposeB };
              const task = taskOf({ m, k, n }, transposition, dataOf(m * k, [...seed, 6 + i]), dataOf(k * n, [...seed, 8 + i]));
              return stored([m, n], new LazyMatmul(task, dtype, on));
            });
            update.call(on, rules, targets, others);
            return targets.map((target) => target.data.slice());
          };
          const expected = updated(plain, plain.update);
          updated(fast, fast.update).forEach((found, i) => expectSameBits(found, expected[i]!));
          const withoutMemory = vi.spyOn(fast.host.memory, 'allocate').mockImplementation(() => {
            throw new MemoryError('full');
          });
          try {
            updated(fast, fast.update).forEach((found, i) => expectSameBits(found, expected[i]!));
          } finally {
            withoutMemory.mockRestore();
          }
        },
      ),
      { numRuns: runs(300) },
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

  test('results are correct when they make the memory of the kernels grow', () => {
    const grown = new WasmMachine();
    for (const length of [10, 100_000, 1_000_000]) {
      const [x, y] = [dataOf(length, [1, 2, 3.5]), dataOf(length, [-1, 0.25])];
      const f = formula((a, b) => a!.add(b!), 2)(dtype);
      const inputs = [x, y].map((data) => ({ sizes: [length], data }));
      const sums = grown.map(f, [length], inputs);
      for (const i of [0, 1, length >> 1, length - 1]) expect(sums[i]).toBe(x[i]! + y[i]!);
    }
  });
});
