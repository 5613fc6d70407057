/** A rate that falls where a metric no longer does. Its numbers are held against PyTorch in `test/golden/optimizers.test.ts`. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Parameter, ReduceOnPlateau, type ReduceOnPlateauOptions, SGD, Tensor, ValueError } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const observations = fc.array(fc.constantFrom(-2, -1, -0.5, 0, 0.25, 0.5, 1, 2, 3, Infinity, -Infinity, Number.NaN), { maxLength: 30 });
const options: fc.Arbitrary<ReduceOnPlateauOptions> = fc.record({
  mode: fc.constantFrom('min', 'max'),
  factor: fc.constantFrom(0, 0.5, 0.9),
  patience: fc.nat({ max: 3 }),
  threshold: fc.constantFrom(0, 0.1, 1),
  thresholdMode: fc.constantFrom('relative', 'absolute'),
  cooldown: fc.nat({ max: 3 }),
  min: fc.constantFrom(0, 0.2),
});

test('a rate never rises, never falls below the minimum, and falls at most once in as many observations as patience and cooldown last', () => {
  fc.assert(
    fc.property(options, observations, (chosen, metrics) => {
      const plateau = new ReduceOnPlateau(1, chosen);
      const rates = [1, ...metrics.map((metric) => plateau.observe(metric))];
      const falls = rates.flatMap((rate, i) => (i > 0 && rate < rates[i - 1]! ? [i] : []));
      rates.slice(1).forEach((rate, i) => expect(rate <= rates[i]! && rate >= chosen.min!).toBe(true));
      falls.slice(1).forEach((at, i) => expect(at - falls[i]!).toBeGreaterThan(chosen.patience! + chosen.cooldown!));
      if (falls.length > 0) expect(falls[0]).toBeGreaterThan(chosen.patience!);
      expect(plateau.learningRate(0)).toBe(rates.at(-1));
      expect(plateau.state.rate).toBe(rates.at(-1));
    }),
    { numRuns: runs(200) },
  );
});

test('what rises by one mode is what falls by the other', () => {
  fc.assert(
    fc.property(options, observations, (chosen, metrics) => {
      const [up, down] = [new ReduceOnPlateau(1, { ...chosen, mode: 'max' }), new ReduceOnPlateau(1, { ...chosen, mode: 'min' })];
      for (const metric of metrics) expect(up.observe(metric)).toBe(down.observe(-metric));
    }),
    { numRuns: runs(100) },
  );
});

test('a state that went through JSON goes on where it was taken', () => {
  fc.assert(
    fc.property(options, observations, observations, (chosen, before, after) => {
      const finite = (metrics: readonly number[]) => metrics.filter((metric) => Math.abs(metric) !== Infinity);
      const plateau = new ReduceOnPlateau(1, chosen);
      for (const metric of finite(before)) plateau.observe(metric);
      const resumed = new ReduceOnPlateau(7, chosen);
      resumed.restore(JSON.parse(JSON.stringify(plateau.state)));
      for (const metric of finite(after)) expect(resumed.observe(metric)).toBe(plateau.observe(metric));
      expect(resumed.state).toEqual(plateau.state);
    }),
    { numRuns: runs(100) },
  );
});

test('a negative best is improved by less of it, and equal or worse observations never count as better', () => {
  const plateau = new ReduceOnPlateau(1, { patience: 1, factor: 0.5, threshold: 0.1 });
  expect([-10, -10, -9.5].map((metric) => plateau.observe(metric))).toEqual([1, 1, 0.5]);
  expect(plateau.state).toEqual({ rate: 0.5, best: -10, waited: 0, cooling: 0 });
  expect([-11, -11.5].map((metric) => plateau.observe(metric))).toEqual([0.5, 0.5]);
  expect(plateau.state).toEqual({ rate: 0.5, best: -11.5, waited: 0, cooling: 0 });
});

test('observations of a cooldown do not count, and a reduction that is too small is none', () => {
  const plateau = new ReduceOnPlateau(1, { patience: 0, factor: 0.5, cooldown: 2, min: 0.24 });
  expect([1, 1, 1, 1, 1, 1, 1, 1, 1].map((metric) => plateau.observe(metric))).toEqual([1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.24, 0.24]);
  const stubborn = new ReduceOnPlateau(1, { patience: 0, factor: 0.5, epsilon: 0.5 });
  expect([1, 1, 1].map((metric) => stubborn.observe(metric))).toEqual([1, 1, 1]);
});

test.each([
  ['min', Infinity, -Infinity],
  ['max', -Infinity, Infinity],
] as const)('nothing is worse than what a run by mode %s begins with, so that %d is no best and %d is', (mode, worst, best) => {
  const plateau = new ReduceOnPlateau(1, { mode, factor: 0.5, patience: 1 });
  expect([worst, worst].map((metric) => plateau.observe(metric))).toEqual([1, 0.5]);
  expect(plateau.state.best).toBe(null);
  plateau.observe(best);
  expect(plateau.state.best).toBe(best);
});

test('an optimizer takes its rate at each step', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const plateau = new ReduceOnPlateau(0.5, { patience: 0, factor: 0.5 });
  const optimizer = new SGD({ w }, { learningRate: plateau.learningRate });
  for (const metric of [1, 1, 2]) {
    plateau.observe(metric);
    optimizer.minimize(() => w.sum());
  }
  expect(w.item()).toBe(-0.5 - 0.25 - 0.125);
});

test('what is no number, no state and no option is refused', () => {
  const plateau = new ReduceOnPlateau(0.1);
  for (const metric of ['1', undefined, null, Tensor.of(1)] as never[])
    expect(() => plateau.observe(metric)).toThrow(/^ReduceOnPlateau.observe: expected metric to be a number, such as loss.item\(\), got /);
  const { state } = plateau;
  const wrong = [
    null,
    5,
    {},
    { ...state, rate: -1 },
    { ...state, waited: 0.5 },
    { ...state, cooling: -1 },
    { ...state, best: '1' },
    { ...state, best: undefined },
  ];
  for (const one of wrong as never[])
    expect(() => plateau.restore(one)).toThrow(/^ReduceOnPlateau.restore: expected a state that one gave, got /);
  expect(plateau.state).toEqual({ rate: 0.1, best: null, waited: 0, cooling: 0 });
  const options: readonly (readonly [object, string])[] = [
    [{ mode: 'up' }, "mode to be 'min' or 'max', got 'up'"],
    [{ factor: 1 }, 'factor to be a number from 0 to below 1, got 1'],
    [{ patience: 0.5 }, 'patience to be a whole number from 0, got 0.5'],
    [{ threshold: -1 }, 'threshold to be a finite number from 0, got -1'],
    [{ thresholdMode: 'rel' }, "thresholdMode to be 'relative' or 'absolute', got 'rel'"],
    [{ cooldown: -1 }, 'cooldown to be a whole number from 0, got -1'],
    [{ min: -1 }, 'min to be a finite number from 0, got -1'],
    [{ epsilon: '0' }, "epsilon to be a finite number from 0, got '0'"],
  ];
  for (const [given, message] of options) {
    expect(() => new ReduceOnPlateau(0.1, given)).toThrow(ValueError);
    expect(() => new ReduceOnPlateau(0.1, given)).toThrow(`ReduceOnPlateau: expected ${message}`);
  }
  expect(() => new ReduceOnPlateau(-1)).toThrow('ReduceOnPlateau: expected rate to be a finite number from 0, got -1');
  expect(() => new ReduceOnPlateau(1, { patiense: 1 } as never)).toThrow(
    'ReduceOnPlateau: there is no option patiense; did you mean patience?',
  );
});

test('a relative threshold is a part of the size of the best, where that is below 0 too', () => {
  const plateau = new ReduceOnPlateau(1, { threshold: 0.1, patience: 0, factor: 0.5 });
  // Better than −10 is what is below −11.
  expect([-10, -10.9, -11.1, -11.1].map((metric) => plateau.observe(metric))).toEqual([1, 0.5, 0.5, 0.25]);
});
