/**
 * What weights start from, as functions of a shape: `Tensor.uniform`, `Tensor.normal`, `Tensor.zeros`, `Tensor.ones` and `Tensor.full`, and
 * those that are here. Layers take them as they are, `new Linear(784, 300, { initialization: orthogonal })`, or in a function that adds
 * options.
 */

import { calledAs } from '../base/called-as.ts';
import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { anything, extend, finiteNumber, type OptionTable, oneOf, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { generatorOf, type Random, type Randomness } from '../base/random.ts';
import { checkShape, formatShape, sizeOf } from '../base/shape.ts';
import type { Mutable, Shape } from '../base/shape-types.ts';
import { Tensor } from '../tensor/tensor.ts';

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

export const weightOptions: OptionTable<WeightOptions> = {
  dtype: /* @__PURE__ */ optional(anything, 'float32'),
  random: /* @__PURE__ */ withoutDefault(anything),
  seed: /* @__PURE__ */ withoutDefault(anything),
};
const nonlinearityOptions: OptionTable<NonlinearityOptions> = { negativeSlope: /* @__PURE__ */ optional(finiteNumber, 0.01) };
export const xavierOptions: OptionTable<XavierOptions> = /* @__PURE__ */ extend(weightOptions, {
  gain: /* @__PURE__ */ optional(finiteNumber, 1),
});
const kaimingOptions: OptionTable<KaimingOptions> = /* @__PURE__ */ extend(/* @__PURE__ */ extend(weightOptions, nonlinearityOptions), {
  mode: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('fanIn', 'fanOut'), 'fanIn' as const),
  nonlinearity: /* @__PURE__ */ optional(anything, 'relu' as const),
  gain: /* @__PURE__ */ withoutDefault(finiteNumber),
});

/** Reads what all of them are handed: a shape of at least two axes, and options. */
export function readWeight<Options extends WeightOptions>(
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

export function normal<T extends Shape>(
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
  const given = readWeight('xavierUniform', shape, options, xavierOptions);
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
  const given = readWeight('xavierNormal', shape, options, xavierOptions);
  const { fanIn, fanOut } = fansOf(shape);
  return normal(shape, given.gain * root(2 / (fanIn + fanOut)), given);
}

/** `gain / √fan`. */
function kaiming(
  where: string,
  shape: Shape,
  options: KaimingOptions | undefined,
): Required<Omit<KaimingOptions, 'seed'>> & { deviation: number } {
  const given = readWeight(where, shape, options, kaimingOptions);
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
