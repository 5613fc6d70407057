/** Arcs of sine, cosine and tangent, as formulas: after Sun's fdlibm (e_asin.c, e_acos.c, s_atan.c, e_atan2.c). */

import { type DoubleDouble, split } from './double-double.ts';
import type { Expression } from './expression.ts';

/** The constant `value + low`, where `low` is what float64 rounded off, as a double-double of the dtype of `x`. */
function constant<E extends Expression>(x: E, value: number, low: number): DoubleDouble<E> {
  const high = x.constant(value);
  return { high, low: x.constant(value - high.value + low) };
}

const pi = <E extends Expression>(x: E) => constant(x, Math.PI, 1.2246467991473532e-16);
const halfPi = <E extends Expression>(x: E) => constant(x, Math.PI / 2, 6.123233995736766e-17);
const quarterPi = <E extends Expression>(x: E) => constant(x, Math.PI / 4, 3.061616997868383e-17);

/** `atan x = x − x · series(x²)` for `|x| < 7/16`; elsewhere the arc of a known tangent, and of what is left of it. */
const ATAN = {
  series: [
    0.3333333333333293, -0.19999999999876483, 0.14285714272503466, -0.11111110405462356, 0.09090887133436507, -0.0769187620504483,
    0.06661073137387531, -0.058335701337905735, 0.049768779946159324, -0.036531572744216916, 0.016285820115365782,
  ],
  /** `atan ½`, `atan 1`, `atan 1½`, `atan ∞`, each as a double-double. */
  known: [
    [0.4636476090008061, 2.2698777452961687e-17],
    [0.7853981633974483, 3.061616997868383e-17],
    [0.982793723247329, 1.3903311031230998e-17],
    [1.5707963267948966, 6.123233995736766e-17],
  ],
  /** 11/16, 19/16 and 39/16. */
  limits: [0.6875, 1.1875, 2.4375],
} as const;

export function arctangent<E extends Expression>(x: E): E {
  const size = x.abs();
  const [half, one, more] = ATAN.limits;
  const near = size.less(7 / 16);
  /** One of four, by the range that `|x|` lies in. */
  const choose = (...of: readonly [E, E, E, E]) =>
    size.less(half).where(of[0], size.less(one).where(of[1], size.less(more).where(of[2], of[3])));
  const top = choose(size.add(size).sub(1), size.sub(1), size.sub(1.5), x.constant(-1));
  const bottom = choose(size.add(2), size.add(1), size.mul(1.5).add(1), size);
  const rest = near.where(size, top.div(bottom));
  const square = rest.mul(rest);
  const fall = rest.mul(square.mul(square.polynomial(ATAN.series)));
  const [a, b, c, d] = ATAN.known.map(([value, low]) => constant(x, value, low)) as [
    DoubleDouble<E>,
    DoubleDouble<E>,
    DoubleDouble<E>,
    DoubleDouble<E>,
  ];
  const [high, low] = [choose(a.high, b.high, c.high, d.high), choose(a.low, b.low, c.low, d.low)];
  const y = near.where(size.sub(fall), high.sub(fall.sub(low).sub(rest)));
  // A zero keeps its sign.
  return x.equal(0).where(x, x.less(0).where(y.neg(), y));
}

/** `atan(y / x)` in the quadrant of the point `(x, y)`; both signs of zero count, as in C. */
export function arctangent2<E extends Expression>(y: E, x: E): E {
  const [height, width] = [y.abs(), x.abs()];
  const diagonal = height.equal(width);
  // 0 / 0 and ∞ / ∞ have answers here.
  const slope = diagonal.where(height.equal(0).where(0, 1), height.div(width));
  const arc = arctangent(slope);
  const { high, low } = pi(x);
  const behind = negative(x).where(high.sub(arc.sub(low)), arc);
  const known = y.equal(y).mul(x.equal(x)).where(behind, NaN);
  return negative(y).where(known.neg(), known);
}

/** Whether the sign is minus, that of a zero as well. */
const negative = <E extends Expression>(x: E): E => x.equal(0).where(x.reciprocal(), x).less(0);

/** `asin x = x + x · ratio(x²)` for `|x| < ½`. */
const ASIN = {
  numerator: [
    0.16666666666666666, -0.3255658186224009, 0.20121253213486293, -0.04005553450067941, 0.0007915349942898145, 0.00003479331075960212,
  ],
  denominator: [1, -2.403394911734414, 2.0209457602335057, -0.6882839716054533, 0.07703815055590194],
};
const ratio = <E extends Expression>(xx: E): E => xx.mul(xx.polynomial(ASIN.numerator)).div(xx.polynomial(ASIN.denominator));

/** `√t` for `t = (1 − |x|) / 2`, whose upper half of digits has an exact square, and what `√t` has beyond that half. */
function rootOf<E extends Expression>(t: E): { root: E; upper: E; rest: E } {
  const root = t.sqrt();
  const [upper] = split(root);
  return { root, upper, rest: t.sub(upper.mul(upper)).div(root.add(upper)) };
}

export function arcsine<E extends Expression>(x: E): E {
  const size = x.abs();
  const near = size.less(0.5);
  const t = near.where(size.mul(size), size.neg().add(1).mul(0.5));
  const r = ratio(t);
  const { root, upper, rest } = rootOf(t);
  const [half, quarter] = [halfPi(x), quarterPi(x)];
  const edge = half.high.sub(root.add(root.mul(r)).mul(2).sub(half.low));
  const inner = quarter.high.sub(
    root
      .mul(2)
      .mul(r)
      .sub(half.low.sub(rest.mul(2)))
      .sub(quarter.high.sub(upper.mul(2))),
  );
  const far = size.less(0.975).where(inner, edge);
  const y = near.where(size.add(size.mul(r)), size.equal(1).where(half.high, far));
  return x.equal(0).where(x, x.less(0).where(y.neg(), y));
}

export function arccosine<E extends Expression>(x: E): E {
  const size = x.abs();
  const near = size.less(0.5);
  const t = near.where(size.mul(size), size.neg().add(1).mul(0.5));
  const r = ratio(t);
  const { root, upper, rest } = rootOf(t);
  const [whole, half] = [pi(x), halfPi(x)];
  const middle = half.high.sub(x.sub(half.low.sub(x.mul(r))));
  const right = upper.add(root.mul(r).add(rest)).mul(2);
  const left = whole.high.sub(root.add(root.mul(r).sub(half.low)).mul(2));
  // At ±1 nothing is left of the root.
  const side = x.less(0).where(left, size.equal(1).where(0, right));
  return near.where(middle, side);
}
