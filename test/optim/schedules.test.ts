/** Learning rates that change: what each schedule promises, at every step. The numbers are held against PyTorch's in `golden.test.ts`. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  constantWarmup,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  exponentialDecay,
  followedBy,
  linearWarmup,
  multiStepDecay,
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
import { runs } from '../lib/runs.ts';

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

  test('at each step of any number of them is a number between its ends and its top, even where a phase has no length', () => {
    expect(along(oneCycle({ max: 1, steps: 10, warmupFraction: 0.1, anneal: 'linear' }).learningRate, 2)).toEqual([
      1,
      expect.closeTo(1 - (1 - 4e-6) / 9, 12),
    ]);
    const any = fc.record({
      max: rates,
      steps: fc.integer({ min: 1, max: 12 }),
      warmupFraction: fc.constantFrom(0.1, 0.125, 0.2, 0.25, 1 / 3, 0.4),
      threePhase: fc.boolean(),
      anneal: fc.constantFrom('cosine' as const, 'linear' as const),
    });
    fc.assert(
      fc.property(any, (chosen) => {
        const { learningRate, momentum } = oneCycle(chosen);
        for (const rate of along(learningRate, chosen.steps)) {
          expect(rate).toBeGreaterThanOrEqual((chosen.max / 25 / 1e4) * (1 - 1e-9));
          expect(rate).toBeLessThanOrEqual(chosen.max * (1 + 1e-9));
        }
        for (const other of along(momentum, chosen.steps)) expect(Math.abs(other - 0.9)).toBeLessThanOrEqual(0.05 + 1e-9);
        expect(learningRate(chosen.steps - 1)).toBeCloseTo(chosen.max / 25 / 1e4, 12);
      }),
    );
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

test('milestones drop the rate in any order, each once, and may be changed afterwards without an effect', () => {
  const milestones = fc.array(fc.nat({ max: 20 }), { maxLength: 5 });
  fc.assert(
    fc.property(rates, milestones, (rate, drops) => {
      const given = [...drops];
      const schedule = multiStepDecay(rate, { milestones: given, gamma: 0.5 });
      given.push(0);
      for (let step = 0; step < 22; step++) expect(schedule(step)).toBe(rate * 2 ** -drops.filter((drop) => drop <= step).length);
    }),
  );
  expect(multiStepDecay(1, { milestones: [1] })(1)).toBe(0.1);
});

test('an exponential decay multiplies from step to step', () => {
  fc.assert(
    fc.property(rates, fc.constantFrom(0, 0.25, 0.5, 1, 2), counts, (rate, gamma, step) => {
      const schedule = exponentialDecay(rate, { gamma });
      expect(schedule(0)).toBe(rate);
      expect(schedule(step)).toBe(gamma * schedule(step - 1));
    }),
  );
});

test('warm restarts begin each cycle at the rate, and repeat the first with as many times the steps', () => {
  fc.assert(
    fc.property(rates, counts, fc.integer({ min: 1, max: 3 }), (rate, steps, factor) => {
      const schedule = cosineWarmRestarts(rate, { steps, factor, min: rate / 4 });
      const once = cosineAnnealing(rate, { steps, min: rate / 4 });
      let [start, length] = [0, steps];
      for (let cycle = 0; cycle < 3; cycle++) {
        for (let at = 0; at < steps; at++) expect(schedule(start + (at * length) / steps)).toBe(once(at));
        expect(falls(along(schedule, start + length).slice(start))).toBe(true);
        start += length;
        length *= factor;
      }
    }),
    { numRuns: runs(30) },
  );
  expect(cosineWarmRestarts(1, { steps: 4 })(6)).toBe(cosineAnnealing(1, { steps: 4 })(2));
});

test('a constant warmup is a part of the rate, a third by default, and then the rate', () => {
  const schedule = constantWarmup(0.75, { steps: 3, startFactor: 0.5 });
  expect(along(schedule, 5)).toEqual([0.375, 0.375, 0.375, 0.75, 0.75]);
  expect(constantWarmup(3, { steps: 1 })(0)).toBe(1);
});

test('an optimizer takes both schedules of a cycle, and asks them for each of its steps', () => {
  const w = new Parameter(Tensor.of(0, 'float64'));
  const optimizer = new SGD({ w }, cyclic({ min: 0.25, max: 0.75, stepsUp: 1, momentum: [0.25, 0.5] }));
  for (let step = 0; step < 2; step++) optimizer.minimize(() => w.sum());
  expect(w.item()).toBe(-0.25 - 0.75 * 1.25);
  expect(() => new RMSprop({ w }, oneCycle({ max: 0.1, steps: 10 })).minimize(() => w.sum())).not.toThrow();
});

test.each<[string, (rate: number) => unknown]>([
  ['stepDecay', (rate) => stepDecay(rate, { stepSize: 1 })],
  ['multiStepDecay', (rate) => multiStepDecay(rate, { milestones: [] })],
  ['exponentialDecay', (rate) => exponentialDecay(rate, { gamma: 1 })],
  ['polynomialDecay', (rate) => polynomialDecay(rate, { steps: 1 })],
  ['cosineAnnealing', (rate) => cosineAnnealing(rate, { steps: 1 })],
  ['cosineWarmRestarts', (rate) => cosineWarmRestarts(rate, { steps: 1 })],
  ['constantWarmup', (rate) => constantWarmup(rate, { steps: 1 })],
  ['linearWarmup', (rate) => linearWarmup(rate, { steps: 1 })],
])('%s refuses a rate that is none', (name, make) => {
  for (const rate of [-1, Number.NaN, Infinity, '1' as never, null as never])
    expect(() => make(rate)).toThrow(new RegExp(`^${name}: expected rate to be a finite number from 0, got `));
});

test.each<[string, () => unknown, RegExp]>([
  ['a rate below 0', () => stepDecay(-1, { stepSize: 1 }), /stepDecay: expected rate to be a finite number from 0, got -1/],
  ['half a step', () => cosineAnnealing(1, { steps: 0.5 }), /cosineAnnealing: expected steps to be a whole number from 1, got 0.5/],
  ['no step at all', () => polynomialDecay(1, { steps: 0 }), /polynomialDecay/],
  ['a power below 0', () => polynomialDecay(1, { steps: 1, power: -1 }), /power to be a finite number from 0/],
  [
    'a number for a schedule',
    () => followedBy(0.1 as never, 10, () => 1),
    /followedBy: expected first to be a schedule, a function of the step, got 0.1/,
  ],
  [
    'options for another',
    () => followedBy(() => 1, 10, { steps: 1 } as never),
    /followedBy: expected second to be a schedule, a function of the step, got {"steps":1}/,
  ],
  [
    'a step before the first',
    () =>
      followedBy(
        () => 1,
        10,
        () => 1,
      )(-1),
    /followedBy: expected step to be a whole number from 0, got -1/,
  ],
  [
    'a single milestone',
    () => multiStepDecay(1, { milestones: 3 as never }),
    /multiStepDecay: expected milestones to be a list of whole numbers from 0, got 3/,
  ],
  ['half a milestone', () => multiStepDecay(1, { milestones: [1, 0.5] }), /milestones/],
  ['a hole among milestones', () => multiStepDecay(1, { milestones: Array(2) as never }), /milestones/],
  [
    'no milestones',
    () => multiStepDecay(1, {} as never),
    /multiStepDecay: expected milestones to be a list of whole numbers from 0, got undefined/,
  ],
  ['a gamma below 0 at milestones', () => multiStepDecay(1, { milestones: [], gamma: -1 }), /gamma to be a finite number from 0, got -1/],
  [
    'text for a rate',
    () => multiStepDecay('1' as never, { milestones: [] }),
    /multiStepDecay: expected rate to be a finite number from 0, got '1'/,
  ],
  [
    'a rate that is none',
    () => exponentialDecay(Number.NaN, { gamma: 1 }),
    /exponentialDecay: expected rate to be a finite number from 0, got NaN/,
  ],
  ['no gamma', () => exponentialDecay(1, {} as never), /exponentialDecay: expected gamma to be a finite number from 0, got undefined/],
  ['no options', () => exponentialDecay(1, undefined as never), /exponentialDecay: expected gamma to be/],
  [
    'a cycle of no step',
    () => cosineWarmRestarts(1, { steps: 0 }),
    /cosineWarmRestarts: expected steps to be a whole number from 1, got 0/,
  ],
  ['half a factor', () => cosineWarmRestarts(1, { steps: 1, factor: 1.5 }), /factor to be a whole number from 1, got 1.5/],
  ['a negative minimum', () => cosineWarmRestarts(1, { steps: 1, min: -1 }), /min to be a finite number from 0, got -1/],
  ['a negative rate of restarts', () => cosineWarmRestarts(-1, { steps: 1 }), /cosineWarmRestarts: expected rate/],
  [
    'a step of restarts that is none',
    () => cosineWarmRestarts(1, { steps: 1 })(0.5),
    /cosineWarmRestarts: expected step to be a whole number from 0, got 0.5/,
  ],
  [
    'a constant warmup of no step',
    () => constantWarmup(1, { steps: 0 }),
    /constantWarmup: expected steps to be a whole number from 1, got 0/,
  ],
  ['a negative part', () => constantWarmup(1, { steps: 1, startFactor: -1 }), /startFactor to be a finite number from 0, got -1/],
  ['a negative rate of a constant warmup', () => constantWarmup(-1, { steps: 1 }), /constantWarmup: expected rate/],
  ['a step of a constant warmup that is none', () => constantWarmup(1, { steps: 1 })('a' as never), /constantWarmup: expected step to be/],
  ['a step of milestones that is none', () => multiStepDecay(1, { milestones: [] })(-1), /multiStepDecay: expected step to be/],
  ['a step of an exponential decay that is none', () => exponentialDecay(1, { gamma: 1 })(-1), /exponentialDecay: expected step to be/],
  [
    "PyTorch's names",
    () => stepDecay(0.1, { stepSize: 5, gama: 0.1 } as never),
    /stepDecay: there is no option gama; did you mean gamma\?/,
  ],
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
