/** Powers of two, logarithms to other bases, and simple powers. */

import type { Shape } from '../../base/shape-types.ts';
import * as formulas from '../../formula/logarithms.ts';
import { type ElementwiseOp, positives, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

type Unary = ElementwiseOp<'x'>;

export const exp2Op: Unary = /* @__PURE__ */ unaryOp('exp2', {
  nonFinite: 'exponential',
  forward: (x) => formulas.powerOfTwo(x),
  backward: ({ dy, y }) => dy.mul(y).mul(Math.LN2),
});

export const log2Op: Unary = /* @__PURE__ */ unaryOp('log2', {
  nonFinite: 'logarithm',
  forward: (x) => formulas.logarithm2(x),
  backward: ({ dy, x }) => dy.div(x.mul(Math.LN2)),
  domain: positives,
});

export const log10Op: Unary = /* @__PURE__ */ unaryOp('log10', {
  nonFinite: 'logarithm',
  forward: (x) => formulas.logarithm10(x),
  // Divided twice: the product would overflow where the slope does not underflow.
  backward: ({ dy, x }) => dy.div(x).div(Math.LN10),
  domain: positives,
});

export const squareOp: Unary = /* @__PURE__ */ unaryOp('square', {
  forward: (x) => x.mul(x),
  backward: ({ dy, x }) => dy.mul(x).mul(2),
});

export const rsqrtOp: Unary = /* @__PURE__ */ unaryOp('rsqrt', {
  forward: (x) => x.sqrt().reciprocal(),
  backward: ({ dy, x, y }) => dy.mul(y).div(x).mul(-0.5),
  domain: positives,
});

/**
 * `2ˣ`, exact for integers.
 * @example exp2(Tensor.of([3, -1])).toArray() // => [8, 0.5]
 */
export const exp2 = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(exp2Op, { x });

/**
 * The logarithm to the base 2, exact for powers of two; −∞ at 0 and NaN below.
 * @example log2(Tensor.of([8, 0.5])).toArray() // => [3, -1]
 */
export const log2 = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(log2Op, { x });

/**
 * The logarithm to the base 10; −∞ at 0 and NaN below.
 * @example log10(Tensor.of([1000, 0.01])).toArray().map((y) => y.toFixed(4)) // => ['3.0000', '-2.0000']
 */
export const log10 = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(log10Op, { x });

/**
 * `x²`
 * @example square(Tensor.of([3, -2])).toArray() // => [9, 4]
 */
export const square = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(squareOp, { x });

/**
 * `1 / √x`; ∞ at 0 and NaN below.
 * @example rsqrt(Tensor.of([4, 0])).toArray() // => [0.5, Infinity]
 */
export const rsqrt = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(rsqrtOp, { x });
