/** The logarithm of the gamma function, as a formula: after Sun's fdlibm's e_lgamma_r.c, whose coefficients these are. */

import { log } from './exponential.ts';
import type { Expression } from './expression.ts';
import { sinPi } from './half-turns.ts';

/** For arguments about 2 and 1, about the minimum, and up to 2. */
const ABOUT_TWO = {
  even: [
    0.07721566490153287, 0.06735230105312927, 0.007385550860814029, 0.0011927076318336207, 0.00022086279071390839, 2.5214456545125733e-5,
  ],
  odd: [
    0.3224670334241136, 0.020580808432516733, 0.0028905138367341563, 0.0005100697921535113, 0.00010801156724758394, 4.4864094961891516e-5,
  ],
};
const MINIMUM = { at: 1.4616321449683622, value: -0.12148629053584961, rest: -3.638676997039505e-18 };
const ABOUT_MINIMUM = [
  [0.48383612272381005, -0.032788541075985965, 0.006100538702462913, -0.0014034646998923284, 0.00031563207090362595],
  [-0.1475877229945939, 0.01797067508118204, -0.0036845201678113826, 0.000881081882437654, -0.00031275416837512086],
  [0.06462494023913339, -0.010314224129834144, 0.0022596478090061247, -0.0005385953053567405, 0.0003355291926355191],
] as const;
const ABOUT_ONE = {
  numerator: [-0.07721566490153287, 0.6328270640250934, 1.4549225013723477, 0.9777175279633727, 0.22896372806469245, 0.013381091853678766],
  denominator: [1, 2.4559779371304113, 2.128489763798934, 0.7692851504566728, 0.10422264559336913, 0.003217092422824239],
};
/** Between 2 and 3, to which numbers below 8 are moved. */
const FROM_TWO = {
  numerator: [
    -0.07721566490153287, 0.21498241596060885, 0.325778796408931, 0.14635047265246445, 0.02664227030336386, 0.0018402845140733772,
    3.194753265841009e-5,
  ],
  denominator: [
    1, 1.3920053346762105, 0.7219355475671381, 0.17193386563280308, 0.01864591917156529, 0.0007779424963818936, 7.326684307446256e-6,
  ],
};
/** From 8 on: `(ln x − 1)(x − ½) + …`. */
const FAR = [
  0.4189385332046727, 0.08333333333333297, -0.0027777777772877554, 0.0007936505586430196, -0.00059518755745034, 0.0008363399189962821,
  -0.0016309293409657527,
];

/** `ln Γ(2 − y)` for `|y| ≤ 0.27`. */
function aboutTwo<E extends Expression>(y: E): E {
  const square = y.mul(y);
  const even = square.polynomial(ABOUT_TWO.even);
  const odd = square.mul(square.polynomial(ABOUT_TWO.odd));
  return y.mul(even).add(odd).sub(y.mul(0.5));
}

/** `ln Γ` about its minimum, by the distance from it. */
function aboutMinimum<E extends Expression>(y: E): E {
  const square = y.mul(y);
  const cube = square.mul(y);
  const [first, second, third] = ABOUT_MINIMUM.map((coefficients) => cube.polynomial(coefficients)) as [E, E, E];
  return square
    .mul(first)
    .sub(
      cube
        .mul(second.add(y.mul(third)))
        .neg()
        .add(MINIMUM.rest),
    )
    .add(MINIMUM.value);
}

/** `ln Γ(1 + y)` for `0 ≤ y < 0.2317`. */
const aboutOne = <E extends Expression>(y: E): E =>
  y.mul(y.polynomial(ABOUT_ONE.numerator)).div(y.polynomial(ABOUT_ONE.denominator)).sub(y.mul(0.5));

/** For `2 ≤ x < 8`: `ln Γ(2 + y)`, and the logarithm of the factors in between. */
function middle<E extends Expression>(x: E): E {
  const y = x.sub(x.floor());
  let factors = x.constant(1);
  for (let k = 2; k <= 6; k++) factors = x.less(k + 1).where(factors, factors.mul(y.add(k)));
  const near = y.mul(y.polynomial(FROM_TWO.numerator)).div(y.polynomial(FROM_TWO.denominator)).add(y.mul(0.5));
  return near.add(log(factors));
}

function far<E extends Expression>(x: E): E {
  const z = x.reciprocal();
  const [first = 0, ...others] = FAR;
  const rest = z.mul(z.mul(z).polynomial(others)).add(first);
  const log1 = log(x).sub(1);
  // Beyond 2⁵⁸ the rest is lost; of infinity the product is what is right.
  return x.less(2 ** 58).where(x.sub(0.5).mul(log1).add(rest), x.mul(log1));
}

/** `ln Γ(x)` for `x > 0`. */
function positive<E extends Expression>(x: E): E {
  const small = x.lessEqual(0.9);
  // Below 0.9, ln Γ(x) = ln Γ(x + 1) − ln x. The differences are exact.
  const shift = small.where(1, 0);
  const least = MINIMUM.at;
  const high = x.greaterEqual(small.where(0.7316, 1.7316));
  const central = x.greaterEqual(small.where(0.23164, 1.23164));
  const two = shift.neg().add(2).sub(x);
  const fromMinimum = x.sub(small.where(least - 1, least));
  const one = x.sub(shift.neg().add(1));
  const near = high.where(aboutTwo(two), central.where(aboutMinimum(fromMinimum), aboutOne(one)));
  const below = near.sub(small.where(log(x), 0));
  return x.less(2).where(below, x.less(8).where(middle(x), far(x)));
}

/** `ln |Γ(x)|`: of negative numbers by reflection, `ln(π / |x sin πx|) − ln Γ(−x)`. */
export function logOfGamma<E extends Expression>(x: E): E {
  const size = x.abs();
  const sine = sinPi(size);
  const mirrored = log(sine.mul(size).abs().reciprocal().mul(Math.PI)).sub(positive(size));
  const negative = sine.equal(0).where(Infinity, mirrored);
  // So near to 0 that only the pole is seen; the reflection would overflow.
  const tiny = size.less(2 ** -70).where(log(size).neg(), x.less(0).where(negative, positive(x)));
  // The sum makes the zeros at 1 and 2 positive.
  return size.equal(Infinity).where(Infinity, tiny.add(0));
}
