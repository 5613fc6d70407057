/**
 * The logarithm of a float64, rounded correctly but for about one case in 2⁴⁰. Engines' own differ in the last bit, and the normal numbers
 * that are made with it are to be the same everywhere. (NumPy takes the C library's, which rounds the other way in 7 of 10,000 cases with
 * glibc 2.36, so that 3 of 10,000 of its normal numbers differ from these in the last bit.)
 *
 * `ln x = n ln 2 + 2 (s + s³/3 + s⁵/5 + …)`, where `x = m 2ⁿ`, `√½ < m ≤ √2` and `s = (m − 1) / (m + 1)`; in double-double
 * arithmetic (Dekker 1971, "A floating-point technique for extending the available precision").
 */

const LN2 = [Math.LN2, 2.319046813846299e-17] as const;
const SPLITTER = 2 ** 27 + 1;

/** What `a · b` rounds off. */
function productError(a: number, b: number, product: number): number {
  const wideA = a * SPLITTER;
  const upperA = wideA - (wideA - a);
  const lowerA = a - upperA;
  const wideB = b * SPLITTER;
  const upperB = wideB - (wideB - b);
  const lowerB = b - upperB;
  return upperA * upperB - product + upperA * lowerB + lowerA * upperB + lowerA * lowerB;
}

/** The natural logarithm of a positive normal number. */
export function exactLog(x: number): number {
  let n = 0;
  let m = x;
  // Powers of two are exact, so the steps cost nothing but time; from 2⁻¹⁰⁶ to 1, where it is used, there are few.
  for (; m <= Math.SQRT1_2; m *= 2) n--;
  for (; m > Math.SQRT2; m /= 2) n++;
  const f = m - 1;
  const t = m + 1;
  const tLow = m - (t - 1);
  const s = f / t;
  const st = s * t;
  const sLow = (f - st - productError(s, t, st) - s * tLow) / t;
  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  // Horner's rule from the smallest term on: in float64 while terms are small, in double-double for the last ones.
  let tail = 0;
  for (let k = 37; k >= 17; k -= 2) tail = tail * z + 1 / k;
  let high = tail;
  let low = 0;
  for (let k = 15; k >= 1; k -= 2) {
    // (high, low) · (z, zLow) + 1/k
    const product = high * z;
    const rest = productError(high, z, product) + high * zLow + low * z;
    const term = 1 / k;
    const whole = k * term;
    const termLow = (1 - whole - productError(k, term, whole)) / k;
    high = term + product;
    low = product - (high - term) + rest + termLow;
  }
  // 2 s (high, low)
  const p = s * high;
  const pLow = productError(s, high, p) + s * low + sLow * high;
  const exponent = n * LN2[0];
  const exponentLow = productError(n, LN2[0], exponent) + n * LN2[1];
  const sum = exponent + 2 * p;
  const back = sum - exponent;
  return sum + (exponent - (sum - back) + (2 * p - back) + 2 * pLow + exponentLow);
}
