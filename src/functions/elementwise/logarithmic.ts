/** Logarithms of sums, odds and products, stable where the plain formula overflows or cancels. */

import { type OptionTable, readOptions, withoutDefault } from '../../base/options.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Formula } from '../../formula/formula.ts';
import * as formulas from '../../formula/logarithms.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { binaryOp, type ElementwiseOp, positives, unaryOp } from '../../tensor/op.ts';
import { checkFloats, perform, performBinary, type Tensor } from '../../tensor/tensor.ts';

/** The larger of two that differ; NaN where either is. */
const larger = (a: Formula, b: Formula): Formula => a.greater(b).where(a, b.greater(a).where(b, NaN));

/** `a − b`, and 0 for two equal infinities, which share the gradient evenly. */
const difference = <T extends Elementwise<T>>(a: T, b: T): T => a.equal(b).mul(a.abs().equal(Infinity)).where(0, a.sub(b));

/** The derivatives are `σ(±(a − b))`. */
export const logAddExpOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('logAddExp', {
  forward: (a, b) => a.equal(b).where(a.add(Math.LN2), larger(a, b).add(a.sub(b).abs().neg().exp().log1p())),
  backward: {
    a: ({ dy, a, b }) => difference(a, b).sigmoid().mul(dy),
    b: ({ dy, a, b }) => difference(b, a).sigmoid().mul(dy),
  },
});

/**
 * `log(eᵃ + eᵇ)`, element by element, without overflow.
 * @example logAddExp(Tensor.of([1000]), Tensor.of([1000])).item().toFixed(3) // => '1000.693'
 */
export const logAddExp = (a: Tensor, b: number | Tensor): Tensor => performBinary(logAddExpOp, a, b);

/** As `logAddExp`; the derivatives are `σ(±(a − b) ln 2)`. */
export const logAddExp2Op: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('logAddExp2', {
  forward: (a, b) => a.equal(b).where(a.add(1), larger(a, b).add(formulas.powerOfTwo(a.sub(b).abs().neg()).log1p().div(Math.LN2))),
  backward: {
    a: ({ dy, a, b }) => difference(a, b).mul(Math.LN2).sigmoid().mul(dy),
    b: ({ dy, a, b }) => difference(b, a).mul(Math.LN2).sigmoid().mul(dy),
  },
});

/**
 * `log₂(2ᵃ + 2ᵇ)`, element by element, without overflow.
 * @example logAddExp2(Tensor.of([3000]), 3000).toArray() // => [3001]
 */
export const logAddExp2 = (a: Tensor, b: number | Tensor): Tensor => performBinary(logAddExp2Op, a, b);

/** Where `0 · log b` is 0 though the logarithm is not finite, and the derivatives as well. */
const nothing = <T extends Elementwise<T>>(a: T, b: T): T => a.equal(0).mul(b.lessEqual(0));

export const xlogyOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('xlogy', {
  nonFinite: 'logarithm',
  forward: (a, b) => a.equal(0).mul(b.equal(b)).where(0, a.mul(b.log())),
  backward: {
    a({ dy, a, b }) {
      const flat = nothing(a, b);
      return flat.where(0, dy.mul(flat.where(1, b).log()));
    },
    b({ dy, a, b }) {
      const flat = nothing(a, b);
      return flat.where(0, dy.mul(a).div(flat.where(1, b)));
    },
  },
  domains: { b: positives },
});

/**
 * `a log b`, and 0 where `a` is 0, whatever `b`: a term of an entropy.
 * @example xlogy(Tensor.of([0, 2]), Tensor.of([0, 1])).toArray() // => [0, 0]
 */
export const xlogy = (a: Tensor, b: number | Tensor): Tensor => performBinary(xlogyOp, a, b);

/** Near ½, where the difference of logarithms would cancel, from `2x − 1`, which is exact there. */
export const logitOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('logit', {
  nonFinite: 'domain',
  forward(x) {
    const rest = x.neg().add(1);
    const central = x.add(x).sub(1).div(rest).log1p();
    return x.sub(0.5).abs().lessEqual(0.25).where(central, x.log().sub(x.neg().log1p()));
  },
  backward({ dy, x }) {
    // Times NaN where the value is NaN, so that all derivatives are.
    const inside = x.mul(x.less(0).add(x.greater(1)).where(NaN, 1));
    // `1 / (x (1 − x))` in partial fractions, which have slopes at 0 and 1 too: ±∞.
    return dy.div(inside).add(dy.div(inside.neg().add(1)));
  },
  domain: { from: 0.25, to: 0.75 },
});

const LOGIT: OptionTable<LogitOptions> = {
  epsilon: /* @__PURE__ */ withoutDefault({ words: 'a number from 0 to 0.5', holds: (x) => typeof x === 'number' && x >= 0 && x <= 0.5 }),
};

/** Limits of a logit's argument. */
export interface LogitOptions {
  /** If given, `x` is first limited to the range from `epsilon` to `1 − epsilon`. Default none. */
  readonly epsilon?: number;
}

/**
 * `log(x / (1 − x))`, the inverse of `sigmoid`; NaN outside of 0 to 1.
 * @param options `epsilon`, from 0 to ½. Default none
 * @throws ValueError for another epsilon.
 * @example logit(Tensor.of([0.5, 1])).toArray() // => [0, Infinity]
 * logit(Tensor.of([0, 1]), { epsilon: 0.5 }).toArray() // => [0, 0]
 */
export function logit<S extends Shape>(x: Tensor<S>, options?: LogitOptions): Tensor<S> {
  checkFloats('logit', x);
  const { epsilon } = readOptions('logit', options, LOGIT);
  return perform(logitOp, { x: epsilon === undefined ? x : x.clamp(epsilon, 1 - epsilon) });
}
