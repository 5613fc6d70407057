/** Metrics of what comes batch by batch. */

import { ShapeError, ValueError } from '../base/errors.ts';
import { anyNumber, check, insteadOf, numberFrom, quote, type Requirement } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { concat } from '../functions/layout/concat.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

const metricFunction: Requirement = { words: 'a function of predictions and targets', holds: (x) => typeof x === 'function' };

/**
 * The mean of a metric over all examples, batch by batch: each batch counts as much as it has examples, so the last, smaller one counts less. For
 * whatever is a mean over examples, as `accuracy`, `topKAccuracy`, `meanSquaredError`, `logLoss`, `brierScore` and losses are; for others take
 * `Collected`.
 *
 * @example
 * const running = new RunningMean(accuracy);
 * running.update(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 1, 1], 'int32'));
 * running.update(Tensor.of([1], 'int32'), Tensor.of([0], 'int32'));
 * running.value // => 0.75
 */
export class RunningMean {
  readonly #metric: ((predicted: Tensor, targets: Tensor) => number | Tensor) | undefined;
  #total = 0;
  #examples = 0;

  /**
   * @param metric a number or a scalar tensor of predictions and targets. Default none: then numbers are given to `add`
   * @throws ValueError for what is no function.
   */
  constructor(metric?: (predicted: Tensor, targets: Tensor) => number | Tensor) {
    if (metric !== undefined) check('RunningMean', { metric }, metricFunction);
    this.#metric = metric;
  }

  /** Another one of the same metric that has seen nothing. */
  fresh(): RunningMean {
    return sameMean(this.#metric);
  }

  /** The mean so far; NaN before the first example. */
  get value(): number {
    return this.#total / this.#examples;
  }

  /** How many examples there were. */
  get examples(): number {
    return this.#examples;
  }

  /**
   * Takes the predictions and targets of a batch in, and returns the mean so far.
   * @throws ValueError where there is no metric, and for a metric that is no number; whatever the metric throws.
   */
  update(predicted: Tensor, targets: Tensor): number {
    if (!this.#metric) throw new ValueError('RunningMean.update: expected a metric, new RunningMean(accuracy); numbers are taken by add');
    const examples = rowsOf('RunningMean.update', targets);
    const found = this.#metric(predicted, targets);
    return this.add(found instanceof Tensor ? found.item() : found, examples);
  }

  /**
   * Takes in the mean of some examples, and returns the mean so far.
   * @throws ValueError for what are no numbers.
   */
  add(value: number, examples: number = 1): number {
    check('RunningMean.add', { value }, anyNumber);
    check('RunningMean.add', { examples }, numberFrom(0));
    if (examples > 0) this.#total += value * examples;
    this.#examples += examples;
    return this.value;
  }

  /**
   * Takes in what another one has seen.
   * @throws ValueError for what is none.
   */
  merge(other: RunningMean): this {
    refuseOther(other);
    this.#total += other.#total;
    this.#examples += other.#examples;
    return this;
  }
}

/**
 * A metric of all examples, which come batch by batch: predictions and targets are kept, and the metric is asked of all at once. For what is no mean
 * over examples, such as `rocAUC`, `r2Score` and `classificationReport`; in `evaluate` and `fit` by its name: `{ metrics: { auc: new Collected(rocAUC) } }`.
 *
 * @example
 * const all = new Collected(rocAUC);
 * all.update(Tensor.of([0.5, 0.9]), Tensor.of([0, 1], 'int32'));
 * all.update(Tensor.of([0.5, 0.5]), Tensor.of([1, 0], 'int32'));
 * all.value // => 0.75
 */
export class Collected<T> {
  readonly #metric: (predicted: Tensor, targets: Tensor) => T;
  readonly #batches: (readonly [predicted: Tensor, targets: Tensor])[] = [];

  /** @throws ValueError for what is no function. */
  constructor(metric: (predicted: Tensor, targets: Tensor) => T) {
    check('Collected', { metric }, metricFunction);
    this.#metric = metric;
  }

  /** Another one of the same metric that has seen nothing. */
  fresh(): Collected<T> {
    return sameCollected(this.#metric);
  }

  /** How many examples there were. */
  get examples(): number {
    return this.#batches.reduce((count, [, targets]) => count + targets.shape[0]!, 0);
  }

  /**
   * The metric of all examples.
   * @throws ValueError where there are none; whatever the metric throws.
   */
  get value(): T {
    if (this.#batches.length === 0) throw new ValueError('Collected: expected at least one batch; give it to update');
    const all = (part: 0 | 1) => concat(this.#batches.map((batch) => batch[part]));
    return this.#metric(all(0), all(1));
  }

  /**
   * Takes the predictions and targets of a batch in.
   * @throws ShapeError, DtypeError where there is not a prediction for each target.
   */
  update(predicted: Tensor, targets: Tensor): this {
    const rows = rowsOf('Collected.update', targets);
    checkTensor('Collected.update', 'predicted', predicted);
    if (predicted.shape[0] !== rows)
      throw new ShapeError(
        `Collected.update: expected a prediction for each target, got ${formatShape(predicted.shape)} for ${formatShape(targets.shape)}`,
      );
    this.#batches.push([predicted, targets]);
    return this;
  }

  /**
   * Takes in the batches of another one, after its own.
   * @throws ValueError for what is none.
   */
  merge(other: Collected<unknown>): this {
    refuseUncollected(other);
    this.#batches.push(...other.#batches);
    return this;
  }
}

// Outside of the classes: a class that names itself is renamed by bundlers, and consoles would print the other name.
const sameMean = (...metric: ConstructorParameters<typeof RunningMean>): RunningMean => new RunningMean(...metric);

const sameCollected = <T>(metric: (predicted: Tensor, targets: Tensor) => T): Collected<T> => new Collected(metric);

function refuseOther(other: unknown): void {
  if (!(other instanceof RunningMean))
    throw new ValueError(`RunningMean.merge: expected a RunningMean, got ${insteadOf(RunningMean, other)}`);
}

function refuseUncollected(other: unknown): void {
  if (!(other instanceof Collected)) throw new ValueError(`Collected.merge: expected a Collected, got ${quote(other)}`);
}

function rowsOf(where: string, targets: Tensor): number {
  checkTensor(where, 'targets', targets);
  const [rows] = targets.shape;
  if (rows === undefined) throw new ShapeError(`${where}: expected targets with a row for each example, got []`);
  return rows;
}
