/** Hyperbolic functions and their inverses, as formulas: after Sun's fdlibm (e_sinh.c, e_cosh.c, s_asinh.c, e_acosh.c, e_atanh.c). */

import type { Formula } from './formula.ts';
import { expOfSum, LN2 } from './functions.ts';
import { sumOf } from './pairs.ts';

/** `eˣ / 2`, which is finite a little longer than `eˣ`: `e` to the power of `x − ln 2`, the difference in two parts. */
function halfExp(x: Formula): Formula {
  const { high, low } = sumOf(x, x.constant(-LN2[x.dtype].high));
  return expOfSum(high, low.sub(LN2[x.dtype].low));
}

/** From here on `e⁻ˣ` is lost beside `eˣ`. */
const FAR = 22;

const signed = (x: Formula, y: Formula): Formula => x.equal(0).choose(x, x.less(0).choose(y.neg(), y));

export function sinh(x: Formula): Formula {
  const size = x.abs();
  const t = size.atMost(FAR).expm1();
  const part = t.div(t.add(1));
  const near = size
    .less(1)
    .choose(t.add(t).sub(t.mul(part)), t.add(part))
    .mul(0.5);
  return signed(x, size.less(FAR).choose(near, halfExp(size)));
}

export function cosh(x: Formula): Formula {
  const size = x.abs();
  const t = size.atMost(FAR).expm1();
  const whole = t.add(1);
  const flat = t.mul(t).div(whole.add(whole)).add(1);
  const e = size.atMost(FAR).exp();
  const middle = e.mul(0.5).add(e.reciprocal().mul(0.5));
  return size.less(0.3465).choose(flat, size.less(FAR).choose(middle, halfExp(size)));
}

/** From here on `x² + 1` is `x²`. */
const HUGE = 2 ** 28;

export function asinh(x: Formula): Formula {
  const size = x.abs();
  const bounded = size.atMost(HUGE);
  const square = bounded.mul(bounded);
  const root = square.add(1).sqrt();
  const near = bounded.add(square.div(root.add(1))).log1p();
  const middle = bounded.add(bounded).add(root.add(bounded).reciprocal()).log();
  const far = size.log().add(Math.LN2);
  return signed(x, size.lessEqual(2).choose(near, size.less(HUGE).choose(middle, far)));
}

export function acosh(x: Formula): Formula {
  const bounded = x.atLeast(1).atMost(HUGE);
  const t = bounded.sub(1);
  const near = t.add(t.add(t).add(t.mul(t)).sqrt()).log1p();
  const root = bounded.mul(bounded).sub(1).sqrt();
  const middle = bounded.add(bounded).sub(root.add(bounded).reciprocal()).log();
  const inside = x.lessEqual(2).choose(near, x.less(HUGE).choose(middle, x.log().add(Math.LN2)));
  return x.less(1).choose(NaN, inside);
}

export function atanh(x: Formula): Formula {
  const size = x.abs();
  const twice = size.add(size);
  const rest = size.neg().add(1);
  const near = twice.add(twice.mul(size).div(rest)).log1p();
  const far = twice.div(rest).log1p();
  const y = size.less(0.5).choose(near, far).mul(0.5);
  return signed(x, size.lessEqual(1).choose(y, NaN));
}
