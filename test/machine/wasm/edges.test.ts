/** Kernels write just what is theirs: every byte around what they compute stays as it was. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesIn, type FloatDtype, newData } from '../../../src/base/dtype.ts';
import { formula, formulas } from '../../../src/formula/formula.ts';
import { conv2d, maxPool2d, Parameter, Tape, Tensor } from '../../../src/index.ts';
import { withMachine } from '../../../src/machine/backend.ts';
import { LazyMatmul } from '../../../src/machine/storage.ts';
import { elementwise, runElementwise, runRow } from '../../../src/machine/wasm/elementwise.ts';
import { multiplication, runMultiplication } from '../../../src/machine/wasm/matmul-kernels.ts';
import { rowMultiplication, runRowMultiplication } from '../../../src/machine/wasm/matmul-row.ts';
import { runUpdate, update } from '../../../src/machine/wasm/matmul-update.ts';
import { Memory } from '../../../src/machine/wasm/memory.ts';
import { addRows, extremeOfRow, extremeOfRows, runReduction, sumRows } from '../../../src/machine/wasm/sum.ts';
import { runWindowProduct, windowProduct } from '../../../src/machine/wasm/window-kernels.ts';
import { guardedRows, guardingAllocations } from '../../lib/guarded-memory.ts';
import { fast, kept, stored, taskOf } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';

const memory = new Memory();
const counting = (dtype: FloatDtype, length: number) => newData(dtype, length).map((_, i) => 1 + i / 8);
const sizes = Array.from({ length: 9 }, (_, i) => i + 1);
const tiles = [1, 2, 3, 4].flatMap((rows) =>
  [1, 2, 4].flatMap((vectors) => [false, true].map((contiguous) => ({ rows, vectors, contiguous }))),
);

/** Calls `f` with room for rows of each length, some of them farther apart than they are long, and checks what is around them. */
function forRows(
  dtype: FloatDtype,
  rows: number,
  f: (to: { address: number; columns: number; rowBytes: number; pitch: number }) => void,
): void {
  for (const columns of sizes) {
    for (const gap of [0, 24]) {
      const mark = memory.mark();
      const rowBytes = columns * bytesIn[dtype];
      const guarded = guardedRows(memory, rows, rowBytes, rowBytes + gap);
      f({ address: guarded.address, columns, rowBytes, pitch: rowBytes + gap });
      guarded.check();
      memory.release(mark);
    }
  }
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const bytes = bytesIn[dtype];
  const k = 3;

  test.each(tiles)('a product, in tiles of %o', (tile) => {
    const run = memory.compile(multiplication(dtype, tile));
    for (const strips of [1, 2]) {
      const rows = strips * tile.rows;
      forRows(dtype, rows, ({ address, columns, rowBytes, pitch }) => {
        const [a, b] = [memory.copyIn(counting(dtype, rows * k)), memory.copyIn(counting(dtype, k * columns))];
        const width = 16 * tile.vectors;
        runMultiplication(run, {
          strips,
          panels: Math.ceil(rowBytes / width),
          rest: rowBytes % width,
          k,
          a: tile.contiguous
            ? { address: a, stripStride: tile.rows * bytes, rowStride: bytes, stepStride: rows * bytes, contiguous: true }
            : { address: a, stripStride: tile.rows * k * bytes, rowStride: k * bytes, stepStride: bytes, contiguous: false },
          b: { address: b, panelStride: width, stepStride: rowBytes },
          c: address,
          rowBytes: pitch,
        });
        const last = memory.view(dtype, address + (rows - 1) * pitch, columns);
        const wanted = [0, 1, 2].reduce((sum, step) => {
          const place = tile.contiguous ? step * rows + rows - 1 : (rows - 1) * k + step;
          return sum + (1 + place / 8) * (1 + (step * columns + columns - 1) / 8);
        }, 0);
        expect(last[columns - 1]).toBe(wanted);
      });
    }
  });

  test('a row times a matrix, of one block of products or several', () => {
    const run = memory.compile(rowMultiplication(dtype));
    forRows(dtype, 2, ({ address, columns, rowBytes, pitch }) => {
      const [a, b] = [memory.copyIn(counting(dtype, 7)), memory.copyIn(counting(dtype, 7 * columns))];
      const sums = memory.allocate(rowBytes + 32);
      const product = { k: 7, a, b, sums, out: address + pitch, rowBytes };
      runRowMultiplication(run, { ...product, adds: false });
      const once = memory.view(dtype, address + pitch, columns).slice();
      expect(once[columns - 1]).toBe(
        [0, 1, 2, 3, 4, 5, 6].reduce((sum, i) => sum + (1 + i / 8) * (1 + (i * columns + columns - 1) / 8), 0),
      );
      runRowMultiplication(run, { ...product, adds: true });
      expect([...memory.view(dtype, address + pitch, columns)]).toEqual([...once].map((x) => 2 * x));
    });
  });

  test('an update by a product, in turns of all panels or of one', () => {
    const step = formula((w, product, other, rate) => w!.sub(rate!.mul(product!.add(other!))), 4)(dtype);
    for (const rows of [1, 2, 3, 4]) {
      for (const contiguous of [false, true]) {
        const run = memory.compile(update(step, ['target', 'product', 'varying', 'uniform'], { rows, contiguous }));
        for (const atOnce of [1, 2, 3]) {
          forRows(dtype, 2 * rows, ({ address, columns, rowBytes, pitch }) => {
            const [a, b] = [memory.copyIn(counting(dtype, 2 * rows * k)), memory.copyIn(counting(dtype, k * columns))];
            const others = [memory.copyIn(counting(dtype, (2 * rows * pitch) / bytes + 9)), memory.copyIn(counting(dtype, 1))];
            for (let row = 0; row < 2 * rows; row++) memory.view(dtype, address + row * pitch, columns).fill(100);
            runUpdate(run, {
              strips: 2,
              panels: Math.ceil(rowBytes / 32),
              atOnce,
              rest: rowBytes % 32,
              k,
              a: { address: a, stripStride: rows * k * bytes, rowStride: k * bytes, stepStride: bytes, contiguous },
              b: { address: b, panelStride: 32, stepStride: rowBytes },
              target: address,
              rowBytes: pitch,
              others,
            });
            for (let row = 0; row < 2 * rows; row++) expect(memory.view(dtype, address + row * pitch, columns)).not.toContain(100);
          });
        }
      }
    }
  });

  test('a formula, of one row or several', () => {
    const run = memory.compile(elementwise(formula((x, y) => x!.add(y!), 2)(dtype), [false, true]));
    for (const rows of sizes) {
      for (const columns of sizes) {
        const mark = memory.mark();
        const rowBytes = columns * bytes;
        const guarded = guardedRows(memory, rows, rowBytes, rowBytes);
        const addresses = [memory.copyIn(counting(dtype, rows * columns)), memory.copyIn(counting(dtype, rows))];
        const out = guarded.address;
        if (rows === 1) runRow(run, rowBytes, out, addresses);
        else runElementwise(run, { rows, rowBytes, out }, { addresses, strides: [rowBytes, bytes] });
        guarded.check();
        memory.release(mark);
      }
    }
  });

  test('sums and extremes, of rows and of columns', () => {
    const kernels = [
      { row: memory.compile(sumRows(dtype)), rows: memory.compile(addRows(dtype)) },
      ...(['largest', 'smallest'] as const).map((which) => ({
        row: memory.compile(extremeOfRow(dtype, which)),
        rows: memory.compile(extremeOfRows(dtype, which)),
      })),
    ];
    for (const reduction of kernels) {
      for (const before of sizes) {
        for (const after of sizes) {
          const mark = memory.mark();
          const guarded = guardedRows(memory, before, after * bytes, after * bytes);
          const x = memory.copyIn(counting(dtype, before * 5 * after));
          runReduction(reduction, { before, count: 5, after }, { x, out: guarded.address, bytes });
          guarded.check();
          memory.release(mark);
        }
      }
    }
  });

  test.each(tiles.filter(({ contiguous }) => !contiguous))('a product with windows, in tiles of %o', (tile) => {
    const run = memory.compile(windowProduct(dtype, tile));
    forRows(dtype, tile.rows, ({ address, columns, rowBytes, pitch }) => {
      const [a, b] = [memory.copyIn(counting(dtype, tile.rows * k)), memory.copyIn(counting(dtype, columns + k))];
      const tables = memory.allocate(32);
      new Int32Array(memory.memory.buffer, tables, 5).set([0, k, 0, bytes, 2 * bytes]);
      runWindowProduct(run, tile.vectors, {
        images: { count: 1, stride: 0, madeStride: 0 },
        strips: 1,
        a: { address: a, stripStride: tile.rows * k * bytes, rowStride: k * bytes, stepStride: bytes, contiguous: false },
        b,
        lines: { address: tables, length: 1 },
        blocks: { address: tables + 4, length: 1 },
        places: { address: tables + 8, length: k },
        bias: 0,
        c: address,
        rowStride: pitch,
        lineStride: rowBytes,
        lineBytes: rowBytes,
      });
    });
  });

  test('whatever the machine computes, nothing is written behind what it allocated for it', () => {
    const own = fast.host.memory;
    const size = fc.integer({ min: 1, max: 9 });
    const step = formula((w, product) => w!.sub(product!), 2)(dtype);
    const sum = formula((x, y) => x!.add(y!), 2)(dtype);
    const both = formulas((w, v, product) => [w!.sub(product!), v!.add(w!)])(dtype);
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (m, k, n, transposeA, transposeB) =>
        guardingAllocations(own, () => {
          const task = taskOf({ m, k, n }, { transposeA, transposeB }, counting(dtype, m * k), counting(dtype, k * n));
          fast.matmul(task);
          fast.map(
            sum,
            [m, n],
            [
              { sizes: [m, n], data: counting(dtype, m * n) },
              { sizes: transposeA ? [m, 1] : [n], data: counting(dtype, transposeA ? m : n) },
            ],
          );
          fast.sum(counting(dtype, m * 30 * n), { before: m, count: 30, after: n });
          fast.extreme('largest', counting(dtype, m * 30 * n), { before: m, count: 30, after: n });
          const target = kept(fast, { sizes: [m, n], data: counting(dtype, m * n) });
          const { place } = target.storage as typeof target.storage & { place: { address: number; array: unknown } };
          const behind = () => new Uint8Array(own.memory.buffer, place.address + m * n * bytes, 128);
          behind().fill(0xa5);
          fast.update(step, [target], [stored([m, n], new LazyMatmul(task, dtype, fast))]);
          fast.update(sum, [target], [{ sizes: [], data: counting(dtype, 1) }]);
          expect(place.array).toBeUndefined();
          expect(new Set(behind())).toEqual(new Set([0xa5]));
          const first = kept(fast, { sizes: [m, n], data: counting(dtype, m * n) });
          behind().fill(0xa5);
          fast.update(both, [first, target], [stored([m, n], new LazyMatmul(task, dtype, fast))]);
          fast.update(both, [first, target], [{ sizes: [], data: counting(dtype, 1) }]);
          expect(new Set(behind())).toEqual(new Set([0xa5]));
        }),
      ),
      { numRuns: runs(200) },
    );
  });

  test('so do convolutions, their gradients and pooling', () => {
    const size = fc.integer({ min: 3, max: 9 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 2 }), (height, width, filters, stride) =>
        withMachine(fast, () =>
          guardingAllocations(fast.host.memory, () => {
            const x = new Parameter(Tensor.normal([2, 2, height, width], { seed: 1, dtype }));
            const weight = new Parameter(Tensor.normal([filters, 2, 2, 3], { seed: 2, dtype }));
            const tape = new Tape();
            const loss = tape.record(() => maxPool2d(conv2d(x, weight, { stride, padding: 1 }), 2).sum());
            const gradients = tape.backward(loss, [x, weight]);
            expect(gradients.map(({ sizes }) => sizes)).toEqual([x.sizes, weight.sizes]);
          }),
        ),
      ),
      { numRuns: runs(50) },
    );
  });
});
