import type { Shape } from '../base/shape-types.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * `y = 1 / (1 + e⁻ˣ)`, element by element; any shape.
 * @example new Sigmoid().forward(Tensor.of([0])).toArray() // => [0.5]
 */
export class Sigmoid {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return x.sigmoid();
  }
}
