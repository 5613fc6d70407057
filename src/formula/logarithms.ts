/** Powers of two and logarithms to other bases, as formulas: after FreeBSD's e_log2.c and e_log10.c. */

import { split, twoProduct } from './double-double.ts';
import { expOfSum, logRest, normalize, withinLogarithm } from './exponential.ts';
import type { Expression } from './expression.ts';

/** Beyond these `2ˣ` is 0 or infinite. */
const EXP2 = { float32: { least: -160, most: 130 }, float64: { least: -1100, most: 1030 } };

/** `2ˣ = 2ⁿ e^(r ln 2)`, where `n` is whole, `|r| ≤ ½`, and `r ln 2` is a double-double. */
export function powerOfTwo<E extends Expression>(x: E): E {
  const { least, most } = EXP2[x.dtype];
  const bounded = x.atLeast(least).atMost(most);
  const n = bounded.add(0.5).floor();
  const r = bounded.sub(n);
  const { high, low } = twoProduct(r, Math.LN2);
  const rest = x.dtype === 'float32' ? Math.LN2 - Math.fround(Math.LN2) : 2.3190468138462996e-17;
  return expOfSum(high, low.add(r.mul(rest))).ldexp(n);
}

/**
 * `1 / ln 2`, `1 / ln 10` and `log10 2` as double-doubles whose high parts are so short that their product with as short a number is exact.
 */
const SCALES = {
  float32: {
    two: { high: 1.4428710938, low: -1.7605285393e-4 },
    ten: { high: 4.3432617188e-1, low: -3.1689971365e-5 },
    tenOfTwo: { high: 3.0102920532e-1, low: 7.9034151668e-7 },
  },
  float64: {
    two: { high: 1.4426950407214463, low: 1.6751713164886512e-10 },
    ten: { high: 0.4342944818781689, low: 2.5082946711645275e-11 },
    tenOfTwo: { high: 0.30102999566361177, low: 3.694239077158931e-13 },
  },
};

/** `n · whole + ln(m) · scale`, for `x = m · 2ⁿ`, with the logarithm as a double-double. */
function scaled<E extends Expression>(x: E, scale: { high: number; low: number }, whole: { high: number; low: number }): E {
  const { m, n } = normalize(x);
  const f = m.sub(1);
  const half = f.mul(f).mul(0.5);
  const [high] = split(f.sub(half));
  const low = f.sub(high).sub(half).add(logRest(f));
  const part = high.mul(scale.high);
  const turns = n.mul(whole.high);
  const sum = turns.add(part);
  const rest = n.mul(whole.low).add(low.add(high).mul(scale.low)).add(low.mul(scale.high));
  return withinLogarithm(x, rest.add(turns.sub(sum).add(part)).add(sum));
}

export const logarithm2 = <E extends Expression>(x: E): E => scaled(x, SCALES[x.dtype].two, { high: 1, low: 0 });
export const logarithm10 = <E extends Expression>(x: E): E => scaled(x, SCALES[x.dtype].ten, SCALES[x.dtype].tenOfTwo);
