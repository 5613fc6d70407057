import { boolean, check, oneOf, optional, type Requirement, readOptions, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import type { Dataset } from './dataset.ts';
import { checkSize, datasetOf, type ShuffledOptions } from './points.ts';

/** Options of `blobs`. */
export interface BlobsOptions extends Omit<ShuffledOptions, 'noise'> {
  /** How many centres there are, at random, or where they are. Default 3. */
  readonly centers?: number | readonly (readonly number[])[];
  /** How many coordinates a point has; those of the centres, if these are given. Default 2. */
  readonly features?: number | undefined;
  /** The standard deviation of the points of all blobs, or of each. Default 1. */
  readonly standardDeviation?: number | readonly number[];
  /** The least and largest coordinates of centres at random. Default [−10, 10]. */
  readonly box?: readonly [number, number];
}

const centerList: Requirement = {
  words: 'a number of centres from 1, or a list of centres of equally many coordinates',
  holds: (x) =>
    (Number.isInteger(x) && (x as number) >= 1) ||
    (Array.isArray(x) &&
      x.length > 0 &&
      x.every((center) => Array.isArray(center) && center.length > 0 && center.length === x[0].length && center.every(Number.isFinite))),
};
const isDeviation = (x: unknown): boolean => Number.isFinite(x) && (x as number) >= 0;
const deviations: Requirement = {
  words: 'a finite number from 0, or a list of one for each centre',
  holds: (x) => isDeviation(x) || (Array.isArray(x) && x.every(isDeviation)),
};
const range: Requirement = {
  words: 'two finite numbers, the smaller one first',
  holds: (x) => Array.isArray(x) && x.length === 2 && x.every(Number.isFinite) && x[0] <= x[1],
};

/**
 * Normally distributed points around some centres: scikit-learn's `make_blobs`.
 *
 * @param size how many points there are, `x : [size, features]`, `y : [size]`. Default 100
 * @param options `centers`, how many or where, default 3; `features`, default 2; `standardDeviation`, default 1; `box` of the centres, default
 *   [−10, 10]; `shuffle`, default true; `seed`, default 0, scikit-learn's `random_state`; `dtype`, default float32
 * @throws ValueError for a size that is none, for options that are not known or out of range, and for lists of different lengths
 * @example blobs(4, { centers: [[0, 0], [5, 5]], standardDeviation: 0, shuffle: false }).x.toArray() // => [[0, 0], [0, 0], [5, 5], [5, 5]]
 */
export function blobs(size: number = 100, options?: BlobsOptions): Dataset {
  const { seed, centers, features, standardDeviation, box, ...read } = readOptions<BlobsOptions>('blobs', options, {
    centers: optional(centerList, 3),
    features: withoutDefault(wholeNumberFrom(1)),
    standardDeviation: optional(deviations, 1),
    box: optional(range, [-10, 10]),
    shuffle: optional(boolean, true),
    seed: optional(seedOption, 0),
    dtype: optional(oneOf('float32', 'float64'), 'float32'),
  });
  const random = new Random(seed);
  const given = typeof centers === 'number' ? undefined : centers;
  const width = features ?? (given ? given[0]!.length : 2);
  checkSize('blobs', size, width);
  if (given) check('blobs', { features: width }, { words: `${given[0]!.length}, as centres have`, holds: (x) => x === given[0]!.length });
  const places =
    given ?? Array.from({ length: centers as number }, () => Array.from({ length: width }, () => random.uniform(box[0], box[1])));
  const spread = typeof standardDeviation === 'number' ? places.map(() => standardDeviation) : standardDeviation;
  check('blobs', { standardDeviation: spread }, { words: `a list of ${places.length}, as many as centres`, holds: () => spread.length === places.length }); // biome-ignore format: one line
  const classes = places.map((center, label) => {
    const count = Math.floor(size / places.length) + Number(label < size % places.length);
    return Float64Array.from({ length: count * width }, (_, i) => random.normal(center[i % width], spread[label]));
  });
  return datasetOf(classes, random, { ...read, noise: 0 }, width);
}
