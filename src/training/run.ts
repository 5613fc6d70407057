import { ValueError } from '../base/errors.ts';
import { insteadOf, isPlainObject, quote, refuseUnknown } from '../base/options.ts';
import { Random } from '../base/random.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';

/** A loss as a sum, and over how many it is: examples, or tokens that count. */
export interface SummedLoss {
  readonly sum: Tensor;
  readonly count: number;
}

/** What batches come from: anything that can be gone through once an epoch. A `DataLoader` is asked for each epoch by its number. */
export type Batches<Batch> =
  | Iterable<Batch>
  | AsyncIterable<Batch>
  | { epoch(number: number): Iterable<Batch> | AsyncIterable<Batch>; readonly length?: number };

/** What a training consists of. */
export interface RunParts<Batch, Kept = any> {
  /** What is trained. Errors name its layers. */
  readonly model: object;
  readonly optimizer: Optimizer<any, any>;
  readonly data: Batches<Batch>;
  /** The mean loss of the examples of a batch; or `{ sum, count }`, where not every example counts the same, as with tokens. */
  readonly loss: (batch: Batch) => Tensor | SummedLoss;
  /** The generator of masks and noise. Default the default generator. */
  readonly random?: Random | undefined;
  /**
   * What else belongs to the training and is saved with it, by name: things with `state` and `restore`, such as `EarlyStopping`, `ReduceOnPlateau`, a
   * generator or another optimizer; and plain data, such as a history, or a tensor that is carried on from batch to batch. Default nothing.
   */
  readonly keep?: Kept;
}

/**
 * A training, and how far it has come: what `train` goes on with.
 *
 * @example
 * const w = new Parameter(Tensor.of([0]));
 * const run = new Run({ model: { w }, optimizer: new SGD({ w }, { learningRate: 0.1 }), data: [Tensor.of([[1]]), Tensor.of([[3]])], loss: (x) => w.sub(x).pow(2).mean() });
 * for await (const { step } of train(run, { epochs: 2 })) if (step === 2) break;
 * [run.epoch, run.batch, run.steps] // => [1, 1, 3]
 */
export class Run<Batch = any, Kept = any> implements RunParts<Batch, Kept> {
  readonly model: object;
  readonly optimizer: Optimizer<any, any>;
  readonly data: Batches<Batch>;
  readonly loss: (batch: Batch) => Tensor | SummedLoss;
  readonly random: Random | undefined;
  /** What else belongs to the training, by name: the object that it was made with. What it holds may be replaced between steps. */
  readonly keep: Kept;
  /** The epoch that is gone through, from 0. */
  epoch = 0;
  /** How many batches of it have been trained on. */
  batch = 0;
  /** How many steps were made. */
  steps = 0;
  /** How many examples of the epoch have been trained on. */
  examples = 0;
  /** The sum of their losses. */
  total = 0;

  /** @throws ValueError for parts that are missing, that are not known, or that are none. */
  constructor(parts: RunParts<Batch, Kept>) {
    refuseUnknown('Run', isPlainObject(parts) ? parts : null, ['model', 'optimizer', 'data', 'loss', 'random', 'keep']);
    const { model, optimizer, data, loss, random, keep } = parts;
    const wrong = (what: string, words: string, got: unknown) => new ValueError(`Run: expected ${what} to be ${words}, got ${quote(got)}`);
    if (typeof model !== 'object' || model === null) throw wrong('model', 'an object that has parameters', model);
    if (!(optimizer instanceof Optimizer)) throw wrong('optimizer', 'an optimizer of the model, such as new Adam(model)', optimizer);
    if (!isBatches(data))
      throw wrong('data', 'batches: new DataLoader(dataset), or anything that can be looped over, such as an array of batches', data);
    checkLossOf('Run', 'loss', loss);
    if (random !== undefined && !(random instanceof Random)) throw wrong('random', 'a generator, new Random(seed)', random);
    if (keep !== undefined && !isPlainObject(keep)) throw wrong('keep', 'an object of what belongs to the training, by name', keep);
    this.model = model;
    this.optimizer = optimizer;
    this.data = data;
    this.loss = loss;
    this.random = random;
    this.keep = (keep ?? {}) as Kept;
  }
}

/** Refuses what is no run. */
export function checkRun(where: string, run: unknown): void {
  if (!(run instanceof Run))
    throw new ValueError(`${where}: expected a run, new Run({ model, optimizer, data, loss }), got ${insteadOf(Run, run)}`);
}

/** Refuses what is no function of a whole batch, such as a loss of predictions and targets. */
export function checkLossOf(where: string, name: string, lossOf: unknown): void {
  if (typeof lossOf === 'function' && lossOf.length < 2) return;
  const got = typeof lossOf === 'function' ? `one of ${lossOf.length} arguments` : quote(lossOf);
  throw new ValueError(
    `${where}: expected ${name} to be a function of a batch, such as ([x, y]) => mseLoss(model.forward(x), y), got ${got}`,
  );
}

/** Whether something can be gone through once an epoch. */
export function isBatches(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || data instanceof Tensor) return false;
  return Symbol.iterator in data || Symbol.asyncIterator in data || typeof (data as { epoch?: unknown }).epoch === 'function';
}

/** The batches of an epoch. */
export const batchesOf = <Batch>(data: Batches<Batch>, epoch: number): Iterable<Batch> | AsyncIterable<Batch> =>
  'epoch' in data ? data.epoch(epoch) : data;

/** How many batches an epoch has, where that is known beforehand. */
export function lengthOf(data: Batches<unknown>): number | undefined {
  const { length } = data as { readonly length?: unknown };
  return Number.isInteger(length) ? (length as number) : undefined;
}

/**
 * How many examples a batch has: the size of the first axis of its first tensor.
 * @throws ValueError for a batch without tensors.
 */
export function examplesIn(where: string, batch: unknown): number {
  for (const [, found] of tensorsOf(batch)) if (found instanceof Tensor) return found.sizes[0] ?? 1;
  throw new ValueError(`${where}: expected batches of tensors, such as [x, y], got ${quote(batch)}`);
}
