import { ValueError } from '../base/errors.ts';
import { check, numberFrom, oneOf, optional, quote, readOptions, wholeNumberFrom } from '../base/options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `ReduceOnPlateau`. */
export interface ReduceOnPlateauOptions {
  /** Whether the metric should fall, as a loss, or rise, as an accuracy. Default `'min'`. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by. Default 0.1. */
  readonly factor?: number;
  /** How many observations in a row may be no better than the best: at one more the rate is reduced. Default 10. */
  readonly patience?: number;
  /** By how much an observation has to be better than the best. Default 1e-4. */
  readonly threshold?: number;
  /** Whether that is a part of the best, or a difference from it. Default `'relative'`. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** How many observations after a reduction do not count. Default 0. */
  readonly cooldown?: number;
  /** What the rate is not reduced below. Default 0. */
  readonly min?: number;
  /** The least by which the rate is reduced: by less it stays. Default 1e-8. */
  readonly epsilon?: number;
}

/** The whole state of a `ReduceOnPlateau`, as plain data that JSON can hold. */
export interface PlateauState {
  readonly rate: number;
  /** The best observation, if there was one. */
  readonly best: number | null;
  /** How many observations in a row were no better. */
  readonly waited: number;
  /** How many of those to come do not count. */
  readonly cooling: number;
}

/**
 * A learning rate that is reduced where a metric no longer becomes better. It is told the metric, such as the loss on the validation set, after each
 * epoch; its `learningRate` is a schedule for an optimizer. NaN is never better.
 *
 * @example
 * const plateau = new ReduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
 * const optimizer = new SGD(new Linear(2, 1), { learningRate: plateau.learningRate });
 * [3, 2, 2, 2, 2].map((loss) => plateau.observe(loss)) // => [0.1, 0.1, 0.1, 0.05, 0.05]
 * optimizer.currentLearningRate // => 0.05
 */
export class ReduceOnPlateau {
  readonly #options: ReturnType<typeof readPlateauOptions>;
  #state: PlateauState;

  /**
   * @param rate where it starts: a number from 0
   * @throws ValueError for numbers out of range.
   */
  constructor(rate: number, options: ReduceOnPlateauOptions = {}) {
    check('ReduceOnPlateau', { rate }, numberFrom(0));
    this.#options = readPlateauOptions(options);
    this.#state = { rate, best: null, waited: 0, cooling: 0 };
  }

  /** The rate, for an optimizer: the same at every step until it is reduced. */
  readonly learningRate: Schedule = () => this.#state.rate;

  /** The state, from which `restore` goes on. */
  get state(): PlateauState {
    return { ...this.#state };
  }

  /**
   * Goes on from a state.
   * @throws ValueError for anything but a state.
   */
  restore(state: PlateauState): void {
    const { rate, best, waited, cooling } = state ?? {};
    const isState =
      numberFrom(0).holds(rate) && [waited, cooling].every(wholeNumberFrom(0).holds) && (best === null || typeof best === 'number');
    if (!isState) throw new ValueError(`ReduceOnPlateau.restore: expected a state that one gave, got ${quote(state)}`);
    this.#state = { rate, best, waited, cooling };
  }

  /**
   * Takes an observation of the metric into account.
   * @returns the rate from now on
   * @throws ValueError for what is no number.
   */
  observe(metric: number): number {
    check('ReduceOnPlateau.observe', { metric }, { words: 'a number, such as loss.item()', holds: (x) => typeof x === 'number' });
    const { patience, factor, min, epsilon, cooldown } = this.#options;
    let { rate, best, waited, cooling } = this.#state;
    if (this.#isBetter(metric, best)) [best, waited] = [metric, 0];
    else waited++;
    if (cooling > 0) [cooling, waited] = [cooling - 1, 0];
    if (waited > patience) {
      const reduced = Math.max(rate * factor, min);
      if (rate - reduced > epsilon) rate = reduced;
      [cooling, waited] = [cooldown, 0];
    }
    this.#state = { rate, best, waited, cooling };
    return rate;
  }

  #isBetter(metric: number, best: number | null): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    if (best === null) return mode === 'min' ? metric < Infinity : metric > -Infinity;
    const margin = thresholdMode === 'relative' ? threshold * Math.abs(best) : threshold;
    return mode === 'min' ? metric < best - margin : metric > best + margin;
  }
}

const readPlateauOptions = (options: ReduceOnPlateauOptions) =>
  readOptions('ReduceOnPlateau', options, {
    mode: optional(oneOf('min', 'max'), 'min'),
    factor: optional(numberFrom(0, 1), 0.1),
    patience: optional(wholeNumberFrom(0), 10),
    threshold: optional(numberFrom(0), 1e-4),
    thresholdMode: optional(oneOf('relative', 'absolute'), 'relative'),
    cooldown: optional(wholeNumberFrom(0), 0),
    min: optional(numberFrom(0), 0),
    epsilon: optional(numberFrom(0), 1e-8),
  });
