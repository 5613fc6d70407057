/**
 * Double-double arithmetic: a number as the unevaluated sum of a high part and a low one, which holds what was rounded off the high one.
 * Nearly twice the digits, from ordinary arithmetic: Dekker 1971, "A floating-point technique for extending the available precision"; the
 * names are those of Shewchuk 1997, "Adaptive precision floating-point arithmetic".
 */

import type { FloatDtype } from '../base/dtype.ts';
import type { Expression } from './expression.ts';

/** `high + low`, where `low` is small beside `high`. */
export interface DoubleDouble<E extends Expression> {
  readonly high: E;
  readonly low: E;
}

/** Multiplied by this and subtracted from itself again, a number keeps the upper half of its digits. */
const SPLITTER: { readonly [dtype in FloatDtype]: number } = { float32: 2 ** 12 + 1, float64: 2 ** 27 + 1 };

/** `a + b` exactly, where `|a| ≥ |b|` or `a` is 0. */
export function fastTwoSum<E extends Expression>(a: E, b: E): DoubleDouble<E> {
  const high = a.add(b);
  return { high, low: b.sub(high.sub(a)) };
}

/** `a + b` exactly, whichever is the larger. */
export function twoSum<E extends Expression>(a: E, b: E): DoubleDouble<E> {
  const high = a.add(b);
  const part = high.sub(a);
  return { high, low: a.sub(high.sub(part)).add(b.sub(part)) };
}

/** The upper and the lower half of the digits of `x`. */
export function split<E extends Expression>(x: E): readonly [upper: E, lower: E] {
  const wide = x.mul(SPLITTER[x.dtype]);
  const upper = wide.sub(wide.sub(x));
  return [upper, x.sub(upper)];
}

/** `a b` exactly. */
export function twoProduct<E extends Expression>(a: E, b: E | number): DoubleDouble<E> {
  const factor = typeof b === 'number' ? a.constant(b) : b;
  const high = a.mul(factor);
  const [[aUpper, aLower], [bUpper, bLower]] = [split(a), split(factor)];
  const rest = aUpper.mul(bUpper).sub(high).add(aUpper.mul(bLower)).add(aLower.mul(bUpper));
  return { high, low: rest.add(aLower.mul(bLower)) };
}

/** `a / b` to nearly twice the digits. */
export function divide<E extends Expression>(a: DoubleDouble<E>, b: DoubleDouble<E>): DoubleDouble<E> {
  const high = a.high.div(b.high);
  const product = twoProduct(high, b.high);
  const remainder = a.high
    .sub(product.high)
    .sub(product.low)
    .add(a.low.sub(high.mul(b.low)));
  return { high, low: remainder.div(b.high) };
}
