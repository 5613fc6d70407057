/** The identity through which no gradient passes. */

import type { Shape } from '../../base/shape-types.ts';
import { type ElementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

export const stopGradientOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('stopGradient', {
  forward: (x) => x,
  backward: null,
  stopsGradient: true,
});

/**
 * The same numbers, through which no gradient passes.
 * @example grad((x) => x.mul(stopGradient(x)))(Tensor.of(3)).item() // => 3
 */
export const stopGradient = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(stopGradientOp, { x });
