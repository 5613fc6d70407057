/**
 * The hyperbolic sine and cosine and the inverse hyperbolic functions; `tanh` is a method.
 *
 * The inverses are logarithms of a double-double number, `ln(high + low) = ln high + low / high`, so that nothing is lost where it is near
 * 1.
 */

import type { FloatDtype } from '../../base/dtype.ts';
import type { Shape } from '../../base/shape-types.ts';
import { divide, twoProduct, twoSum } from '../../formula/double-double.ts';
import { expOfSum, LN2 } from '../../formula/exponential.ts';
import { Formula } from '../../formula/formula.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { type ElementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** `e^|x| / 2 = e^(|x| − ln 2)`, which overflows only where the result does, and `e^−|x| / 2`. */
function halvesOfExponentials(x: Formula): { growing: Formula; shrinking: Formula } {
  const { high, low } = LN2[x.dtype];
  const growing = expOfSum(x.abs().sub(high), x.constant(-low));
  return { growing, shrinking: growing.reciprocal().mul(0.25) };
}

/** `1/3!, 1/5!, 1/7!, …`: so many that the next is below the precision of the dtype. */
const SERIES: { readonly [dtype in FloatDtype]: readonly number[] } = /* @__PURE__ */ (() => {
  const inverses = [1 / 6];
  for (let n = 5; n <= 21; n += 2) inverses.push(inverses.at(-1)! / (n * (n - 1)));
  return { float32: inverses.slice(0, 6), float64: inverses };
})();

/** Near `arcsinh 2`: just below it the exponential has a larger exponent than the result, which would double its rounding error. */
const SEAM = 1.4453125;

/** Below the seam by the series `x + x³/3! + x⁵/5! + …`; above by exponentials. */
function hyperbolicSine(x: Formula): Formula {
  const square = x.mul(x);
  const near = x.add(x.mul(square.mul(square.polynomial(SERIES[x.dtype]))));
  const { growing, shrinking } = halvesOfExponentials(x);
  const far = growing.sub(shrinking);
  // A zero keeps its sign, since `−0 + −0` is −0.
  return x.abs().less(SEAM).where(near, x.less(0).where(far.neg(), far));
}

function hyperbolicCosine(x: Formula): Formula {
  const { growing, shrinking } = halvesOfExponentials(x);
  return growing.add(shrinking);
}

/** From here on, 2¹⁴ or 2²⁸, `x² ± 1` rounds to `x²`, and `x + √(x² ± 1)` to `2 x`. */
const LARGE: { readonly [dtype in FloatDtype]: number } = { float32: 16384, float64: 268435456 };

/** `ln(x + √(x² + one))`, where one is 1 or −1, for `x` not below 0. */
function logOfWithRoot(x: Formula, one: 1 | -1): Formula {
  const limit = LARGE[x.dtype];
  const bounded = x.atMost(limit);
  const square = twoProduct(bounded, bounded);
  const { high, low } = twoSum(square.high, x.constant(one));
  const root = high.sqrt();
  const again = twoProduct(root, root);
  // The root of a double-double number: that of the high part, and a step of Newton's method; of 0 it is 0.
  const lost = high.sub(again.high).sub(again.low).add(low.add(square.low));
  const more = lost.div(root.add(root).atLeast(2 ** -60));
  const total = twoSum(root, bounded);
  const large = x.greater(limit);
  return large
    .where(x, total.high)
    .log()
    .add(large.where(Math.LN2, total.low.add(more).div(total.high)));
}

function inverseSine(x: Formula): Formula {
  const y = logOfWithRoot(x.abs(), 1);
  return x.equal(0).where(x, x.less(0).where(y.neg(), y));
}

const inverseCosine = (x: Formula): Formula => x.less(1).where(NaN, logOfWithRoot(x, -1));

/** `½ ln((1 + |x|) / (1 − |x|))`, with the sign of `x`. */
function inverseTangent(x: Formula): Formula {
  const size = x.abs();
  const { high, low } = divide(twoSum(x.constant(1), size), twoSum(x.constant(1), size.neg()));
  const y = high.log().add(low.div(high)).mul(0.5);
  const signed = x.equal(0).where(x, x.less(0).where(y.neg(), y));
  return size.less(1).where(signed, size.equal(1).where(x.mul(Infinity), NaN));
}

export const sinhOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('sinh', {
  nonFinite: 'exponential',
  forward: hyperbolicSine,
  backward: ({ dy, x }) => dy.mul(cosh(x)),
});

export const coshOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('cosh', {
  nonFinite: 'exponential',
  forward: hyperbolicCosine,
  backward: ({ dy, x }) => dy.mul(sinh(x)),
});

export const asinhOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('asinh', {
  forward: inverseSine,
  backward({ dy, x }) {
    const size = x.abs();
    // Beyond, 1 is below the precision of the square, which would overflow.
    const large = size.greater(2 ** 28);
    const bounded = large.where(0, x);
    return dy.div(large.where(size, bounded.mul(bounded).add(1).sqrt()));
  },
});

export const acoshOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('acosh', {
  nonFinite: 'domain',
  forward: inverseCosine,
  // Divided twice: the product of the roots would have no slope of its own at 1, and at ∞.
  backward: ({ dy, x }) => dy.div(x.sub(1).sqrt()).div(x.add(1).sqrt()),
  domain: { from: 1.25, to: 4 },
});

export const atanhOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('atanh', {
  nonFinite: 'domain',
  forward: inverseTangent,
  // `1 / (1 − x²)` in partial fractions, which have slopes at ±1 too: ±∞.
  backward: ({ dy, x }) =>
    dy
      .div(x.neg().add(1))
      .add(dy.div(x.add(1)))
      .mul(0.5),
  domain: { from: -0.75, to: 0.75 },
});

/**
 * The hyperbolic sine, `(eˣ − e⁻ˣ) / 2`, of each element. A rule may also take it of a formula.
 * @example sinh(Tensor.of([0, -0, -1000])).toArray() // => [0, -0, -Infinity]
 */
export function sinh<T extends Elementwise<T>>(x: T): T;
export function sinh<S extends Shape>(x: Tensor<S>): Tensor<S>;
export function sinh(x: Tensor | Formula): Tensor | Formula {
  return x instanceof Formula ? hyperbolicSine(x) : perform(sinhOp, { x });
}

/**
 * The hyperbolic cosine, `(eˣ + e⁻ˣ) / 2`, of each element. A rule may also take it of a formula.
 * @example cosh(Tensor.of([0, 1000])).toArray() // => [1, Infinity]
 */
export function cosh<T extends Elementwise<T>>(x: T): T;
export function cosh<S extends Shape>(x: Tensor<S>): Tensor<S>;
export function cosh(x: Tensor | Formula): Tensor | Formula {
  return x instanceof Formula ? hyperbolicCosine(x) : perform(coshOp, { x });
}

/**
 * The inverse of the hyperbolic sine, `ln(x + √(x² + 1))`, of each element.
 * @example asinh(Tensor.of([0, -0, -Infinity])).toArray() // => [0, -0, -Infinity]
 */
export const asinh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(asinhOp, { x });

/**
 * The inverse of the hyperbolic cosine, `ln(x + √(x² − 1))`, of each element; NaN below 1.
 * @example acosh(Tensor.of([1, 0.5, Infinity])).toArray() // => [0, NaN, Infinity]
 */
export const acosh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(acoshOp, { x });

/**
 * The inverse of the hyperbolic tangent, `½ ln((1 + x) / (1 − x))`, of each element; NaN beyond 1 and −1.
 * @example atanh(Tensor.of([0, 1, -1, 2])).toArray() // => [0, Infinity, -Infinity, NaN]
 */
export const atanh = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(atanhOp, { x });
