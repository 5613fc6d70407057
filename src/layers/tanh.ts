import type { Shape } from '../base/shape-types.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * `y = tanh x`, element by element; any shape.
 * @example new Tanh().forward(Tensor.of([0])).toArray() // => [0]
 */
export class Tanh {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return x.tanh();
  }
}
