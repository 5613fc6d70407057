/** Layers that add to a sequence what tells its positions. What is rotated instead is an option of `MultiHeadAttention`. */

import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { type OptionTable, readOptions } from '../base/options.ts';
import { generatorOf } from '../base/random.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { baseOption, type PositionOptions, sinusoidalEncoding, startOption } from '../functions/nn/positions.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkFloats, Tensor } from '../tensor/tensor.ts';
import { checkLayerDtype, checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';

/** Where a sequence begins. */
export interface StartOptions {
  /** The position of its first element, which is not 0 where a sequence is gone on with. Default 0. */
  readonly start?: number;
}

const startOptions: OptionTable<StartOptions> = { start: startOption };
const baseOptions: OptionTable<Pick<PositionOptions, 'base'>> = { base: baseOption };

/** The number of elements and the width of a sequence. */
function sizesOf(name: string, x: Tensor): readonly [time: number, width: number] {
  checkFloats(name, x);
  if (x.rank < 2) throw new ShapeError(`${name}: expected […, time, width], got ${formatShape(x.sizes)}`);
  return x.sizes.slice(-2) as [number, number];
}

/**
 * `y = x + sinusoidalEncoding(time, width)`: waves of many lengths, which are not learned (Vaswani et al. 2017, section 3.5). `x : […, time, width]`.
 * @example
 * const encoding = new SinusoidalEncoding();
 * encoding.forward(Tensor.zeros([1, 2, 2])).toArray()[0]?.map((row) => row.map((x) => x.toFixed(4))) // => [['0.0000', '1.0000'], ['0.8415', '0.5403']]
 */
export class SinusoidalEncoding {
  readonly base: number;

  /**
   * @param options `base`: the wavelengths go from 2π to 2π times this. Default 10000
   * @throws ValueError for options that are not known or out of range.
   */
  constructor(options?: Pick<PositionOptions, 'base'>) {
    this.base = readOptions('SinusoidalEncoding', options, baseOptions).base!;
  }

  /**
   * @param options `start`, the position of the first element. Default 0
   * @throws ShapeError for less than two axes.
   */
  forward<S extends Shape>(x: Tensor<S>, options?: StartOptions): Tensor<S> {
    const [time, width] = sizesOf('SinusoidalEncoding', x);
    const { start } = readOptions('SinusoidalEncoding', options, startOptions);
    const dtype = x.dtype as FloatDtype;
    return (x as Tensor).add(sinusoidalEncoding(time, width, { base: this.base, start: start!, dtype })) as Tensor;
  }
}

/**
 * `y = x + weight[start : start + time]`: a learned vector for each position up to a longest sequence. `x : […, time, width]`, `weight : [length, width]`,
 * which starts from N(0, 0.02), as in GPT-2.
 * @example new LearnedEncoding(128, 16).forward(Tensor.zeros([4, 10, 16])).shape // => [4, 10, 16]
 */
export class LearnedEncoding {
  readonly length: number;
  readonly width: number;
  readonly weight: Parameter;

  /**
   * @param length of the longest sequence
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known.
   */
  constructor(length: number, width: number, options?: LayerOptions) {
    const { dtype } = readOptions('LearnedEncoding', options, layerOptions);
    checkSizes('LearnedEncoding', { length, width });
    checkLayerDtype('LearnedEncoding', dtype);
    const random = generatorOf('LearnedEncoding', options ?? {});
    [this.length, this.width] = [length, width];
    this.weight = new Parameter(Tensor.normal([length, width], { standardDeviation: 0.02, random, dtype }));
  }

  /**
   * @param options `start`, the position of the first element. Default 0
   * @throws ShapeError for another width, and for a sequence that is too long.
   */
  forward<S extends Shape>(x: Tensor<S>, options?: StartOptions): Tensor<S> {
    const [time, width] = sizesOf('LearnedEncoding', x);
    const { start } = readOptions('LearnedEncoding', options, startOptions);
    const end = start! + time;
    if (width !== this.width || end > this.length)
      throw new ShapeError(
        `LearnedEncoding: expected […, time, ${this.width}] up to position ${this.length}, got ${formatShape(x.sizes)} from position ${start}`,
      );
    return (x as Tensor).add(this.weight.slice([[start!, end]])) as Tensor;
  }
}
