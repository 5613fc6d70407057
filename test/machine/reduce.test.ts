/** Long sums are summed in blocks, so that late summands are not lost in rounding. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newData } from '../../src/base/dtype.ts';
import { broadcastStrides, sizeOf, walk } from '../../src/base/shape.ts';
import { plain } from '../../src/machine/plain.ts';
import { sumInto } from '../../src/machine/reduce.ts';
import { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

const long = fc.constantFrom(255, 256, 257, 512, 513, 5000);

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  test('integers are summed exactly, however long the axis and whichever it is', () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (count, before, after) => {
        const x = new Tensor(
          [before, count, after],
          newData(dtype, before * count * after).map((_, i) => (i * 7919) % 31),
        );
        const sums = x.sum(1);
        for (let i = 0; i < before; i++) {
          for (let j = 0; j < after; j++) {
            let expected = 0;
            for (let k = 0; k < count; k++) expected += x.data[(i * count + k) * after + j]!;
            expect(sums.data[i * after + j]).toBe(expected);
          }
        }
      }),
      { numRuns: runs(30) },
    );
  });

  test('kernels and definitions agree to the bit on long axes too', () => {
    const fast = new WasmMachine();
    fc.assert(
      fc.property(long, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), (count, before, after) => {
        const x = { sizes: [before, count, after], data: newData(dtype, before * count * after).map((_, i) => 1 / ((i % 977) + 1)) };
        expectSameBits(sumInto([before, 1, after], x, fast), sumInto([before, 1, after], x, plain));
      }),
      { numRuns: runs(30) },
    );
  });
});

test('the mean of many float32 is right to two millionths', () => {
  const x = Tensor.full([3_000_000], 0.1);
  expect(Math.abs(x.mean().item() / 0.1 - 1)).toBeLessThan(2e-6);
});

test('sums to any shape are those along one axis after another', () => {
  const axes = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 5 });
  fc.assert(
    fc.property(axes, fc.nat({ max: 2 }), (axes, dropped) => {
      const shape = axes.map(([size]) => size);
      const all = axes.map(([size, summed]) => (summed ? 1 : size));
      // Leading axes of size 1 may be missing.
      const to = all.slice(Math.min(dropped, all.findIndex((size) => size !== 1) >>> 0, all.length));
      const x = { sizes: shape, data: newData('float64', sizeOf(shape)).map((_, i) => i * i) };
      const wanted = new Array<number>(sizeOf(to)).fill(0);
      walk(shape, [broadcastStrides(to, shape)], (here, [there]) => {
        wanted[there]! += x.data[here]!;
      });
      expect([...sumInto(to, x, plain)]).toEqual(wanted);
    }),
  );
});
