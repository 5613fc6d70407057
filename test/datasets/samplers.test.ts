/** What comes how often, and in what order. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataLoader, Dataset, stratifiedSampler, weightedSampler } from '../../src/datasets/index.ts';
import { DtypeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const classes = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 });
const labels = (values: readonly number[]) => Tensor.of([...values], 'int32') as Tensor<[number]>;

test('an epoch is the same whenever it is asked for, differs from others, and follows from the seed', () => {
  const y = labels(Array.from({ length: 60 }, (_, i) => i % 3));
  for (const make of [
    (seed: number) => stratifiedSampler(y, { seed }),
    (seed: number) => weightedSampler(y.add(1), { seed }),
    (seed: number) => weightedSampler(y.add(1), { seed, replacement: false }),
  ]) {
    const order = (seed: number, epoch: number) => [...Array.from(make(seed).order(epoch))];
    expect(order(1, 2)).toEqual(order(1, 2));
    const all = [order(0, 0), order(0, 1), order(1, 0), order(1, 1)].map((each) => each.join());
    expect(new Set(all).size).toBe(4);
  }
});

test('a stratified epoch has every example once, and each class evenly: any piece of it has the share of the class but for rounding', () => {
  fc.assert(
    fc.property(classes, fc.nat(), fc.nat({ max: 9 }), (values, seed, epoch) => {
      const order = Array.from(stratifiedSampler(labels(values), { seed }).order(epoch));
      expect(order.toSorted((a, b) => a - b)).toEqual([...values.keys()]);
      const kinds = [...new Set(values)];
      for (const kind of kinds) {
        const share = values.filter((value) => value === kind).length / values.length;
        for (let end = 1; end <= order.length; end++) {
          const count = order.slice(0, end).filter((place) => values[place] === kind).length;
          expect(Math.abs(count - share * end)).toBeLessThanOrEqual(kinds.length);
        }
      }
    }),
  );
});

test('with replacement, examples come as often as their weights say; what weighs nothing never comes', () => {
  const order = Array.from(weightedSampler(Float64Array.of(0, 1, 3, 0, 4, 0), { count: 40_000, seed: 5 }).order(0));
  const counts = [0, 1, 2, 3, 4, 5].map((place) => order.filter((each) => each === place).length);
  expect([counts[0], counts[3], counts[5]]).toEqual([0, 0, 0]);
  // Within five standard deviations.
  for (const [place, share] of [[1, 1 / 8], [2, 3 / 8], [4, 1 / 2]] as const) // biome-ignore format: one list
    expect(Math.abs(counts[place]! - 40_000 * share)).toBeLessThan(5 * Math.sqrt(40_000 * share * (1 - share)));
});

test('without replacement, no example comes twice, and the first is drawn by the weights', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 20 }), fc.nat(), (weights, seed) => {
      const positive = weights.filter((weight) => weight > 0).length;
      fc.pre(positive > 0);
      const order = Array.from(weightedSampler(weights, { count: positive, replacement: false, seed }).order(0));
      expect(new Set(order).size).toBe(positive);
      expect(order.every((place) => weights[place]! > 0)).toBe(true);
    }),
  );
  const sampler = weightedSampler([1, 3], { count: 1, replacement: false, seed: 2 });
  let second = 0;
  for (let epoch = 0; epoch < 2000; epoch++) second += sampler.order(epoch)[0]!;
  expect(Math.abs(second - 1500)).toBeLessThan(5 * Math.sqrt((2000 * 3) / 16));
});

test('a loader goes through the examples of its sampler', () => {
  const dataset = new Dataset(Tensor.arange(3), labels([0, 1, 2]));
  const sampler = { size: 5, order: (epoch: number) => [0, 0, 2, epoch % 3, 1] };
  const loader = new DataLoader(dataset, { batchSize: 2, sampler });
  const seen = () => [...loader].map(([, y]) => y.toArray());
  expect(loader.length).toBe(3);
  expect([seen(), seen()]).toEqual([[[0, 0], [2, 0], [1]], [[0, 0], [2, 1], [1]]]); // biome-ignore format: one line
  expect([...loader.epoch(2, 1)].map(([, y]) => y.toArray())).toEqual([[2, 2], [1]]);
  expect(() => [...new DataLoader(dataset, { batchSize: 1, sampler: { size: 1, order: () => [3] } })]).toThrow(
    /^Dataset.rows: expected places to be a list of whole numbers from 0 to below 3, got/,
  );
});

refuses('%s is refused', [
  ['both', () => new DataLoader(new Dataset(Tensor.zeros([2])), { batchSize: 1, shuffle: true, sampler: weightedSampler([1, 1]) }), ValueError, /^DataLoader: expected shuffle or a sampler, got both/],
  ['no sampler', () => new DataLoader(new Dataset(Tensor.zeros([2])), { batchSize: 1, sampler: [0, 1] as never }), ValueError, /^DataLoader: expected sampler to be a sampler, got \[0,1\]/],
  ...[[], [0, 0], [1, -1], [Number.NaN], ['1'], 5, null, undefined, 'ab'].map((weights): [string, () => unknown, typeof ValueError, RegExp] => [
    `${JSON.stringify(weights)} as weights`,
    () => weightedSampler(weights as never),
    ValueError,
    /^weightedSampler: expected weights to be a list or tensor of finite numbers from 0, not all 0, got/,
  ]),
  ['too many draws', () => weightedSampler([1, 0, 1], { count: 3, replacement: false }), ValueError, /^weightedSampler: expected at most 2 draws, as many as weights above 0, got 3/],
  ['no draws', () => weightedSampler([1], { count: 0 }), ValueError, /^weightedSampler: expected count to be a whole number from 1, got 0/],
  ['an epoch that is none', () => weightedSampler([1]).order(-1), ValueError, /^weightedSampler\.order: expected epoch to be a whole number from 0, got -1/],
  ['classes in floats', () => stratifiedSampler(Tensor.of([0, 1])), DtypeError, /^stratifiedSampler: expected classes in int32 of shape \[examples\], got float32 \[2\]/],
  ['a list of classes', () => stratifiedSampler([0, 1] as never), DtypeError, /^stratifiedSampler: expected a tensor for classes, got an array/],
]); // biome-ignore format: one line a case

test('weights whose sum is infinite are drawn as often as their parts', () => {
  const order = Array.from(weightedSampler([1e308, 1e308, 0, 1e308], { count: 300 }).order(0));
  const parts = [1, 1, 0, 1];
  expect(order).toEqual(Array.from(weightedSampler(parts, { count: 300 }).order(0)));
  expect(new Set(order)).toEqual(new Set([0, 1, 3]));
});

test('a sampler that gives other places than it says is refused by the loader', () => {
  const load = (sampler: object) => [...new DataLoader(new Dataset(Tensor.arange(3)), { batchSize: 2, sampler: sampler as never })];
  expect(() => load({ size: 3, order: () => [0] })).toThrow('DataLoader: expected 3 places of the sampler, got 1');
  expect(() => load({ size: 3, order: () => [0, 0.5, 1] })).toThrow(
    /Dataset.rows: expected places to be a list of whole numbers.*got \[0,0.5\]/,
  );
  expect(() => load({ order: () => [0] })).toThrow('DataLoader: expected sampler to be a sampler, got');
});
