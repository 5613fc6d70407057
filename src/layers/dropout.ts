/** Layers that draw masks in training. In evaluation each is the identity; there is no mode to switch. */

import { check, fraction } from '../base/options.ts';
import type { Shape } from '../base/shape-types.ts';
import { alphaDropout, channelDropout, dropout } from '../functions/nn/dropout.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * `y = x · mask / (1 − p)` in training, where each element of the mask is 0 with probability `p`, else 1; `y = x` in evaluation (Srivastava et al. 2014).
 * Any shape. The masks come from the default generator, or the one of `training(f, { random })`.
 * @example new Dropout(0.5).forward(Tensor.of([1, 2])).toArray() // => [1, 2]
 */
export class Dropout {
  readonly p: number;

  /**
   * @param p the share that is dropped. Default 0.5
   * @throws ValueError for what is no number from 0 to 1.
   */
  constructor(p: number = 0.5) {
    check('Dropout', { p }, fraction);
    this.p = p;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return dropout(x, this.p);
  }
}

/**
 * Dropout of whole channels: the mask has one element for each channel of each example (Tompson et al. 2015). `x : [n, channels, …]`.
 * @example new ChannelDropout(0.2).forward(Tensor.ones([1, 2])).toArray() // => [[1, 1]]
 */
export class ChannelDropout {
  readonly p: number;

  /**
   * @param p the share that is dropped. Default 0.5
   * @throws ValueError for what is no number from 0 to 1.
   */
  constructor(p: number = 0.5) {
    check('ChannelDropout', { p }, fraction);
    this.p = p;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return channelDropout(x, this.p);
  }
}

/**
 * Dropout for networks of `selu`: what is dropped is set to −1.7581, and all is scaled and shifted such that mean 0 and variance 1 stay (Klambauer et al.
 * 2017). Any shape.
 * @example new AlphaDropout(0.1).forward(Tensor.of([1, 2])).toArray() // => [1, 2]
 */
export class AlphaDropout {
  readonly p: number;

  /**
   * @param p the share that is dropped. Default 0.5
   * @throws ValueError for what is no number from 0 to 1.
   */
  constructor(p: number = 0.5) {
    check('AlphaDropout', { p }, fraction);
    this.p = p;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return alphaDropout(x, this.p);
  }
}
