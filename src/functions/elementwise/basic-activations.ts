/** The activations that tensors have as methods, as functions: a function of a tensor is a layer. */

import type { Shape } from '../../base/shape-types.ts';
import * as elementary from '../../tensor/ops/elementary.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/**
 * `max(x, 0)`, element by element.
 * @example relu(Tensor.of([-1, 2])).toArray() // => [0, 2]
 */
export const relu = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(elementary.reluOp, { x });

/**
 * `1 / (1 + e⁻ˣ)`, element by element.
 * @example sigmoid(Tensor.of([0])).toArray() // => [0.5]
 */
export const sigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(elementary.sigmoidOp, { x });

/**
 * `tanh x`, element by element.
 * @example tanh(Tensor.of([0])).toArray() // => [0]
 */
export const tanh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(elementary.tanhOp, { x });
