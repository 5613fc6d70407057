/** The same seed gives the same numbers everywhere, and those of NumPy. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultRandom, manualSeed, Random } from '../../src/base/random.ts';
import { Linear } from '../../src/layers/linear.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { runs } from '../lib/runs.ts';

const { rng } = JSON.parse(readFileSync('test/golden/assignment.json', 'utf8')) as { rng: Record<string, number[]> };
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const times = (count: number, next: () => number) => Array.from({ length: count }, next);

test('a seed gives the numbers that NumPy gives for it', () => {
  const from = (seed: number) => new Random(seed);
  const [normal, float, uniform, integer] = [from(0), from(0), from(0), from(0)];
  expect(times(8, () => normal.normal())).toEqual(rng['numpy_seed0_randn8']);
  expect(times(4, () => float.float())).toEqual(rng['numpy_seed0_random4']);
  expect(times(3, () => uniform.uniform(-1, 1))).toEqual(rng['numpy_seed0_uniform3']);
  expect(times(6, () => integer.integer(100))).toEqual(rng['numpy_seed0_randint100_6']);
  expect([...from(0).permutation(10)]).toEqual(rng['numpy_seed0_permutation10']);
  expect([...from(42).permutation(60000).subarray(0, 10)]).toEqual(rng['numpy_seed42_permutation60000_first10']);
});

test('a permutation draws as many numbers as NumPy 2.4 draws for it, and none for one element or for none', () => {
  const random = new Random(7);
  expect([...random.permutation(9)]).toEqual([2, 7, 0, 8, 5, 3, 6, 1, 4]);
  expect(random.float()).toBe(0.5384958704104337);
  expect([[...random.permutation(1)], [...random.permutation(0)]]).toEqual([[0], []]);
  expect(random.float()).toBe(0.5011204636599379);
});

test('a state that went through JSON goes on where it was taken, in the middle of a pair of normal numbers too', () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 700 }), fc.nat({ max: 5 }), (start, words, normals) => {
      const random = new Random(start);
      times(words, () => random.float());
      times(normals, () => random.normal());
      const state = JSON.parse(JSON.stringify(random.state));
      const resumed = new Random(0);
      resumed.restore(state);
      const draw = (from: Random) => [from.normal(), from.float(), from.integer(1000), ...from.permutation(5), from.normal()];
      expect(draw(resumed)).toEqual(draw(random));
    }),
    { numRuns: runs(30) },
  );
});

test('uniform numbers and integers keep within their bounds', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (start, most) => {
      const random = new Random(start);
      const [float, integer] = [random.float(), random.integer(most)];
      expect(float >= 0 && float < 1).toBe(true);
      expect(Number.isInteger(integer) && integer >= 0 && integer < most).toBe(true);
    }),
  );
});

test('a permutation has every number once', () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 50 }), (start, n) => {
      expect([...new Random(start).permutation(n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }),
  );
});

test('mean and variance are those of the distribution', () => {
  const random = new Random(3);
  const moments = (next: () => number) => {
    const x = times(100_000, next);
    const mean = x.reduce((a, b) => a + b) / x.length;
    return [mean, x.reduce((sum, y) => sum + (y - mean) ** 2, 0) / x.length] as const;
  };
  const [normalMean, normalVariance] = moments(() => random.normal(2, 3));
  expect(Math.abs(normalMean - 2)).toBeLessThan(0.05);
  expect(Math.abs(normalVariance - 9)).toBeLessThan(0.15);
  const [uniformMean, uniformVariance] = moments(() => random.uniform(-1, 3));
  expect(Math.abs(uniformMean - 1)).toBeLessThan(0.02);
  expect(Math.abs(uniformVariance - 16 / 12)).toBeLessThan(0.03);
});

test('seeding reaches whoever holds the default generator', () => {
  const held = defaultRandom();
  manualSeed(5);
  expect(defaultRandom()).toBe(held);
  expect(held.float()).toBe(new Random(5).float());
  expect(() => manualSeed('3' as never)).toThrow("manualSeed: expected a seed that is a whole number from 0 to 2³² − 1, got '3'");
});

test('the default generator repeats its numbers after it is seeded again', () => {
  const draw = () => {
    manualSeed(7);
    return [Tensor.uniform([3]).toArray(), Tensor.normal([3]).toArray(), Tensor.permutation(5).toArray(), defaultRandom().float()];
  };
  expect(draw()).toEqual(draw());
});

test.each([-1, 1.5, 2 ** 32, NaN, '1' as never])('the seed %s is refused', (value) => {
  expect(() => new Random(value)).toThrow('Random: expected a seed that is a whole number from 0 to 2³² − 1, got ');
  expect(() => Tensor.uniform([1], { seed: value })).toThrow('Tensor.uniform: expected a seed');
});

test('what is no generator is refused by the name of what was called', () => {
  expect(() => Tensor.normal([1], { random: 5 as never })).toThrow(
    'Tensor.normal: expected random to be a generator, new Random(seed), got 5',
  );
  expect(() => Tensor.uniform([1], { random: null as never })).toThrow('Tensor.uniform: expected random to be a generator');
  expect(() => Tensor.permutation(2, { random: new Random(1), seed: 1 })).toThrow(
    'Tensor.permutation: expected a generator or a seed, got both',
  );
  expect(() => new Linear(1, 1, { random: {} as never })).toThrow('Linear: expected random to be a generator, new Random(seed), got {}');
});

test.each([0, 2 ** 32 + 1, 1.5, '3' as never, undefined as never])('an integer below %s is refused', (n) => {
  expect(() => new Random(1).integer(n)).toThrow('Random.integer: expected a whole number from 1 to 2³² to stay below, got ');
});

test('an invalid state is refused', () => {
  const { state } = new Random(1);
  for (const wrong of [
    { ...state, words: [1, 2] },
    { ...state, used: -1 },
    { ...state, spare: NaN },
    { ...state, words: state.words.map(() => 0.5) },
    null as never,
    5 as never,
  ]) {
    expect(() => new Random(1).restore(wrong)).toThrow('Random.restore: expected a state that a generator gave, got ');
  }
});
