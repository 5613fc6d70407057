/** Hyperbolic functions and their inverses. */

import * as formulas from '../hyperbolic.ts';
import { type ElementwiseOp, unary } from '../op.ts';
import type { Shape } from '../shape-types.ts';
import { perform, type Tensor } from '../tensor.ts';

type Unary = ElementwiseOp<'x'>;

/** `cosh² = 1 + sinh²` and so on: each is the other's slope; halves of `eˣ ± e⁻ˣ` are what a rule can write. */
export const sinhOperation: Unary = /* @__PURE__ */ unary('sinh', {
  forward: (x) => formulas.sinh(x),
  backward: ({ dy, x }) => dy.mul(x.exp().add(x.neg().exp())).mul(0.5),
});

export const coshOperation: Unary = /* @__PURE__ */ unary('cosh', {
  forward: (x) => formulas.cosh(x),
  backward: ({ dy, x }) => dy.mul(x.expm1().sub(x.neg().expm1())).mul(0.5),
});

export const asinhOperation: Unary = /* @__PURE__ */ unary('asinh', {
  forward: (x) => formulas.asinh(x),
  backward: ({ dy, x }) => dy.div(x.mul(x).add(1).sqrt()),
});

export const acoshOperation: Unary = /* @__PURE__ */ unary('acosh', {
  forward: (x) => formulas.acosh(x),
  backward: ({ dy, x }) => dy.div(x.sub(1).mul(x.add(1)).sqrt()),
  domain: { from: 1.5, to: 4 },
});

export const atanhOperation: Unary = /* @__PURE__ */ unary('atanh', {
  forward: (x) => formulas.atanh(x),
  backward: ({ dy, x }) => dy.div(x.neg().add(1).mul(x.add(1))),
  domain: { from: -0.75, to: 0.75 },
});

/**
 * The hyperbolic sine, `(eˣ − e⁻ˣ) / 2`.
 * @example sinh(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.1752']
 */
export const sinh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(sinhOperation, { x });

/**
 * The hyperbolic cosine, `(eˣ + e⁻ˣ) / 2`.
 * @example cosh(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['1.0000', '1.5431']
 */
export const cosh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(coshOperation, { x });

/**
 * What `sinh` undoes: `log(x + √(x² + 1))`.
 * @example asinh(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '0.8814']
 */
export const asinh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(asinhOperation, { x });

/**
 * What `cosh` undoes, from 0: `log(x + √(x² − 1))`; NaN below 1.
 * @example acosh(Tensor.of([1, 2])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.3170']
 */
export const acosh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(acoshOperation, { x });

/**
 * What `tanh` undoes: `½ log((1 + x) / (1 − x))`; ±∞ at ±1 and NaN beyond.
 * @example atanh(Tensor.of([0, 1])).toArray() // => [0, Infinity]
 */
export const atanh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(atanhOperation, { x });
