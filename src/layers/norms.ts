/** Layers that normalize each example by itself, the same in training and in evaluation. `BatchNorm` is in a file of its own. */

import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError, StateError, TapeError, ValueError } from '../base/errors.ts';
import { boolean, extend, numberFrom, type OptionTable, optional, quote, type Requirement, readOptions } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from '../functions/nn/normalization.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { traceOf } from '../tensor/traced.ts';
import { isTraining } from '../tensor/training-scope.ts';
import { checkLayerDtype, checkSizes, dtypeOption } from './layer-options.ts';

/** Options of `RMSNorm`. */
export interface RMSNormOptions {
  /** Whether the result is multiplied by a weight that is learned, from 1. Default true. */
  readonly affine?: boolean;
  /** What is added to the mean square. Default 1e-5. */
  readonly epsilon?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `LayerNorm`. */
export interface LayerNormOptions {
  /** Whether the result is scaled by a weight, from 1, and shifted by a bias, from 0, that are learned. Default true. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight. Default true. */
  readonly bias?: boolean;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `GroupNorm`. */
export interface GroupNormOptions {
  /** Whether each channel is scaled by a weight, from 1, and shifted by a bias, from 0, that are learned. Default true. */
  readonly affine?: boolean;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `InstanceNorm`. */
export interface InstanceNormOptions {
  /** Whether each channel is scaled by a weight, from 1, and shifted by a bias, from 0, that are learned. Default false, as in PyTorch. */
  readonly affine?: boolean;
  /** Whether evaluation normalizes by running statistics, taken in in training, and not by those of the example. Default false. */
  readonly running?: boolean;
  /** The share of a batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

const rmsNormOptions: OptionTable<RMSNormOptions> = /* @__PURE__ */ extend(dtypeOption, {
  affine: /* @__PURE__ */ optional(boolean, true),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
});
const layerNormOptions: OptionTable<LayerNormOptions> = /* @__PURE__ */ extend(rmsNormOptions, {
  bias: /* @__PURE__ */ optional(boolean, true),
});
const share: Requirement = { words: 'a number from 0 to 1', holds: (x) => typeof x === 'number' && x >= 0 && x <= 1 };
const instanceNormOptions: OptionTable<InstanceNormOptions> = /* @__PURE__ */ extend(dtypeOption, {
  affine: /* @__PURE__ */ optional(boolean, false),
  running: /* @__PURE__ */ optional(boolean, false),
  momentum: /* @__PURE__ */ optional(share, 0.1),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
});

/** Ones or zeros that are learned, if they are wanted. */
const learned = (wanted: boolean, shape: Shape, value: number, dtype: FloatDtype): Parameter | undefined =>
  wanted ? new Parameter(Tensor.full(shape, value, dtype) as Tensor) : undefined;

/** The sizes of the last axes, of which one alone may be given as a number. */
function lastSizes(where: string, sizes: number | Shape): Shape {
  const list = typeof sizes === 'number' ? [sizes] : sizes;
  if (!Array.isArray(list) || list.length === 0)
    throw new ShapeError(`${where}: expected the sizes of the last axes, such as 64 or [8, 8], got ${quote(sizes)}`);
  checkSizes(where, Object.fromEntries(list.map((size, i) => [`size ${i}`, size])));
  return [...list];
}

/** What functions of normalization are handed. */
interface Parts {
  readonly weight: Parameter | undefined;
  readonly bias?: Parameter | undefined;
  readonly epsilon: number;
}

const given = ({ weight, bias, epsilon }: Parts) => ({ epsilon, ...(weight && { weight }), ...(bias && { bias }) });

/**
 * `y = (x − mean) / √(variance + epsilon) · weight + bias`, over the last axes of each example, with the biased variance (Ba et al. 2016).
 *
 * `x : […, ...sizes]`; `weight` and `bias : sizes`, from 1 and 0.
 * @example new LayerNorm(2).forward(Tensor.of([[1, 3], [0, 200]])).toArray().map((row) => row.map(Math.round)) // => [[-1, 1], [-1, 1]]
 */
export class LayerNorm {
  readonly sizes: Shape;
  readonly epsilon: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  /**
   * @param sizes the size of the last axis, or the sizes of the last axes
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known or out of range.
   */
  constructor(sizes: number | Shape, options?: LayerNormOptions) {
    const { affine, bias, epsilon, dtype } = readOptions<LayerNormOptions>(
      'LayerNorm',
      options,
      layerNormOptions,
    ) as Required<LayerNormOptions>;
    checkLayerDtype('LayerNorm', dtype);
    this.sizes = lastSizes('LayerNorm', sizes);
    this.epsilon = epsilon;
    this.weight = learned(affine, this.sizes, 1, dtype);
    this.bias = learned(affine && bias, this.sizes, 0, dtype);
  }

  /** @throws ShapeError where the last axes have other sizes, DtypeError for another dtype. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('LayerNorm', 'x', x);
    return layerNorm(x, this.sizes, given(this));
  }
}

/**
 * `y = x / √(mean x² + epsilon) · weight`, over the last axes of each example (Zhang and Sennrich 2019).
 *
 * `x : […, ...sizes]`; `weight : sizes`, from 1. Weights that were trained elsewhere need the epsilon of there: PyTorch 2 has 1.19e-7 in
 * float32 and 2.2e-16 in float64, Keras and Flax 1e-6.
 * @example new RMSNorm(2, { epsilon: 0 }).forward(Tensor.of([[3, -3]])).toArray() // => [[1, -1]]
 */
export class RMSNorm {
  readonly sizes: Shape;
  readonly epsilon: number;
  readonly weight: Parameter | undefined;

  /**
   * @param sizes the size of the last axis, or the sizes of the last axes
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known or out of range.
   */
  constructor(sizes: number | Shape, options?: RMSNormOptions) {
    const { affine, epsilon, dtype } = readOptions<RMSNormOptions>('RMSNorm', options, rmsNormOptions) as Required<RMSNormOptions>;
    checkLayerDtype('RMSNorm', dtype);
    this.sizes = lastSizes('RMSNorm', sizes);
    this.epsilon = epsilon;
    this.weight = learned(affine, this.sizes, 1, dtype);
  }

  /** @throws ShapeError where the last axes have other sizes, DtypeError for another dtype. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('RMSNorm', 'x', x);
    return rmsNorm(x, this.sizes, given(this));
  }
}

/**
 * `y = (x − mean) / √(variance + epsilon) · weight + bias`, over each group of channels of each example (Wu and He 2018).
 *
 * `x : [n, channels, …]`; `weight` and `bias : [channels]`, from 1 and 0.
 * @example new GroupNorm(1, 2).forward(Tensor.of([[1, 3]])).toArray().map((row) => row.map(Math.round)) // => [[-1, 1]]
 */
export class GroupNorm {
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  /**
   * @param groups how many groups the channels are divided into, one after another
   * @throws ShapeError for channels that are no whole number from 1; ValueError for groups that do not divide them, and for options that are not
   *   known or out of range.
   */
  constructor(groups: number, channels: number, options?: GroupNormOptions) {
    const { affine, epsilon, dtype } = readOptions<GroupNormOptions>('GroupNorm', options, rmsNormOptions) as Required<GroupNormOptions>;
    checkLayerDtype('GroupNorm', dtype);
    checkSizes('GroupNorm', { channels });
    if (!(Number.isInteger(groups) && groups > 0 && channels % groups === 0))
      throw new ValueError(`GroupNorm: expected groups that divide ${channels} channels, got ${quote(groups)}`);
    this.groups = groups;
    this.channels = channels;
    this.epsilon = epsilon;
    this.weight = learned(affine, [channels], 1, dtype);
    this.bias = learned(affine, [channels], 0, dtype);
  }

  /** @throws ShapeError for another number of channels, DtypeError for another dtype. */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkChannels('GroupNorm', x, this.channels, 2);
    return groupNorm(x, this.groups, given(this));
  }
}

/**
 * `y = (x − mean) / √(variance + epsilon)` for each channel of each example (Ulyanov et al. 2016), with `affine: true` times a weight plus a
 * bias.
 *
 * `x : [n, channels, …]`; `weight` and `bias : [channels]`, from 1 and 0. With `running: true`, evaluation normalizes by running statistics,
 * from mean 0 and variance 1: in training they are moved, once a step, by `running ← (1 − momentum) · running + momentum · batch`, towards the
 * means over the examples of their means and unbiased variances.
 * @example new InstanceNorm(1).forward(Tensor.of([[[1, 3]]])).toArray().map((x) => x[0].map(Math.round)) // => [[-1, 1]]
 */
export class InstanceNorm {
  readonly channels: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Buffer | undefined;
  readonly runningVariance: Buffer | undefined;
  /** How many batches were taken in: int32 `[]`. */
  readonly batches: Buffer | undefined;

  /** @throws ShapeError for channels that are no whole number from 1; ValueError for options that are not known or out of range. */
  constructor(channels: number, options?: InstanceNormOptions) {
    const read = readOptions<InstanceNormOptions>('InstanceNorm', options, instanceNormOptions) as Required<InstanceNormOptions>;
    const { affine, running, dtype } = read;
    checkLayerDtype('InstanceNorm', dtype);
    checkSizes('InstanceNorm', { channels });
    this.channels = channels;
    this.epsilon = read.epsilon;
    this.momentum = read.momentum;
    this.weight = learned(affine, [channels], 1, dtype);
    this.bias = learned(affine, [channels], 0, dtype);
    this.runningMean = running ? new Buffer(Tensor.zeros([channels], dtype) as Tensor) : undefined;
    this.runningVariance = running ? new Buffer(Tensor.ones([channels], dtype) as Tensor) : undefined;
    this.batches = running ? new Buffer(Tensor.zeros([], 'int32') as Tensor) : undefined;
  }

  /**
   * @throws ShapeError for another number of channels, and for a single number a channel where running statistics are taken in; StateError
   * where evaluation needs them before any batch was; TapeError where they are taken in under `vmap`; DtypeError for another dtype.
   */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkChannels('InstanceNorm', x, this.channels, 3);
    const { runningMean, runningVariance, batches } = this;
    if (!runningMean || !runningVariance || !batches) return instanceNorm(x, given(this));
    if (!isTraining() || batches.frozen) {
      if (batches.value.item() === 0)
        throw new StateError(
          `InstanceNorm${batches.path ? ` ${batches.path.replace(/\.?batches$/, '')}` : ''}: has seen no batch, so there are no running statistics ` +
            'to normalize by; train it, or run batches through it within training(f), or load a state dict',
        );
      return batchNorm(x, { ...given(this), running: { mean: runningMean.value, variance: runningVariance.value } }).y as Tensor<S>;
    }
    if (traceOf(x))
      throw new TapeError(
        'InstanceNorm: takes in running statistics of the whole batch in training, and cannot be mapped over its examples; call it within evaluation(f)',
      );
    const axes = [...x.sizes.keys()].slice(2);
    if (x.size === x.sizes[0]! * this.channels)
      throw new ShapeError(`InstanceNorm: expected more than one number for each channel to train on, got x ${formatShape(x.sizes)}`);
    const towards = (now: () => Tensor) => (before: Tensor) => before.mul(1 - this.momentum).add(now().mean(0).mul(this.momentum));
    runningMean.replace(towards(() => x.mean(axes) as Tensor));
    runningVariance.replace(towards(() => x.var(axes) as Tensor));
    batches.replace((count) => count.add(1));
    return instanceNorm(x, given(this));
  }
}

function checkChannels(where: string, x: Tensor, channels: number, rank: number): void {
  checkTensor(where, 'x', x);
  if (x.rank < rank || x.sizes[1] !== channels)
    throw new ShapeError(`${where}: expected x of shape [n, ${channels}${rank > 2 ? ', size' : ''}, …], got ${formatShape(x.sizes)}`);
}
