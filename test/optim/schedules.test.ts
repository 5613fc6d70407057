/** Learning rates that change: what each schedule promises, at every step. The numbers are held against PyTorch's in `golden.test.ts`. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cosineAnnealing,
  cyclic,
  followedBy,
  linearWarmup,
  oneCycle,
  Parameter,
  polynomialDecay,
  RMSprop,
  type Schedule,
  SGD,
  stepDecay,
  Tensor,
  ValueError,
} from '../../src/index.ts';

const rates = fc.integer({ min: 1, max: 64 }).map((n) => n / 64);
const counts = fc.integer({ min: 1, max: 40 });
const along = (schedule: Schedule, steps: number): number[] => Array.from({ length: steps }, (_, step) => schedule(step));
const falls = (numbers: readonly number[]): boolean => numbers.every((x, i) => i === 0 || x <= numbers[i - 1]! + 1e-15);
const rises = (numbers: readonly number[]): boolean => falls(numbers.toReversed());

test('a decay starts at its rate and never increases', () => {
  fc.assert(
    fc.property(rates, counts, (rate, steps) => {
      for (const decay of [
        stepDecay(rate, { stepSize: steps, gamma: 0.5 }),
        polynomialDecay(rate, { steps, power: 2 }),
        polynomialDecay(rate, { steps }),
      ]) {
        const all = along(decay, 3 * steps);
        expect(all[0]).toBe(rate);
        expect(falls(all)).toBe(true);
      }
      expect(polynomialDecay(rate, { steps })(steps)).toBe(0);
      expect(stepDecay(rate, { stepSize: steps, gamma: 0.5 })(2 * steps)).toBe(rate / 4);
      expect(stepDecay(rate, { stepSize: steps, gamma: 0.5 })(2 * steps - 1)).toBe(rate / 2);
    }),
  );
});

test('cosine annealing falls symmetrically about the middle, and rises again as it fell', () => {
  fc.assert(
    fc.property(rates, counts, (rate, steps) => {
      const schedule = cosineAnnealing(rate, { steps, min: rate / 8 });
      const down = along(schedule, steps + 1);
      expect(falls(down)).toBe(true);
      expect([down[0], down[steps]]).toEqual([rate, rate / 8]);
      down.forEach((x, step) => {
        expect(x + down[steps - step]!).toBeCloseTo(rate + rate / 8, 12);
        expect(schedule(2 * steps - step)).toBeCloseTo(x, 12);
      });
    }),
  );
});

test('a warm-up rises in equal steps to its rate, and the schedule that follows starts at its own step 0', () => {
  fc.assert(
    fc.property(rates, counts, counts, (rate, steps, later) => {
      const warm = along(linearWarmup(rate, { steps, startFactor: 0.25 }), steps + 3);
      expect(warm[0]).toBe(rate / 4);
      expect(warm.slice(steps)).toEqual([rate, rate, rate]);
      warm.slice(1, steps).forEach((x, i) => expect(x - warm[i]!).toBeCloseTo((0.75 * rate) / steps, 12));
      const both = followedBy(linearWarmup(rate, { steps }), steps, cosineAnnealing(rate, { steps: later }));
      expect(both(steps)).toBe(rate);
      expect(both(steps + later)).toBe(0);
      expect(both(steps - 1)).toBe(linearWarmup(rate, { steps })(steps - 1));
    }),
  );
});

describe('one cycle', () => {
  const options = fc.record({
    max: rates,
    steps: fc.integer({ min: 12, max: 60 }),
    warmupFraction: fc.constantFrom(0.25, 0.375),
    threePhase: fc.boolean(),
    anneal: fc.constantFrom('cosine' as const, 'linear' as const),
  });

  test('rises, falls and ends near 0, while the momentum falls and rises', () => {
    fc.assert(
      fc.property(options, (chosen) => {
        const { learningRate, momentum } = oneCycle(chosen);
        const all = along(learningRate, chosen.steps);
        const top = all.indexOf(Math.max(...all));
        expect(all[0]).toBeCloseTo(chosen.max / 25, 12);
        expect(all.at(-1)).toBeCloseTo(chosen.max / 25 / 1e4, 12);
        expect(Math.max(...all)).toBeLessThanOrEqual(chosen.max * (1 + 1e-15));
        expect(Math.abs(top - (chosen.warmupFraction * chosen.steps - 1))).toBeLessThanOrEqual(1);
        expect([rises(all.slice(0, top + 1)), falls(all.slice(top))]).toEqual([true, true]);
        const other = along(momentum, chosen.steps);
        expect([falls(other.slice(0, top + 1)), rises(other.slice(top))]).toEqual([true, true]);
        expect([other[0], other.at(-1)]).toEqual([0.95, 0.95]);
        expect(learningRate(10 * chosen.steps)).toBe(all.at(-1));
      }),
    );
  });

  test('falls in the second of three phases as it rose in the first', () => {
    const { learningRate } = oneCycle({ max: 1, steps: 21, warmupFraction: 2 / 7, threePhase: true, anneal: 'linear' });
    for (const step of [0, 1, 2, 3, 4, 5]) expect(learningRate(step)).toBeCloseTo(learningRate(10 - step), 12);
  });
});

test('a cycle rises and falls between its rates, and the peak of each cycle is lower by the factor', () => {
  fc.assert(
    fc.property(rates, counts, counts, fc.constantFrom(1, 0.5), (rate, up, down, factor) => {
      const { learningRate, momentum } = cyclic({ min: rate, max: 3 * rate, stepsUp: up, stepsDown: down, gamma: factor });
      for (const cycle of [0, 1, 2]) {
        const start = cycle * (up + down);
        expect(learningRate(start)).toBe(rate);
        expect(momentum(start)).toBe(0.9);
        expect(learningRate(start + up)).toBeCloseTo(rate + 2 * rate * (factor === 1 ? 1 : 2 ** -cycle), 12);
        expect(momentum(start + up)).toBeCloseTo(0.9 - 0.1 * (factor === 1 ? 1 : 2 ** -cycle), 12);
        const all = along(learningRate, start + up + down + 1).slice(start);
        expect([rises(all.slice(0, up + 1)), falls(all.slice(up))]).toEqual([true, true]);
      }
    }),
  );
});

test('an optimizer takes both schedules of a cycle, and asks them for each of its steps', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const optimizer = new SGD({ w }, cyclic({ min: 0.25, max: 0.75, stepsUp: 1, momentum: [0.25, 0.5] }));
  for (let step = 0; step < 2; step++) optimizer.minimize(() => w.sum());
  expect(w.item()).toBe(-0.25 - 0.75 * 1.25);
  expect(() => new RMSprop({ w }, oneCycle({ max: 0.1, steps: 10 })).minimize(() => w.sum())).not.toThrow();
});

test.each<[string, () => unknown, RegExp]>([
  ['a rate below 0', () => stepDecay(-1, { stepSize: 1 }), /stepDecay: expected rate to be a finite number from 0, got -1/],
  ['half a step', () => cosineAnnealing(1, { steps: 0.5 }), /cosineAnnealing: expected steps to be a whole number from 1, got 0.5/],
  ['no step at all', () => polynomialDecay(1, { steps: 0 }), /polynomialDecay/],
  ['a power below 0', () => polynomialDecay(1, { steps: 1, power: -1 }), /power to be a finite number from 0/],
  ['a step that is none', () => linearWarmup(1, { steps: 2 })(-1), /linearWarmup: expected step to be a whole number from 0, got -1/],
  [
    'a change after no step',
    () =>
      followedBy(
        () => 1,
        0,
        () => 2,
      ),
    /followedBy/,
  ],
  [
    'a climb of the whole',
    () => oneCycle({ max: 1, steps: 10, warmupFraction: 1 }),
    /warmupFraction to be a number above 0 and below 1, got 1/,
  ],
  [
    'a climb and a fall of the whole',
    () => oneCycle({ max: 1, steps: 10, warmupFraction: 0.5, threePhase: true }),
    /warmupFraction to be a number above 0 and below 0.5, got 0.5/,
  ],
  [
    'another way to anneal',
    () => oneCycle({ max: 1, steps: 10, anneal: 'cubic' as never }),
    /anneal to be 'cosine' or 'linear', got 'cubic'/,
  ],
  ['a largest rate of 0', () => oneCycle({ max: 0, steps: 10 }), /max to be a finite number above 0, got 0/],
  ['a cycle that never climbs', () => cyclic({ min: 0, max: 1, stepsUp: 0 }), /cyclic: expected stepsUp to be/],
  [
    'a factor that is no number',
    () => cyclic({ min: 0, max: 1, stepsUp: 1, gamma: Number.NaN }),
    /gamma to be a finite number from 0, got NaN/,
  ],
  [
    'a decay without a step size',
    () => stepDecay(1, {} as never),
    /stepDecay: expected stepSize to be a whole number from 1, got undefined/,
  ],
  ['a number for options', () => cosineAnnealing(1, 10 as never), /cosineAnnealing: expected options, such as { steps: … }, got 10/],
  ['an old name', () => cosineAnnealing(1, { steps: 10, minimum: 0 } as never), /no option minimum; did you mean min\?/],
  ['a momentum of 1', () => oneCycle({ max: 1, steps: 10, momentum: [0.5, 1] }), /momentum to be \[lowest, highest\], .* got \[0.5,1\]/],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(ValueError);
  expect(make).toThrow(message);
});
