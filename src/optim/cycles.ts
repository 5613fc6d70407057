/**
 * Schedules for the learning rate and the momentum together, the one high where the other is low. `new SGD(model, oneCycle({ … }))` takes
 * both.
 */

import {
  boolean,
  check,
  numberAbove,
  numberFrom,
  oneOf,
  optional,
  type Requirement,
  readOptions,
  required,
  wholeNumberFrom,
} from '../base/options.ts';
import { power } from './numbers.ts';
import { alongCosine, alongLine, type Schedule, schedule } from './schedules.ts';

/** A schedule for the learning rate, and one for the momentum. */
export interface Cycle {
  readonly learningRate: Schedule;
  readonly momentum: Schedule;
}

/** The lowest and the highest momentum. */
const momenta: Requirement = {
  words: '[lowest, highest], two numbers from 0 to below 1',
  holds: (x) => Array.isArray(x) && x.length === 2 && x.every(numberFrom(0, 1).holds),
};

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The rate at the top. */
  readonly max: number;
  /** How many steps the whole training has. */
  readonly steps: number;
  /** Which part of them climbs, what PyTorch calls `pct_start`. Default 0.3. */
  readonly warmupFraction?: number;
  /** The rate at the top divided by the rate at the beginning. Default 25. */
  readonly divFactor?: number;
  /** The rate at the beginning divided by the rate at the end. Default 10 000. */
  readonly finalDivFactor?: number;
  /** Whether to come down as it climbed, and then to fall to the end, rather than in one fall from the top. Default false. */
  readonly threePhase?: boolean;
  /** Along a wave of the cosine, or along straight lines. Default `'cosine'`. */
  readonly anneal?: 'cosine' | 'linear';
  /** The momentum at the top of the rate, and at its ends. Default [0.85, 0.95]. */
  readonly momentum?: readonly [number, number];
}

/**
 * Up to a large rate and down to almost none, with the momentum the other way round (Smith & Topin 2018). After the last step both stay.
 * @throws ValueError for numbers out of range.
 * @example
 * const { learningRate, momentum } = oneCycle({ max: 1, steps: 11, warmupFraction: 0.5, divFactor: 10 });
 * [0, 10].map((step) => learningRate(step).toFixed(5)) // => ['0.10000', '0.00001']
 * momentum(0) // => 0.95
 */
export function oneCycle(options: OneCycleOptions): Cycle {
  const { max, steps, warmupFraction, divFactor, finalDivFactor, threePhase, anneal, momentum } = readOptions('oneCycle', options, {
    max: required(numberAbove(0)),
    steps: required(wholeNumberFrom(1)),
    warmupFraction: optional(numberAbove(0, 1), 0.3),
    divFactor: optional(numberAbove(0), 25),
    finalDivFactor: optional(numberAbove(0), 1e4),
    threePhase: optional(boolean, false),
    anneal: optional(oneOf('cosine', 'linear'), 'cosine'),
    momentum: optional(momenta, [0.85, 0.95]),
  });
  // Two of the three phases are as long as the first.
  if (threePhase) check('oneCycle', { warmupFraction }, numberAbove(0, 0.5));
  const [low, high] = momentum;
  const [first, last] = [max / divFactor, max / divFactor / finalDivFactor];
  const top = warmupFraction * steps - 1;
  const ends = threePhase ? [top, 2 * warmupFraction * steps - 2, steps - 1] : [top, steps - 1];
  const along = anneal === 'linear' ? alongLine : alongCosine;
  /** A way through a number at the beginning and one at the end of each phase. */
  const through = (numbers: readonly number[]) =>
    schedule('oneCycle', (step) => {
      const at = Math.min(step, steps - 1);
      const phase = ends.findIndex((end, i) => at <= end || i === ends.length - 1);
      const start = phase === 0 ? 0 : ends[phase - 1]!;
      // A phase that is over where it begins is at its end.
      const length = ends[phase]! - start;
      return along(numbers[phase]!, numbers[phase + 1]!, length === 0 ? 1 : (at - start) / length);
    });
  return threePhase
    ? { learningRate: through([first, max, first, last]), momentum: through([high, low, high, high]) }
    : { learningRate: through([first, max, last]), momentum: through([high, low, high]) };
}

/** Options of `cyclic`. */
export interface CyclicOptions {
  /** The rate at the bottom. */
  readonly min: number;
  /** The rate at the top. */
  readonly max: number;
  /** How many steps it climbs. */
  readonly stepsUp: number;
  /** How many steps it comes down. Default as many as it climbs. */
  readonly stepsDown?: number;
  /** What the height `max − min` is multiplied by from cycle to cycle, not from step to step as in PyTorch. Default 1. */
  readonly gamma?: number;
  /** The momentum at the top of the rate, and at the bottom. Default [0.8, 0.9]. */
  readonly momentum?: readonly [number, number];
}

/**
 * Up and down between two rates in straight lines, over and over, with the momentum the other way round (Smith 2017). A `gamma` of ½ halves
 * the height from cycle to cycle.
 * @throws ValueError for numbers out of range.
 * @example
 * const { learningRate } = cyclic({ min: 1, max: 5, stepsUp: 2, gamma: 0.5 });
 * [0, 1, 2, 3, 4, 5, 6].map(learningRate) // => [1, 3, 5, 3, 1, 2, 3]
 */
export function cyclic(options: CyclicOptions): Cycle {
  const { min, max, stepsUp, stepsDown, gamma, momentum } = readOptions('cyclic', options, {
    min: required(numberFrom(0)),
    max: required(numberFrom(0)),
    stepsUp: required(wholeNumberFrom(1)),
    stepsDown: optional(wholeNumberFrom(1), options?.stepsUp),
    gamma: optional(numberFrom(0), 1),
    momentum: optional(momenta, [0.8, 0.9]),
  });
  const [low, high] = momentum;
  const length = stepsUp + stepsDown;
  const height = (step: number): number => {
    const [cycle, at] = [Math.floor(step / length), step % length];
    return power(gamma, cycle) * (at <= stepsUp ? at / stepsUp : 1 - (at - stepsUp) / stepsDown);
  };
  return {
    learningRate: schedule('cyclic', (step) => alongLine(min, max, height(step))),
    momentum: schedule('cyclic', (step) => alongLine(high, low, height(step))),
  };
}
