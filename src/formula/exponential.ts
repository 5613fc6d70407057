/**
 * The elementary functions, as formulas: made of `+ − × ÷`, comparison and the parts of a floating-point number,
 * so that every engine and every kernel finds the same bits.
 *
 * The methods are Sun's fdlibm's (e_exp.c, e_log.c) and for tanh Moshier's Cephes's (tanh.c). The coefficients
 * are theirs for float64; for float32 those of FreeBSD's e_expf.c and e_logf.c.
 */

import { twoSum } from './double-double.ts';
import type { Expression } from './expression.ts';

/** `ln 2` as a double-double whose high part is so short that its product with an exponent is exact. */
export const LN2 = {
  float32: { high: 6.9314575195e-1, low: 1.4286067653e-6 },
  float64: { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 },
};

/** Beyond these limits `eˣ` is 0 or infinite. Between them, `eʳ` is made with these coefficients. */
const EXP = {
  float32: {
    least: -104,
    most: 89,
    coefficients: [1.666662544e-1, -2.7667332906e-3],
  },
  float64: {
    least: -746,
    most: 710,
    coefficients: [
      1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
      4.13813679705723846039e-8,
    ],
  },
};

/** `eˣ = 2ⁿ eʳ`, where `n` is whole and `|r| ≤ ½ ln 2`. */
export const exp = <E extends Expression>(x: E): E => expOfSum(x);

/** `e^(x + tail)`, where `tail` is what was rounded off `x`. */
export function expOfSum<E extends Expression>(x: E, tail?: E): E {
  const { least, most } = EXP[x.dtype];
  const bounded = x.atLeast(least).atMost(most);
  // Beyond the limits the tail does not count.
  const { n, high, low } = reduced(bounded, tail && bounded.equal(x).where(tail, 0));
  return low.add(high).add(1).ldexp(n);
}

/** `eˣ = 2ⁿ (1 + high + low)`: `eʳ = 1 + r + r c / (2 − c)` for a `c` that is nearly `r`. */
function reduced<E extends Expression>(x: E, tail?: E): { n: E; high: E; low: E } {
  const n = x.mul(Math.LOG2E).add(0.5).floor();
  const high = x.sub(n.mul(LN2[x.dtype].high));
  const scale = n.mul(LN2[x.dtype].low);
  const low = tail ? scale.sub(tail) : scale;
  const r = high.sub(low);
  const rr = r.mul(r);
  const c = r.sub(rr.mul(rr.polynomial(EXP[x.dtype].coefficients)));
  return { n, high, low: r.mul(c).div(c.neg().add(2)).sub(low) };
}

/** Below this `eˣ − 1` is −1; more than so many powers of two above it the 1 is lost. */
const EXPM1 = { least: -50, most: 100 };

/** `eˣ − 1 = 2ⁿ ((1 − 2⁻ⁿ) + high + low)`, the smallest first; a zero keeps its sign. */
export function expm1<E extends Expression>(x: E): E {
  const { n, high, low } = reduced(x.atLeast(EXPM1.least).atMost(EXP[x.dtype].most));
  const { high: sum, low: rest } = twoSum(n.atMost(EXPM1.most).neg().powerOfTwo().neg().add(1), high);
  return x.equal(0).where(x, sum.add(rest.add(low)).ldexp(n));
}

/** A subnormal `x` is lifted among the normal numbers by `2^lift`. */
const LOG = {
  float32: {
    smallestNormal: 2 ** -126,
    lift: 25,
    coefficients: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
  },
  float64: {
    smallestNormal: 2 ** -1022,
    lift: 54,
    coefficients: [
      6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1, 1.818357216161805012e-1,
      1.531383769920937332e-1, 1.479819860511658591e-1,
    ],
  },
};

/** `x = m · 2ⁿ` with `√½ < m ≤ √2`, for a positive finite `x`. */
export function normalize<E extends Expression>(x: E): { m: E; n: E } {
  const { smallestNormal, lift } = LOG[x.dtype];
  const subnormal = x.less(smallestNormal);
  const normal = subnormal.where(x.mul(2 ** lift), x);
  const large = normal.significand().greater(Math.SQRT2);
  const n = normal.ilogb().add(large.where(1, 0)).sub(subnormal.where(lift, 0));
  return { m: normal.significand().mul(large.where(0.5, 1)), n };
}

/** `ln(1 + f) = f − f² / 2 + logRest(f)`, where `√½ < 1 + f ≤ √2`, by a series in `s = f / (2 + f)`. */
export function logRest<E extends Expression>(f: E): E {
  const s = f.div(f.add(2));
  const ss = s.mul(s);
  return ss.mul(ss.polynomial(LOG[f.dtype].coefficients)).add(f.mul(f).mul(0.5)).mul(s);
}

/** `ln x = n ln 2 + ln(1 + f)`, where `√½ < 1 + f ≤ √2`. */
export const log = <E extends Expression>(x: E): E => logOfSum(x);

/** `ln(x + tail) = ln x + tail / x`, where `tail` is what was rounded off `x`. */
function logOfSum<E extends Expression>(x: E, tail?: E): E {
  const { m, n } = normalize(x);
  const f = m.sub(1);
  const small = n.mul(LN2[x.dtype].low);
  const y = logRest(f)
    .add(tail ? small.add(tail.div(x)) : small)
    .sub(f.mul(f).mul(0.5))
    .add(f)
    .add(n.mul(LN2[x.dtype].high)); // the smallest first
  return withinLogarithm(x, y);
}

/** A logarithm where `x` is positive and finite; else what it is there. */
export const withinLogarithm = <E extends Expression>(x: E, y: E): E =>
  x.less(Infinity).where(x.greater(0).where(y, x.less(0).where(NaN, -Infinity)), x);

/** `ln(1 + x)`, which counts what is rounded off the sum; a zero keeps its sign. */
export function log1p<E extends Expression>(x: E): E {
  const { high, low } = twoSum(x.constant(1), x);
  return x.equal(0).where(x, logOfSum(high, low));
}

/** `tanh x = x + x³ P(x²) / Q(x²)`; one quotient serves both dtypes. */
const TANH = {
  numerator: [-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1],
  denominator: [4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1],
};

/** `tanh x = x + x · tanhRest(x²)`, for `x² < 0.39`. */
export const tanhRest = <E extends Expression>(xx: E): E => xx.mul(xx.polynomial(TANH.numerator).div(xx.polynomial(TANH.denominator)));

/** Near zero `x` times a quotient of polynomials; elsewhere `1 − 2 / (e²ˣ + 1)`, with the sign of `x`. */
export function hyperbolicTangent<E extends Expression>(x: E): E {
  const near = x.mul(tanhRest(x.mul(x)).add(1));
  const size = x.abs();
  const far = exp(size.add(size)).add(1).reciprocal().mul(-2).add(1);
  return size.less(0.625).where(near, x.less(0).where(far.neg(), far));
}

/** `1 / (1 + e⁻ˣ)`, never by a power of a positive number: `e^−|x|` neither overflows nor loses a small result. */
export function logistic<E extends Expression>(x: E): E {
  const small = exp(x.abs().neg());
  return x.less(0).where(small, 1).div(small.add(1));
}
