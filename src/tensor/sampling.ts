/** Tensors of random numbers, beyond the uniform and the normal ones that the class makes, and random choices. */

import { checkDtype, type FloatDtype, newData, rounding } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { nextAbove, nextBelow } from '../base/neighbours.ts';
import {
  anything,
  boolean,
  check,
  extend,
  numberAbove,
  type OptionTable,
  optional,
  readOptions,
  required,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { generatorOf, type Random, type Randomness } from '../base/random.ts';
import { checkShape, formatShape, normalizeAxis, sizeOf } from '../base/shape.ts';
import type { Mutable, Shape } from '../base/shape-types.ts';
import { checkFloats, checkTensor, type Drawing, Tensor } from './tensor.ts';
import { betaOf, classesOf, differentClassesOf, exponentialOf, gammaOf } from './variates.ts';

/** What is no seed or generator `generatorOf` refuses. */
const RANDOMNESS: OptionTable<Randomness> = /* @__PURE__ */ (() => ({
  seed: withoutDefault(anything),
  random: withoutDefault(anything),
}))();
const DRAWING: OptionTable<Drawing> = /* @__PURE__ */ (() => extend(RANDOMNESS, { dtype: optional(anything, 'float32' as const) }))();

const LARGEST = { float32: 3.4028234663852886e38, float64: 1.7976931348623157e308 };

/** Draws a number for each element, above 0, and finite or below a limit: what is rounded out of this range becomes the nearest within. */
function drawn(where: string, shape: Shape, options: Drawing, next: (random: Random) => number, below = Infinity): Tensor {
  checkShape(where, shape);
  const { dtype = 'float32' } = options;
  checkDtype(where, dtype);
  if (dtype === 'int32') throw new DtypeError(`${where}: expected float32 or float64, got int32`);
  const random = generatorOf(where, options);
  const [least, most] = [nextAbove(0, dtype), below === Infinity ? LARGEST[dtype] : nextBelow(below, dtype)];
  const data = newData(dtype as FloatDtype, sizeOf(shape));
  const round = rounding[dtype as FloatDtype];
  for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(round(next(random)), least), most);
  return new Tensor([...shape], data);
}

/** From which number on, and below which, whole numbers are drawn. */
export interface RandomIntegersOptions extends Randomness {
  /** The least. Default 0. */
  readonly low?: number;
  /** What all are below. */
  readonly high: number;
}

const int32Bound = {
  words: 'a whole number from −2³¹ to 2³¹',
  holds: (x: unknown) => Number.isInteger(x) && Math.abs(x as number) <= 2 ** 31,
};
const RANDOM_INTEGERS: OptionTable<RandomIntegersOptions> = /* @__PURE__ */ (() =>
  extend(RANDOMNESS, { low: optional(int32Bound, 0), high: required(int32Bound) }))();

/**
 * Random whole numbers as int32, each from `low` to `high − 1` equally likely.
 * @param options `high`; `low`, default 0; `seed` or `random`, default the default generator
 * @throws ValueError for what is no range, or beyond int32.
 * @example randomIntegers([5], { high: 100, seed: 0 }).toArray() // => [44, 47, 64, 67, 67]
 */
export function randomIntegers<const T extends Shape>(shape: T, options: RandomIntegersOptions): Tensor<Mutable<T>> {
  const name = 'randomIntegers';
  checkShape(name, shape);
  const { low, high, ...randomness } = readOptions(name, options ?? {}, RANDOM_INTEGERS) as Required<RandomIntegersOptions>;
  if (!(low < high)) throw new ValueError(`${name}: expected low to be below high, got ${low} and ${high}`);
  const random = generatorOf(name, randomness);
  const data = newData('int32', sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = low + random.integer(high - low);
  return new Tensor([...shape], data) as Tensor;
}

/** How often something happens in a unit of time. */
export interface RandomExponentialOptions extends Drawing {
  /** A number above 0. Default 1. */
  readonly rate?: number;
}

const positive = /* @__PURE__ */ numberAbove(0, 1e300);
const RANDOM_EXPONENTIAL: OptionTable<RandomExponentialOptions> = /* @__PURE__ */ (() =>
  extend(DRAWING, { rate: optional(positive, 1) }))();

/**
 * Random numbers, exponentially distributed: with density `rate · e^(−rate · x)` and mean `1 / rate`. All are above 0.
 * @param options `rate`, default 1; `dtype`; `seed` or `random`, default the default generator
 * @throws ValueError for a rate that is not positive; DtypeError for int32.
 * @example randomExponential([1], { seed: 0, dtype: 'float64' }).toArray() // => [0.79587450816311]
 */
export function randomExponential<const T extends Shape>(shape: T, options?: RandomExponentialOptions): Tensor<Mutable<T>> {
  const { rate, ...drawing } = readOptions('randomExponential', options, RANDOM_EXPONENTIAL) as Drawing & { readonly rate: number };
  return drawn('randomExponential', shape, drawing, (random) => exponentialOf(random) / rate);
}

/** The parameters of a gamma distribution. */
export interface RandomGammaOptions extends Drawing {
  /** The shape of the distribution, a number above 0. */
  readonly concentration: number;
  /** A number above 0. Default 1. */
  readonly rate?: number;
}

const RANDOM_GAMMA: OptionTable<RandomGammaOptions> = /* @__PURE__ */ (() =>
  extend(DRAWING, { concentration: required(positive), rate: optional(positive, 1) }))();

/**
 * Random numbers, gamma distributed: with density proportional to `x^(concentration − 1) e^(−rate · x)` and mean `concentration / rate`. All
 * are above 0.
 * @param options `concentration`; `rate`, default 1; `dtype`; `seed` or `random`, default the default generator
 * @throws ValueError for a parameter that is not positive; DtypeError for int32.
 * @example randomGamma([3], { concentration: 2, seed: 0 }).toArray().every((x) => x > 0) // => true
 */
export function randomGamma<const T extends Shape>(shape: T, options: RandomGammaOptions): Tensor<Mutable<T>> {
  const name = 'randomGamma';
  const { concentration, rate, ...drawing } = readOptions(name, options ?? {}, RANDOM_GAMMA) as Required<RandomGammaOptions>;
  return drawn(name, shape, drawing, (random) => gammaOf(random, concentration) / rate);
}

/** The parameters of a beta distribution. */
export interface RandomBetaOptions extends Drawing {
  /** A number above 0. */
  readonly a: number;
  /** A number above 0. */
  readonly b: number;
}

const RANDOM_BETA: OptionTable<RandomBetaOptions> = /* @__PURE__ */ (() =>
  extend(DRAWING, { a: required(positive), b: required(positive) }))();

/**
 * Random numbers, beta distributed: with density proportional to `xᵃ⁻¹ (1 − x)ᵇ⁻¹` and mean `a / (a + b)`. All are above 0 and below 1.
 * @param options `a` and `b`; `dtype`; `seed` or `random`, default the default generator
 * @throws ValueError for a parameter that is not positive; DtypeError for int32.
 * @example randomBeta([3], { a: 0.5, b: 2, seed: 0 }).toArray().every((x) => x > 0 && x < 1) // => true
 */
export function randomBeta<const T extends Shape>(shape: T, options: RandomBetaOptions): Tensor<Mutable<T>> {
  const { a, b, ...drawing } = readOptions('randomBeta', options ?? {}, RANDOM_BETA) as Required<RandomBetaOptions>;
  return drawn('randomBeta', shape, drawing, (random) => betaOf(random, a, b), 1);
}

/**
 * For each probability 1 with it, else 0, in its dtype. There is no gradient.
 * @param probabilities from 0, which never happens, to 1, which always does
 * @param options `seed` or `random`, default the default generator
 * @throws ValueError for what is no probability.
 * @example bernoulli(Tensor.of([0, 1, 1])).toArray() // => [0, 1, 1]
 */
export function bernoulli<S extends Shape>(probabilities: Tensor<S>, options?: Randomness): Tensor<S> {
  const name = 'bernoulli';
  checkFloats(name, probabilities, 'the probabilities');
  const random = generatorOf(name, readOptions(name, options, RANDOMNESS));
  const { numbers, sizes, dtype, size } = probabilities;
  numbers.forEach((p: number, i: number) => {
    if (!(p >= 0 && p <= 1)) throw new ValueError(`${name}: expected probabilities from 0 to 1, got ${p} at place ${i}`);
  });
  const data = newData(dtype, size);
  for (let i = 0; i < size; i++) data[i] = random.float() < numbers[i]! ? 1 : 0;
  return new Tensor(sizes, data) as Tensor;
}

/** Weights of classes along the last axis, checked: finite, none below 0, and as many above as are needed. */
function rowsOf(name: string, weights: Tensor, needed: number): Float64Array[] {
  checkFloats(name, weights, 'the weights');
  const classes = weights.sizes.at(-1);
  if (classes === undefined) throw new ShapeError(`${name}: expected weights of classes along a last axis, got a number`);
  const { numbers } = weights;
  return Array.from({ length: sizeOf(weights.sizes.slice(0, -1)) }, (_, row) => {
    const own = Float64Array.from(numbers.subarray(row * classes, (row + 1) * classes));
    const wrong = own.find((w) => !(w >= 0 && w < Infinity));
    if (wrong !== undefined)
      throw new ValueError(`${name}: expected weights to be finite numbers from 0, got ${wrong} in row ${row}; of logits take softmax`);
    const possible = own.filter((w) => w > 0).length;
    if (possible < needed)
      throw new ValueError(`${name}: expected ${needed} weights above 0 at least, got ${possible} of ${classes} in row ${row}`);
    return own;
  });
}

/**
 * A random class for each row of weights, as int32: each class as likely as its weight is among all of its row. There is no gradient. Of
 * logits, the weights are `logits.softmax()`.
 * @param weights `[…, classes]`, from 0; they need not add up to 1
 * @param options `seed` or `random`, default the default generator
 * @returns the shape of the weights without the last axis
 * @throws ValueError for a weight that is negative or not finite, and where all of a row are 0.
 * @example categorical(Tensor.of([[0, 1, 0], [5, 0, 0]])).toArray() // => [1, 0]
 */
export function categorical(weights: Tensor, options?: Randomness): Tensor {
  const name = 'categorical';
  const rows = rowsOf(name, weights, 1);
  const random = generatorOf(name, readOptions(name, options, RANDOMNESS));
  return new Tensor(
    weights.sizes.slice(0, -1),
    Int32Array.from(rows, (row) => classesOf(random, row, 1)[0]!),
  );
}

/** Whether what was drawn may be drawn again. */
export interface MultinomialOptions extends Randomness {
  /** Default `false`. */
  readonly replacement?: boolean;
}

const MULTINOMIAL: OptionTable<MultinomialOptions> = /* @__PURE__ */ (() =>
  extend(RANDOMNESS, { replacement: optional(boolean, false) }))();

/**
 * Several random classes for each row of weights, as int32: each class as likely as its weight is among all of its row, or among those of it
 * that were not drawn yet. There is no gradient.
 * @param weights `[…, classes]`, from 0; they need not add up to 1
 * @param count how many are drawn
 * @param options `replacement`, default `false`: `true` if a class may be drawn again; `seed` or `random`, default the default generator
 * @returns `[…, count]`
 * @throws ValueError for a weight that is negative or not finite, and where too few of a row are above 0.
 * @example multinomial(Tensor.of([0, 3, 0, 1]), 2).sum().item() // => 4
 */
export function multinomial(weights: Tensor, count: number, options?: MultinomialOptions): Tensor {
  const name = 'multinomial';
  check(name, { count }, wholeNumberFrom(0));
  const { replacement, ...randomness } = readOptions(name, options, MULTINOMIAL);
  const rows = rowsOf(name, weights, replacement ? Math.min(count, 1) : count);
  const random = generatorOf(name, randomness);
  const shape = [...weights.sizes.slice(0, -1), count];
  checkShape(name, shape);
  const draw = replacement ? classesOf : differentClassesOf;
  const data = newData('int32', sizeOf(shape));
  rows.forEach((row, i) => data.set(draw(random, row, count), i * count));
  return new Tensor(shape, data);
}

/** What is chosen among, and how. */
export interface ChoiceOptions extends Randomness {
  /** The axis along which is chosen. Default 0. */
  readonly axis?: number;
  /** Whether what was chosen may be chosen again. Default `true`. */
  readonly replacement?: boolean;
  /** How likely each is, as a vector of weights. Default all alike. */
  readonly weights?: Tensor | undefined;
}

const CHOICE: OptionTable<ChoiceOptions> = /* @__PURE__ */ (() =>
  extend(RANDOMNESS, {
    axis: optional(anything, 0),
    replacement: optional(boolean, true),
    weights: withoutDefault({ words: 'a tensor', holds: (x) => x instanceof Tensor }),
  }))();

/**
 * Elements or rows of a tensor that are chosen at random along an axis; the gradient goes back to them. With a number `n` in the place of the
 * tensor, int32 numbers from 0 to `n − 1`.
 * @param count how many are chosen
 * @param options `axis`, default 0; `replacement`, default `true`: `false` if each may be chosen once only; `weights`, default all alike;
 *   `seed` or `random`, default the default generator
 * @returns the shape of `x`, with `count` along the axis
 * @throws ValueError where there are too few to choose from, or weights that are none; ShapeError unless there is a weight for each.
 * @example choice(Tensor.of([10, 20, 30]), 3, { replacement: false }).sum().item() // => 60
 * choice(10, 4, { seed: 0 }).toArray() // => [5, 0, 3, 3]
 */
export function choice(x: number | Tensor, count: number, options?: ChoiceOptions): Tensor {
  const name = 'choice';
  check(name, { count }, wholeNumberFrom(0));
  if (typeof x === 'number') check(name, { x }, wholeNumberFrom(0));
  else checkTensor(name, 'x', x);
  const { axis, replacement, weights, ...randomness } = readOptions(name, options, CHOICE) as ChoiceOptions & { readonly axis: number };
  const normal = typeof x === 'number' ? 0 : normalizeAxis(name, axis, x.sizes);
  const size = typeof x === 'number' ? x : x.sizes[normal]!;
  if (size >= 2 ** 31) throw new ValueError(`${name}: expected to choose among less than 2³¹, got ${size}`);
  if (count > size && !(replacement && size > 0)) throw new ValueError(`${name}: expected to choose ${size} at most, got ${count}`);
  if (weights && (weights.rank !== 1 || weights.size !== size))
    throw new ShapeError(`${name}: expected a vector of ${size} weights, got shape ${formatShape(weights.sizes)}`);
  const [row] = weights ? rowsOf(name, weights, replacement ? Math.min(count, 1) : count) : [];
  const indices = new Tensor([count], placesOf(generatorOf(name, randomness), size, count, replacement === true, row));
  if (typeof x === 'number') return indices;
  const apart = x.sizes.map((_, i) => (i === normal ? count : 1));
  return x.gather(normal, indices.reshape(apart).broadcastTo(x.sizes.with(normal, count)));
}

/** Chooses among places, each as likely as its weight or all alike. */
function placesOf(random: Random, size: number, count: number, replacement: boolean, weights: Float64Array | undefined): Int32Array {
  if (weights) return (replacement ? classesOf : differentClassesOf)(random, weights, count);
  if (!replacement) return random.permutation(size).slice(0, count);
  return (newData('int32', count) as Int32Array).map(() => random.integer(size));
}
