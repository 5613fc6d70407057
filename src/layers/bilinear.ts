import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { boolean, extend, type OptionTable, optional, readOptions } from '../base/options.ts';
import { generatorOf } from '../base/random.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkInput, checkLayerDtype, checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';

/** Options of `Bilinear`. */
export interface BilinearOptions extends LayerOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
}

const bilinearOptions: OptionTable<BilinearOptions> = /* @__PURE__ */ extend(layerOptions, {
  bias: /* @__PURE__ */ optional(boolean, true),
});

/**
 * `yₖ = aᵀ weightₖ b + biasₖ`, along the last axes of two tensors.
 *
 * `a : […, first]`, `b : […, second]`, with the same axes in front; `weight : [outputs, first, second]`, as in PyTorch, `bias : [outputs]`;
 * `y : […, outputs]`. Weight and bias start from U(±1/√first).
 * @example new Bilinear(3, 4, 5).forward(Tensor.zeros([2, 3]), Tensor.zeros([2, 4])).shape // => [2, 5]
 */
export class Bilinear {
  readonly first: number;
  readonly second: number;
  readonly outputs: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(first: number, second: number, outputs: number, options?: BilinearOptions) {
    const { bias, dtype } = readOptions<BilinearOptions>('Bilinear', options, bilinearOptions);
    checkSizes('Bilinear', { first, second, outputs });
    checkLayerDtype('Bilinear', dtype);
    const random = generatorOf('Bilinear', options ?? {});
    const bound = 1 / Math.sqrt(first);
    const drawn = (...shape: number[]) =>
      new Parameter(Tensor.uniform(shape, { low: -bound, high: bound, random, dtype: dtype as FloatDtype }) as Tensor);
    this.first = first;
    this.second = second;
    this.outputs = outputs;
    this.weight = drawn(outputs, first, second);
    this.bias = bias ? drawn(outputs) : undefined;
  }

  /** @throws ShapeError for other widths, or other axes in front; DtypeError for another dtype. */
  forward(a: Tensor, b: Tensor): Tensor {
    checkInput('Bilinear', 'a', a, this.weight.dtype);
    checkInput('Bilinear', 'b', b, this.weight.dtype);
    const { first, second, outputs } = this;
    const leading = a.sizes.slice(0, -1);
    if (a.sizes.at(-1) !== first || b.sizes.at(-1) !== second || !sameShape(leading, b.sizes.slice(0, -1)))
      throw new ShapeError(
        `Bilinear: expected […, ${first}] and […, ${second}] with the same axes in front, got ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`,
      );
    const forms = a.matmul(this.weight.transpose(0, 1).reshape([first, outputs * second])).reshape([...leading, outputs, second]) as Tensor;
    const products: Tensor = forms.mul(b.unsqueeze(-2)).sum(-1);
    return this.bias ? products.add(this.bias) : products;
  }
}
