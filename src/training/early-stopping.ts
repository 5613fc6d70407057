import { StateError, ValueError } from '../base/errors.ts';
import {
  isPlainObject,
  nearest,
  numberFrom,
  oneOf,
  optional,
  quote,
  type Requirement,
  readOptions,
  wholeNumberFrom,
} from '../base/options.ts';
import { loadStateDict, misfits, stateDict } from '../layers/state.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** When to stop. */
export interface EarlyStoppingOptions {
  /** The name of the number that is watched, in what `done` is given. Default `'validationLoss'`. */
  readonly monitor?: string;
  /** Whether it should be small or large. Default `'min'`. */
  readonly mode?: 'min' | 'max';
  /** After how many epochs without a better number to stop. Default 5. */
  readonly patience?: number;
  /** By how much a number has to be better to count. Default 0. */
  readonly minDelta?: number;
}

/** What it remembers: the best number, where it was, and the model's state there. */
export interface StoppingState {
  readonly best: number | undefined;
  readonly bestEpoch: number | undefined;
  readonly epochs: number;
  readonly waited: number;
  readonly weights: Readonly<Record<string, Tensor>> | undefined;
}

const NOTHING: StoppingState = { best: undefined, bestEpoch: undefined, epochs: 0, waited: 0, weights: undefined };

/**
 * Stops a training when a number has not become better for some epochs, and keeps the model's parameters and buffers where it was best.
 *
 * @example
 * const w = new Parameter(Tensor.of([0]));
 * const stopping = new EarlyStopping({ w }, { patience: 2 });
 * const losses = [3, 1, 2, 2];
 * const done = losses.map((validationLoss, i) => { w.assign(Tensor.of([i])); return stopping.done({ validationLoss }); });
 * done // => [false, false, false, true]
 * stopping.restoreBest();
 * [w.toArray(), stopping.best, stopping.bestEpoch] // => [[1], 1, 1]
 */
export class EarlyStopping {
  readonly monitor: string;
  readonly mode: 'min' | 'max';
  readonly patience: number;
  readonly minDelta: number;
  readonly #model: object;
  #state: StoppingState = NOTHING;

  /** @throws ValueError for what is no model, and for options that are not known or out of range. */
  constructor(model: object, options?: EarlyStoppingOptions) {
    const { monitor, mode, patience, minDelta } = readOptions<EarlyStoppingOptions>('EarlyStopping', options, {
      monitor: optional(name, 'validationLoss'),
      mode: optional(oneOf('min', 'max'), 'min'),
      patience: optional(wholeNumberFrom(1), 5),
      minDelta: optional(numberFrom(0), 0),
    });
    if (Object.keys(stateDict(model)).length === 0)
      throw new ValueError(`EarlyStopping: expected a model with parameters, and options after it, got ${quote(model)}`);
    this.#model = model;
    this.monitor = monitor;
    this.mode = mode;
    this.patience = patience;
    this.minDelta = minDelta;
  }

  /** The best number so far; `undefined` before the first. */
  get best(): number | undefined {
    return this.#state.best;
  }

  /** The epoch of the best number, from 0. */
  get bestEpoch(): number | undefined {
    return this.#state.bestEpoch;
  }

  /** All it remembers, to be saved. */
  get state(): StoppingState {
    return this.#state;
  }

  /**
   * Goes on from what it remembered before.
   * @throws ValueError for anything else; StateError for the best state of another model.
   */
  restore(state: StoppingState): void {
    if (!isState(state)) throw new ValueError(`EarlyStopping.restore: expected a state that one gave, got ${quote(state)}`);
    const others = state.weights ? misfits(this.#model, state.weights) : [];
    if (others.length > 0) throw new StateError(`EarlyStopping.restore: the best state is of another model\n  ${others.join('\n  ')}`);
    this.#state = { ...state };
  }

  /**
   * Takes in the numbers of one epoch, and says whether to stop. NaN is never better.
   * @throws ValueError where the number that is watched is not among them.
   */
  done(numbers: Readonly<Record<string, unknown>>): boolean {
    const value = numbers?.[this.monitor];
    if (typeof value !== 'number') {
      const known = Object.keys(numbers ?? {}).filter((key) => typeof numbers[key] === 'number');
      const close = nearest(this.monitor, known);
      throw new ValueError(
        `EarlyStopping: expected a number ${this.monitor} to watch, got ${known.length > 0 ? `only ${known.join(', ')}` : 'none'}; ` +
          (close ? `did you mean { monitor: '${close}' }?` : 'give validation data, or another monitor'),
      );
    }
    const { best, epochs, waited } = this.#state;
    const gain = best === undefined ? Infinity : this.mode === 'min' ? best - value : value - best;
    const isBetter = !Number.isNaN(value) && gain > this.minDelta;
    this.#state = isBetter
      ? { best: value, bestEpoch: epochs, epochs: epochs + 1, waited: 0, weights: stateDict(this.#model) }
      : { ...this.#state, epochs: epochs + 1, waited: waited + 1 };
    return this.#state.waited >= this.patience;
  }

  /** Gives the model the parameters and buffers that it had where the number was best; nothing where there was none. */
  restoreBest(): void {
    if (this.#state.weights) loadStateDict(this.#model, this.#state.weights);
  }
}

function isState(x: unknown): x is StoppingState {
  if (!isPlainObject(x)) return false;
  const { best, bestEpoch, epochs, waited, weights } = x;
  const isCount = wholeNumberFrom(0).holds;
  const isBest = weights === undefined ? best === undefined && bestEpoch === undefined : typeof best === 'number' && isCount(bestEpoch);
  return isBest && isCount(epochs) && isCount(waited) && (weights === undefined || isPlainObject(weights));
}

const name: Requirement = { words: 'a name', holds: (x) => typeof x === 'string' && x !== '' };
