/** Layers that normalize each example by itself, the same in training and in evaluation. `BatchNorm` is in a file of its own. */

import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { boolean, extend, numberFrom, type OptionTable, optional, quote, readOptions } from '../base/options.ts';
import type { Shape } from '../base/shape-types.ts';
import { layerNorm, rmsNorm } from '../functions/nn/normalization.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
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

export const rmsNormOptions: OptionTable<RMSNormOptions> = /* @__PURE__ */ extend(dtypeOption, {
  affine: /* @__PURE__ */ optional(boolean, true),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
});
const layerNormOptions: OptionTable<LayerNormOptions> = /* @__PURE__ */ extend(rmsNormOptions, {
  bias: /* @__PURE__ */ optional(boolean, true),
});

/** Ones or zeros that are learned, if they are wanted. */
export const learned = (wanted: boolean, shape: Shape, value: number, dtype: FloatDtype): Parameter | undefined =>
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

export const given = ({ weight, bias, epsilon }: Parts) => ({ epsilon, ...(weight && { weight }), ...(bias && { bias }) });

/**
 * `y = (x − mean) / √(variance + epsilon) · weight + bias`, over the last axes of each example, with the biased variance (Ba et al. 2016).
 *
 * `x : […, ...sizes]`; `weight` and `bias : sizes`, from 1 and 0.
 * @example new LayerNorm(2).forward(Tensor.of([[1, 3], [0, 200]])).round().toArray() // => [[-1, 1], [-1, 1]]
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
