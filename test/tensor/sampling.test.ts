/** Random tensors: NumPy's numbers for a seed, moments of their distributions, their bounds, and the state in the midst of them. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bernoulli,
  categorical,
  choice,
  defaultRandom,
  grad,
  manualSeed,
  multinomial,
  Random,
  randomBeta,
  randomExponential,
  randomGamma,
  randomIntegers,
  Tensor,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { counted, float64, int32 } from '../lib/tensors.ts';

const golden = JSON.parse(readFileSync('test/golden/random-state.json', 'utf8')) as Record<string, number[]>;
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const dtype = 'float64';

/** The same but for the last digits, in which logarithms and powers of engines differ. */
function close(found: Tensor, name: string): void {
  const wanted = golden[name]!;
  expect(found.shape).toEqual([wanted.length]);
  wanted.forEach((number, i) => expect(Math.abs(found.data[i]! / number - 1)).toBeLessThan(1e-13));
}

describe('a seed gives the numbers of NumPy 2.4.6’s RandomState', () => {
  test('exponential, gamma and beta', () => {
    close(randomExponential([6], { rate: 0.5, seed: 0, dtype }), 'exponential');
    for (const concentration of [0.3, 1, 3.7])
      close(randomGamma([7], { concentration, seed: 1, dtype }), `gamma ${concentration === 1 ? '1.0' : concentration}`);
    for (const [a, b] of [[0.5, 0.5], [0.2, 1], [2, 3], [0.5, 4]] as const) // biome-ignore format: one line
      close(randomBeta([7], { a, b, seed: 2, dtype }), `beta ${a} ${b === 1 ? '1.0' : b}`);
  });

  test('integers and choices', () => {
    expect(randomIntegers([10], { low: -3, high: 9, seed: 3 }).toArray()).toEqual(golden['randint -3 9']);
    expect(randomIntegers([5], { low: -(2 ** 31), high: 2 ** 31, seed: 3 }).toArray()).toEqual(golden['randint full']);
    const weights = float64([0.1, 0, 0.4, 0.25, 0.25]);
    expect(choice(5, 12, { weights, seed: 4 }).toArray()).toEqual(golden['choice p']);
    expect(multinomial(weights, 12, { replacement: true, seed: 4 }).toArray()).toEqual(golden['choice p']);
    expect(choice(5, 4, { weights, replacement: false, seed: 5 }).toArray()).toEqual(golden['choice p once']);
    expect(multinomial(weights, 4, { seed: 5 }).toArray()).toEqual(golden['choice p once']);
    expect(multinomial(float64([1, 2, 3, 4, 5, 6]), 6, { seed: 8 }).toArray()).toEqual(golden['choice p once 6']);
    expect(choice(7, 9, { seed: 6 }).toArray()).toEqual(golden['choice']);
    expect(choice(7, 5, { replacement: false, seed: 7 }).toArray()).toEqual(golden['choice once']);
  });
});

/** All ways to draw from a generator. */
const draws: Readonly<Record<string, (random: Random) => Tensor>> = {
  randomExponential: (random) => randomExponential([3], { random }),
  'randomGamma above 1': (random) => randomGamma([3], { concentration: 2.5, random }),
  'randomGamma below 1': (random) => randomGamma([3], { concentration: 0.5, random }),
  randomBeta: (random) => randomBeta([3], { a: 0.5, b: 0.5, random }),
  randomIntegers: (random) => randomIntegers([3], { high: 1000, random }),
  bernoulli: (random) => bernoulli(Tensor.full([9], 0.5), { random }),
  categorical: (random) => categorical(Tensor.ones([4, 5]), { random }),
  multinomial: (random) => multinomial(Tensor.ones([2, 9]), 3, { random }),
  choice: (random) => choice(9, 3, { random }),
};

describe.each(Object.entries(draws))('%s', (_, draw) => {
  test('goes on from a state, in the midst of a pair of normal numbers too', () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 3 }), (seed, before) => {
        const random = new Random(seed);
        for (let i = 0; i < before; i++) random.normal();
        draw(random);
        const state = JSON.parse(JSON.stringify(random.state));
        const [first, after] = [draw(random).toArray(), random.normal()];
        const resumed = new Random(0);
        resumed.restore(state);
        expect(draw(resumed).toArray()).toEqual(first);
        expect(resumed.normal()).toBe(after);
      }),
      { numRuns: runs(10) },
    );
  });
});

test('without a seed numbers come from the default generator', () => {
  manualSeed(3);
  const first = [randomExponential([2]).toArray(), choice(100, 3).toArray(), bernoulli(Tensor.full([20], 0.5)).toArray()];
  manualSeed(3);
  const random = defaultRandom();
  expect([randomExponential([2], { random }).toArray(), choice(100, 3).toArray(), bernoulli(Tensor.full([20], 0.5)).toArray()]).toEqual(
    first,
  );
  manualSeed(0);
});

test('moments are those of the distributions', () => {
  const count = 40_000;
  const moments: [Tensor, mean: number, variance: number][] = [
    [randomExponential([count], { rate: 2, seed: 1 }), 1 / 2, 1 / 4],
    [randomGamma([count], { concentration: 3, rate: 2, seed: 2 }), 3 / 2, 3 / 4],
    [randomGamma([count], { concentration: 0.4, seed: 3 }), 0.4, 0.4],
    [randomBeta([count], { a: 2, b: 3, seed: 4 }), 0.4, 0.04],
    [randomBeta([count], { a: 0.5, b: 0.5, seed: 5 }), 0.5, 1 / 8],
    [randomIntegers([count], { low: -2, high: 5, seed: 6 }).cast('float32') as Tensor, 1, 4],
    [bernoulli(Tensor.full([count], 0.3), { seed: 7 }), 0.3, 0.21],
    [categorical(Tensor.of([1, 2, 1]).broadcastTo([count, 3]), { seed: 8 }).cast('float32') as Tensor, 1, 0.5],
  ];
  for (const [x, mean, variance] of moments) {
    expect(Math.abs(x.mean().item() - mean)).toBeLessThan(5 * Math.sqrt(variance / count));
    expect(Math.abs(x.var().item() / variance - 1)).toBeLessThan(0.06);
  }
});

test('no number is 0, or at the upper end, however extreme the parameters are', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const extremes = [1e-300, 1e-30, 1e-3, 1, 50, 1e10, 1e299];
    for (const a of extremes) {
      const gamma = randomGamma([50], { concentration: a, seed: 1, dtype });
      expect(gamma.data.every((x) => x > 0 && x < Infinity)).toBe(true);
      const exponential = randomExponential([50], { rate: a, seed: 1, dtype });
      expect(exponential.data.every((x) => x > 0 && x < Infinity)).toBe(true);
      for (const b of extremes) expect(randomBeta([20], { a, b, seed: 1, dtype }).data.every((x) => x > 0 && x < 1)).toBe(true);
    }
  }
});

test('what has no weight is never drawn, and what is certain always', () => {
  const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-300, max: 1.7e308, noNaN: true })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(seeds, weights, fc.nat({ max: 6 }), (seed, weights, count) => {
      const possible = weights.filter((w) => w > 0).length;
      if (possible === 0) return;
      const [row, random] = [float64(weights), new Random(seed)];
      expect(weights[categorical(row, { random }).item()]).toBeGreaterThan(0);
      expect(multinomial(row, count, { random, replacement: true }).data.every((i) => weights[i]! > 0)).toBe(true);
      const once = [...multinomial(row, Math.min(count, possible), { random }).data];
      expect(once.every((i) => weights[i]! > 0) && new Set(once).size === once.length).toBe(true);
      const bits = bernoulli(float64(weights.map((w) => (w > 0 ? 1 : 0))), { random });
      expect([...bits.data]).toEqual(weights.map((w) => (w > 0 ? 1 : 0)));
    }),
    { numRuns: runs(100) },
  );
});

test('integers reach both ends of their range, and no further', () => {
  const x = randomIntegers([500], { low: -2, high: 2, seed: 1 });
  expect(x.dtype).toBe('int32');
  expect([...new Set(x.data)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1]);
  expect(randomIntegers([3], { low: 2 ** 31 - 1, high: 2 ** 31 }).toArray()).toEqual([2147483647, 2147483647, 2147483647]);
});

test('a choice takes rows along an axis, with their gradient', () => {
  const x = counted(3, 4).cast('float64') as Tensor;
  const rows = choice(x, 2, { replacement: false, axis: 1, seed: 1 });
  const places = choice(4, 2, { replacement: false, seed: 1 });
  expect(rows.toArray()).toEqual([0, 1, 2].map((i) => [...places.data].map((j) => 4 * i + j)));
  expect(grad((x: Tensor) => choice(x, 3, { replacement: false, seed: 1 }).sum())(x).toArray()).toEqual(
    Tensor.ones([3, 4], dtype).toArray(),
  );
  expect(choice(0, 0).shape).toEqual([0]);
  expect(multinomial(Tensor.zeros([2, 3]), 0).shape).toEqual([2, 0]);
});

const any = (f: unknown, ...given: unknown[]) => (f as (...given: unknown[]) => unknown)(...given);
refuses('%s is refused, by the name that was called', [
  [
    'a range without numbers',
    () => randomIntegers([1], { low: 3, high: 3 }),
    /^randomIntegers: expected low to be below high, got 3 and 3/,
  ],
  [
    'a range beyond int32',
    () => randomIntegers([1], { high: 2 ** 31 + 1 }),
    /^randomIntegers: expected high to be a whole number from −2³¹/,
  ],
  ['no range', () => any(randomIntegers, [1]), /^randomIntegers: expected high to be a whole number/],
  ['a dtype of integers', () => any(randomIntegers, [1], { high: 2, dtype: 'int32' }), /^randomIntegers: there is no option dtype/],
  ['a rate of 0', () => randomExponential([1], { rate: 0 }), /^randomExponential: expected rate to be a number above 0/],
  ['int32', () => randomExponential([1], { dtype: 'int32' }), /^randomExponential: expected float32 or float64, got int32/],
  ['no concentration', () => any(randomGamma, [1]), /^randomGamma: expected concentration to be a number above 0/],
  ['a negative parameter', () => randomBeta([1], { a: 1, b: -1 }), /^randomBeta: expected b to be a number above 0/],
  [
    'a seed and a generator',
    () => randomBeta([1], { a: 1, b: 1, seed: 1, random: new Random(1) }),
    /^randomBeta: expected a generator or a seed/,
  ],
  ['a probability above 1', () => bernoulli(Tensor.of([0, 2])), /^bernoulli: expected probabilities from 0 to 1, got 2 at place 1/],
  ['a probability that is NaN', () => bernoulli(Tensor.of([NaN])), /^bernoulli: expected probabilities from 0 to 1, got NaN/],
  ['int32 probabilities', () => bernoulli(int32([1])), /^bernoulli: expected float32 or float64/],
  [
    'a negative weight',
    () => categorical(Tensor.of([1, -1])),
    /^categorical: expected weights to be finite numbers from 0, got -1 in row 0/,
  ],
  ['only weights of 0', () => categorical(Tensor.zeros([2, 2])), /^categorical: expected 1 weights above 0 at least, got 0 of 2 in row 0/],
  ['more than there is', () => multinomial(Tensor.of([0, 1, 1]), 3), /^multinomial: expected 3 weights above 0 at least, got 2 of 3/],
  ['weights that are a number', () => multinomial(Tensor.of(1), 1), /^multinomial: expected weights of classes along a last axis/],
  ['more than there is', () => choice(3, 4, { replacement: false }), /^choice: expected to choose 3 at most, got 4/],
  ['something of nothing', () => choice(0, 1), /^choice: expected to choose 0 at most, got 1/],
  ['weights for others', () => choice(3, 1, { weights: Tensor.ones([2]) }), /^choice: expected a vector of 3 weights, got shape \[2\]/],
  ['a misspelt option', () => any(choice, 3, 1, { replace: false }), /^choice: there is no option replace; did you mean replacement/],
]);
