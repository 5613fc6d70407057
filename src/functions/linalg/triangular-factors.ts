/** A matrix as a product of triangular ones, by Gaussian elimination, alone or in batches. */

import { calledAs } from '../../base/called-as.ts';
import { type Elimination, eliminate } from '../../machine/factorizations/lu.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, perform, type Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { tril, triu } from '../layout/diagonals.ts';
import { solveTriangular } from './linear-systems.ts';
import { batchOf, checkMatrices, columns, drawBatch, drawRegular, eachMatrix, pattern, rows } from './matrices.ts';

/** The matrix `p : [..., m, m]` that puts the rows of `l u` in the order of those of `a`. It changes in jumps only. */
export const luPermutationOp: Op<'a'> = {
  name: 'luPermutation',
  batching: 'matrices',
  shape({ a }) {
    const [m] = checkMatrices('lu', a.sizes);
    return [...batchOf(a.sizes), m, m];
  },
  forward({ a }) {
    const [m, n] = checkMatrices('lu', a.sizes);
    return eachMatrix(a, m * m, (matrix) => {
      const { order } = eliminated(matrix, m, n);
      const p = new Float64Array(m * m);
      for (let i = 0; i < m; i++) p[order[i]! * m + i] = 1;
      return p;
    });
  },
  backward: { a: null },
  sample: (draw) => ({ a: drawRegular(draw, [...drawBatch(draw), draw.size(), draw.size()]) }),
};

/**
 * Below the diagonal `l : [..., m, k]`, whose own diagonal is all 1, on it and above `u : [..., k, n]`, with `l u = a` and `k = min(m, n)`: for matrices whose
 * rows are in order, so that each pivot is the largest in its column.
 */
export const luFactorsOp: Op<'a'> = {
  name: 'luFactors',
  batching: 'matrices',
  shape({ a }) {
    checkMatrices('lu', a.sizes);
    return a.sizes;
  },
  forward({ a }) {
    const [m, n] = checkMatrices('lu', a.sizes);
    const width = Math.max(m, n);
    return eachMatrix(a, m * n, (matrix) => {
      const { factors } = eliminated(matrix, m, n);
      return Float64Array.from({ length: m * n }, (_, i) => factors[Math.floor(i / n) * width + (i % n)]!);
    });
  },
  backward: { a: (given) => calledAs('lu', 'solveTriangular', () => gradientOf(given)) },
  sample: (draw) => ({ a: drawRegular(draw, [...drawBatch(draw), draw.size(), draw.size()]) }),
};

/** The leading square block as if it were alone, with what the others pass back through its factors. */
function gradientOf({ dy, y }: { readonly dy: Tensor; readonly y: Tensor }): Tensor {
  const [m, n] = y.sizes.slice(-2) as [number, number];
  const k = Math.min(m, n);
  const [l, u] = partsOf(y, k);
  const square = (x: Tensor) => columns(rows(x, 0, k), 0, k);
  const [own, upper] = [tril(square(l)), square(u)];
  let [dl, du] = [tril(square(dy), -1), triu(square(dy))];
  let below: Tensor | undefined;
  let beside: Tensor | undefined;
  if (m > k) {
    below = solveTriangular(upper, rows(dy, k, m).transpose(), { upper: true }).transpose();
    du = du.sub(triu(rows(l, k, m).transposedTimes(below)));
  } else if (n > k) {
    beside = solveTriangular(own, columns(dy, k, n), { upper: false, transposed: true });
    dl = dl.sub(tril(beside.timesTransposed(columns(u, k, n)), -1));
  }
  const inner = tril(own.transposedTimes(dl), -1).add(triu(du.timesTransposed(upper)));
  const left = solveTriangular(own, inner, { upper: false, transposed: true });
  const leading = solveTriangular(upper, left.transpose(), { upper: true }).transpose();
  return below ? concat([leading, below], -2) : beside ? concat([leading, beside], -1) : leading;
}

/** What an elimination of a matrix finds, in a square of the larger size, filled up with zeros: these are never a pivot before others. */
function eliminated(a: Float64Array, m: number, n: number): Elimination {
  const width = Math.max(m, n);
  const whole = new Float64Array(width * width);
  for (let i = 0; i < m; i++) whole.set(a.subarray(i * n, (i + 1) * n), i * width);
  return eliminate(whole, width);
}

/** `l : [..., m, k]` and `u : [..., k, n]` of the factors that are stored in one matrix. */
function partsOf(y: Tensor, k: number): [l: Tensor, u: Tensor] {
  const [m] = y.sizes.slice(-2) as [number];
  const below = tril(columns(y, 0, k), -1);
  return [below.add(pattern([m, k], y.dtype, (i, j) => (i === j ? 1 : 0))), triu(rows(y, 0, k))];
}

/**
 * Each matrix `a : [..., m, n]` as a product `p l u`, by elimination with the largest pivot of each column, the first of those that tie: `p : [..., m, m]`
 * exchanges rows, `l : [..., m, k]` is lower triangular with a diagonal of 1, and `u : [..., k, n]` upper triangular, with `k = min(m, n)`. There is a gradient
 * where the first `k` pivots are not 0, as far as the exchanges stay.
 * @throws ShapeError where there are no matrices; in the sweep ValueError for a pivot of 0.
 * @example lu(Tensor.of([[1, 2], [2, 2]])).u.toArray() // => [[2, 2], [0, 1]]
 */
export function lu(a: Tensor): { p: Tensor; l: Tensor; u: Tensor } {
  checkFloats('lu', a, 'a');
  const [m, n] = checkMatrices('lu', a.sizes);
  const p = perform(luPermutationOp, { a });
  const [l, u] = partsOf(perform(luFactorsOp, { a: p.transposedTimes(a) }), Math.min(m, n));
  return { p, l, u };
}
