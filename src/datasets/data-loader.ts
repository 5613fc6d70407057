import { newData } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import { anything, boolean, optional, quote, readOptions, required, wholeNumberFrom } from '../base/options.ts';
import { Random } from '../base/random.ts';
import { sizeOf } from '../base/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

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

/** Some examples `[rows, …]` and their classes `[rows]`. */
export type Batch = [x: Tensor, y: Tensor<[number]>];

/**
 * The examples of a dataset in batches. Going through it once is an epoch; going through it again is the next, shuffled anew.
 *
 * @example
 * const dataset = new Dataset(Tensor.arange(5).reshape([5, 1]), Tensor.zeros([5], 'int32'));
 * [...new DataLoader(dataset, { batchSize: 2 })].map(([x]) => x.toArray()) // => [[[0], [1]], [[2], [3]], [[4]]]
 */
export class DataLoader implements Iterable<Batch> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly #dataset: Dataset;
  readonly #random: Random;

  /**
   * @throws ValueError for what is no dataset, for options that are not known or out of range, and for a dataset too small for a single
   * batch.
   */
  constructor(dataset: Dataset, options: DataLoaderOptions) {
    const { batchSize, shuffle, seed, dropLast } = readOptions('DataLoader', options, {
      batchSize: required(wholeNumberFrom(1)),
      shuffle: optional(boolean, false),
      seed: optional(anything, 0),
      dropLast: optional(boolean, false),
    });
    if (!(dataset instanceof Dataset))
      throw new ValueError(`DataLoader: expected a dataset, got ${quote(dataset)}; make one with new Dataset(x, y)`);
    if (dataset.size < (dropLast ? batchSize : 1))
      throw new ValueError(`DataLoader: ${dataset.size} examples do not fill one batch of ${batchSize}`);
    this.#dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#random = new Random(seed);
  }

  /** How many batches an epoch has. */
  get length(): number {
    const whole = this.#dataset.size / this.batchSize;
    return this.dropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** One epoch. Its order is drawn when it begins. */
  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const { x, y, size } = this.#dataset;
    const order = this.shuffle ? this.#random.permutation(size) : undefined;
    const last = this.length * this.batchSize;
    for (let start = 0; start < last; start += this.batchSize) {
      const rows = Math.min(this.batchSize, size - start);
      yield [gather(x, order, start, rows), gather(y, order, start, rows)];
    }
  }
}

/** A copy of some rows, in an order or as they lie. */
function gather({ shape, numbers: data, dtype }: Tensor, order: Int32Array | undefined, start: number, rows: number): Tensor {
  const width = sizeOf(shape.slice(1));
  const out = newData(dtype, rows * width);
  for (let row = 0; row < rows; row++) {
    const from = (order ? order[start + row]! : start + row) * width;
    // A few numbers are copied faster one by one than through a view.
    if (width > 16) out.set(data.subarray(from, from + width), row * width);
    else for (let i = 0; i < width; i++) out[row * width + i] = data[from + i]!;
  }
  return new Tensor([rows, ...shape.slice(1)], out);
}
