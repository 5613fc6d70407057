/**
 * The gradient of a weight is a lazy product: computed when it is read, or never. Every step of an optimizer gives the same bits either
 * way.
 */

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { ruleOf } from '../../src/autograd/rules.ts';
import { type Gradients, Parameter, perform, SGD, type SGDOptions, Tape, Tensor, useBackend } from '../../src/index.ts';
import { machine } from '../../src/machine/backend.ts';
import { LazyMatmul, materialize } from '../../src/machine/storage.ts';
import type { Op } from '../../src/tensor/op.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { samples } from '../lib/samples.ts';

afterEach(() => useBackend('wasm'));

const options: fc.Arbitrary<SGDOptions> = fc
  .record({
    learningRate: fc.constantFrom(0.1, 1),
    momentum: fc.constantFrom(0, 0.5),
    weightDecay: fc.constantFrom(0, 0.01),
    nesterov: fc.boolean(),
  })
  .map((chosen) => ({ ...chosen, nesterov: chosen.nesterov && chosen.momentum > 0 }));
const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));

/** Some steps of a small regression: the numbers of its parameters after them. */
function train([rows, inputs, outputs]: readonly [number, number, number], chosen: SGDOptions, use: (gradient: Tensor) => void = () => {}) {
  const [w, b] = [new Parameter(Tensor.normal([inputs, outputs], { seed: 1 })), new Parameter(Tensor.normal([outputs], { seed: 2 }))];
  const optimizer = new SGD({ w, b }, chosen);
  const x = Tensor.normal([rows, inputs], { seed: 3 });
  for (let step = 0; step < 3; step++) {
    const tape = new Tape();
    const gradients = tape.backward(tape.record(() => x.matmul(w).add(b).tanh().sum()));
    use(gradients.get(w));
    optimizer.step(gradients);
  }
  return [...w.data, ...b.data];
}

test('the gradient of a weight is a lazy product until it is read', () => {
  const [x, w] = [Tensor.of([[1, 2, 3]]), new Parameter(Tensor.ones([3, 2]))];
  const tape = new Tape();
  const gradient = tape.backward(tape.record(() => x.matmul(w).sum())).get(w);
  expect(gradient.storage).toBeInstanceOf(LazyMatmul);
  expect(gradient.toArray()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(gradient.storage).toBe(undefined);
  expect(gradient.data).toBe(gradient.data);
  // Other products are formed at once.
  expect(x.matmul(w.add(0)).storage).toBe(undefined);
});

test('a gradient that is kept unread holds no more than itself: with larger factors it is formed at once', () => {
  const sizes = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(sizes, sizes, sizes, (rows, inputs, outputs) => {
      const [x, w] = [Tensor.ones([rows, inputs]), new Parameter(Tensor.ones([inputs, outputs]))];
      const tape = new Tape();
      const gradient = tape.backward(tape.record(() => x.matmul(w).sum())).get(w);
      expect(gradient.storage instanceof LazyMatmul).toBe(rows * (inputs + outputs) <= inputs * outputs);
      expect(gradient.data.every((y) => y === rows)).toBe(true);
    }),
  );
});

test('minimize, whose gradients nobody keeps, leaves all of them unformed, and only those', () => {
  const [x, w] = [Tensor.ones([9, 2]), new Parameter(Tensor.ones([2, 3]))];
  const seen: unknown[] = [];
  class Look extends SGD {
    override step(gradients: Gradients): void {
      seen.push(gradients.get(w).storage);
      super.step(gradients);
    }
  }
  const optimizer = new Look({ w }, { learningRate: 0.1 });
  optimizer.minimize(() => x.matmul(w).sum());
  expect(seen).toEqual([expect.any(LazyMatmul)]);
  const tape = new Tape();
  expect(tape.backward(tape.record(() => x.matmul(w).sum())).get(w).storage).toBe(undefined);
});

test('the step of an optimizer uses it without forming it', () => {
  const [x, w] = [Tensor.normal([2, 5], { seed: 1 }), new Parameter(Tensor.normal([5, 4], { seed: 2 }))];
  const tape = new Tape();
  const gradients = tape.backward(tape.record(() => x.matmul(w).sum()));
  const { storage } = gradients.get(w);
  const read = vi.spyOn(storage as LazyMatmul, 'read');
  new SGD({ w }, { learningRate: 0.1 }).step(gradients);
  expect(read).not.toHaveBeenCalled();
  expect(gradients.get(w).storage).toBe(storage);
});

describe('a lazy derivative', () => {
  const lazyOps = Object.values(ops as Record<string, Op<any, any>>).filter(({ lazyBackward }) => lazyBackward);

  test('exists for all three matrix products and both factors', () => {
    expect(lazyOps.map(({ name, lazyBackward }) => [name, ...Object.keys(lazyBackward!)])).toEqual([
      ['matmul', 'a', 'b'],
      ['timesTransposed', 'a', 'b'],
      ['transposedTimes', 'a', 'b'],
    ]);
  });

  test('gives the same bits as the derivative where it does not decline', () => {
    const seen = { lazy: 0, declined: 0 };
    for (const op of lazyOps) {
      fc.assert(
        fc.property(samples(op, { dtype: 'float32', sizes: { min: 1, max: 9 } }), ({ inputs, attributes }) => {
          const y = perform(op, inputs, attributes);
          const given = { ...inputs, ...attributes, y, dy: Tensor.normal(y.shape, { seed: 1 }) };
          for (const name in inputs) {
            const product = op.lazyBackward![name]!(given, machine());
            seen[product ? 'lazy' : 'declined']++;
            if (product) expectSameBits(product.read(), ruleOf(op, name)!(given).data);
            else expect(Object.values(inputs).some(({ rank }) => rank > 2)).toBe(true);
          }
        }),
        { numRuns: 50 },
      );
    }
    expect(seen.lazy).toBeGreaterThan(0);
    expect(seen.declined).toBeGreaterThan(0);
  });

  test('declines where a factor is a parameter, which could change before the product is formed', () => {
    const [w, x, dy] = [new Parameter(Tensor.ones([2, 3])), Tensor.ones([4, 2]), Tensor.ones([4, 3])];
    const { lazyBackward } = ops['matmul'] as Op<any>;
    const given = { a: x, b: w, y: dy, dy };
    expect(lazyBackward!['a']!(given, machine())).toBe(undefined);
    expect(lazyBackward!['b']!(given, machine())).toBeInstanceOf(LazyMatmul);
  });
});

test('the product is formed at once where the caller asked for the gradient of that weight, or where a tape records the sweep', () => {
  const [x, w] = [Tensor.of([[1, 2]]), new Parameter(Tensor.of([[3], [4]]))];
  const record = () => {
    const tape = new Tape();
    return { tape, y: tape.record(() => x.matmul(w).sum()) };
  };
  const [named, recorded, both] = [record(), record(), record()];
  expect(named.tape.backward(named.y, [w])[0].storage).toBe(undefined);
  expect(new Tape().record(() => recorded.tape.backward(recorded.y)).get(w).storage).toBe(undefined);
  expect(new Tape().record(() => both.tape.backward(both.y, [w]))[0].storage).toBe(undefined);
});

describe('every step gives the same bits', () => {
  test('whether the gradient was read before or not', () => {
    fc.assert(
      fc.property(sizes, options, (size, chosen) => {
        expect(train(size, chosen, materialize)).toEqual(train(size, chosen));
      }),
      { numRuns: runs(60) },
    );
  });

  test('with kernels and without', () => {
    fc.assert(
      fc.property(sizes, options, (size, chosen) => {
        const fast = train(size, chosen);
        useBackend('plain');
        const plain = train(size, chosen);
        useBackend('wasm');
        expect(plain).toEqual(fast);
      }),
      { numRuns: runs(60) },
    );
  });

  test('also where the batch is large', () => {
    const size = [130, 37, 41] as const;
    const fast = train(size, { learningRate: 0.1 });
    useBackend('plain');
    expect(train(size, { learningRate: 0.1 })).toEqual(fast);
  });
});

/** Two parameters of small whole numbers, to be multiplied. */
const factors = () => [new Parameter(Tensor.arange(1, 5).reshape([2, 2])), new Parameter(Tensor.arange(5, 9).reshape([2, 2]))] as const;

test('a gradient that is read after the parameters changed is still that of the old values', () => {
  const [a, b] = factors();
  const tape = new Tape();
  const gradients = tape.backward(tape.record(() => a.matmul(b).sum()));
  const expected = Tensor.of([
    [1, 1],
    [1, 1],
  ])
    .timesTransposed(b)
    .toArray();
  b.assign(b.mul(100));
  a.assign(a.mul(100));
  expect(gradients.get(a).toArray()).toEqual(expected);
  expect(gradients.get(b).toArray()).toEqual([
    [4, 4],
    [6, 6],
  ]);
});

test('adding or scaling gradients forms their lazy products', () => {
  const [x, w] = [Tensor.of([[1, 2]]), new Parameter(Tensor.of([[3], [4]]))];
  const gradientsOf = () => {
    const tape = new Tape();
    return tape.backward(tape.record(() => x.matmul(w).sum()));
  };
  expect(gradientsOf().add(gradientsOf()).scale(0.5).get(w).toArray()).toEqual([[1], [2]]);
});

test('two parameters, each a factor in the gradient of the other, are both updated by gradients of the old values', () => {
  const [a, b] = factors();
  const optimizer = new SGD({ a, b }, { learningRate: 1 });
  optimizer.minimize(() => a.matmul(b).sum());
  expect(a.toArray()).toEqual([
    [1 - 11, 2 - 15],
    [3 - 11, 4 - 15],
  ]);
  expect(b.toArray()).toEqual([
    [5 - 4, 6 - 4],
    [7 - 6, 8 - 6],
  ]);
});
