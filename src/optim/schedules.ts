/**
 * Learning rates that change as a training goes on: functions of the step, counted from 0, to be told to an optimizer before it.
 * Each is a formula of the step and keeps nothing, so a training may stop, and go on from any step. One of your own is a function.
 */

import { ValueError } from '../base/errors.ts';
import { cosine, power } from './numbers.ts';

/** The rate, or whatever else it is for, of each step. */
export type Schedule = (step: number) => number;

/** A schedule for the rate, and one for the momentum against it. */
export interface Cycle {
  readonly learningRate: Schedule;
  readonly momentum: Schedule;
}

/** Refuses numbers out of range: from 0, or above it, and whole where steps are counted. */
function check(name: string, numbers: Readonly<Record<string, number>>, ok: (x: number) => boolean, what: string): void {
  for (const [option, x] of Object.entries(numbers))
    if (!(Number.isFinite(x) && ok(x))) throw new ValueError(`${name}: expected ${option} to be ${what}, got ${x}`);
}
const checkSizes = (name: string, numbers: Readonly<Record<string, number>>): void =>
  check(name, numbers, (x) => x >= 0, 'a number from 0');
const checkSteps = (name: string, numbers: Readonly<Record<string, number>>): void =>
  check(name, numbers, (x) => Number.isInteger(x) && x > 0, 'a whole number from 1');

/** A schedule that refuses what is no step. */
const schedule =
  (name: string, at: Schedule): Schedule =>
  (step) => {
    check(name, { step }, (x) => Number.isInteger(x) && x >= 0, 'a whole number from 0');
    return at(step);
  };

/** From one number to another, by half a wave of the cosine. */
const alongCosine = (from: number, to: number, part: number): number => to + ((from - to) / 2) * (1 + cosine(Math.PI * part));
const alongLine = (from: number, to: number, part: number): number => from + (to - from) * part;

/**
 * `rate · factorⁿ`, where `n` counts how often `every` steps have passed.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = stepDecay(0.4, { every: 10, factor: 0.5 });
 * [rate(0), rate(9), rate(10), rate(25)] // => [0.4, 0.4, 0.2, 0.1]
 */
export function stepDecay(rate: number, { every, factor = 0.1 }: { readonly every: number; readonly factor?: number }): Schedule {
  checkSizes('stepDecay', { rate, factor });
  checkSteps('stepDecay', { every });
  return schedule('stepDecay', (step) => rate * power(factor, Math.floor(step / every)));
}

/**
 * `rate · (1 − step / steps)^power`, and 0 from then on.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = polynomialDecay(1, { steps: 4, power: 2 });
 * [rate(0), rate(2), rate(4), rate(9)] // => [1, 0.25, 0, 0]
 */
export function polynomialDecay(
  rate: number,
  { steps, power: exponent = 1 }: { readonly steps: number; readonly power?: number },
): Schedule {
  checkSizes('polynomialDecay', { rate, power: exponent });
  checkSteps('polynomialDecay', { steps });
  return schedule('polynomialDecay', (step) => rate * power(1 - Math.min(step, steps) / steps, exponent));
}

/**
 * From `rate` to `minimum` by half a wave of the cosine: `minimum + (rate − minimum) (1 + cos(π · step / steps)) / 2` (Loshchilov & Hutter 2017,
 * equation 5). After `steps` it climbs again, as the cosine does.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = cosineAnnealing(1, { steps: 10 });
 * [rate(0), rate(10), rate(20)] // => [1, 0, 1]
 */
export function cosineAnnealing(rate: number, { steps, minimum = 0 }: { readonly steps: number; readonly minimum?: number }): Schedule {
  checkSizes('cosineAnnealing', { rate, minimum });
  checkSteps('cosineAnnealing', { steps });
  return schedule('cosineAnnealing', (step) => alongCosine(rate, minimum, step / steps));
}

/**
 * From `from · rate` to `rate` in equal steps, and `rate` from then on.
 * @param options.from a third unless told
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = linearWarmup(1, { steps: 4, from: 0.5 });
 * [rate(0), rate(1), rate(4), rate(9)] // => [0.5, 0.625, 1, 1]
 */
export function linearWarmup(rate: number, { steps, from = 1 / 3 }: { readonly steps: number; readonly from?: number }): Schedule {
  checkSizes('linearWarmup', { rate, from });
  checkSteps('linearWarmup', { steps });
  return schedule('linearWarmup', (step) => rate * alongLine(from, 1, Math.min(step, steps) / steps));
}

/**
 * One schedule up to a step, and from there another, which begins at its own step 0.
 * @throws ValueError for a number of steps that is none.
 * @example
 * const rate = followedBy(linearWarmup(1, { steps: 2, from: 0.5 }), 2, cosineAnnealing(1, { steps: 10 }));
 * [rate(0), rate(1), rate(2), rate(12)] // => [0.5, 0.75, 1, 0]
 */
export function followedBy(first: Schedule, steps: number, second: Schedule): Schedule {
  checkSteps('followedBy', { steps });
  return (step) => (step < steps ? first(step) : second(step - steps));
}

/** How high and how long the one cycle is. */
export interface OneCycleOptions {
  /** The rate at the top. */
  readonly maximum: number;
  /** How many steps the whole training has. */
  readonly steps: number;
  /** Which part of them climbs; 0.3 unless told. */
  readonly climbing?: number;
  /** By what the rate at the top is divided at the beginning; 25 unless told. */
  readonly divisor?: number;
  /** By what the first rate is divided at the end; 10 000 unless told. */
  readonly finalDivisor?: number;
  /** Whether to come down as one climbed, and then to fall to the end. In one fall from the top unless told. */
  readonly threePhases?: boolean;
  /** Along a wave of the cosine, unless `'linear'`. */
  readonly anneal?: 'cosine' | 'linear';
  /** The momentum at the top of the rate, and at its ends; 0.85 and 0.95 unless told. */
  readonly momentum?: readonly [number, number];
}

/**
 * Up to a large rate and down to almost none, with the momentum against it (Smith & Topin 2018). After the last step it stays.
 * @throws ValueError for numbers out of range.
 * @example
 * const { learningRate, momentum } = oneCycle({ maximum: 1, steps: 11, climbing: 0.5, divisor: 10 });
 * [0, 10].map((step) => learningRate(step).toFixed(5)) // => ['0.10000', '0.00001']
 * momentum(0) // => 0.95
 */
export function oneCycle(options: OneCycleOptions): Cycle {
  const { maximum, steps, climbing = 0.3, divisor = 25, finalDivisor = 1e4, threePhases = false, anneal = 'cosine' } = options;
  const [low, high] = options.momentum ?? [0.85, 0.95];
  check('oneCycle', { maximum, divisor, finalDivisor }, (x) => x > 0, 'a number above 0');
  checkSteps('oneCycle', { steps });
  check(
    'oneCycle',
    { climbing },
    (x) => x > 0 && x < (threePhases ? 0.5 : 1),
    `a number above 0 and below ${threePhases ? 'a half' : '1'}`,
  );
  checkSizes('oneCycle', { 'lowest momentum': low, 'highest momentum': high });
  if (anneal !== 'cosine' && anneal !== 'linear')
    throw new ValueError(`oneCycle: expected anneal 'cosine' or 'linear', got ${JSON.stringify(anneal)}`);
  const [first, last] = [maximum / divisor, maximum / divisor / finalDivisor];
  const top = climbing * steps - 1;
  const ends = threePhases ? [top, 2 * climbing * steps - 2, steps - 1] : [top, steps - 1];
  const along = anneal === 'linear' ? alongLine : alongCosine;
  /** A way through a number at the beginning and one at the end of each phase. */
  const through = (numbers: readonly number[]) =>
    schedule('oneCycle', (step) => {
      const at = Math.min(step, steps - 1);
      const phase = ends.findIndex((end, i) => at <= end || i === ends.length - 1);
      const start = phase === 0 ? 0 : ends[phase - 1]!;
      return along(numbers[phase]!, numbers[phase + 1]!, (at - start) / (ends[phase]! - start));
    });
  return threePhases
    ? { learningRate: through([first, maximum, first, last]), momentum: through([high, low, high, high]) }
    : { learningRate: through([first, maximum, last]), momentum: through([high, low, high]) };
}

/** The rates at the bottom and at the top, and how long each cycle is. */
export interface CyclicOptions {
  readonly minimum: number;
  readonly maximum: number;
  /** How many steps it climbs, and comes down: as many unless told. */
  readonly up: number;
  readonly down?: number;
  /** By what the height is multiplied from cycle to cycle; 1 unless told. */
  readonly factor?: number;
  /** The momentum at the top of the rate, and at the bottom; 0.8 and 0.9 unless told. */
  readonly momentum?: readonly [number, number];
}

/**
 * Up and down between two rates in straight lines, over and over, with the momentum against it (Smith 2017). A `factor` of ½ halves the height from
 * cycle to cycle.
 * @throws ValueError for numbers out of range.
 * @example
 * const { learningRate } = cyclic({ minimum: 1, maximum: 5, up: 2, factor: 0.5 });
 * [0, 1, 2, 3, 4, 5, 6].map(learningRate) // => [1, 3, 5, 3, 1, 2, 3]
 */
export function cyclic({ minimum, maximum, up, down = up, factor = 1, momentum: [low, high] = [0.8, 0.9] }: CyclicOptions): Cycle {
  checkSizes('cyclic', { minimum, maximum, factor, 'lowest momentum': low, 'highest momentum': high });
  checkSteps('cyclic', { up, down });
  const height = (step: number): number => {
    const [cycle, at] = [Math.floor(step / (up + down)), step % (up + down)];
    return power(factor, cycle) * (at <= up ? at / up : 1 - (at - up) / down);
  };
  return {
    learningRate: schedule('cyclic', (step) => alongLine(minimum, maximum, height(step))),
    momentum: schedule('cyclic', (step) => alongLine(high, low, height(step))),
  };
}
