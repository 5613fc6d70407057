import type { Shape } from '../base/shape-types.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * `y = eˣ / Σ eˣ` along an axis, the last unless told; any shape. To train, give logits to `SoftmaxCrossEntropy` instead, which has the softmax
 * within.
 * @example new Softmax().forward(Tensor.of([[0, 0]])).toArray() // => [[0.5, 0.5]]
 */
export class Softmax {
  readonly axis: number;

  constructor(axis = -1) {
    this.axis = axis;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return x.softmax(this.axis);
  }
}
