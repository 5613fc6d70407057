/** The error function, after `s_erf.c` of Sun's fdlibm. */

import type { Shape } from '../../base/shape-types.ts';
import { type DoubleDouble, twoProduct, twoSum } from '../../formula/double-double.ts';
import { expOfSum } from '../../formula/exponential.ts';
import { Formula } from '../../formula/formula.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { type ElementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** Coefficients of rational approximations, one for each range; the last two approximate `ln(x erfc x) + x² + 0.5625` in `1 / x²`. */
const ERF = {
  near: {
    numerator: [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163],
    denominator: [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368],
  },
  aboutOne: {
    numerator: [
      -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236,
      -0.002166375594868791,
    ],
    denominator: [
      1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107,
    ],
  },
  far: {
    numerator: [
      -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104,
      -81.2874355063066, -9.814329344169145,
    ],
    denominator: [
      1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944,
      6.570249770319282, -0.0604244152148581,
    ],
  },
  farther: {
    numerator: [
      -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772,
      -483.5191916086514,
    ],
    denominator: [
      1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537,
      -22.44095244658582,
    ],
  },
};

/** `erf 1`, to few digits. */
export const ERF_OF_ONE = 0.8450629115104675;

const quotient = (at: Formula, { numerator, denominator }: (typeof ERF)['near']): Formula =>
  at.polynomial(numerator).div(at.polynomial(denominator));

/** `erf x / x − 1`, for `|x| < 0.84375`. */
export const near = (x: Formula): Formula => quotient(x.mul(x), ERF.near);

/** `erf x`, less `ERF_OF_ONE`, for `0.84375 ≤ x < 1.25`. */
export const aboutOne = (size: Formula): Formula => quotient(size.sub(1), ERF.aboutOne);

/** `ln(x erfc x) + x² + 0.5625` for `x ≥ 1.25`. */
export function tailExponent(size: Formula): Formula {
  const s = size.mul(size).reciprocal();
  return size.less(1 / 0.35).where(quotient(s, ERF.far), quotient(s, ERF.farther));
}

/** `erfc x` for `1.25 ≤ x ≤ 28`, whose square is given with what is rounded off it: that would cost a digit of the result. */
export function farComplement(size: Formula, square: DoubleDouble<Formula>): Formula {
  const first = twoSum(square.high.neg(), size.constant(-0.5625));
  const sum = twoSum(first.high, tailExponent(size));
  return expOfSum(sum.high, sum.low.add(first.low.sub(square.low))).div(size);
}

/** `erfc x` for `1.25 ≤ x ≤ most`. */
function far(size: Formula, most: number): Formula {
  const bounded = size.atLeast(1.25).atMost(most);
  return farComplement(bounded, twoProduct(bounded, bounded));
}

/** Whether a size, or NaN, is not below a limit: of neighbouring numbers, many are, and the steps for those that are not take longest. */
const notLess = (size: Formula, limit: number): Formula => size.less(limit).where(0, 1);

function formulaOf(x: Formula): Formula {
  const size = x.abs();
  const above = notLess(size, 1.25).rarely(size.less(6).where(far(size, 6).neg().add(1), size.atMost(1)), aboutOne(size).add(ERF_OF_ONE));
  return size.less(0.84375).where(x.add(x.mul(near(x))), x.less(0).where(above.neg(), above));
}

/** `1 − erf x`, without cancellation where `erf x` is near 1. */
function complementOf(x: Formula): Formula {
  const size = x.abs();
  const rest = x.mul(near(x));
  const sum = twoSum(x.sub(0.5), rest);
  const central = x.less(0.25).where(x.add(rest).neg().add(1), sum.high.neg().add(0.5).sub(sum.low));
  const about = x.less(0).where(aboutOne(size).add(ERF_OF_ONE).add(1), x.constant(1).sub(ERF_OF_ONE).sub(aboutOne(size)));
  const large = far(size, 28);
  const outside = x.less(0).where(large.neg().add(2), size.less(28).where(large, x.equal(x).where(0, x)));
  return notLess(size, 1.25).rarely(outside, size.less(0.84375).where(central, about));
}

/** `e^−x²`. Beyond ±28 it is 0, and so are its slopes, which would be 0 · ∞ far out. */
export function bell<T extends Elementwise<T>>(x: T): T {
  const bounded = x.less(-28).where(-28, x.greater(28).where(28, x));
  return bounded.mul(bounded).neg().exp();
}

export const erfOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('erf', {
  forward: formulaOf,
  backward: ({ dy, x }) => dy.mul(bell(x)).mul(2 / Math.sqrt(Math.PI)),
});

/**
 * The error function, `2/√π ∫₀ˣ e^−t² dt`, of each element.
 * @example erf(Tensor.of([0, 10, -10])).toArray() // => [0, 1, -1]
 */
export const erf = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(erfOp, { x });

export const erfcOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('erfc', {
  forward: complementOf,
  backward: ({ dy, x }) => dy.mul(bell(x)).mul(-2 / Math.sqrt(Math.PI)),
});

/**
 * `1 − erf x`, of each element, without loss of precision where it is small. A rule may also take it of a formula.
 * @example erfc(Tensor.of([0, 100, -100])).toArray() // => [1, 0, 2]
 */
export function erfc<T extends Elementwise<T>>(x: T): T;
export function erfc<S extends Shape>(x: Tensor<S>): Tensor<S>;
export function erfc(x: Tensor | Formula): Tensor | Formula {
  return x instanceof Formula ? complementOf(x) : perform(erfcOp, { x });
}
