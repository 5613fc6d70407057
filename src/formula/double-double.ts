/**
 * Numbers in two parts, a high one and what was rounded off it: nearly twice the digits, out of ordinary arithmetic.
 *
 * The sums and products are Dekker's and Knuth's (Dekker 1971, "A floating-point technique for extending the available precision").
 */

import type { FloatDtype } from '../base/dtype.ts';
import type { Formula } from './formula.ts';

/** A number in two parts: `low` is small beside `high`. */
export interface DoubleDouble {
  readonly high: Formula;
  readonly low: Formula;
}

/** Multiplied by this and subtracted from itself again, a number keeps the upper half of its digits. */
const SPLITTER: { readonly [dtype in FloatDtype]: number } = { float32: 2 ** 12 + 1, float64: 2 ** 27 + 1 };

/** `a + b`, where `a` is the larger or 0. */
export function fastTwoSum(a: Formula, b: Formula): DoubleDouble {
  const high = a.add(b);
  return { high, low: b.sub(high.sub(a)) };
}

/** `a + b`, whichever is the larger. */
export function twoSum(a: Formula, b: Formula): DoubleDouble {
  const high = a.add(b);
  const part = high.sub(a);
  return { high, low: a.sub(high.sub(part)).add(b.sub(part)) };
}

/** The upper and the lower half of the digits of `x`. */
export function split(x: Formula): readonly [Formula, Formula] {
  const wide = x.mul(SPLITTER[x.dtype]);
  const upper = wide.sub(wide.sub(x));
  return [upper, x.sub(upper)];
}

/** `a b` */
export function twoProduct(a: Formula, b: Formula | number): DoubleDouble {
  const factor = typeof b === 'number' ? a.constant(b) : b;
  const high = a.mul(factor);
  const [[upper, lower], [upperFactor, lowerFactor]] = [split(a), split(factor)];
  const rest = upper.mul(upperFactor).sub(high).add(upper.mul(lowerFactor)).add(lower.mul(upperFactor));
  return { high, low: rest.add(lower.mul(lowerFactor)) };
}

/** `a / b` */
export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = a.high.div(b.high);
  const product = twoProduct(high, b.high);
  const lost = a.high
    .sub(product.high)
    .sub(product.low)
    .add(a.low.sub(high.mul(b.low)));
  return { high, low: lost.div(b.high) };
}
