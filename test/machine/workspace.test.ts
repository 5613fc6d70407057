/** A workspace gives the same bits in the memory of kernels and in arrays, and writes to nothing but what it is told to. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FloatDtype, newData } from '../../src/base/dtype.ts';
import { formulas } from '../../src/formula/joined-formulas.ts';
import { type Block, columnsOf, partsOf, repeatedRow, rowsOf, type Workspace } from '../../src/machine/blocks.ts';
import { plain } from '../../src/machine/plain.ts';
import { inWorkspace } from '../../src/machine/workspace.ts';
import { fast } from '../lib/kernels.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

const rules = formulas(3, (x, y, scale) => {
  const sum = x!.add(y!).sigmoid();
  return [sum, sum.mul(scale!), sum.mul(scale!).tanh(), x!.constant(2)];
});

const numbersOf = (dtype: FloatDtype, length: number, seed: number) => newData(dtype, length).map((_, i) => Math.sin(seed + 3 * i));

/** Some steps of every kind; all that is in the matrices afterwards. */
function someSteps(w: Workspace, rows: number, columns: number): (Float32Array | Float64Array)[] {
  const { dtype } = w;
  const place = (m: number, n: number, seed: number) => w.place({ sizes: [m, n], data: numbersOf(dtype, m * n, seed) }, m, n);
  const [x, row, scale] = [place(rows, columns, 1), place(1, columns, 2), place(rows, 1, 3)];
  const room = (m: number, n: number): Block => {
    const block = w.room(m, n);
    w.write(block, numbersOf(dtype, m * n, 9), 0);
    return block;
  };
  const wide = room(rows, 5 * columns);
  const [first, second, , third, fourth] = partsOf(wide, columns) as [Block, Block, Block, Block, Block];
  w.map(rules(dtype), [first, second, third, fourth], [x, repeatedRow(row, rows), scale]);
  const [product, square, some] = [room(rows, rows), room(5 * columns, 5 * columns), room(1, columns)];
  w.multiply({ block: x }, { block: x, transposed: true }, product);
  w.multiply({ block: wide, transposed: true }, { block: wide }, square);
  w.map(rules(dtype), [some, some, some, some], [rowsOf(first, rows - 1, 1), columnsOf(row, 0, columns), rowsOf(scale, 0, 1)]);
  return [wide, product, square, some, w.sums(wide), w.extremes('largest', wide), w.extremes('smallest', x)].map((block) => {
    const data = numbersOf(dtype, block.rows * block.columns, 0);
    w.read(block, data, 0);
    return data;
  });
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  test('kernels and arrays give the same bits', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(size, size, (rows, columns) => {
        const [kernels, arrays] = [fast, plain].map((machine) => inWorkspace(machine, dtype, (w) => someSteps(w, rows, columns)));
        kernels!.forEach((data, i) => expectSameBits(data, arrays![i]!));
      }),
      { numRuns: runs(60) },
    );
  });

  test('columns that are not written to stay as they are', () => {
    const [wide] = inWorkspace(fast, dtype, (w) => someSteps(w, 3, 3));
    const before = numbersOf(dtype, 45, 9);
    for (const row of [0, 1, 2]) expect(wide!.slice(15 * row + 6, 15 * row + 9)).toEqual(before.slice(15 * row + 6, 15 * row + 9));
  });

  test('what is made room for is gone when the function returns, also by an error', () => {
    const before = fast.host!.memory.mark();
    expect(() =>
      inWorkspace(fast, dtype, (w) => {
        w.room(3, 3);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    inWorkspace(fast, dtype, (w) => {
      const mark = fast.host!.memory.mark();
      w.briefly(() => void w.room(4, 4));
      expect(fast.host!.memory.mark()).toBe(mark);
    });
    expect(fast.host!.memory.mark()).toBe(before);
  });

  test('nothing is computed of no rows and of no columns', () => {
    for (const [rows, columns] of [[0, 3], [3, 0]] as const) // biome-ignore format: a line
      inWorkspace(fast, dtype, (w) => {
        const x = w.room(rows, columns);
        w.map(formulas(1, (x) => [x!.exp()])(dtype), [x], [x]);
        w.multiply({ block: x, transposed: true }, { block: x }, w.room(0, columns));
      });
  });
});
