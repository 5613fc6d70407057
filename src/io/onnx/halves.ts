/** Numbers as float16: a sign, five bits of exponent, ten of fraction. */

import type { Data } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';

/** The largest finite float16. */
const LARGEST = 65504;
/** From here on numbers round to infinity. */
const BEYOND = 65520;

/**
 * The bytes of numbers rounded to float16, ties to even, the low byte first.
 * @throws ValueError for a finite number that is too large.
 */
export function bytesOfHalves(name: string, numbers: Data): Uint8Array {
  const bytes = new Uint8Array(2 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((x, i) => {
    if (Math.abs(x) >= BEYOND && Math.abs(x) < Infinity)
      throw new ValueError(`${name} has ${x} at place ${i}, float16 goes up to ${LARGEST}; leave the weights in float32`);
    view.setUint16(2 * i, halfOf(x), true);
  });
  return bytes;
}

function halfOf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (size !== size) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  // The exponent of the spacing of float16 near the number: 2⁻²⁴ among the subnormal ones.
  let [exponent, unit] = [0, 2 ** -24];
  while (size >= unit * 2048 && exponent < 30) {
    unit *= 2;
    exponent++;
  }
  const units = roundedToEven(size / unit);
  // Units from 1024 on have an implicit bit, which counts up the exponent; so does a fraction that was rounded up to the next power.
  return sign | (exponent * 1024 + units);
}

function roundedToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
