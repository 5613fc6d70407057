import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError, TapeError } from '../base/errors.ts';
import { boolean, numberFrom, oneOf, optional, quote, type Requirement, readOptions } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { batchNorm, movedStatistics, type Statistics } from '../functions/nn/normalization.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import { traceOf } from '../tensor/traced.ts';
import { isTraining } from '../tensor/training-scope.ts';
import { checkInput } from './layer-options.ts';
import { placeOf, statisticsOf } from './running-statistics.ts';

/** Options of `BatchNorm`. */
export interface BatchNormLayerOptions {
  /** Whether the result is scaled and shifted by a weight, from 1, and a bias, from 0. Default true. */
  readonly affine?: boolean;
  /** What is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** The share of a batch in the running statistics; `'average'` weighs all batches alike. Default 0.1. */
  readonly momentum?: number | 'average';
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

const share: Requirement = {
  words: "a number from 0 to 1, or 'average'",
  holds: (x) => x === 'average' || (typeof x === 'number' && x >= 0 && x <= 1),
};

/**
 * `y = (x − mean) / √(variance + epsilon) · weight + bias` for each channel (Ioffe & Szegedy 2015).
 *
 * `x : [n, channels, …]`. In training mean and variance are those of the batch, over all axes but the channels, and the running ones are moved towards them:
 * `running ← (1 − momentum) · running + momentum · batch`, from mean 0 and variance 1, with the unbiased variance, once a step. In evaluation they are
 * the running ones. Where an optimizer has the layer `frozen`, the running ones are used and kept in training too.
 *
 * @example
 * const layer = new BatchNorm(2);
 * training(() => layer.forward(Tensor.of([[1, 2], [3, 6]]))).toArray().map((row) => row.map(Math.round)) // => [[-1, -1], [1, 1]]
 * layer.runningMean.value.toArray().map((m) => m.toFixed(2)) // => ['0.20', '0.40']
 */
export class BatchNorm {
  readonly channels: number;
  readonly epsilon: number;
  readonly momentum: number | 'average';
  readonly weight: Parameter<[number]> | undefined;
  readonly bias: Parameter<[number]> | undefined;
  readonly runningMean: Buffer<[number]>;
  readonly runningVariance: Buffer<[number]>;
  /** How many batches were taken in: int32 `[]`. */
  readonly batches: Buffer<[]>;

  /** @throws ShapeError for channels that are no whole number from 1; ValueError for options that are not known or out of range. */
  constructor(channels: number, options?: BatchNormLayerOptions) {
    if (!(Number.isInteger(channels) && channels > 0))
      throw new ShapeError(`BatchNorm: expected a whole number of channels from 1, got ${quote(channels)}`);
    const { affine, epsilon, momentum, dtype } = readOptions('BatchNorm', options, {
      affine: optional(boolean, true),
      epsilon: optional(numberFrom(0), 1e-5),
      momentum: optional(share, 0.1),
      dtype: optional(oneOf('float32', 'float64'), 'float32'),
    });
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(Tensor.ones([channels], dtype)) : undefined;
    this.bias = affine ? new Parameter(Tensor.zeros([channels], dtype)) : undefined;
    this.runningMean = new Buffer(Tensor.zeros([channels], dtype));
    this.runningVariance = new Buffer(Tensor.ones([channels], dtype));
    this.batches = new Buffer(Tensor.zeros([], 'int32'));
  }

  /**
   * @throws ShapeError for another number of channels, and in training for a single number a channel; DtypeError for another dtype; StateError in
   * evaluation before any batch was taken in; TapeError in training under `vmap`, since examples are not independent there.
   */
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkInput('BatchNorm', 'x', x, this.runningMean.dtype);
    if (x.rank < 2 || x.sizes[1] !== this.channels)
      throw new ShapeError(`BatchNorm: expected [n, ${this.channels}, …], got ${formatShape(x.sizes)}`);
    const { weight, bias, epsilon } = this;
    const given = { epsilon, ...(weight && { weight }), ...(bias && { bias }) };
    const training = isTraining() && !this.batches.frozen;
    if (!training) return batchNorm(x, { ...given, running: statisticsOf('BatchNorm', this) }).y as Tensor as Tensor<S>;
    if (traceOf(x))
      throw new TapeError(
        `${placeOf('BatchNorm', this)}: normalizes by its batch in training, so examples are not independent, and cannot be mapped one by one; ` +
          'call it within evaluation(f), or use GroupNorm or LayerNorm',
      );
    const { y } = batchNorm(x, { ...given, training: true });
    if (x.size > 0) this.#takeIn(x);
    return y as Tensor as Tensor<S>;
  }

  /** Moves the running statistics towards those of a batch. */
  #takeIn(x: Tensor): void {
    const part = this.momentum === 'average' ? 1 / (this.batches.value.item() + 1) : this.momentum;
    let moved: Statistics | undefined;
    const next = () => {
      moved ??= movedStatistics({ mean: this.runningMean.value, variance: this.runningVariance.value }, x, part);
      return moved;
    };
    this.runningMean.replace(() => next().mean);
    this.runningVariance.replace(() => next().variance);
    this.batches.replace((batches) => batches.add(1));
  }
}
