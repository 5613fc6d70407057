/** Normalization: activations of mean 0 and variance 1, then scaled and shifted by what is learned. */

import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import {
  anything,
  boolean,
  extend,
  fraction,
  numberFrom,
  type OptionTable,
  optional,
  quote,
  type Requirement,
  readOptions,
  withoutDefault,
} from '../../base/options.ts';
import { formatShape, sameShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkFloats, checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';
import { layerNormOp, type RowNormInput, rmsNormOp, standardized } from './row-norms.ts';

/** Scale and shift, and what keeps a variance from 0. */
export interface NormalizationOptions {
  /** What is multiplied after normalizing. Default none. */
  readonly weight?: Tensor | undefined;
  /** What is added after that. Default none. */
  readonly bias?: Tensor | undefined;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

const normalizationOptions: OptionTable<NormalizationOptions> = {
  weight: /* @__PURE__ */ withoutDefault(anything),
  bias: /* @__PURE__ */ withoutDefault(anything),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
};

const scaled = (x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined, shape: Shape): Tensor => {
  const y = weight ? x.mul(weight.reshape(shape)) : x;
  return bias ? y.add(bias.reshape(shape)) : y;
};

/** What is given beside x, by name. */
type Parts = Readonly<Record<string, Tensor | undefined>>;

function checkParts(name: string, x: Tensor, parts: Parts, shape: Shape, meaning: string): void {
  for (const [what, part] of Object.entries(parts)) {
    if (part === undefined) continue;
    checkTensor(name, `the ${what}`, part);
    if (!sameShape(part.sizes, shape))
      throw new ShapeError(`${name}: expected a ${what} of shape ${formatShape(shape)}, ${meaning}, got ${formatShape(part.sizes)}`);
    if (part.dtype !== x.dtype)
      throw new DtypeError(`${name}: expected a ${what} in ${x.dtype}, as x, got ${part.dtype}; convert one with cast('${x.dtype}')`);
  }
}

/** A norm of rows, which are made of the last axes, with those parts that there are. */
function rowNorm(name: string, op: typeof layerNormOp, x: Tensor, normalized: Shape, parts: Parts, epsilon: number): Tensor {
  checkFloats(name, x);
  if (!Array.isArray(normalized))
    throw new ShapeError(`${name}: expected the sizes of the last axes, such as [3], got ${quote(normalized)}`);
  const first = x.rank - normalized.length;
  if (first < 0 || normalized.length === 0 || !sameShape(x.sizes.slice(first), normalized))
    throw new ShapeError(`${name}: expected ${formatShape(normalized)} to be the last axes of x, got x ${formatShape(x.sizes)}`);
  checkParts(name, x, parts, normalized, 'that of these axes');
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  return perform(op, { x, ...Object.fromEntries(given) } as Record<RowNormInput, Tensor>, { last: normalized.length, epsilon });
}

/** The number of channels along axis 1, and the shape in which a number for each broadcasts over the other axes. */
function channels(name: string, x: Tensor, least: number, parts: Parts): { count: number; shape: number[] } {
  checkFloats(name, x);
  if (x.rank < least)
    throw new ShapeError(
      `${name}: expected [n, channels${least > 2 ? ', …' : ''}] with at least ${least} axes, got ${formatShape(x.sizes)}`,
    );
  const count = x.sizes[1]!;
  checkParts(name, x, parts, [count], 'one number for each channel');
  return { count, shape: [count, ...x.sizes.slice(2).map(() => 1)] };
}

/**
 * Normalizes each example over its last axes: `(x − mean) / √(variance + epsilon) · weight + bias`, with the biased variance (Ba et al.
 * 2016).
 * @param normalized the sizes of those axes, which are also the shape of `weight` and `bias`
 * @throws ShapeError where x has other sizes.
 * @example layerNorm(Tensor.of([[1, 3]], 'float64'), [2], { epsilon: 0 }).toArray() // => [[-1, 1]]
 */
export function layerNorm<S extends Shape>(x: Tensor<S>, normalized: Shape, options?: NormalizationOptions): Tensor<S> {
  const { weight, bias, epsilon } = readOptions('layerNorm', options, normalizationOptions);
  return rowNorm('layerNorm', layerNormOp, x, normalized, { weight, bias }, epsilon) as Tensor as Tensor<S>;
}

const rmsNormOptions: OptionTable<Omit<NormalizationOptions, 'bias'>> = {
  weight: /* @__PURE__ */ withoutDefault(anything),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
};

/**
 * Divides each example by its root mean square over its last axes: `x / √(mean x² + epsilon) · weight` (Zhang and Sennrich 2019).
 * @param normalized the sizes of those axes, which are also the shape of `weight`
 * @param options `weight`, default none; `epsilon`, default 1e-5. Weights that were trained elsewhere need the epsilon of there: PyTorch 2 has
 *   1.19e-7 in float32 and 2.2e-16 in float64, Keras and Flax 1e-6
 * @throws ShapeError where x has other sizes.
 * @example rmsNorm(Tensor.of([[3, -3]], 'float64'), [2], { epsilon: 0 }).toArray() // => [[1, -1]]
 */
export function rmsNorm<S extends Shape>(x: Tensor<S>, normalized: Shape, options?: Omit<NormalizationOptions, 'bias'>): Tensor<S> {
  const { weight, epsilon } = readOptions('rmsNorm', options, rmsNormOptions);
  return rowNorm('rmsNorm', rmsNormOp, x, normalized, { weight }, epsilon) as Tensor as Tensor<S>;
}

/**
 * Normalizes each group of channels of each example (Wu and He 2018).
 * @param x `[n, channels, …]`, the channels a multiple of `groups`
 * @throws ShapeError, ValueError
 * @example groupNorm(Tensor.of([[1, 3]], 'float64'), 1, { epsilon: 0 }).toArray() // => [[-1, 1]]
 */
export function groupNorm<S extends Shape>(x: Tensor<S>, groups: number, options?: NormalizationOptions): Tensor<S> {
  const { weight, bias, epsilon } = readOptions('groupNorm', options, normalizationOptions);
  const { count, shape } = channels('groupNorm', x, 2, { weight, bias });
  if (!(Number.isInteger(groups) && groups > 0 && count % groups === 0))
    throw new ValueError(`groupNorm: expected groups that divide ${count} channels, got ${quote(groups)}, for x ${formatShape(x.sizes)}`);
  const grouped = (x as Tensor).reshape([x.sizes[0]!, groups, sizeOf(x.sizes.slice(1)) / groups]);
  return scaled(standardized(grouped, [2], epsilon).reshape(x.sizes), weight, bias, shape);
}

/**
 * Normalizes each channel of each example (Ulyanov et al. 2016).
 * @param x `[n, channels, …]`
 * @throws ShapeError for other shapes, and for a single number a channel, of which nothing would be left
 * @example instanceNorm(Tensor.of([[[1, 3]]], 'float64'), { epsilon: 0 }).toArray() // => [[[-1, 1]]]
 */
export function instanceNorm<S extends Shape>(x: Tensor<S>, options?: NormalizationOptions): Tensor<S> {
  const { weight, bias, epsilon } = readOptions('instanceNorm', options, normalizationOptions);
  const { count, shape } = channels('instanceNorm', x, 3, { weight, bias });
  if (x.size > 0 && x.size === x.sizes[0]! * count)
    throw new ShapeError(
      `instanceNorm: expected more than one number for each channel of an example, of which the mean is not the number itself, got x ${formatShape(x.sizes)}`,
    );
  return scaled(standardized(x, [...x.sizes.keys()].slice(2), epsilon), weight, bias, shape);
}

/** Running means and variances of channels. */
export interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** How batches are normalized. */
export interface BatchNormOptions extends NormalizationOptions {
  /** Running means and variances. Without `training` they are what is normalized by. Default none. */
  readonly running?: Statistics;
  /** Whether to normalize by the batch's own mean and variance. Default: only if there are no running ones. */
  readonly training?: boolean;
  /** The share of the batch in the updated running statistics. Default 0.1. */
  readonly momentum?: number;
}

const statistics: Requirement = {
  words: '{ mean, variance }',
  holds: (x) => typeof x === 'object' && x !== null && 'mean' in x && 'variance' in x,
};

const batchNormOptions: OptionTable<BatchNormOptions> = /* @__PURE__ */ extend(normalizationOptions, {
  running: /* @__PURE__ */ withoutDefault(statistics),
  training: /* @__PURE__ */ withoutDefault(boolean),
  momentum: /* @__PURE__ */ optional(fraction, 0.1),
});

/**
 * Normalizes each channel over the batch: `(x − mean) / √(variance + epsilon) · weight + bias` (Ioffe and Szegedy 2015). In training it is
 * normalized by the biased variance, and the running variance is updated by the unbiased one, as in PyTorch.
 *
 * @param x `[n, channels, …]`
 * @returns `y`, and the running statistics, updated by this batch in training
 * @throws ShapeError
 * @example batchNorm(Tensor.of([[1], [3]], 'float64'), { epsilon: 0 }).y.toArray() // => [[-1], [1]]
 */
export function batchNorm(x: Tensor, options?: BatchNormOptions): { readonly y: Tensor; readonly running: Statistics | undefined } {
  const { weight, bias, epsilon, momentum, ...given } = readOptions('batchNorm', options, batchNormOptions);
  const running: Statistics | undefined = given.running;
  const training = given.training ?? !running;
  const parts = { weight, bias, 'running mean': running?.mean, 'running variance': running?.variance };
  const { count, shape } = channels('batchNorm', x, 2, parts);
  if (!training) {
    if (!running) throw new ValueError('batchNorm: expected running statistics to normalize by, or training: true');
    const y = x.sub(running.mean.reshape(shape)).div(running.variance.reshape(shape).add(epsilon).sqrt());
    return { y: scaled(y, weight, bias, shape), running };
  }
  const axes = [...x.sizes.keys()].filter((axis) => axis !== 1);
  if (x.size > 0 && x.size === count)
    throw new ShapeError(
      `batchNorm: expected more than one number for each channel to train on, got x ${formatShape(x.sizes)}; a last batch of one example is left out by dropLast: true`,
    );
  const y = scaled(standardized(x, axes, epsilon), weight, bias, shape);
  return { y, running: running && movedStatistics(running, stopGradient(x), momentum) };
}

/** Running statistics, moved towards those of a batch by a share of the way: its mean, and its unbiased variance. An empty batch has none. */
export function movedStatistics(running: Statistics, x: Tensor, share: number): Statistics {
  if (x.size === 0) return running;
  const axes = [...x.sizes.keys()].filter((axis) => axis !== 1);
  const blend = (before: Tensor, now: Tensor) => before.mul(1 - share).add(now.mul(share));
  return { mean: blend(running.mean, x.mean(axes)), variance: blend(running.variance, x.var(axes)) };
}
