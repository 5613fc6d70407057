/**
 * The exponential of a matrix in a plain array, row after row, always in float64. Nothing here knows a tensor. Only arithmetic that every engine
 * rounds alike is used.
 */

import { eliminate, solveEliminated } from './lu.ts';

/** The coefficients of Padé's approximation of degree 13: the polynomial above the bar; below it the odd ones change sign. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
] as const;

/** Up to this norm the approximation is exact to rounding. */
const RADIUS = 4.25;

/** The reciprocal of the leading coefficient of the backward error, `C(26, 13) · 27!`. */
const RECIPROCAL = 1.1325077560602111e35;

/** No matrix is doubled more often. */
const MOST = 64;

/**
 * `Σ Aⁱ / i!`, by Padé's approximation of `A / 2ˢ`, squared `s` times (Al-Mohy & Higham 2009, "A new scaling and squaring algorithm for the matrix
 * exponential"). Where the matrix is not finite, the result is NaN.
 */
export function matrixExponential(a: Float64Array, n: number): Float64Array {
  if (!a.every(Number.isFinite)) return new Float64Array(n * n).fill(NaN);
  let squarings = 0;
  // First to a norm of 1, so that no power overflows.
  for (let size = normOf(a, n); size > 1; size /= 2) squarings++;
  let scaled = divided(a, squarings);
  let powers = powersOf(scaled, n);
  const spared = Math.min(squarings, sparedByPowers(powers, n), sparedByElements(scaled, n));
  if (spared > 0) {
    squarings -= spared;
    scaled = divided(a, squarings);
    powers = powersOf(scaled, n);
  }
  let y = approximation(scaled, powers, n);
  for (let i = 0; i < squarings; i++) y = product(y, y, n);
  return y;
}

/** The second, fourth and sixth power. */
type Powers = readonly [second: Float64Array, fourth: Float64Array, sixth: Float64Array];

function powersOf(a: Float64Array, n: number): Powers {
  const second = product(a, a, n);
  const fourth = product(second, second, n);
  return [second, fourth, product(fourth, second, n)];
}

/**
 * How often a matrix can be doubled before the roots of the norms of its powers leave the radius. These are often much smaller than its own norm;
 * the fewer squarings, the less they round.
 */
function sparedByPowers([second, fourth, sixth]: Powers, n: number): number {
  const eighth = product(fourth, fourth, n);
  const [d6, d8, d10] = [sixth, eighth, product(eighth, second, n)].map((power) => normOf(power, n)) as [number, number, number];
  let [bound6, bound8, bound10] = [6, 8, 10].map(radiusTo) as [number, number, number];
  for (let times = 0; times < MOST; times++) {
    [bound6, bound8, bound10] = [bound6 / 2 ** 6, bound8 / 2 ** 8, bound10 / 2 ** 10];
    if (d8 > bound8 || (d6 > bound6 && d10 > bound10)) return times;
  }
  return MOST;
}

/** `RADIUS` to a power. */
function radiusTo(power: number): number {
  let y = 1;
  for (let i = 0; i < power; i++) y *= RADIUS;
  return y;
}

/** How often a matrix can be doubled before the elements that cancel in its powers make the backward error more than rounding. */
function sparedByElements(a: Float64Array, n: number): number {
  // The column sums of the 27th power of the sizes.
  let sums = new Float64Array(n).fill(1);
  for (let power = 0; power < 27; power++) {
    const before = sums;
    sums = Float64Array.from({ length: n }, (_, j) => before.reduce((total, x, i) => total + x * Math.abs(a[i * n + j]!), 0));
  }
  let ratio = (sums.reduce((most, x) => Math.max(most, x), 0) / normOf(a, n) / RECIPROCAL) * 2 ** 53;
  let times = 0;
  for (; times < MOST && !(ratio > 2 ** -26); times++) ratio *= 2 ** 26;
  return times;
}

/** `(V − U)⁻¹ (V + U)`, where `U` has the odd powers and `V` the even ones. */
function approximation(a: Float64Array, [second, fourth, sixth]: Powers, n: number): Float64Array {
  const combined = (c6: number, c4: number, c2: number, c0: number) =>
    Float64Array.from({ length: n * n }, (_, i) => c6 * sixth[i]! + c4 * fourth[i]! + c2 * second[i]! + (i % (n + 1) === 0 ? c0 : 0));
  const sum = (x: Float64Array, y: Float64Array) => x.map((one, i) => one + y[i]!);
  const [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13] = PADE;
  const odd = product(a, sum(product(sixth, combined(b13, b11, b9, 0), n), combined(b7, b5, b3, b1)), n);
  const even = sum(product(sixth, combined(b12, b10, b8, 0), n), combined(b6, b4, b2, b0));
  const below = even.map((x, i) => x - odd[i]!);
  return solveEliminated(eliminate(below, n), n, sum(even, odd), n);
}

/** `A / 2ˢ`, in steps that are numbers. */
function divided(a: Float64Array, times: number): Float64Array {
  let y = a.slice();
  for (let left = times; left > 0; left -= 512) y = y.map((x) => x / 2 ** Math.min(left, 512));
  return y;
}

/** The largest sum of sizes in a column. */
function normOf(a: Float64Array, n: number): number {
  let most = 0;
  for (let j = 0; j < n; j++) {
    let total = 0;
    for (let i = 0; i < n; i++) total += Math.abs(a[i * n + j]!);
    most = Math.max(most, total);
  }
  return most;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const y = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j++) y[i * n + j]! += factor * b[k * n + j]!;
    }
  }
  return y;
}
