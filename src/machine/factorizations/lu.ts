/**
 * Gaussian elimination on square matrices in plain arrays, row after row, always in float64. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used. NaN never counts as 0: it runs through to the result.
 */

/** `P A = L U`: a matrix with its rows exchanged is a lower times an upper triangular one. */
export interface Elimination {
  /** Below the diagonal `L`, whose own diagonal is all 1; on it and above `U`. */
  readonly factors: Float64Array;
  /** Which row of the matrix became each row of the factors. */
  readonly order: Int32Array;
  /** The determinant of `P`: −1 where rows were exchanged an odd number of times, else 1. */
  readonly parity: number;
  /** The first column in which no pivot but 0 was left, or −1. */
  readonly missing: number;
}

/** LU factorization with partial pivoting: the pivot is the element of largest size in each column, the first of those that tie. */
export function eliminate(a: Float64Array, n: number): Elimination {
  const factors = a.slice();
  const order = Int32Array.from({ length: n }, (_, i) => i);
  let [parity, missing] = [1, -1];
  for (let k = 0; k < n; k++) {
    const best = largest(factors, n, k, k, k + 1)[0];
    if (best !== k) {
      exchangeRows(factors, n, k, best);
      [order[k], order[best]] = [order[best]!, order[k]!];
      parity = -parity;
    }
    if (factors[k * n + k] !== 0) clearBelow(factors, n, k);
    else if (missing < 0) missing = k;
  }
  return { factors, order, parity, missing };
}

/** Solves `A x = b` for `k` columns at once, with `A` factorized; `x` is a new array. */
export function solveEliminated({ factors, order }: Elimination, n: number, b: Float64Array, k: number): Float64Array {
  const x = new Float64Array(n * k);
  for (let i = 0; i < n; i++) x.set(b.subarray(order[i]! * k, (order[i]! + 1) * k), i * k);
  substitute(factors, n, x, k, { upper: false, transposed: false, unit: true });
  substitute(factors, n, x, k, { upper: true, transposed: false, unit: false });
  return x;
}

/** Which triangle of a matrix is meant, whether it is transposed after that, and whether its diagonal is all 1. */
export interface Triangle {
  readonly upper: boolean;
  readonly transposed: boolean;
  readonly unit: boolean;
}

/** Solves `T x = b` for `k` columns at once, in place: `x` holds `b` before. The other triangle is not read. */
export function substitute(t: Float64Array, n: number, x: Float64Array, k: number, { upper, transposed, unit }: Triangle): void {
  const downward = upper === transposed;
  for (let step = 0; step < n; step++) {
    const i = downward ? step : n - 1 - step;
    const [from, to] = downward ? [0, i] : [i + 1, n];
    for (let j = from; j < to; j++) {
      const factor = transposed ? t[j * n + i]! : t[i * n + j]!;
      for (let c = 0; c < k; c++) x[i * k + c]! -= factor * x[j * k + c]!;
    }
    if (!unit) for (let c = 0; c < k; c++) x[i * k + c]! /= t[i * n + i]!;
  }
}

/** A regular block, moved to the upper left by exchanging rows and columns. */
export interface Leading {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** −1 where rows and columns were exchanged an odd number of times, else 1. */
  readonly parity: number;
  /** How many rows and columns the block has: all of them for a regular matrix. */
  readonly rank: number;
}

/** Finds the largest block whose pivots, each the largest of all that are left, are more than `least` times the first. */
export function leadingBlock(a: Float64Array, n: number, least: number): Leading {
  const factors = a.slice();
  const [rows, columns] = [0, 1].map(() => Int32Array.from({ length: n }, (_, i) => i)) as [Int32Array, Int32Array];
  let [parity, rank, first] = [1, 0, 0];
  for (; rank < n; rank++) {
    const [row, column] = largest(factors, n, rank, rank, n);
    const pivot = Math.abs(factors[row * n + column]!);
    if (rank === 0) first = pivot;
    // The rank of what is not finite is unknown.
    if (!(pivot < Infinity)) return { rows, columns, parity, rank: n };
    if (pivot <= least * first) break;
    if (row !== rank) {
      exchangeRows(factors, n, rank, row);
      [rows[rank], rows[row]] = [rows[row]!, rows[rank]!];
      parity = -parity;
    }
    if (column !== rank) {
      for (let i = 0; i < n; i++) {
        [factors[i * n + rank], factors[i * n + column]] = [factors[i * n + column]!, factors[i * n + rank]!];
      }
      [columns[rank], columns[column]] = [columns[column]!, columns[rank]!];
      parity = -parity;
    }
    clearBelow(factors, n, rank);
  }
  return { rows, columns, parity, rank };
}

/** The position of the element of largest size in the rows from `top` and the columns from `left` to `right`; of a NaN if there is one. */
function largest(a: Float64Array, n: number, top: number, left: number, right: number): [row: number, column: number] {
  let [row, column, best] = [top, left, -1];
  for (let i = top; i < n; i++) {
    for (let j = left; j < right; j++) {
      const size = Math.abs(a[i * n + j]!);
      if (size > best || size !== size) [row, column, best] = [i, j, size];
    }
  }
  return [row, column];
}

/** Subtracts multiples of row `k` from those below, and stores the multipliers where that leaves zeros. */
function clearBelow(a: Float64Array, n: number, k: number): void {
  for (let i = k + 1; i < n; i++) {
    const multiplier = a[i * n + k]! / a[k * n + k]!;
    a[i * n + k] = multiplier;
    for (let j = k + 1; j < n; j++) a[i * n + j]! -= multiplier * a[k * n + j]!;
  }
}

function exchangeRows(a: Float64Array, n: number, first: number, second: number): void {
  for (let j = 0; j < n; j++) [a[first * n + j], a[second * n + j]] = [a[second * n + j]!, a[first * n + j]!];
}
