/** Logarithms of sums, odds and products, stable where the plain formula overflows or cancels. */

import type { Shape } from '../../base/shape-types.ts';
import { binaryOp, type ElementwiseOp, positives, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor, tensor } from '../../tensor/tensor.ts';

/** The derivatives are `σ(±(a − b))`; two equal infinities share the gradient evenly. */
export const logAddExpOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('logAddExp', {
  forward: (a, b) =>
    a.equal(b).where(a.add(Math.LN2), a.greater(b).where(a, b.greater(a).where(b, NaN)).add(a.sub(b).abs().neg().exp().log1p())),
  backward: {
    a: ({ dy, a, b }) => a.equal(b).mul(a.abs().equal(Infinity)).where(0, a.sub(b)).sigmoid().mul(dy),
    b: ({ dy, a, b }) => a.equal(b).mul(a.abs().equal(Infinity)).where(0, b.sub(a)).sigmoid().mul(dy),
  },
});

/**
 * `log(eᵃ + eᵇ)`, element by element, without overflow.
 * @example logAddExp(Tensor.of([1000]), Tensor.of([1000])).item().toFixed(3) // => '1000.693'
 */
export const logAddExp = (a: Tensor, b: number | Tensor): Tensor => perform(logAddExpOp, { a, b: tensor(b, a) });

/** `0 · log b` is 0 even where the logarithm is not finite, and so is its derivative by `a` there. */
export const xlogyOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('xlogy', {
  nonFinite: 'logarithm',
  forward: (a, b) => a.equal(0).mul(b.equal(b)).where(0, a.mul(b.log())),
  backward: {
    a: ({ dy, a, b }) => a.equal(0).mul(b.lessEqual(0)).where(0, dy.mul(b.log())),
    b: ({ dy, a, b }) => dy.mul(a).div(b),
  },
  domains: { b: positives },
});

/**
 * `a log b`, and 0 where `a` is 0, whatever `b`: a term of an entropy.
 * @example xlogy(Tensor.of([0, 2]), Tensor.of([0, 1])).toArray() // => [0, 0]
 */
export const xlogy = (a: Tensor, b: number | Tensor): Tensor => perform(xlogyOp, { a, b: tensor(b, a) });

/** Near ½, where the difference of logarithms would cancel, from `2x − 1`, which is exact there. */
export const logitOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('logit', {
  nonFinite: 'domain',
  forward(x) {
    const rest = x.neg().add(1);
    const central = x.add(x).sub(1).div(rest).log1p();
    return x.sub(0.5).abs().lessEqual(0.25).where(central, x.log().sub(x.neg().log1p()));
  },
  backward: ({ dy, x }) => dy.div(x.mul(x.neg().add(1))),
  domain: { from: 0.25, to: 0.75 },
});

/** Limits of a logit's argument. */
export interface LogitOptions {
  /** If given, `x` is first limited to the range from `epsilon` to `1 − epsilon`. Default none. */
  readonly epsilon?: number;
}

/**
 * `log(x / (1 − x))`, the inverse of `sigmoid`; NaN outside of 0 to 1.
 * @param options `epsilon`, default none
 * @example logit(Tensor.of([0.5, 1])).toArray() // => [0, Infinity]
 * logit(Tensor.of([0, 1]), { epsilon: 0.5 }).toArray() // => [0, 0]
 */
export const logit = <S extends Shape>(x: Tensor<S>, { epsilon }: LogitOptions = {}): Tensor<S> =>
  perform(logitOp, { x: epsilon === undefined ? x : x.clamp(epsilon, 1 - epsilon) });
