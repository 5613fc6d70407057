/** How often numbers occur: PyTorch's histograms, and what holds for any numbers. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bincount, grad, histogram, Tensor, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const golden = JSON.parse(readFileSync('test/golden/sets-and-bins.json', 'utf8')) as { hist: number[][]; hist2: number[][] };
const x = float64([-1, 0, 0.5, 0.5, 1, 2, 2.5, 3]);

test('counts and edges are those of PyTorch 2.13, with a range and weights, and with edges and density', () => {
  const weighted = histogram(x, 4, { range: [0, 2], weights: float64([1, 2, 3, 4, 5, 6, 7, 8]) });
  expect([weighted.counts.toArray(), weighted.edges.toArray()]).toEqual(golden.hist);
  const dense = histogram(x, float64([-1, 0, 1, 3]), { density: true });
  expect([dense.counts.toArray(), dense.edges.toArray()]).toEqual(golden.hist2);
});

test('each number from the first edge to the last is counted once, in the bin that its edges enclose', () => {
  const numbers = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 7 }), (numbers, bins) => {
      const { counts, edges } = histogram(Tensor.of(numbers), bins);
      expect(counts.sum().item()).toBe(numbers.length);
      const [line, wanted] = [[...edges.data], Array(bins).fill(0)];
      for (const x of Float32Array.from(numbers)) wanted[Math.min(bins, line.filter((edge) => edge <= x).length) - 1]++;
      expect(counts.toArray()).toEqual(wanted);
    }),
    { numRuns: runs(100) },
  );
});

test('NaN and what is outside are left out; equal numbers and none have a range too', () => {
  expect(histogram(float64([NaN, Infinity, -Infinity, 0.5]), 2, { range: [0, 1] }).counts.toArray()).toEqual([0, 1]);
  expect(histogram(float64([3, 3]), 2).edges.toArray()).toEqual([2.5, 3, 3.5]);
  expect(histogram(Tensor.zeros([0]), 2).counts.toArray()).toEqual([0, 0]);
  expect(histogram(x).counts.size).toBe(10);
});

test('weights have a gradient, and rows can be mapped', () => {
  const f = (weights: Tensor) =>
    histogram(float64([0, 1, 1]), 2, { weights })
      .counts.mul(float64([2, 3]))
      .sum();
  expect(grad(f)(float64([1, 1, 1])).toArray()).toEqual([2, 3, 3]);
  const rows = Tensor.uniform([3, 5], { seed: 1 });
  const count = (row: Tensor) => histogram(row, 4, { range: [0, 1] }).counts;
  expect(vmap(count)(rows).toArray()).toEqual([0, 1, 2].map((i) => count(rows.slice([i])).toArray()));
});

test('bincount counts whole numbers, or their weights, and has a length at least', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 })), fc.nat({ max: 8 }), (numbers, minLength) => {
      const length = Math.max(minLength, 1 + Math.max(-1, ...numbers));
      const list = new Tensor([numbers.length], Int32Array.from(numbers));
      const wanted = Array.from({ length }, (_, i) => numbers.filter((number) => number === i).length);
      expect([...bincount(list, { minLength }).data]).toEqual(wanted);
      const weights = new Tensor(
        [numbers.length],
        Float64Array.from(numbers, () => 0.5),
      );
      expect([...bincount(list, { minLength, weights }).data]).toEqual(wanted.map((n) => n / 2));
    }),
    { numRuns: runs(50) },
  );
  expect(
    grad((weights: Tensor) =>
      bincount(int32([1, 0, 1]), { weights })
        .mul(float64([5, 7]))
        .sum(),
    )(float64([1, 1, 1])).toArray(),
  ).toEqual([7, 5, 7]);
  expect(vmap((row: Tensor) => bincount(row))(int32([[0, 2], [1, 1]])).toArray()).toEqual([[1, 0, 1], [0, 2, 0]]); // biome-ignore format: matrices
});

refuses('%s is refused, by the name that was called', [
  ['a number below 0', () => bincount(int32([1, -2])), /^bincount: expected whole numbers from 0, got -2/],
  ['a matrix', () => bincount(int32([[1]])), /^bincount: expected a vector, got shape \[1, 1\]/],
  ['floats', () => bincount(Tensor.of([1])), /^bincount: expected int32 numbers, got float32/],
  ['weights of another shape', () => bincount(int32([1]), { weights: Tensor.of([1, 2]) }), /^bincount: expected a weight for each/],
  ['weights that are no tensor', () => bincount(int32([1]), { weights: [1] as never }), /^bincount: expected weights to be a tensor/],
  ['no bin', () => histogram(x, 0), /^histogram: expected bins to be a whole number from 1/],
  ['NaN without a range', () => histogram(float64([NaN])), /^histogram: expected finite numbers, got NaN; with a range/],
  ['a range upside down', () => histogram(x, 2, { range: [1, 0] }), /^histogram: expected range to be two finite numbers/],
  ['edges and a range', () => histogram(x, float64([0, 1]), { range: [0, 1] }), /^histogram: expected edges or a range, got both/],
  ['edges out of order', () => histogram(x, float64([0, 2, 1])), /^histogram: expected edges in ascending order/],
  ['a single edge', () => histogram(x, float64([0])), /^histogram: expected a vector of two edges or more/],
]);
