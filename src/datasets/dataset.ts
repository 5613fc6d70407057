import { ShapeError, ValueError } from '../base/errors.ts';
import { boolean, check, optional, quote, type Requirement, readOptions } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Columns, copyRows, mapColumns, namedColumns, type Rows, rowsIn, sliceRows } from './columns.ts';

/** What a dataset is made of: examples, and targets unless there are none. */
export type Examples = readonly [x: Columns, y?: Columns];

/** Some rows of each part of a dataset: `[x, y]`, or `[x]` without targets. */
export type RowsOfEach<E extends Examples> = Extract<{ -readonly [Part in keyof E]: Rows<E[Part]> }, Examples>;

/** As many datasets as there are sizes: with sizes that are written out, each has its place in the type. */
export type EachPart<P extends readonly number[], D> = { -readonly [Part in keyof P]: D };

/** Options of `Dataset.split`. */
export interface SplitOptions {
  /** Whether the examples are shuffled first. Default false: the first examples are the first part. */
  readonly shuffle?: boolean;
  /** The seed of the order: the same parts for the same seed. Default 0. */
  readonly seed?: number;
}

/**
 * Examples `x` and their targets `y`: row `i` of the one belongs to row `i` of the other.
 *
 * Targets are classes `[size]` in int32, from 0, or numbers of any shape `[size, …]`, or left out. Both examples and targets may be several
 * tensors, in a list or by name; batches then come in the same form.
 *
 * @example new Dataset(Tensor.zeros([5, 2]), Tensor.of([0, 1, 1, 0, 1], 'int32')).size // => 5
 * new Dataset({ image: Tensor.zeros([5, 28, 28]), age: Tensor.zeros([5]) }, Tensor.zeros([5, 1])).x.image.shape // => [5, 28, 28]
 */
export class Dataset<E extends Examples = [Tensor, Tensor<[number]>]> {
  /** The examples, `[size, …]`. */
  readonly x: E[0];
  /** Their targets, `[size, …]`; undefined where there are none. */
  readonly y: E extends readonly [Columns, infer Y] ? Y : undefined;
  /** How many examples there are. */
  readonly size: number;

  /**
   * @throws DtypeError for what is no tensor and holds none; ShapeError where there is not one target for each example; ValueError for
   * classes below 0.
   */
  constructor(...examples: E) {
    const [x, y] = examples;
    if (examples.length > 2)
      throw new ValueError(`Dataset: expected x and y, got ${examples.length} arguments; put several tensors in a list: [a, b]`);
    const inputs = namedColumns('Dataset', 'x', x);
    const targets = examples.length === 2 ? namedColumns('Dataset', 'y', y) : [];
    this.size = rowsIn('Dataset', [...inputs, ...targets]);
    for (const [name, tensor] of targets) refuseNegativeClasses(name, tensor);
    // Lists and objects are copied, since the caller may change them later.
    [this.x, this.y] = examples.map((columns) => mapColumns(columns!, (tensor) => tensor)) as unknown as [this['x'], this['y']];
  }

  /**
   * The examples from `start` up to but without `end`; negative places count from the end. The memory is shared, not copied.
   * @throws ShapeError for places that are no whole numbers.
   * @example new Dataset(Tensor.zeros([5, 2]), Tensor.zeros([5], 'int32')).slice(-2).size // => 2
   */
  slice(start: number, end: number = this.size): Dataset<RowsOfEach<E>> {
    if (![start, end].every(Number.isInteger))
      throw new ShapeError(`Dataset: expected whole numbers to slice by, got ${quote(start)} and ${quote(end)}`);
    const [from, to] = [start, end].map((place) => Math.min(Math.max(place < 0 ? place + this.size : place, 0), this.size)) as [
      number,
      number,
    ];
    return mapped(this, (tensor) => sliceRows(tensor, from, Math.max(from, to)));
  }

  /**
   * A copy of the examples at some places, in that order: `[x, y]`, or `[x]` without targets.
   * @throws ValueError for places that are not those of examples.
   * @example new Dataset(Tensor.arange(5), Tensor.zeros([5], 'int32')).rows([3, 1])[0].toArray() // => [3, 1]
   */
  rows(places: ArrayLike<number>): RowsOfEach<E> {
    check('Dataset.rows', { places }, placesBelow(this.size));
    return partsOf(this).map((columns) => mapColumns(columns, (tensor) => copyRows(tensor, places))) as unknown as RowsOfEach<E>;
  }

  /**
   * The examples in parts of given sizes, which add up to the size of the dataset.
   *
   * In their order, the parts share the memory of the dataset; shuffled, they share that of one copy.
   * @throws ValueError for sizes that do not add up, and for options that are not known.
   * @example
   * const dataset = new Dataset(Tensor.arange(5), Tensor.zeros([5], 'int32'));
   * dataset.split([3, 2]).map(({ x }) => x.toArray()) // => [[0, 1, 2], [3, 4]]
   */
  split<const P extends readonly number[]>(sizes: P, options: SplitOptions = {}): EachPart<P, Dataset<RowsOfEach<E>>> {
    const { shuffle, seed } = readOptions<SplitOptions>('Dataset.split', options, {
      shuffle: optional(boolean, false),
      seed: optional(seedOption, 0),
    });
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size >= 0) || sum(sizes) !== this.size)
      throw new ValueError(`Dataset.split: expected a list of sizes that add up to ${this.size}, got ${quote(sizes)}`);
    const order = shuffle ? new Random(seed).permutation(this.size) : undefined;
    // Rows of rows are rows of the same form.
    const all = (order ? of(this.rows(order)) : this) as Dataset<E>;
    return sizes.map((size, part) => {
      const start = sum(sizes.slice(0, part));
      return mapped(all, (tensor) => sliceRows(tensor, start, start + size));
    }) as EachPart<P, Dataset<RowsOfEach<E>>>;
  }
}

/** Places that are those of examples. */
export const placesBelow = (size: number): Requirement => ({
  words: `a list of whole numbers from 0 to below ${size}`,
  holds: (x) =>
    Number.isInteger((x as ArrayLike<unknown> | null)?.length) &&
    Array.from(x as ArrayLike<number>).every((place) => Number.isInteger(place) && place >= 0 && place < size),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The parts of a dataset, as its constructor takes them. */
export const partsOf = ({ x, y }: Dataset<Examples>): Columns[] => (y === undefined ? [x] : [x, y]);

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const of = <E extends Examples>(examples: E): Dataset<E> => new Dataset(...examples);

const mapped = <E extends Examples>(dataset: Dataset<E>, f: (tensor: Tensor) => Tensor): Dataset<RowsOfEach<E>> =>
  of(partsOf(dataset).map((columns) => mapColumns(columns, f)) as unknown as RowsOfEach<E>);

/** Refuses numbers below 0 in a list of whole numbers, which are classes. */
function refuseNegativeClasses(name: string, { dtype, rank, numbers: data }: Tensor): void {
  if (dtype !== 'int32' || rank !== 1) return;
  const place = data.findIndex((label) => label < 0);
  if (place >= 0)
    throw new ValueError(
      `Dataset: expected classes from 0 in ${name}, got ${data[place]} at place ${place}; numbers that are no classes are floats: cast('float32')`,
    );
}
