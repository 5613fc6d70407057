/**
 * What weights start from, as functions of a shape: `Tensor.uniform`, `Tensor.normal`, `Tensor.zeros`, `Tensor.ones` and `Tensor.full`, and
 * those that are here. Layers take them as they are, `new Linear(784, 300, { initialization: orthogonal })`, or in a function that adds
 * options.
 */

import { calledAs } from '../../base/called-as.ts';
import { uniformNumbers } from '../../base/distributions.ts';
import { type FloatDtype, newData, rounding } from '../../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { exactLog } from '../../base/exact-log.ts';
import {
  anything,
  extend,
  finiteNumber,
  numberAbove,
  numberFrom,
  type OptionTable,
  oneOf,
  optional,
  quote,
  type Requirement,
  readOptions,
  wholeNumberFrom,
  withoutDefault,
} from '../../base/options.ts';
import { generatorOf, type Random, type Randomness } from '../../base/random.ts';
import { checkShape, formatShape, sizeOf } from '../../base/shape.ts';
import type { Mutable, Shape } from '../../base/shape-types.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { qr } from '../linalg/decompositions.ts';

/** The generator or seed that random numbers come from (default: the default generator), and their dtype (default float32). */
export interface WeightOptions extends Randomness {
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `xavierUniform`, `xavierNormal` and `orthogonal`. */
export interface XavierOptions extends WeightOptions {
  /** A factor for all; see `gain`. Default 1. */
  readonly gain?: number;
}

/** What follows a layer. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

/** Options of `gain`. */
export interface NonlinearityOptions {
  /** The slope of `leakyRelu` below 0. Default 0.01. */
  readonly negativeSlope?: number;
}

/** Options of `kaimingUniform` and `kaimingNormal`. */
export interface KaimingOptions extends WeightOptions, NonlinearityOptions {
  /** Whether variances stay in the forward pass, by the number of inputs, or in the backward pass, by that of outputs. Default `'fanIn'`. */
  readonly mode?: 'fanIn' | 'fanOut';
  /** What follows the layer. Default `'relu'`. */
  readonly nonlinearity?: Nonlinearity;
  /** A factor for all. Default that of the nonlinearity. */
  readonly gain?: number;
}

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions extends WeightOptions {
  /** The mean before numbers are cut off. Default 0. */
  readonly mean?: number;
  /** The standard deviation before numbers are cut off. Default 1. */
  readonly standardDeviation?: number;
  /** The least number. Default −2. */
  readonly low?: number;
  /** The largest number. Default 2. */
  readonly high?: number;
}

/** Options of `sparseNormal`. */
export interface SparseOptions extends WeightOptions {
  /** The share of zeros in each column. Default 0.9. */
  readonly sparsity?: number;
  /** That of the other numbers. Default 0.01. */
  readonly standardDeviation?: number;
}

/** Options of `identityWeight`. */
export interface IdentityOptions extends WeightOptions {
  /** The groups of a convolution. Default 1. */
  readonly groups?: number;
}

const weightOptions: OptionTable<WeightOptions> = {
  dtype: /* @__PURE__ */ optional(anything, 'float32'),
  random: /* @__PURE__ */ withoutDefault(anything),
  seed: /* @__PURE__ */ withoutDefault(anything),
};
const nonlinearityOptions: OptionTable<NonlinearityOptions> = { negativeSlope: /* @__PURE__ */ optional(finiteNumber, 0.01) };
const xavierOptions: OptionTable<XavierOptions> = /* @__PURE__ */ extend(weightOptions, {
  gain: /* @__PURE__ */ optional(finiteNumber, 1),
});
const kaimingOptions: OptionTable<KaimingOptions> = /* @__PURE__ */ extend(/* @__PURE__ */ extend(weightOptions, nonlinearityOptions), {
  mode: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('fanIn', 'fanOut'), 'fanIn' as const),
  nonlinearity: /* @__PURE__ */ optional(anything, 'relu' as const),
  gain: /* @__PURE__ */ withoutDefault(finiteNumber),
});
const truncatedNormalOptions: OptionTable<TruncatedNormalOptions> = /* @__PURE__ */ extend(weightOptions, {
  mean: /* @__PURE__ */ optional(finiteNumber, 0),
  standardDeviation: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1),
  low: /* @__PURE__ */ optional(finiteNumber, -2),
  high: /* @__PURE__ */ optional(finiteNumber, 2),
});
const share: Requirement = { words: 'a number from 0 to 1', holds: (x) => typeof x === 'number' && x >= 0 && x <= 1 };
const sparseOptions: OptionTable<SparseOptions> = /* @__PURE__ */ extend(weightOptions, {
  sparsity: /* @__PURE__ */ optional(share, 0.9),
  standardDeviation: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 0.01),
});
const identityOptions: OptionTable<IdentityOptions> = /* @__PURE__ */ extend(weightOptions, {
  groups: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(1), 1),
});

/** Reads what all of them are handed: a shape of at least two axes, and options. */
function read<Options extends WeightOptions>(
  where: string,
  shape: Shape,
  options: Options | undefined,
  table: OptionTable<NoInfer<Options>>,
  rank = 2,
): Required<Options> & { readonly random: Random } {
  checkShape(where, shape);
  if (shape.length < rank)
    throw new ShapeError(
      `${where}: expected [inputs, outputs], or [outputs, inputs, …] of a convolution, got ${formatShape(shape)}; a bias has no inputs`,
    );
  const given = readOptions<Options>(where, options, table) as Required<Options>;
  if (given.dtype !== 'float32' && given.dtype !== 'float64')
    throw new DtypeError(`${where}: expected the dtype 'float32' or 'float64', got ${quote(given.dtype)}`);
  return { ...given, random: generatorOf(where, options ?? {}) };
}

/** How many inputs an output has, and how many outputs an input goes to, by the shape of a weight. */
function fansOf(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [first, second] = shape as [number, number];
  if (shape.length === 2) return { fanIn: first, fanOut: second };
  const window = sizeOf(shape.slice(2));
  return { fanIn: second * window, fanOut: first * window };
}

/** Numbers of a variance that does not overflow where there are no inputs, and so no numbers. */
const root = (share: number): number => (Number.isFinite(share) ? Math.sqrt(share) : 0);

function uniform<T extends Shape>(
  shape: T,
  bound: number,
  { random, dtype }: Required<Pick<WeightOptions, 'random' | 'dtype'>>,
): Tensor<Mutable<T>> {
  const most = Math.abs(bound);
  return Tensor.uniform(shape, { low: -most, high: most, random, dtype });
}

function normal<T extends Shape>(
  shape: T,
  deviation: number,
  { random, dtype }: Required<Pick<WeightOptions, 'random' | 'dtype'>>,
): Tensor<Mutable<T>> {
  return Tensor.normal(shape, { standardDeviation: Math.abs(deviation), random, dtype });
}

/**
 * The factor by which weights are larger in front of a nonlinearity, so that variances stay: 1 for `linear` and `sigmoid`, 5/3 for `tanh`, √2
 * for `relu`, √(2 / (1 + slope²)) for `leakyRelu`, 3/4 for `selu`; PyTorch's `calculate_gain`.
 * @param options `negativeSlope` of `leakyRelu`, default 0.01
 * @throws ValueError for another nonlinearity.
 * @example gain('relu') // => Math.SQRT2
 * gain('leakyRelu', { negativeSlope: 1 }) // => 1
 */
export function gain(nonlinearity: Nonlinearity, options?: NonlinearityOptions): number {
  const { negativeSlope } = readOptions<NonlinearityOptions>('gain', options, nonlinearityOptions) as Required<NonlinearityOptions>;
  const gains = {
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + negativeSlope * negativeSlope)),
    selu: 3 / 4,
  };
  if (typeof nonlinearity !== 'string' || !Object.hasOwn(gains, nonlinearity))
    throw new ValueError(`gain: expected one of ${Object.keys(gains).join(', ')}, got ${quote(nonlinearity)}`);
  return gains[nonlinearity];
}

/**
 * A weight from U(±b), `b = gain · √(6 / (fanIn + fanOut))` (Glorot and Bengio 2010, equation 16).
 * @param shape `[inputs, outputs]`, or `[outputs, inputs, …window]` of a convolution, whose fans are multiplied by the size of the window
 * @param options `gain`, default 1; `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example xavierUniform([3, 2], { seed: 1 }).shape // => [3, 2]
 */
export function xavierUniform<const T extends Shape>(shape: T, options?: XavierOptions): Tensor<Mutable<T>> {
  const given = read('xavierUniform', shape, options, xavierOptions);
  const { fanIn, fanOut } = fansOf(shape);
  return uniform(shape, given.gain * root(6 / (fanIn + fanOut)), given);
}

/**
 * A weight from N(0, s), `s = gain · √(2 / (fanIn + fanOut))` (Glorot and Bengio 2010, equation 12).
 * @param shape `[inputs, outputs]`, or `[outputs, inputs, …window]` of a convolution, whose fans are multiplied by the size of the window
 * @param options `gain`, default 1; `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example new Linear(3, 2, { initialization: xavierNormal }).weight.shape // => [3, 2]
 * xavierNormal([3, 2], { seed: 1 }).shape // => [3, 2]
 */
export function xavierNormal<const T extends Shape>(shape: T, options?: XavierOptions): Tensor<Mutable<T>> {
  const given = read('xavierNormal', shape, options, xavierOptions);
  const { fanIn, fanOut } = fansOf(shape);
  return normal(shape, given.gain * root(2 / (fanIn + fanOut)), given);
}

/** `gain / √fan`. */
function kaiming(
  where: string,
  shape: Shape,
  options: KaimingOptions | undefined,
): Required<Omit<KaimingOptions, 'seed'>> & { deviation: number } {
  const given = read(where, shape, options, kaimingOptions);
  const factor = given.gain ?? calledAs(where, 'gain', () => gain(given.nonlinearity, { negativeSlope: given.negativeSlope }));
  return { ...given, deviation: factor * root(1 / fansOf(shape)[given.mode]) };
}

/**
 * A weight from U(±b), `b = gain · √(3 / fan)` (He et al. 2015, equation 10): by default √(6 / fanIn), for layers that a ReLU follows.
 * @param shape `[inputs, outputs]`, or `[outputs, inputs, …window]` of a convolution, whose fans are multiplied by the size of the window
 * @param options `mode`, default `'fanIn'`; `nonlinearity`, default `'relu'`, with `negativeSlope`, default 0.01, for `'leakyRelu'`; or `gain`;
 *   `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example kaimingUniform([3, 2], { nonlinearity: 'tanh', seed: 1 }).shape // => [3, 2]
 */
export function kaimingUniform<const T extends Shape>(shape: T, options?: KaimingOptions): Tensor<Mutable<T>> {
  const given = kaiming('kaimingUniform', shape, options);
  return uniform(shape, Math.sqrt(3) * given.deviation, given);
}

/**
 * A weight from N(0, s), `s = gain / √fan` (He et al. 2015, equation 10): by default √(2 / fanIn), for layers that a ReLU follows.
 * @param shape `[inputs, outputs]`, or `[outputs, inputs, …window]` of a convolution, whose fans are multiplied by the size of the window
 * @param options `mode`, default `'fanIn'`; `nonlinearity`, default `'relu'`, with `negativeSlope`, default 0.01, for `'leakyRelu'`; or `gain`;
 *   `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example kaimingNormal([8, 3, 5, 5], { mode: 'fanOut', seed: 1 }).shape // => [8, 3, 5, 5]
 */
export function kaimingNormal<const T extends Shape>(shape: T, options?: KaimingOptions): Tensor<Mutable<T>> {
  const given = kaiming('kaimingNormal', shape, options);
  return normal(shape, given.deviation, given);
}

/**
 * Random numbers, normally distributed, of which those outside of a range are drawn again: the range is in numbers, not in standard deviations.
 * @param shape any
 * @param options `mean`, default 0; `standardDeviation`, default 1; `low`, default −2, and `high`, default 2, both included; `dtype`, default
 *   float32; `seed` or `random`
 * @throws ValueError for a range without a number; ShapeError, DtypeError.
 * @example truncatedNormal([100], { standardDeviation: 5, seed: 1 }).abs().max().item() <= 2 // => true
 */
export function truncatedNormal<const T extends Shape>(shape: T, options?: TruncatedNormalOptions): Tensor<Mutable<T>> {
  const { mean, standardDeviation, low, high, dtype, random } = read('truncatedNormal', shape, options, truncatedNormalOptions, 0);
  // Refuses a range in which the dtype has no number, which would be drawn for ever.
  if (low < high || rounding[dtype](low) !== low) uniformNumbers('truncatedNormal', low, high, dtype);
  if (low > high) throw new ValueError(`truncatedNormal: expected low to be at most high, got ${low} and ${high}`);
  const draw = truncated((low - mean) / standardDeviation, (high - mean) / standardDeviation, random);
  const data = newData(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    do data[i] = low === high ? low : mean + standardDeviation * draw();
    while (!(data[i]! >= low && data[i]! <= high));
  }
  return new Tensor([...shape], data);
}

/**
 * Draws standard normal numbers between two bounds by rejection, in a way that accepts at least about half, wherever the bounds are (Robert 1995,
 * "Simulation of truncated normal variables").
 */
function truncated(from: number, to: number, random: Random): () => number {
  if (to < 0) {
    const draw = truncated(-to, -from, random);
    return () => -draw();
  }
  const repeat = (propose: () => number, accepts: (x: number) => boolean) => () => {
    for (;;) {
      const x = propose();
      if (x >= from && x <= to && accepts(x)) return x;
    }
  };
  const log = () => exactLog(1 - random.float());
  // The density at its highest within the bounds, in logarithms and without its constant.
  const peak = from > 0 ? from * from : 0;
  const rate = (Math.max(from, 0) + Math.sqrt(peak + 4)) / 2;
  if (rate * (to - from) < 2) {
    const width = to - from;
    return repeat(() => from + width * random.float(), (x) => 2 * log() <= peak - x * x); // biome-ignore format: what is proposed, and when accepted
  }
  if (from < 0.5) return repeat(() => random.normal(), () => true); // biome-ignore format: what is proposed, and when accepted
  return repeat(() => from - log() / rate, (x) => 2 * log() <= -(x - rate) * (x - rate)); // biome-ignore format: what is proposed, and when accepted
}

/**
 * A weight whose rows or columns, whichever are fewer, are orthogonal and of length `gain`, each such matrix equally likely: the `q` of a normal
 * matrix (Saxe et al. 2013).
 * @param shape at least two axes; those after the first count as one
 * @param options `gain`, default 1; `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example
 * const q = orthogonal([2, 2], { seed: 1, dtype: 'float64' });
 * q.matmul(q.transpose()).toArray().map((row) => row.map((x) => x.toFixed(6))) // => [['1.000000', '0.000000'], ['0.000000', '1.000000']]
 */
export function orthogonal<const T extends Shape>(shape: T, options?: XavierOptions): Tensor<Mutable<T>> {
  const { gain: factor, dtype, random } = read('orthogonal', shape, options, xavierOptions);
  const size = sizeOf(shape);
  if (size === 0) return Tensor.zeros(shape, dtype);
  const [rows, columns] = [shape[0]!, size / shape[0]!];
  const tall: Tensor = normal([Math.max(rows, columns), Math.min(rows, columns)], 1, { random, dtype: 'float64' });
  const { q } = qr(tall);
  return (rows < columns ? q.transpose() : q).mul(factor).reshape(shape).cast(dtype) as Tensor;
}

/**
 * A matrix of normal numbers of which a share of each column is 0, at random places: each output has few inputs (Martens 2010).
 * @param shape `[inputs, outputs]`
 * @param options `sparsity`, the share of zeros in each column, rounded up, default 0.9; `standardDeviation`, default 0.01; `dtype`, default
 *   float32; `seed` or `random`
 * @throws ShapeError for what is no matrix; ValueError, DtypeError for options.
 * @example sparseNormal([10, 3], { sparsity: 0.8, seed: 1 }).notEqual(0).sum(0).toArray() // => [2, 2, 2]
 */
export function sparseNormal<const T extends Shape>(shape: T, options?: SparseOptions): Tensor<Mutable<T>> {
  const { sparsity, standardDeviation, dtype, random } = read('sparseNormal', shape, options, sparseOptions);
  if (shape.length > 2) throw new ShapeError(`sparseNormal: expected [inputs, outputs], got ${formatShape(shape)}`);
  const [rows, columns] = shape as readonly number[] as [number, number];
  const { data } = normal(shape, standardDeviation, { random, dtype });
  const zeros = Math.ceil(sparsity * rows);
  for (let column = 0; column < columns; column++)
    for (const row of random.permutation(rows).subarray(0, zeros)) data[row * columns + column] = 0;
  return new Tensor([...shape], data);
}

/**
 * A weight by which a layer gives what it takes, as far as it has outputs: a matrix with ones on its diagonal; for a convolution `[outputs,
 * inputs, …window]` a one in the middle of the window from each channel to itself (in each of its groups).
 * @param options `groups`, default 1; `dtype`, default float32
 * @throws ShapeError for less than two axes; ValueError for groups that do not divide the outputs, or of a matrix; DtypeError.
 * @example identityWeight([2, 3]).toArray() // => [[1, 0, 0], [0, 1, 0]]
 * identityWeight([1, 1, 3]).toArray() // => [[[0, 1, 0]]]
 */
export function identityWeight<const T extends Shape>(shape: T, options?: IdentityOptions): Tensor<Mutable<T>> {
  const { groups, dtype } = read('identityWeight', shape, options, identityOptions);
  const [first, second] = shape as readonly number[] as [number, number];
  const window = shape.slice(2);
  if (first % groups !== 0 || (groups > 1 && window.length === 0))
    throw new ValueError(
      `identityWeight: expected groups that divide the outputs of a convolution, got ${groups} for ${formatShape(shape)}`,
    );
  const data = newData(dtype, sizeOf(shape));
  const middle = window.reduce((place, size) => place * size + (size >> 1), 0);
  const each = first / groups;
  if (data.length > 0)
    for (let output = 0; output < first; output++)
      if (output % each < second) data[(output * second + (output % each)) * sizeOf(window) + middle] = 1;
  return new Tensor([...shape], data);
}
