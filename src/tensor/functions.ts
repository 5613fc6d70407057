/**
 * The elementary functions, as formulas: made of `+ − × ÷`, comparison and the parts of a floating-point number,
 * so that every engine and every kernel finds the same bits.
 *
 * The methods are Sun's fdlibm's (e_exp.c, e_log.c, s_erf.c) and for tanh Moshier's Cephes's (tanh.c). The coefficients
 * are theirs for float64; for float32 those of FreeBSD's e_expf.c and e_logf.c.
 */

import type { Formula } from './formula.ts';
import { halvesOf, sumOf } from './pairs.ts';

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

/** `eˣ = 2ⁿ eʳ`, where `n` is whole and `|r| ≤ ½ ln 2`. */
export const exp = (x: Formula): Formula => expOfSum(x);

/** `e` to the power of `x`, and of a tail that is too small to be added to it: what was rounded off `x`. */
export function expOfSum(x: Formula, tail?: Formula): Formula {
  const { least, most } = EXP[x.dtype];
  const bounded = x.atLeast(least).atMost(most);
  // Beyond the limits the tail has nothing to say.
  const { n, high, low } = reduced(bounded, tail && bounded.equal(x).choose(tail, 0));
  return low.add(high).add(1).timesPowerOfTwo(n);
}

/** `eˣ = 2ⁿ (1 + high + low)`: `eʳ = 1 + r + r c / (2 − c)` for a `c` that is nearly `r`. */
function reduced(x: Formula, tail?: Formula): { n: Formula; high: Formula; low: Formula } {
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
export function expm1(x: Formula): Formula {
  const { n, high, low } = reduced(x.atLeast(EXPM1.least).atMost(EXP[x.dtype].most));
  const { high: sum, low: rest } = sumOf(n.atMost(EXPM1.most).neg().powerOfTwo().neg().add(1), high);
  return x.equal(0).choose(x, sum.add(rest.add(low)).timesPowerOfTwo(n));
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
export const log = (x: Formula): Formula => logOfSum(x);

/** The logarithm of `x`, and of a tail that is too small to be added to it: `ln(x + tail) = ln x + tail / x`. */
function logOfSum(x: Formula, tail?: Formula): Formula {
  const { m, n } = normalize(x);
  const f = m.sub(1);
  const s = f.div(f.add(2));
  const ss = s.mul(s);
  const half = f.mul(f).mul(0.5);
  const series = ss.mul(ss.polynomial(LOG[x.dtype].coefficients)).add(half).mul(s);
  const small = n.mul(LN2[x.dtype].low);
  const y = series
    .add(tail ? small.add(tail.div(x)) : small)
    .sub(half)
    .add(f)
    .add(n.mul(LN2[x.dtype].high)); // the smallest first
  const outside = x.less(0).choose(NaN, -Infinity);
  return x.less(Infinity).choose(x.greater(0).choose(y, outside), x);
}

/** `ln(1 + x)`, with what is rounded off the sum; a zero keeps its sign. */
export function log1p(x: Formula): Formula {
  const { high, low } = sumOf(x.constant(1), x);
  return x.equal(0).choose(x, logOfSum(high, low));
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

/** The error function by quotients of polynomials, one for each range; the last two of `ln(x erfc x) + x² + 0.5625`, in `1 / x²`. */
const ERF = {
  near: {
    numerator: [
      1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
      -2.37630166566501626084e-5,
    ],
    denominator: [
      1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
      -3.9602282787753681232e-6,
    ],
  },
  aboutOne: {
    numerator: [
      -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
      -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
    ],
    denominator: [
      1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
      1.36370839120290507362e-2, 1.1984499846799107417e-2,
    ],
  },
  far: {
    numerator: [
      -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
      -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
    ],
    denominator: [
      1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2, 4.29008140027567833386e2,
      1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
    ],
  },
  farther: {
    numerator: [
      -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
      -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
    ],
    denominator: [
      1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3, 2.55305040643316442583e3,
      4.74528541206955367215e2, -2.24409524465858183362e1,
    ],
  },
  /** `erf 1`, to few digits. */
  atOne: 8.45062911510467529297e-1,
};

/** `erf x = 2/√π ∫₀ˣ e^−t² dt`; Sun's fdlibm's s_erf.c. */
export function erf(x: Formula): Formula {
  const quotient = (at: Formula, { numerator, denominator }: (typeof ERF)['near']) =>
    at.polynomial(numerator).div(at.polynomial(denominator));
  const size = x.abs();
  const near = x.add(x.mul(quotient(x.mul(x), ERF.near)));
  const aboutOne = quotient(size.sub(1), ERF.aboutOne).add(ERF.atOne);
  const bounded = size.atLeast(1.25).atMost(6);
  const s = bounded.mul(bounded).reciprocal();
  const exponent = bounded.less(1 / 0.35).choose(quotient(s, ERF.far), quotient(s, ERF.farther));
  // The square of the upper half of the digits is exact.
  const [upper, lower] = halvesOf(bounded);
  const rest = upper
    .mul(upper)
    .neg()
    .sub(0.5625)
    .exp()
    .mul(lower.mul(upper.add(bounded)).neg().add(exponent).exp());
  const far = rest.div(bounded).neg().add(1);
  const above = size.less(1.25).choose(aboutOne, size.less(6).choose(far, size.atMost(1)));
  return size.less(0.84375).choose(near, x.less(0).choose(above.neg(), above));
}
