/** Activations as layers. Each is a function of a tensor as well, and functions are layers: `relu` does what `new ReLU()` does. */

import { check } from '../base/options.ts';
import type { Shape } from '../base/shape-types.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * `y = max(x, 0)`, element by element; any shape.
 * @example new ReLU().forward(Tensor.of([-1, 2])).toArray() // => [0, 2]
 */
export class ReLU {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('ReLU', 'x', x);
    return x.relu();
  }
}

/**
 * `y = 1 / (1 + e⁻ˣ)`, element by element; any shape.
 * @example new Sigmoid().forward(Tensor.of([0])).toArray() // => [0.5]
 */
export class Sigmoid {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('Sigmoid', 'x', x);
    return x.sigmoid();
  }
}

/**
 * `y = tanh x`, element by element; any shape.
 * @example new Tanh().forward(Tensor.of([0])).toArray() // => [0]
 */
export class Tanh {
  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('Tanh', 'x', x);
    return x.tanh();
  }
}

/**
 * `y = eˣ / Σ eˣ` along an axis; any shape. Default axis −1, the last.
 *
 * To train a classifier, give its logits to `SoftmaxCrossEntropy`, which contains the softmax.
 * @example new Softmax().forward(Tensor.of([[0, 0]])).toArray() // => [[0.5, 0.5]]
 */
export class Softmax {
  readonly axis: number;

  /** @throws ValueError for what is no whole number. */
  constructor(axis = -1) {
    check('Softmax', { axis }, { words: 'the number of an axis', holds: Number.isInteger });
    this.axis = axis;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    checkTensor('Softmax', 'x', x);
    return x.softmax(this.axis);
  }
}
