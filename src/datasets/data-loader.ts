import { ValueError } from '../base/errors.ts';
import { boolean, check, insteadOf, optional, readOptions, required, wholeNumberFrom } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { copyRows, mapColumns } from './columns.ts';
import { Dataset, type Examples, partsOf, type RowsOfEach } from './dataset.ts';

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
}

/** The rows of some examples and of their targets: `[x, y]` for `x : [rows, …]` and `y : [rows, …]`, or `[x]` without targets. */
export type Batch<E extends Examples = [Tensor, Tensor<[number]>]> = RowsOfEach<E>;

/**
 * The examples of a dataset in batches. Going through it once is an epoch; going through it again is the next, shuffled anew.
 *
 * @example
 * const dataset = new Dataset(Tensor.arange(5).reshape([5, 1]), Tensor.zeros([5], 'int32'));
 * [...new DataLoader(dataset, { batchSize: 2 })].map(([x]) => x.toArray()) // => [[[0], [1]], [[2], [3]], [[4]]]
 */
export class DataLoader<E extends Examples = [Tensor, Tensor<[number]>]> implements Iterable<Batch<E>> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly seed: number;
  readonly #dataset: Dataset<E>;
  /** The epoch that a loop goes through next. */
  #next = 0;
  /** The generator of the orders, and how many it has drawn. */
  #random: Random;
  #drawn = 0;

  /**
   * @throws ValueError for what is no dataset, for options that are not known or out of range, and for a dataset too small for a single
   * batch.
   */
  constructor(dataset: Dataset<E>, options: DataLoaderOptions) {
    const { batchSize, shuffle, seed, dropLast } = readOptions('DataLoader', options, {
      batchSize: required(wholeNumberFrom(1)),
      shuffle: optional(boolean, false),
      seed: optional(seedOption, 0),
      dropLast: optional(boolean, false),
    });
    if (!(dataset instanceof Dataset))
      throw new ValueError(`DataLoader: expected a dataset, got ${insteadOf(Dataset, dataset)}; make one with new Dataset(x, y)`);
    if (dataset.size < (dropLast ? batchSize : 1))
      throw new ValueError(`DataLoader: ${dataset.size} examples do not fill one batch of ${batchSize}`);
    this.#dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.seed = seed;
    this.#random = new Random(seed);
  }

  /** How many batches an epoch has. */
  get length(): number {
    const whole = this.#dataset.size / this.batchSize;
    return this.dropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** The next epoch. Its order is drawn when it begins. */
  *[Symbol.iterator](): Generator<Batch<E>, void, undefined> {
    yield* this.epoch(this.#next++);
  }

  /**
   * One epoch by its number, from 0: the batches that the loop of that number goes through, whatever loops there were before. The order
   * follows from the seed and the number alone, so a training can be taken up again in a later epoch. Loops are not counted further by it.
   * @throws ValueError for what is no whole number from 0.
   * @example
   * const loader = new DataLoader(new Dataset(Tensor.arange(4)), { batchSize: 4, shuffle: true });
   * const orders = [0, 1].map(() => [...loader].map(([x]) => x.toArray()));
   * [...loader.epoch(1)].map(([x]) => x.toArray()) // => orders[1]
   */
  epoch(number: number): Generator<Batch<E>, void, undefined> {
    check('DataLoader.epoch', { number }, wholeNumberFrom(0));
    return this.#batches(number);
  }

  *#batches(epoch: number): Generator<Batch<E>, void, undefined> {
    const order = this.shuffle ? this.#order(epoch) : undefined;
    const parts = partsOf(this.#dataset);
    const last = this.length * this.batchSize;
    for (let start = 0; start < last; start += this.batchSize) {
      const rows = Math.min(this.batchSize, this.#dataset.size - start);
      yield parts.map((columns) => mapColumns(columns, (tensor) => copyRows(tensor, order, start, rows))) as unknown as Batch<E>;
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
