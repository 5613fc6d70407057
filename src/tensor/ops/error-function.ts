/** The error function, after Sun's fdlibm's s_erf.c: with a file of its own, so that only those programs have its many coefficients that use it. */

import type { Formula } from '../formula.ts';
import { type ElementwiseOp, unary } from '../op.ts';
import { halvesOf } from '../pairs.ts';
import type { Shape } from '../shape-types.ts';
import { perform, type Tensor } from '../tensor.ts';

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

function formulaOf(x: Formula): Formula {
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

export const errorFunction: ElementwiseOp<'x'> = /* @__PURE__ */ unary('erf', {
  forward: formulaOf,
  backward: ({ dy, x }) => dy.mul(x.mul(x).neg().exp()).mul(2 / Math.sqrt(Math.PI)),
});

/**
 * The error function, `2/√π ∫₀ˣ e^−t² dt`, of each element.
 * @example erf(Tensor.of([0, 10, -10])).toArray() // => [0, 1, -1]
 */
export const erf = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(errorFunction, { x });
