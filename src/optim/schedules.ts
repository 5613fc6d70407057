/**
 * Learning rates that change as a training goes on: functions of the step, counted from 0. An optimizer takes one as its `learningRate`.
 * Each is a formula of the step and keeps no state, so a training may stop, and go on from any step. Any function of the step is a
 * schedule.
 */

import { check, numberFrom, optional, type Requirement, readOptions, required, wholeNumberFrom } from '../base/options.ts';
import { cosine, power } from './numbers.ts';

/** The learning rate, or another number such as the momentum, at each step. */
export type Schedule = (step: number) => number;

/** A schedule that refuses what is no step. */
export const schedule =
  (name: string, at: Schedule): Schedule =>
  (step) => {
    check(name, { step }, wholeNumberFrom(0));
    return at(step);
  };

/** From one number to another, by half a wave of the cosine. */
export const alongCosine = (from: number, to: number, part: number): number => to + ((from - to) / 2) * (1 + cosine(Math.PI * part));
export const alongLine = (from: number, to: number, part: number): number => from + (to - from) * part;

/** Options of `stepDecay`. */
export interface StepDecayOptions {
  /** How many steps there are from one drop to the next. */
  readonly stepSize: number;
  /** What the rate is multiplied by at each. Default 0.1. */
  readonly gamma?: number;
}

/**
 * `rate · gammaⁿ`, where `n` counts how often `stepSize` steps have passed.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = stepDecay(0.4, { stepSize: 10, gamma: 0.5 });
 * [rate(0), rate(9), rate(10), rate(25)] // => [0.4, 0.4, 0.2, 0.1]
 */
export function stepDecay(rate: number, options: StepDecayOptions): Schedule {
  check('stepDecay', { rate }, numberFrom(0));
  const { stepSize, gamma } = readOptions('stepDecay', options, {
    stepSize: required(wholeNumberFrom(1)),
    gamma: optional(numberFrom(0), 0.1),
  });
  return schedule('stepDecay', (step) => rate * power(gamma, Math.floor(step / stepSize)));
}

/** Steps, in any order. */
const steps: Requirement = {
  words: 'a list of whole numbers from 0',
  holds: (x) => Array.isArray(x) && Array.from(x).every(wholeNumberFrom(0).holds),
};

/** Options of `multiStepDecay`. */
export interface MultiStepDecayOptions {
  /** The steps at which the rate drops. */
  readonly milestones: readonly number[];
  /** What it is multiplied by at each. Default 0.1. */
  readonly gamma?: number;
}

/**
 * `rate · gammaⁿ`, where `n` counts the milestones that have come.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = multiStepDecay(0.4, { milestones: [30, 80], gamma: 0.5 });
 * [rate(0), rate(29), rate(30), rate(80)] // => [0.4, 0.4, 0.2, 0.1]
 */
export function multiStepDecay(rate: number, options: MultiStepDecayOptions): Schedule {
  check('multiStepDecay', { rate }, numberFrom(0));
  const { milestones, gamma } = readOptions('multiStepDecay', options, {
    milestones: required(steps),
    gamma: optional(numberFrom(0), 0.1),
  });
  // A copy, since the caller may change the list.
  const drops = [...milestones];
  return schedule('multiStepDecay', (step) => rate * power(gamma, drops.filter((drop) => drop <= step).length));
}

/** Options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** What the rate is multiplied by from step to step. */
  readonly gamma: number;
}

/**
 * `rate · gammaⁿ`, where `n` is the step.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = exponentialDecay(0.4, { gamma: 0.5 });
 * [rate(0), rate(1), rate(2)] // => [0.4, 0.2, 0.1]
 */
export function exponentialDecay(rate: number, options: ExponentialDecayOptions): Schedule {
  check('exponentialDecay', { rate }, numberFrom(0));
  const { gamma } = readOptions('exponentialDecay', options, { gamma: required(numberFrom(0)) });
  return schedule('exponentialDecay', (step) => rate * power(gamma, step));
}

/** Options of `polynomialDecay`. */
export interface PolynomialDecayOptions {
  /** How many steps it takes to come to 0. */
  readonly steps: number;
  /** Default 1, a straight line. */
  readonly power?: number;
}

/**
 * `rate · (1 − step / steps)^power`, and 0 from then on.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = polynomialDecay(1, { steps: 4, power: 2 });
 * [rate(0), rate(2), rate(4), rate(9)] // => [1, 0.25, 0, 0]
 */
export function polynomialDecay(rate: number, options: PolynomialDecayOptions): Schedule {
  check('polynomialDecay', { rate }, numberFrom(0));
  const { steps, power: exponent } = readOptions('polynomialDecay', options, {
    steps: required(wholeNumberFrom(1)),
    power: optional(numberFrom(0), 1),
  });
  return schedule('polynomialDecay', (step) => rate * power(1 - Math.min(step, steps) / steps, exponent));
}

/** Options of `cosineAnnealing`. */
export interface CosineAnnealingOptions {
  /** How many steps it takes to come down. */
  readonly steps: number;
  /** Where it comes down to. Default 0. */
  readonly min?: number;
}

/**
 * From `rate` to `min` by half a wave of the cosine: `min + (rate − min) (1 + cos(π · step / steps)) / 2` (Loshchilov & Hutter 2017,
 * equation 5). After `steps` it climbs again, as the cosine does.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = cosineAnnealing(1, { steps: 10 });
 * [rate(0), rate(10), rate(20)] // => [1, 0, 1]
 */
export function cosineAnnealing(rate: number, options: CosineAnnealingOptions): Schedule {
  check('cosineAnnealing', { rate }, numberFrom(0));
  const { steps, min } = readOptions('cosineAnnealing', options, {
    steps: required(wholeNumberFrom(1)),
    min: optional(numberFrom(0), 0),
  });
  return schedule('cosineAnnealing', (step) => alongCosine(rate, min, step / steps));
}

/** Options of `cosineWarmRestarts`. */
export interface CosineWarmRestartsOptions {
  /** How many steps the first cycle has. */
  readonly steps: number;
  /** What the number of steps is multiplied by from cycle to cycle, a whole number. Default 1. */
  readonly factor?: number;
  /** Where each comes down to. Default 0. */
  readonly min?: number;
}

/**
 * From `rate` almost to `min` by half a wave of the cosine, and at once up to `rate` again, over and over: warm restarts (Loshchilov & Hutter 2017,
 * equation 5).
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = cosineWarmRestarts(1, { steps: 2, factor: 2 });
 * [0, 1, 2, 4, 6].map((step) => rate(step).toFixed(2)) // => ['1.00', '0.50', '1.00', '0.50', '1.00']
 */
export function cosineWarmRestarts(rate: number, options: CosineWarmRestartsOptions): Schedule {
  check('cosineWarmRestarts', { rate }, numberFrom(0));
  const { steps, factor, min } = readOptions('cosineWarmRestarts', options, {
    steps: required(wholeNumberFrom(1)),
    factor: optional(wholeNumberFrom(1), 1),
    min: optional(numberFrom(0), 0),
  });
  return schedule('cosineWarmRestarts', (step) => {
    let [at, length] = [factor === 1 ? step % steps : step, steps];
    while (at >= length) {
      at -= length;
      length *= factor;
    }
    return alongCosine(rate, min, at / length);
  });
}

/** Options of `constantWarmup`. */
export interface ConstantWarmupOptions {
  /** How many steps have the smaller rate. */
  readonly steps: number;
  /** The part of the rate that they have. Default ⅓. */
  readonly startFactor?: number;
}

/**
 * `startFactor · rate` for some steps, and `rate` from then on.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = constantWarmup(1, { steps: 4, startFactor: 0.5 });
 * [rate(0), rate(3), rate(4)] // => [0.5, 0.5, 1]
 */
export function constantWarmup(rate: number, options: ConstantWarmupOptions): Schedule {
  check('constantWarmup', { rate }, numberFrom(0));
  const { steps, startFactor } = readOptions('constantWarmup', options, {
    steps: required(wholeNumberFrom(1)),
    startFactor: optional(numberFrom(0), 1 / 3),
  });
  return schedule('constantWarmup', (step) => (step < steps ? startFactor * rate : rate));
}

/** Options of `linearWarmup`. */
export interface LinearWarmupOptions {
  /** How many steps it takes to come to the rate. */
  readonly steps: number;
  /** The part of the rate to start from. Default ⅓. */
  readonly startFactor?: number;
}

/**
 * From `startFactor · rate` to `rate` in equal steps, and `rate` from then on.
 * @throws ValueError for numbers out of range.
 * @example
 * const rate = linearWarmup(1, { steps: 4, startFactor: 0.5 });
 * [rate(0), rate(1), rate(4), rate(9)] // => [0.5, 0.625, 1, 1]
 */
export function linearWarmup(rate: number, options: LinearWarmupOptions): Schedule {
  check('linearWarmup', { rate }, numberFrom(0));
  const { steps, startFactor } = readOptions('linearWarmup', options, {
    steps: required(wholeNumberFrom(1)),
    startFactor: optional(numberFrom(0), 1 / 3),
  });
  return schedule('linearWarmup', (step) => rate * alongLine(startFactor, 1, Math.min(step, steps) / steps));
}

/**
 * One schedule up to a step, and from there another, which begins at its own step 0.
 * @throws ValueError for a number of steps that is none, and for what is no schedule.
 * @example
 * const rate = followedBy(linearWarmup(1, { steps: 2, startFactor: 0.5 }), 2, cosineAnnealing(1, { steps: 10 }));
 * [rate(0), rate(1), rate(2), rate(12)] // => [0.5, 0.75, 1, 0]
 */
export function followedBy(first: Schedule, steps: number, second: Schedule): Schedule {
  check('followedBy', { first, second }, { words: 'a schedule, a function of the step', holds: (x) => typeof x === 'function' });
  check('followedBy', { steps }, wholeNumberFrom(1));
  return schedule('followedBy', (step) => (step < steps ? first(step) : second(step - steps)));
}
