/** Layers that normalize groups of channels of each example, or each channel of it. */

import { calledAs } from '../base/called-as.ts';
import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError, TapeError, ValueError } from '../base/errors.ts';
import { boolean, extend, fraction, numberFrom, type OptionTable, optional, quote, readOptions } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { batchNorm, groupNorm, instanceNorm } from '../functions/nn/normalization.ts';
import { Buffer } from '../tensor/buffer.ts';
import type { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { traceOf } from '../tensor/traced.ts';
import { isTraining } from '../tensor/training-scope.ts';
import { checkInput, checkLayerDtype, checkSizes, dtypeOption } from './layer-options.ts';
import { given, learned, rmsNormOptions } from './norms.ts';
import { placeOf, statisticsOf } from './running-statistics.ts';

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
  /** The fraction of a batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

const instanceNormOptions: OptionTable<InstanceNormOptions> = /* @__PURE__ */ extend(dtypeOption, {
  affine: /* @__PURE__ */ optional(boolean, false),
  running: /* @__PURE__ */ optional(boolean, false),
  momentum: /* @__PURE__ */ optional(fraction, 0.1),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
});

/**
 * `y = (x − mean) / √(variance + epsilon) · weight + bias`, over each group of channels of each example (Wu and He 2018).
 *
 * `x : [n, channels, …]`; `weight` and `bias : [channels]`, from 1 and 0.
 * @example new GroupNorm(1, 2).forward(Tensor.of([[1, 3]])).round().toArray() // => [[-1, 1]]
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
 * @example new InstanceNorm(1).forward(Tensor.of([[[1, 3]]])).round().toArray() // => [[[-1, 1]]]
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
   * @throws ShapeError for another number of channels, and for a single number a channel where it normalizes by the example's own; StateError
   * where evaluation needs them before any batch was; TapeError where they are taken in under `vmap`; DtypeError for another dtype.
   */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkChannels('InstanceNorm', x, this.channels, 3);
    const { runningMean, runningVariance, batches } = this;
    const ofEach = () => calledAs('InstanceNorm', 'instanceNorm', () => instanceNorm(x, given(this)));
    if (!runningMean || !runningVariance || !batches) return ofEach();
    const held = { runningMean, runningVariance, batches };
    checkInput('InstanceNorm', 'x', x, runningMean.dtype);
    if (!isTraining() || batches.frozen)
      return batchNorm(x, { ...given(this), running: statisticsOf('InstanceNorm', held) }).y as Tensor<S>;
    if (traceOf(x))
      throw new TapeError(
        `${placeOf('InstanceNorm', held)}: takes in running statistics of the whole batch in training, and cannot be mapped over its examples; ` +
          'call it within evaluation(f)',
      );
    const y = ofEach();
    if (x.size === 0) return y;
    const axes = [...x.sizes.keys()].slice(2);
    const towards = (now: () => Tensor) => (before: Tensor) => before.mul(1 - this.momentum).add(now().mean(0).mul(this.momentum));
    runningMean.replace(towards(() => x.mean(axes) as Tensor));
    runningVariance.replace(towards(() => x.var(axes) as Tensor));
    batches.replace((count) => count.add(1));
    return y;
  }
}

function checkChannels(where: string, x: Tensor, channels: number, rank: number): void {
  checkTensor(where, 'x', x);
  if (x.rank < rank || x.sizes[1] !== channels)
    throw new ShapeError(`${where}: expected x of shape [n, ${channels}${rank > 2 ? ', size' : ''}, …], got ${formatShape(x.sizes)}`);
}
