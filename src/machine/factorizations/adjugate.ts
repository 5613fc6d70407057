/**
 * Adjugates of matrices that depend on parameters, in plain arrays, row after row, always in float64: those of `a + t₁ g₁ + t₂ g₂ + …`, up to the
 * first power of each `t`. The coefficient of all of them is a derivative of the adjugate, whether or not `a` is singular. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used.
 *
 * A number that depends on `k` parameters is an array of the `2ᵏ` coefficients of their products: that of `t₁ t₃` is at `0b101`.
 */

import { eliminate, leadingBlock, solveEliminated } from './lu.ts';

/** A matrix of numbers that depend on parameters. */
type Matrix = Float64Array[][];

/** Pivots are more than this times the largest, for matrices that depend on no parameter. */
const LEAST = 2 ** -17;
/** And for others: each derivative of the inverse of a pivot loses as many digits as this number has, or twice as many. */
const LEAST_OF_PARAMETERS = 2 ** -8;
/** What is less than this times the largest pivot of all may be a rounding error, which must not be divided by. */
const NOISE = 2 ** -40;

/** The coefficient of the product of all `t` in the adjugate of `a + Σ tᵢ gᵢ`; without any, the adjugate of `a`. */
export function adjugate(a: Float64Array, n: number, directions: readonly Float64Array[]): Float64Array {
  const size = 1 << directions.length;
  // The inverse, times the determinant, where nothing speaks against it.
  if (size === 1 && leadingBlock(a, n, LEAST).rank === n) {
    const eliminated = eliminate(a, n);
    const determinant = Array.from({ length: n }, (_, i) => eliminated.factors[i * n + i]!).reduce((x, y) => x * y, eliminated.parity);
    const identity = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
    return solveEliminated(eliminated, n, identity, n).map((x) => x * determinant);
  }
  const matrix = make(n, n, (i, j) => {
    const number = new Float64Array(size);
    number[0] = a[i * n + j]!;
    directions.forEach((direction, k) => (number[1 << k] = direction[i * n + j]!));
    return number;
  });
  const found = adjugateOf(matrix, size, 0).adjugate;
  return Float64Array.from({ length: n * n }, (_, i) => found[Math.floor(i / n)]![i % n]![size - 1]!);
}

interface Found {
  readonly adjugate: Matrix;
  readonly determinant: Float64Array;
}

/**
 * With the rows and columns permuted so that the block `p` at the upper left is regular, `[[p, q], [r, s]]` has the determinant `|p| |w|` for
 * `w = s − r p⁻¹ q`, and all of its adjugate is made of `p⁻¹`, `q`, `r`, `|w|` and the adjugate of `w`, without another division.
 */
function adjugateOf(matrix: Matrix, size: number, noise: number): Found {
  const n = matrix.length;
  const constants = Float64Array.from({ length: n * n }, (_, i) => matrix[Math.floor(i / n)]![i % n]![0]!);
  const largest = constants.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (n <= 3 && n > 0 && (noise > 0 || size > 1)) return bySmallMinors(matrix, size);
  const floor = noise === 0 ? NOISE * largest : noise;
  if (n > 0 && (largest <= floor || (noise > 0 && size > 1))) return byTraces(matrix, size);
  // By the shape of the function alone: so a matrix of no rows has the adjugate of no rows, and the determinant 1.
  if (n === 0) return { adjugate: [], determinant: numberOf(1, size) };
  const { rank, rows, columns, parity } = leadingBlock(constants, n, size > 1 ? LEAST_OF_PARAMETERS : LEAST);
  const at = (i: number, j: number) => matrix[rows[i]!]![columns[j]!]!;
  const rest = n - rank;
  const p = invert(
    make(rank, rank, (i, j) => at(i, j)),
    size,
  );
  const [q, r] = [make(rank, rest, (i, j) => at(i, rank + j)), make(rest, rank, (i, j) => at(rank + i, j))];
  const [right, left] = [product(p.inverse, q, rest, size), product(r, p.inverse, rank, size)];
  const through = product(r, right, rest, size);
  const w = adjugateOf(
    make(rest, rest, (i, j) => at(rank + i, rank + j).map((x, k) => x - through[i]![j]![k]!)),
    size,
    floor,
  );
  const [below, beside] = [product(w.adjugate, left, rank, size), product(right, w.adjugate, rest, size)];
  const within = product(right, below, rank, size);
  const signed = p.determinant.map((x) => x * parity);
  const found = make(n, n, () => new Float64Array(size));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const number = new Float64Array(size);
      if (i < rank && j < rank) {
        addProduct(number, w.determinant, p.inverse[i]![j]!, 1);
        within[i]![j]!.forEach((x, k) => (number[k]! += x));
      } else if (i < rank) beside[i]![j - rank]!.forEach((x, k) => (number[k] = -x));
      else if (j < rank) below[i - rank]![j]!.forEach((x, k) => (number[k] = -x));
      else number.set(w.adjugate[i - rank]![j - rank]!);
      addProduct(found[columns[i]!]![rows[j]!]!, signed, number, 1);
    }
  }
  return { adjugate: found, determinant: times(signed, w.determinant) };
}

/** By minors, for at most three rows: no division, and of numbers of different sizes none loses digits to another. */
function bySmallMinors(matrix: Matrix, size: number): Found {
  const n = matrix.length;
  const minor = (i: number, j: number): Float64Array => {
    const [rows, columns] = [i, j].map((left) => [0, 1, 2].filter((k) => k !== left && k < n)) as [number[], number[]];
    const at = (k: number, l: number) => matrix[rows[k]!]![columns[l]!]!;
    if (n === 1) return numberOf(1, size);
    if (n === 2) return at(0, 0).slice();
    const number = times(at(0, 0), at(1, 1));
    addProduct(number, at(0, 1), at(1, 0), -1);
    return number;
  };
  const found = make(n, n, (i, j) => ((i + j) % 2 === 0 ? minor(j, i) : minor(j, i).map((x) => -x)));
  const determinant = new Float64Array(size);
  for (let j = 0; j < n; j++) addProduct(determinant, matrix[0]![j]!, found[j]![0]!, 1);
  return { adjugate: found, determinant };
}

/** By traces of products (Faddeev and LeVerrier): no division but by whole numbers. */
function byTraces(matrix: Matrix, size: number): Found {
  const n = matrix.length;
  let [sum, coefficient] = [make(n, n, (i, j) => numberOf(Number(i === j), size)), numberOf(1, size)];
  for (let step = 1; ; step++) {
    const next = product(matrix, sum, n, size);
    coefficient = new Float64Array(size);
    for (let i = 0; i < n; i++) next[i]![i]!.forEach((x, k) => (coefficient[k]! -= x / step));
    const sign = n % 2 === 0 ? -1 : 1;
    if (step === n)
      return { adjugate: sum.map((row) => row.map((x) => x.map((c) => c * sign))), determinant: coefficient.map((x) => -x * sign) };
    for (let i = 0; i < n; i++) next[i]![i]!.forEach((_, k) => (next[i]![i]![k]! += coefficient[k]!));
    sum = next;
  }
}

/** The inverse of a block whose pivots are in order, and its determinant. */
function invert(matrix: Matrix, size: number): { inverse: Matrix; determinant: Float64Array } {
  const n = matrix.length;
  const work = matrix.map((row, i) => [
    ...row.map((x) => x.slice()),
    ...Array.from({ length: n }, (_, j) => numberOf(Number(i === j), size)),
  ]);
  let determinant = numberOf(1, size);
  for (let k = 0; k < n; k++) {
    const pivot = work[k]![k]!;
    determinant = times(determinant, pivot);
    const inverse = reciprocal(pivot);
    work[k] = work[k]!.map((x) => times(x, inverse));
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = work[i]![k]!.slice();
      for (let j = k; j < 2 * n; j++) addProduct(work[i]![j]!, factor, work[k]![j]!, -1);
    }
  }
  return { inverse: work.map((row) => row.slice(n)), determinant };
}

const make = (rows: number, columns: number, number: (i: number, j: number) => Float64Array): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => number(i, j)));

function numberOf(constant: number, size: number): Float64Array {
  const number = new Float64Array(size);
  number[0] = constant;
  return number;
}

/** Adds a multiple of a product: no square of a parameter counts. */
function addProduct(sum: Float64Array, a: Float64Array, b: Float64Array, by: number): void {
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) if ((i & j) === 0) sum[i | j]! += by * (a[i]! * b[j]!);
  }
}

function times(a: Float64Array, b: Float64Array): Float64Array {
  const number = new Float64Array(a.length);
  addProduct(number, a, b, 1);
  return number;
}

function product(a: Matrix, b: Matrix, columns: number, size: number): Matrix {
  return a.map((row) =>
    Array.from({ length: columns }, (_, j) => {
      const number = new Float64Array(size);
      row.forEach((x, k) => addProduct(number, x, b[k]![j]!, 1));
      return number;
    }),
  );
}

/** `1 / x`, one coefficient after another. */
function reciprocal(x: Float64Array): Float64Array {
  const number = new Float64Array(x.length);
  number[0] = 1 / x[0]!;
  for (let which = 1; which < x.length; which++) {
    let total = 0;
    for (let part = 1; part <= which; part++) if ((part & which) === part) total += x[part]! * number[which ^ part]!;
    number[which] = -total / x[0]!;
  }
  return number;
}
