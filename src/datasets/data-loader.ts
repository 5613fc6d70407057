import { ValueError } from '../base/errors.ts';
import {
  boolean,
  check,
  insteadOf,
  optional,
  type Requirement,
  readOptions,
  required,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Dataset, type Examples, type RowsOfEach } from './dataset.ts';

/** So many examples, of which those at any places can be had as a batch: a `Dataset`, or what `examples`, `subset` and `transformed` make. */
export interface Indexed<B> {
  /** How many examples there are. */
  readonly size: number;
  /** The examples at some places, as one batch, or a promise of it. */
  rows(places: ArrayLike<number>): B;
}

/** Which examples an epoch goes through, and in what order: what `weightedSampler` and `stratifiedSampler` make. */
export interface Sampler {
  /** How many places an epoch has. */
  readonly size: number;
  /** The places of one epoch, by its number from 0: the same ones whenever they are asked for. */
  order(epoch: number): ArrayLike<number>;
}

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** How many examples a batch has. */
  readonly batchSize: number;
  /** Whether the examples come in another order each epoch. Default false. */
  readonly shuffle?: boolean;
  /** The seed of the orders: the same orders for the same seed. Default 0. */
  readonly seed?: number;
  /** Whether to leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
  /** What chooses the examples of an epoch, in the place of `shuffle`. Default all in their order. */
  readonly sampler?: Sampler | undefined;
}

/** The rows of some examples and of their targets: `[x, y]` for `x : [rows, …]` and `y : [rows, …]`, or `[x]` without targets. */
export type Batch<E extends Examples = [Tensor, Tensor<[number]>]> = RowsOfEach<E>;

const sampler: Requirement = {
  words: 'a sampler',
  holds: (x) => typeof (x as Sampler | null)?.order === 'function' && Number.isInteger((x as Sampler).size),
};

/**
 * The examples of a dataset in batches. Going through it once is an epoch; going through it again is the next, shuffled anew.
 *
 * A dataset is a `Dataset`, or what `examples`, `subset` or `transformed` make of other things. Where examples come as promises, batches are
 * promises: `for await (const batch of loader)`, or of `prefetch(loader, 2)`, which asks for batches ahead of the loop.
 *
 * @example
 * const dataset = new Dataset(Tensor.arange(5).reshape([5, 1]), Tensor.zeros([5], 'int32'));
 * [...new DataLoader(dataset, { batchSize: 2 })].map(([x]) => x.toArray()) // => [[[0], [1]], [[2], [3]], [[4]]]
 */
export class DataLoader<B = Batch> implements Iterable<B> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly seed: number;
  /** How many batches an epoch has. */
  readonly length: number;
  /** How many examples an epoch has. */
  readonly #size: number;
  readonly #dataset: Indexed<B>;
  readonly #sampler: Sampler | undefined;
  /** The epoch that a loop goes through next. */
  #next = 0;
  /** The generator of the orders, and how many it has drawn. */
  #random: Random;
  #drawn = 0;

  /**
   * @throws ValueError for what is no dataset, for options that are not known or out of range, and for a dataset too small for a single
   * batch.
   */
  constructor(dataset: Indexed<B>, options: DataLoaderOptions) {
    const read = readOptions('DataLoader', options, {
      batchSize: required(wholeNumberFrom(1)),
      shuffle: optional(boolean, false),
      seed: optional(seedOption, 0),
      dropLast: optional(boolean, false),
      sampler: withoutDefault(sampler),
    });
    if (typeof dataset?.rows !== 'function')
      throw new ValueError(
        `DataLoader: expected a dataset, got ${insteadOf(Dataset, dataset)}; make one with new Dataset(x, y), or of a list with examples(list)`,
      );
    this.#dataset = dataset;
    this.batchSize = read.batchSize;
    this.shuffle = read.shuffle;
    this.dropLast = read.dropLast;
    this.seed = read.seed;
    this.#sampler = read.sampler;
    this.#random = new Random(read.seed);
    if (this.shuffle && this.#sampler) throw new ValueError('DataLoader: expected shuffle or a sampler, got both');
    const { size } = this.#sampler ?? dataset;
    this.#size = size;
    this.length = Math[this.dropLast ? 'floor' : 'ceil'](size / this.batchSize);
    if (!(this.length > 0)) throw new ValueError(`DataLoader: ${size} examples do not fill one batch of ${this.batchSize}`);
  }

  /** The next epoch. Its order is drawn when it begins. */
  *[Symbol.iterator](): Generator<B, void, undefined> {
    yield* this.epoch(this.#next++);
  }

  /**
   * One epoch by its number, from 0: the batches that the loop of that number goes through, whatever loops there were before. The order
   * follows from the seed and the number alone, so a training can be taken up again in a later epoch, or within one. Loops are not counted
   * further by it.
   * @param first the batch to begin with. Default 0
   * @throws ValueError for what is no whole number from 0.
   * @example
   * const loader = new DataLoader(new Dataset(Tensor.arange(4)), { batchSize: 1, shuffle: true });
   * const orders = [0, 1].map(() => [...loader].map(([x]) => x.toArray()));
   * [...loader.epoch(1, 2)].map(([x]) => x.toArray()) // => orders[1]?.slice(2)
   */
  epoch(number: number, first: number = 0): Generator<B, void, undefined> {
    check('DataLoader.epoch', { number, first }, wholeNumberFrom(0));
    return this.#batches(number, first);
  }

  *#batches(epoch: number, first: number): Generator<B, void, undefined> {
    const order = this.#sampler?.order(epoch) ?? (this.shuffle ? this.#order(epoch) : undefined);
    // Places that are not there would be read as 0.
    if (order && order.length !== this.#size)
      throw new ValueError(`DataLoader: expected ${this.#size} places of the sampler, got ${order.length}`);
    const last = this.length * this.batchSize;
    for (let start = first * this.batchSize; start < last; start += this.batchSize) {
      const length = Math.min(this.batchSize, this.#size - start);
      yield this.#dataset.rows(Array.from({ length }, (_, i) => (order ? order[start + i]! : start + i)));
    }
  }

  /** The order of an epoch: the generator draws one after another, so those before are drawn too. */
  #order(epoch: number): Int32Array {
    if (epoch < this.#drawn) {
      this.#random = new Random(this.seed);
      this.#drawn = 0;
    }
    for (; this.#drawn < epoch; this.#drawn++) this.#random.permutation(this.#dataset.size);
    this.#drawn++;
    return this.#random.permutation(this.#dataset.size);
  }
}
