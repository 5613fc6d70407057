/** Work that is divided gives the bits of work that is not, whoever does it and in whatever order. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formula } from '../../../src/formula/formula.ts';
import { derivativesInNumbers } from '../../../src/functions/nn/attention-numbers.ts';
import { attentionOp } from '../../../src/functions/nn/attention-op.ts';
import { convOp, convTransposeOp, convWeightOp } from '../../../src/functions/nn/correlation.ts';
import { Tensor } from '../../../src/index.ts';
import { plain } from '../../../src/machine/plain.ts';
import { LazyMatmul } from '../../../src/machine/storage.ts';
import { assemble, i32 } from '../../../src/machine/wasm/assembler.ts';
import { vectors } from '../../../src/machine/wasm/lanes.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';
import { arraysOf, kept, stored, taskOf, transpositions } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { inAnyOrder, together } from '../../lib/threads.ts';

const crews = [
  { who: 'this thread, in any order', on: inAnyOrder(new WasmMachine()) },
  { who: 'three threads', on: together(new WasmMachine(), 3) },
];

describe.each(crews)('by $who', ({ on }) => {
  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    const { seeds, dataOf } = arraysOf(dtype);
    const size = fc.integer({ min: 1, max: 40 });
    const several = fc.integer({ min: 1, max: 12 });

    test('products, of one pair of matrices or several', () => {
      fc.assert(
        fc.property(size, fc.integer({ min: 1, max: 300 }), size, several, seeds, transpositions, (m, k, n, pairs, seed, transposition) => {
          const [a, b] = [dataOf(pairs * m * k, seed), dataOf(pairs * k * n, seed)];
          const task = {
            ...taskOf({ m, k, n }, transposition, a, b),
            pairs: Array.from({ length: pairs }, (_, i) => ({ a: i, b: pairs - 1 - i })),
          };
          expectSameBits(on.matmul(task), plain.matmul(task));
        }),
        { numRuns: runs(100) },
      );
    });

    test('updates by a product', () => {
      const rule = formula((w, product, other) => w!.sub(product!.mul(other!)), 3)(dtype);
      fc.assert(
        fc.property(size, fc.integer({ min: 1, max: 300 }), size, seeds, transpositions, (m, k, n, seed, transposition) => {
          const task = taskOf({ m, k, n }, transposition, dataOf(m * k, seed), dataOf(k * n, seed));
          const changed = (machine: WasmMachine | typeof plain) => {
            const target = kept(machine, { sizes: [m, n], data: dataOf(m * n, [3, ...seed]) });
            const product = stored([m, n], new LazyMatmul(task, dtype, machine));
            machine.update(rule, [target], [product, { sizes: [m, n], data: dataOf(m * n, [0.5, ...seed]) }]);
            return target.data.slice();
          };
          expectSameBits(changed(on), changed(plain));
        }),
        { numRuns: runs(100) },
      );
    });

    test('formulas, of inputs of the shape of the result, single numbers, rows and columns', () => {
      const rule = formula((x, y, z) => x!.mul(y!).add(z!.exp()), 3)(dtype);
      const dimensions = fc.tuple(fc.integer({ min: 1, max: 6 }), size, fc.integer({ min: 1, max: 90 }));
      fc.assert(
        fc.property(
          dimensions,
          fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
          seeds,
          (shape, broadcast, seed) => {
            const inputs = broadcast.map((axes) => {
              const sizes = shape.map((size, axis) => (axes[axis] ? 1 : size));
              return {
                sizes,
                data: dataOf(
                  sizes.reduce((a, b) => a * b),
                  seed,
                ),
              };
            });
            expectSameBits(on.map(rule, shape, inputs), plain.map(rule, shape, inputs));
          },
        ),
        { numRuns: runs(100) },
      );
    });

    test('convolutions and their gradients', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 7 }),
          fc.integer({ min: 3, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 2 }),
          (n, width, filters, stride) => {
            const windows = { kernel: [2, 3], stride: [1, stride], padding: [1, 0], dilation: [1, 1], groups: 1 };
            const [x, weight] = [
              Tensor.normal([n, 2, 5, width], { seed: 1, dtype }),
              Tensor.normal([filters, 2, 2, 3], { seed: 2, dtype }),
            ];
            const shape = convOp.shape({ x, weight, ...windows });
            const g = Tensor.normal([...shape], { seed: 3, dtype });
            const back = { x: g, weight, ...windows, to: [5, width] };
            const both = { x, g, ...windows };
            expectSameBits(convOp.forward({ x, weight, ...windows }, shape, on), convOp.forward({ x, weight, ...windows }, shape, plain));
            expectSameBits(convTransposeOp.forward(back, x.sizes, on), convTransposeOp.forward(back, x.sizes, plain));
            expectSameBits(convWeightOp.forward(both, weight.sizes, on), convWeightOp.forward(both, weight.sizes, plain));
          },
        ),
        { numRuns: runs(40) },
      );
    });
  });

  test('attentions of several examples, and their derivatives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 140 }),
        fc.constantFrom(undefined, 1, 3),
        fc.boolean(),
        (batch, queries, heads, masked) => {
          const [side, keys] = [heads ?? 1, 7];
          const draw = (seed: number, ...shape: number[]) => Tensor.normal(shape, { seed });
          const [q, k, v] = [draw(1, batch, queries, 4 * side), draw(2, batch, keys, 4 * side), draw(3, batch, keys, 2 * side)];
          const mask = Tensor.uniform([batch, ...(heads ? [heads] : []), queries, keys], { seed: 4 })
            .less(0.7)
            .cast('float32');
          const given = { q, k, v, ...(masked && { keep: mask }), scale: 0.5, ...(heads && { heads }) } as any;
          const shape = attentionOp.shape(given);
          expectSameBits(attentionOp.forward(given, shape, on), attentionOp.forward(given, shape, plain));
          const back = { ...given, y: new Tensor(shape, attentionOp.forward(given, shape, plain)), dy: draw(5, ...shape) };
          const [own, other] = [derivativesInNumbers(back, on), derivativesInNumbers(back, plain)];
          for (const name of ['q', 'k', 'v'] as const) expectSameBits(own[name]().data, other[name]().data);
        },
      ),
      { numRuns: runs(20) },
    );
  });

  test('more chunks and calls than the board has room for', () => {
    const { memory } = on.host;
    const mark = memory.mark();
    const out = memory.allocate(4 * 5000);
    const v = vectors.float32;
    const one = memory.compile(assemble(['at'], ({ at }) => v.storeFirst(at, v.add(v.loadSplat(at), v.constant(1)))));
    memory.view('float32', out, 5000).fill(0);
    const division = memory.divide(1e9, 'formula');
    for (let i = 0; i < 5000; i++) {
      if (i % 9 === 0) division.chunk();
      for (let call = 0; call < 4; call++) division.of(one)(out + 4 * i);
    }
    division.finish();
    expect(new Set(memory.view('float32', out, 5000))).toEqual(new Set([4]));
    memory.release(mark);
  });

  test('a kernel that fails makes the call fail, once', () => {
    const { memory } = on.host;
    const v = vectors.float32;
    const beyond = memory.compile(assemble(['at'], ({ at }) => v.store(i32.add(at, i32.constant(-64)), v.constant(1))));
    const division = memory.divide(1e9, 'product');
    for (let i = 0; i < 50; i++) {
      division.chunk();
      division.of(beyond)(0);
    }
    expect(() => division.finish()).toThrow(/memory access out of bounds|a kernel failed in a helper|[Oo]ut of bounds/);
    const task = taskOf(
      { m: 9, k: 9, n: 9 },
      { transposeA: false, transposeB: false },
      new Float32Array(81).fill(1),
      new Float32Array(81).fill(2),
    );
    for (let i = 0; i < 20; i++) expect(on.matmul(task)[80]).toBe(18);
  });

  test('while memory grows', () => {
    const rule = formula((x) => x!.add(1), 1)('float32');
    for (const size of [1e5, 4e5, 1.6e6])
      expect(new Set(on.map(rule, [size], [{ sizes: [size], data: new Float32Array(size).fill(size) }]))).toEqual(new Set([size + 1]));
  });
});

test('numbers that are kept, and products that wait, stay what they were when the memory becomes shared', () => {
  const on = new WasmMachine();
  const target = kept(on, { sizes: [30, 20], data: new Float32Array(600).map((_, i) => i) });
  const task = taskOf(
    { m: 30, k: 5, n: 20 },
    { transposeA: false, transposeB: false },
    new Float32Array(150).fill(2),
    new Float32Array(100).fill(3),
  );
  const product = stored([30, 20], new LazyMatmul(task, 'float32', on));
  const rule = formula((w, product) => w!.sub(product!), 2)('float32');
  on.map(
    rule,
    [600],
    [target, target].map((x) => ({ ...x, sizes: [600] })),
  );
  inAnyOrder(on);
  on.update(rule, [target], [product]);
  expect([...(target.data as Float32Array)]).toEqual(Array.from({ length: 600 }, (_, i) => i - 30));
  expect((target.data as Float32Array).buffer).toBeInstanceOf(ArrayBuffer);
});
