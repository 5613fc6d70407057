import type { Shape } from '../base/shape-types.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * `y = max(x, 0)`, element by element; any shape.
 * @example new ReLU().forward(Tensor.of([-1, 2])).toArray() // => [0, 2]
 */
export class ReLU {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return x.relu();
  }
}
