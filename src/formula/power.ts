/**
 * The power, as a formula: `aᵇ = eᵇ ˡⁿ ᵃ`. The product in the exponent may reach hundreds, and its absolute error becomes a relative one;
 * so the logarithm is a double-double.
 */

import { type DoubleDouble, fastTwoSum, twoProduct } from './double-double.ts';
import { expOfSum, LN2, normalize } from './exponential.ts';
import type { Expression } from './expression.ts';

const POW = {
  float32: {
    most: 2 ** 40,
    twoThirds: [0.6666666865348816, -1.98682149251302e-8],
    coefficients: [2 / 5, 2 / 7, 2 / 9, 2 / 11],
  },
  float64: {
    most: 2 ** 70,
    twoThirds: [2 / 3, 3.700743415417188e-17],
    coefficients: [2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17, 2 / 19, 2 / 21, 2 / 23],
  },
} as const;

/**
 * `ln x` for a positive finite `x`: `n ln 2 + 2 s + ⅔ s³ + ⅖ s⁵ + …`, where `s = (m − 1) / (m + 1)`; all but the last terms are
 * double-doubles.
 */
function logOf<E extends Expression>(x: E): DoubleDouble<E> {
  const { twoThirds, coefficients } = POW[x.dtype];
  const { m, n } = normalize(x);
  const f = m.sub(1);
  const t = m.add(1);
  const tail = m.sub(t.sub(1));
  const s = f.div(t);
  const st = twoProduct(s, t);
  const sLow = f.sub(st.high).sub(st.low).sub(s.mul(tail)).div(t);
  const square = twoProduct(s, s);
  const squareLow = square.low.add(s.mul(sLow).mul(2));
  const cube = twoProduct(s, square.high);
  const cubeLow = cube.low.add(s.mul(squareLow)).add(sLow.mul(square.high));
  const third = twoProduct(cube.high, twoThirds[0]);
  const thirdLow = third.low.add(cube.high.mul(twoThirds[1])).add(cubeLow.mul(twoThirds[0]));
  const rest = cube.high.mul(square.high).mul(square.high.polynomial(coefficients));
  // From the smallest upward; each sum keeps what it rounds off.
  const series = fastTwoSum(s.mul(2), third.high);
  const mantissa = fastTwoSum(series.high, series.low.add(thirdLow).add(sLow.mul(2)).add(rest));
  const exponent = n.mul(LN2[x.dtype].high);
  const total = fastTwoSum(exponent, mantissa.high);
  return fastTwoSum(total.high, total.low.add(mantissa.low).add(n.mul(LN2[x.dtype].low)));
}

/**
 * `aᵇ`, with the sign and the special cases of C's `pow`: `a⁰ = 1ᵇ = 1` whatever the other is, and a negative `a` has powers only for whole
 * `b`, negative where `b` is odd.
 */
export function pow<E extends Expression>(a: E, b: E): E {
  const { most } = POW[a.dtype];
  const size = a.abs();
  const { high, low } = logOf(size);
  // A larger exponent makes 0 or ∞ of anything but 1, and might overflow on the way.
  const bounded = b.atMost(most).atLeast(-most);
  const product = twoProduct(bounded, high);
  const regular = expOfSum(product.high, product.low.add(bounded.mul(low)));
  const [atZero, atInfinity] = [b.less(0).where(Infinity, 0), b.less(0).where(0, Infinity)];
  const power = size.equal(0).where(atZero, size.equal(Infinity).where(atInfinity, regular));
  const half = b.mul(0.5);
  const odd = half.floor().notEqual(half);
  // The reciprocal tells a negative zero from a positive one.
  const negative = a.equal(0).where(a.reciprocal(), a).less(0);
  const signed = negative.where(odd.where(power.neg(), power), power);
  const unlessNegative = a.less(0).where(a.equal(-Infinity).where(power, NaN), power);
  const result = b.floor().equal(b).where(signed, unlessNegative);
  // NaN on either side gives NaN, but in a⁰ and 1ᵇ.
  const defined = b.equal(b).where(a.equal(a).where(result, NaN), NaN);
  return b.equal(0).where(1, a.equal(1).where(1, defined));
}
