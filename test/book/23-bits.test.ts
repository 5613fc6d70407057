/**
 * 23. The same bits.
 *
 * Floating-point numbers are rounded after every step. A program gives the same bits twice only if it computes in the same order twice. Here every
 * sum has one order, written down in `machine.ts`, and randomness has a seed; so a training run can be repeated to the last bit.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import { Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, stateDict, Tensor } from '../../src/index.ts';
import { eighths, tensor } from './lib.ts';

function train(seed: number): number[] {
  const random = new Random(seed);
  const dataset = new Dataset(
    Tensor.normal([40, 3], { random }),
    new Tensor(
      [40],
      Int32Array.from({ length: 40 }, () => random.integer(2)),
    ),
  );
  const model = new Sequential(new Linear(3, 8, { random }), new Sigmoid(), new Linear(8, 2, { random }));
  const optimizer = new SGD(model, { learningRate: 0.5, momentum: 0.5 });
  const criterion = new SoftmaxCrossEntropy();
  const loader = new DataLoader(dataset, { batchSize: 7, shuffle: true, seed });
  for (let epoch = 0; epoch < 3; epoch++) for (const [x, y] of loader) optimizer.minimize(() => criterion.forward(model.forward(x), y));
  return Object.values(stateDict(model)).flatMap((weight) => [...weight.data]);
}

// The same seed gives the same weights at the start and the same order of the rows.
test('the same seed trains the same weights to the last bit, and another seed trains others', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), (seed) => {
      expect(train(seed)).toEqual(train(seed));
      expect(train(seed)).not.toEqual(train(seed + 1));
    }),
    { numRuns: 5 },
  );
});

// In float32 the numbers just above 1 are `2⁻²³` apart. Half of that vanishes when it is added to 1; two halves, added to each other first, do not:
// `(1 + s) + s = 1`, but `1 + (s + s) = 1 + 2⁻²³` for `s = 2⁻²⁴`.
test('floating-point addition is not associative, so the order of a sum is part of its definition', () => {
  const [big, small] = [Tensor.of(1), Tensor.of(2 ** -24)];
  expect(big.add(small).add(small).item()).toBe(1);
  expect(big.add(small.add(small)).item()).toBe(1 + 2 ** -23);
});

// Multiples of 1/8, as in most tests of this book, have sums that are exact. That is why these tests can ask for equality.
test('where nothing is rounded, every order gives the same sum', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain((n) => tensor([n], eighths)),
      (x) => {
        const backward = x.slice([[null, null, -1]]);
        expect(x.sum().item()).toBe(backward.sum().item());
        expect(x.mul(x).sum().item()).toBe(x.matmul(x).item());
      },
    ),
  );
});

// If a result shared memory with its input, the order of later writes would decide what it holds.
test('a result never shares memory with an input, so neither can be changed through the other', () => {
  const x = Tensor.of([
    [1, 2],
    [3, 4],
  ]);
  for (const y of [
    x.reshape([4]),
    x.add(0),
    x.sumTo([2, 2]),
    x.broadcastTo([2, 2]),
    x.slice([]),
    x.cast('float32'),
    x.permute([0, 1]),
    x.sum([]),
  ]) {
    y.data.fill(9);
    expect(x.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  }
});
