/** Layers that make images larger or smaller. */

import { check, wholeNumberFrom } from '../base/options.ts';
import { type InterpolateOptions, interpolate, interpolationOf } from '../functions/nn/interpolate.ts';
import { pixelShuffle, pixelUnshuffle } from '../functions/nn/pixel-shuffle.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * Signals, images or volumes of another size: `interpolate` as a layer, with its options. `x : [n, channels, …]`.
 * @example new Upsample({ scale: 2, mode: 'bilinear' }).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 3, 16, 16]
 */
export class Upsample {
  readonly options: InterpolateOptions;

  /** @throws ValueError for options that cannot be, or do not fit each other. */
  constructor(options: InterpolateOptions) {
    interpolationOf('Upsample', options);
    this.options = { ...options };
  }

  /** @throws ShapeError for other shapes, and sizes below 1. */
  forward(x: Tensor): Tensor {
    checkTensor('Upsample', 'x', x);
    return interpolate(x, this.options);
  }
}

/**
 * Images `factor` times as high and wide, of fewer channels: `pixelShuffle` as a layer. `x : […, channels · factor², height, width]`.
 * @example new PixelShuffle(2).forward(Tensor.zeros([2, 12, 4, 4])).shape // => [2, 3, 8, 8]
 */
export class PixelShuffle {
  readonly factor: number;

  /** @throws ValueError for a factor below 1. */
  constructor(factor: number) {
    check('PixelShuffle', { factor }, wholeNumberFrom(1));
    this.factor = factor;
  }

  /** @throws ShapeError where the channels are no multiple of `factor²`. */
  forward(x: Tensor): Tensor {
    checkTensor('PixelShuffle', 'x', x);
    return pixelShuffle(x, this.factor);
  }
}

/**
 * Images `factor` times less high and wide, of more channels: `pixelUnshuffle` as a layer. `x : […, channels, height, width]`.
 * @example new PixelUnshuffle(2).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 12, 4, 4]
 */
export class PixelUnshuffle {
  readonly factor: number;

  /** @throws ValueError for a factor below 1. */
  constructor(factor: number) {
    check('PixelUnshuffle', { factor }, wholeNumberFrom(1));
    this.factor = factor;
  }

  /** @throws ShapeError where height or width are no multiple of the factor. */
  forward(x: Tensor): Tensor {
    checkTensor('PixelUnshuffle', 'x', x);
    return pixelUnshuffle(x, this.factor);
  }
}
