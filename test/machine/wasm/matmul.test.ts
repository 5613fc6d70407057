/** The kernels of matrix products, held against their definition bit for bit. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { formula } from '../../../src/formula/formula.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { plain } from '../../../src/machine/plain.ts';
import { LazyMatmul } from '../../../src/machine/storage.ts';
import { arraysOf, fast, kept, sizes, stored, taskOf, transpositions } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const { seeds, dataOf } = arraysOf(dtype);

  test('a product adds in the defined order, whichever factor is transposed', () => {
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

  test('of several matrices the listed pairs are multiplied', () => {
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

  test('products of factors that do not fit into a cache, and are computed in groups, have the same bits', () => {
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
          const target = kept(on, { sizes: [m, n], data: dataOf(m * n, [3, 1]) });
          on.update(rule, [target], [stored([m, n], new LazyMatmul(task, dtype, on))]);
          return target.data.slice();
        };
        expectSameBits(changed(fast), changed(plain));
      }
    }
  });
});
