/** Sine and cosine of multiples of π, as formulas: what is a whole number of half turns is taken off `x` itself, exactly. */

import { fastTwoSum, twoProduct } from './double-double.ts';
import type { Expression } from './expression.ts';
import { waveOf } from './trigonometry.ts';

/** `sin((|x| + quarters / 2) π)` */
function wave<E extends Expression>(x: E, quarters: number): E {
  const size = x.abs();
  // Two half turns are a whole one.
  const rest = size.sub(size.mul(0.5).floor().mul(2));
  const turns = rest.add(rest).add(0.5).floor();
  const part = rest.sub(turns.mul(0.5));
  const { high, low } = twoProduct(part, Math.PI);
  const restOfPi = x.dtype === 'float32' ? Math.PI - Math.fround(Math.PI) : 1.2246467991473532e-16;
  return waveOf({ turns, ...fastTwoSum(high, low.add(part.mul(restOfPi))) }, quarters);
}

/** `sin(π x)`; 0 where `x` is whole. */
export const sinPi = <E extends Expression>(x: E): E => {
  // The sum makes a zero positive.
  const y = wave(x, 0).add(0);
  return x.less(0).where(y.neg(), x.equal(0).where(x, y));
};

/** `cos(π x)`; 0 halfway between whole numbers. */
export const cosPi = <E extends Expression>(x: E): E => wave(x, 1);
