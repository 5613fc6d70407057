import { Decimal } from 'decimal.js';

/** The number itself: what `new Decimal(x)` takes is the shortest decimal that is nearest to it. */
export function exactly(x: number, D: typeof Decimal = Decimal): Decimal {
  if (x === 0 || !Number.isFinite(x)) return new D(x);
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -1022) - 60;
  // In two steps: 2^exponent itself may be no float64.
  const half = Math.floor(exponent / 2);
  const digits = BigInt((x / 2 ** half) * 2 ** (half - exponent));
  return new D(digits.toString()).times(new D(2).pow(exponent));
}
