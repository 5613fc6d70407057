/**
 * The elementary functions, as formulas: made of `+ − × ÷`, comparison and the parts of a floating-point number,
 * so that every engine and every kernel finds the same bits.
 *
 * The methods are Sun's fdlibm's (e_exp.c, e_log.c, k_sin.c, k_cos.c) and for tanh Moshier's Cephes's (tanh.c). The coefficients
 * are theirs for float64; for float32 those of FreeBSD's e_expf.c and e_logf.c and of Cephes's sinf.c.
 */

import type { Formula } from './formula.ts';

/** `ln 2` in two parts, the first so short that its product with an exponent is exact. */
export const LN2 = {
  float32: { high: 6.9314575195e-1, low: 1.4286067653e-6 },
  float64: { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 },
};

/** Beyond these limits `eˣ` is 0 or infinite. */
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

/** `eˣ = 2ⁿ eʳ`, where `n` is whole, `|r| ≤ ½ ln 2`, and `eʳ = 1 + r + r c / (2 − c)` for a `c` that is nearly `r`. */
export const exp = (x: Formula): Formula => expOfSum(x);

/** `e` to the power of `x`, and of a tail that is too small to be added to it: what was rounded off `x`. */
export function expOfSum(x: Formula, tail?: Formula): Formula {
  const { least, most, coefficients } = EXP[x.dtype];
  const bounded = x.atLeast(least).atMost(most);
  const n = bounded.mul(Math.LOG2E).add(0.5).floor();
  const high = bounded.sub(n.mul(LN2[x.dtype].high));
  const scale = n.mul(LN2[x.dtype].low);
  // Beyond the limits the tail has nothing to say.
  const low = tail ? scale.sub(bounded.equal(x).choose(tail, 0)) : scale;
  const r = high.sub(low);
  const rr = r.mul(r);
  const c = r.sub(rr.mul(rr.polynomial(coefficients)));
  return r.mul(c).div(c.neg().add(2)).sub(low).add(high).add(1).timesPowerOfTwo(n);
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
export function normalize(x: Formula): { m: Formula; n: Formula } {
  const { smallestNormal, lift } = LOG[x.dtype];
  const subnormal = x.less(smallestNormal);
  const normal = subnormal.choose(x.mul(2 ** lift), x);
  const large = normal.mantissa().greater(Math.SQRT2);
  const n = normal.exponent().add(large.choose(1, 0)).sub(subnormal.choose(lift, 0));
  return { m: normal.mantissa().mul(large.choose(0.5, 1)), n };
}

/** `ln x = n ln 2 + ln(1 + f)`, where `√½ < 1 + f ≤ √2`, by a series in `s = f / (2 + f)`. */
export function log(x: Formula): Formula {
  const { m, n } = normalize(x);
  const f = m.sub(1);
  const s = f.div(f.add(2));
  const ss = s.mul(s);
  const half = f.mul(f).mul(0.5);
  const series = ss.mul(ss.polynomial(LOG[x.dtype].coefficients)).add(half).mul(s);
  const y = series.add(n.mul(LN2[x.dtype].low)).sub(half).add(f).add(n.mul(LN2[x.dtype].high)); // the smallest first
  const outside = x.less(0).choose(NaN, -Infinity);
  return x.less(Infinity).choose(x.greater(0).choose(y, outside), x);
}

/** `tanh x = x + x³ P(x²) / Q(x²)`; one quotient serves both dtypes. */
const TANH = {
  numerator: [-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1],
  denominator: [4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1],
};

/** Near zero `x` times a quotient of polynomials; elsewhere `1 − 2 / (e²ˣ + 1)`, mirrored for negative `x`. */
export function tanh(x: Formula): Formula {
  const xx = x.mul(x);
  const near = x.mul(xx.mul(xx.polynomial(TANH.numerator).div(xx.polynomial(TANH.denominator))).add(1));
  const size = x.abs();
  const far = size.add(size).exp().add(1).reciprocal().mul(-2).add(1);
  return size.less(0.625).choose(near, x.less(0).choose(far.neg(), far));
}

/** `π / 2` in parts, all but the last so short that their products with the number of turns are exact, up to a limit. */
const SINE = {
  float32: {
    limit: 2 ** 13,
    halfPi: [1.5703125, 4.8351287841796875e-4, 3.1385570764541626e-7, 6.07710062827671e-11],
    sin: [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4],
    cos: [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5],
  },
  float64: {
    limit: 2 ** 20,
    halfPi: [1.57079632673412561417, 6.0771005063039659766e-11, 2.0222662487111664558e-21, 8.47842766036889956997e-32],
    sin: [
      -1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4, 2.75573137070700676789e-6,
      -2.50507602534068634195e-8, 1.58969099521155010221e-10,
    ],
    cos: [
      4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5, -2.75573143513906633035e-7,
      2.0875723212981748279e-9, -1.13596475577881948265e-11,
    ],
  },
};

/** Where `x²` vanishes, `sin x` is `x`, with the sign of its zero. */
export const sin = (x: Formula): Formula => x.mul(x).greater(0).choose(wave(x, 0), x);
export const cos = (x: Formula): Formula => wave(x, 1);

/** `sin(x + quarters · π/2)`: a whole number of quarter turns, and a rest `|r| ≤ π/4` where sine and cosine are short polynomials. */
function wave(x: Formula, quarters: number): Formula {
  const c = SINE[x.dtype];
  const turns = x
    .mul(2 / Math.PI)
    .add(0.5)
    .floor();
  const r = c.halfPi.reduce((rest, part) => rest.sub(turns.mul(part)), x);
  const rr = r.mul(r);
  const sine = rr.mul(rr.polynomial(c.sin)).mul(r).add(r);
  const cosine = rr.mul(rr).mul(rr.polynomial(c.cos)).sub(rr.mul(0.5)).add(1);
  const quarter = turns.add(quarters);
  const pair = quarter.mul(0.5).floor();
  const odd = quarter.sub(pair.mul(2));
  const negative = pair.sub(pair.mul(0.5).floor().mul(2));
  const size = odd.greater(0).choose(cosine, sine);
  // Beyond the limit nothing would be right: better no number than a wrong one.
  return x.abs().less(c.limit).choose(negative.greater(0).choose(size.neg(), size), NaN);
}
