/** Parts of datasets: at random, and in folds. */

import { ValueError } from '../base/errors.ts';
import { anything, boolean, check, optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Indexed } from './data-loader.ts';
import type { Dataset, EachPart, Examples } from './dataset.ts';
import { checkIndexed, subset } from './examples.ts';
import { classesOf, placesByClass, spread } from './samplers.ts';

/** Options of `randomSplit`. */
export interface RandomSplitOptions {
  /** The seed of the order: the same parts for the same seed. Default 0. */
  readonly seed?: number;
  /** The class of each example, `[examples]` in int32, of which each part has the same shares. Default none. */
  readonly stratify?: Tensor | undefined;
}

/** Options of `kFold`. */
export interface KFoldOptions {
  /** How many folds there are. Default 5. */
  readonly folds?: number;
  /** Whether the examples are shuffled first. Default false. */
  readonly shuffle?: boolean;
  /** The seed of the order. Default 0. */
  readonly seed?: number;
  /** The class of each example, `[examples]` in int32, of which each fold has the same shares. Default none. */
  readonly stratify?: Tensor | undefined;
}

/** One of the ways to divide a dataset in two. */
export interface Fold<D> {
  /** All examples of the other folds, in their order. */
  readonly train: D;
  /** The examples of this fold, in their order. */
  readonly validation: D;
}

const partList: Requirement = {
  words: 'a list of sizes, or of fractions that add up to 1',
  holds: (x) => Array.isArray(x) && x.length > 0 && x.every((part) => Number.isFinite(part) && part >= 0),
};

/**
 * A dataset in parts at random, of given sizes or fractions. What fractions leave over when they are rounded down goes to the first parts, as
 * with PyTorch's `random_split`.
 *
 * @param parts sizes that add up to the number of examples, or fractions that add up to 1
 * @param options `seed`, default 0; `stratify`, the classes whose shares each part keeps
 * @throws ValueError for parts that do not add up, for what is no dataset, and for options that are not known; DtypeError for `stratify`.
 * @example
 * const [train, validation] = randomSplit(new Dataset(Tensor.arange(10)), [0.8, 0.2]);
 * [train.size, validation.size] // => [8, 2]
 */
export function randomSplit<E extends Examples, const P extends readonly number[]>(
  dataset: Dataset<E>,
  parts: P,
  options?: RandomSplitOptions,
): EachPart<P, Dataset<E>>;
export function randomSplit<B, const P extends readonly number[]>(
  dataset: Indexed<B>,
  parts: P,
  options?: RandomSplitOptions,
): EachPart<P, Indexed<B>>;
export function randomSplit(dataset: Indexed<unknown>, parts: readonly number[], options?: RandomSplitOptions): Indexed<unknown>[] {
  const name = 'randomSplit';
  checkIndexed(name, dataset);
  check(name, { parts }, partList);
  const { seed, stratify } = readOptions<RandomSplitOptions>(name, options, {
    seed: optional(seedOption, 0),
    stratify: withoutDefault(anything),
  });
  const sizes = sizesOf(parts, dataset.size);
  const random = new Random(seed);
  const order =
    stratify === undefined ? random.permutation(dataset.size) : spread(classesOf(name, 'stratify', stratify, dataset.size), random);
  let end = 0;
  return sizes.map((size) => subset(dataset, order.subarray(end, (end += size))));
}

/** How many examples each part has. */
function sizesOf(parts: readonly number[], size: number): number[] {
  const total = parts.reduce((a, b) => a + b, 0);
  if (total === size && parts.every(Number.isInteger)) return [...parts];
  if (!(Math.abs(total - 1) < 1e-9))
    throw new ValueError(`randomSplit: expected sizes that add up to ${size}, or fractions that add up to 1, got a sum of ${total}`);
  // A product that is a whole number but for rounding is that number.
  const sizes = parts.map((part) => Math.floor(part * size * (1 + 1e-12)));
  const rest = size - sizes.reduce((a, b) => a + b, 0);
  return sizes.map((part, i) => part + Math.floor(rest / sizes.length) + Number(i < rest % sizes.length));
}

const foldCount: Requirement = { words: 'a whole number from 2', holds: (x) => Number.isInteger(x) && (x as number) >= 2 };

/**
 * The ways to train on all folds of a dataset but one, and to validate on that one: cross-validation. Folds are those of scikit-learn's `KFold`
 * and `StratifiedKFold`, also shuffled: the seed is its `random_state`.
 *
 * @param options `folds`, default 5; `shuffle`, default false; `seed`, default 0; `stratify`, the classes whose shares each fold keeps
 * @throws ValueError for more folds than examples, or than every class has, for what is no dataset, and for options that are not known.
 * @example
 * const folds = kFold(new Dataset(Tensor.arange(4)), { folds: 2 });
 * folds.map(({ train, validation }) => [train.x.toArray(), validation.x.toArray()]) // => [[[2, 3], [0, 1]], [[0, 1], [2, 3]]]
 */
export function kFold<E extends Examples>(dataset: Dataset<E>, options?: KFoldOptions): Fold<Dataset<E>>[];
export function kFold<B>(dataset: Indexed<B>, options?: KFoldOptions): Fold<Indexed<B>>[];
export function kFold(dataset: Indexed<unknown>, options?: KFoldOptions): Fold<Indexed<unknown>>[] {
  checkIndexed('kFold', dataset);
  const { folds, shuffle, seed, stratify } = readOptions<KFoldOptions>('kFold', options, {
    folds: optional(foldCount, 5),
    shuffle: optional(boolean, false),
    seed: optional(seedOption, 0),
    stratify: withoutDefault(anything),
  });
  if (folds > dataset.size) throw new ValueError(`kFold: expected at most ${dataset.size} folds, one for each example, got ${folds}`);
  const random = shuffle ? new Random(seed) : undefined;
  const foldOf =
    stratify === undefined
      ? plainFolds(dataset.size, folds, random)
      : stratifiedFolds(classesOf('kFold', 'stratify', stratify, dataset.size), folds, random);
  const places = (holds: (fold: number) => boolean) => Int32Array.from(foldOf.keys()).filter((place) => holds(foldOf[place]!));
  return Array.from({ length: folds }, (_, i) => ({
    train: subset(dataset, places((fold) => fold !== i)),
    validation: subset(dataset, places((fold) => fold === i)),
  })); // biome-ignore format: one line each
}

/** The fold of each example: the first folds have one more where the sizes do not divide. */
function plainFolds(size: number, folds: number, random: Random | undefined): Int32Array {
  const order = random?.permutation(size);
  const foldOf = new Int32Array(size);
  const [each, rest] = [Math.floor(size / folds), size % folds];
  for (let fold = 0, place = 0; fold < folds; fold++)
    for (const end = place + each + Number(fold < rest); place < end; place++) foldOf[order ? order[place]! : place] = fold;
  return foldOf;
}

/** The fold of each example: the examples of each class go to the folds as if all classes stood one after another and folds took turns. */
function stratifiedFolds(labels: Int32Array, folds: number, random: Random | undefined): Int32Array {
  const classes = placesByClass(labels);
  const most = classes.reduce((most, places) => Math.max(most, places.length), 0);
  if (folds > most) throw new ValueError(`kFold: expected at most ${most} folds, as many as the largest class has examples, got ${folds}`);
  const foldOf = new Int32Array(labels.length);
  let before = 0;
  for (const places of classes) {
    const counts = new Int32Array(folds);
    places.forEach((_, i) => counts[(before + i) % folds]!++);
    before += places.length;
    const inTurn = [...counts].flatMap((count, fold) => Array<number>(count).fill(fold));
    const order = random?.permutation(inTurn.length);
    places.forEach((place, i) => {
      foldOf[place] = inTurn[order ? order[i]! : i]!;
    });
  }
  return foldOf;
}
