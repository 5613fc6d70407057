/** Orders in which an epoch goes through examples. Each follows from the seed and the number of the epoch alone. */

import { DtypeError, ValueError } from '../base/errors.ts';
import { exactLog } from '../base/exact-log.ts';
import { boolean, check, optional, quote, type Requirement, readOptions, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import type { Sampler } from './data-loader.ts';

/** Options of `weightedSampler`. */
export interface WeightedSamplerOptions {
  /** How many examples an epoch has. Default as many as there are weights. */
  readonly count?: number | undefined;
  /** Whether an example may come more than once in an epoch. Default true. */
  readonly replacement?: boolean;
  /** The seed of the orders. Default 0. */
  readonly seed?: number;
}

/** Options of `stratifiedSampler`. */
export interface StratifiedSamplerOptions {
  /** The seed of the orders. Default 0. */
  readonly seed?: number;
}

const weightList: Requirement = {
  words: 'a list or tensor of finite numbers from 0, not all 0',
  holds: (x) => {
    const weights = x as ArrayLike<number>;
    return (
      (Array.isArray(x) || ArrayBuffer.isView(x)) &&
      Array.from(weights).every((weight) => Number.isFinite(weight) && weight >= 0) &&
      Array.from(weights).some((weight) => weight > 0)
    );
  },
};

/** A generator that follows from a seed and the number of an epoch: both are mixed, so that neighbours have nothing in common. */
function generatorFor(seed: number, epoch: number): Random {
  let mixed = (seed ^ Math.imul(epoch + 1, 0x9e3779b1)) >>> 0;
  // The finalizer of MurmurHash3 (Appleby): every bit of the input changes each bit of the output in half of all cases.
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return new Random((mixed ^ (mixed >>> 16)) >>> 0);
}

/** A sampler that draws each epoch anew. */
const drawing = (where: string, size: number, seed: number, draw: (random: Random) => Int32Array): Sampler => ({
  size,
  order(epoch) {
    check(`${where}.order`, { epoch }, wholeNumberFrom(0));
    return draw(generatorFor(seed, epoch));
  },
});

/**
 * Examples at random, each as often as its weight says: with `1 / examples of its class` for weights, all classes come equally often.
 *
 * With replacement, each draw takes example `i` with probability `weights[i] / Σ weights`; without, what was drawn is no longer among the rest
 * (Efraimidis & Spirakis 2006).
 *
 * @param weights a list, typed array or tensor `[examples]` of numbers from 0
 * @returns a sampler for `DataLoader`
 * @throws ValueError for weights that are none, for more draws without replacement than weights above 0, and for options that are not known.
 * @example
 * const loader = new DataLoader(new Dataset(Tensor.arange(4)), { batchSize: 100, sampler: weightedSampler([0, 1, 0, 0], { count: 3 }) });
 * [...loader].map(([x]) => x.toArray()) // => [[1, 1, 1]]
 */
export function weightedSampler(weights: ArrayLike<number> | Tensor, options?: WeightedSamplerOptions): Sampler {
  const given = weights instanceof Tensor ? weights.numbers : weights;
  check('weightedSampler', { weights: given }, weightList);
  const { count, replacement, seed } = readOptions<WeightedSamplerOptions>('weightedSampler', options, {
    count: withoutDefault(wholeNumberFrom(1)),
    replacement: optional(boolean, true),
    seed: optional(seedOption, 0),
  });
  const all = Float64Array.from(given);
  const size = count ?? all.length;
  const positive = all.filter((weight) => weight > 0).length;
  if (!replacement && size > positive)
    throw new ValueError(`weightedSampler: expected at most ${positive} draws, as many as weights above 0, got ${size}`);
  return drawing('weightedSampler', size, seed, (random) => (replacement ? drawn(all, size, random) : drawnOnce(all, size, random)));
}

/** Draws with replacement: the place in the running sums where a uniform number falls. */
function drawn(weights: Float64Array, size: number, random: Random): Int32Array {
  // As parts of the largest, their sum is finite.
  const largest = weights.reduce((a, b) => Math.max(a, b));
  const scale = Number.isFinite(largest * weights.length) ? 1 : largest;
  let total = 0;
  const sums = weights.map((weight) => (total += weight / scale));
  const last = weights.findLastIndex((weight) => weight > 0);
  return Int32Array.from({ length: size }, () => {
    const x = random.float() * total;
    let [low, high] = [0, last];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > x) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** Draws without replacement: the smallest of exponentially distributed times, whose rates are the weights. */
function drawnOnce(weights: Float64Array, size: number, random: Random): Int32Array {
  const times = weights.map((weight) => {
    const x = 1 - random.float();
    return weight > 0 ? -exactLog(x) / weight : Infinity;
  });
  return sortedBy(times).slice(0, size);
}

/** The places of numbers from the smallest to the largest; of equal ones the first comes first. */
const sortedBy = (keys: Float64Array): Int32Array => Int32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);

/**
 * All examples in an order at random that spreads each class evenly: every batch has nearly the share of each class that the whole has.
 *
 * @param classes the class of each example, `[examples]` in int32
 * @returns a sampler for `DataLoader`
 * @throws ShapeError, DtypeError for what are no classes; ValueError for options that are not known.
 * @example
 * const y = Tensor.of([0, 0, 0, 0, 0, 0, 1, 1], 'int32');
 * const loader = new DataLoader(new Dataset(Tensor.zeros([8]), y), { batchSize: 4, sampler: stratifiedSampler(y) });
 * [...loader].map(([, y]) => y.sum().item()) // => [1, 1]
 */
export function stratifiedSampler(classes: Tensor, options?: StratifiedSamplerOptions): Sampler {
  const labels = classesOf('stratifiedSampler', 'classes', classes);
  const { seed } = readOptions<StratifiedSamplerOptions>('stratifiedSampler', options, { seed: optional(seedOption, 0) });
  return drawing('stratifiedSampler', labels.length, seed, (random) => spread(labels, random));
}

/** The class of each example. */
export function classesOf(where: string, what: string, classes: Tensor, size?: number): Int32Array {
  checkTensor(where, what, classes);
  const { dtype, shape, numbers } = classes;
  if (dtype !== 'int32' || shape.length !== 1 || (size !== undefined && shape[0] !== size))
    throw new DtypeError(
      `${where}: expected ${what} in int32 of shape [${size ?? 'examples'}], got ${quote(dtype).slice(1, -1)} ${formatShape(shape)}`,
    );
  return numbers as Int32Array;
}

/** The places of each class, in their order; classes in the order in which they first occur. */
export function placesByClass(labels: Int32Array): number[][] {
  const places = new Map<number, number[]>();
  labels.forEach((label, place) => {
    const known = places.get(label);
    if (known) known.push(place);
    else places.set(label, [place]);
  });
  return [...places.values()];
}

/** An order at random in which the `n` examples of each class stand in the `n` equal parts of the whole, one in each. */
export function spread(labels: Int32Array, random: Random): Int32Array {
  const keys = new Float64Array(labels.length);
  for (const places of placesByClass(labels)) {
    const order = random.permutation(places.length);
    const offset = random.float();
    places.forEach((place, i) => {
      keys[place] = (order[i]! + offset) / places.length;
    });
  }
  return sortedBy(keys);
}
