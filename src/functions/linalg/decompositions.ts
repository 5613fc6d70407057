/**
 * Matrices as products of simpler ones, alone or in batches. An operation with two results returns them as one tensor, which the function
 * splits.
 */

import { DerivativeError, ShapeError, ValueError } from '../../base/errors.ts';
import { broadcastShape, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import * as factorizations from '../../machine/factorizations/cholesky.ts';
import { householder } from '../../machine/factorizations/householder.ts';
import { jacobi } from '../../machine/factorizations/jacobi.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { solveTriangular } from './linear-systems.ts';
import {
  batchOf,
  checkMatrices,
  checkSquare,
  columns,
  drawBatch,
  drawRegular,
  eachMatrix,
  lower,
  nameOf,
  nearnessOf,
  pattern,
  repeatedTo,
  rows,
  symmetricPart,
} from './matrices.ts';

/** The lower triangular `l` with `l lᵀ = a`, of which the symmetric part is read. */
export const choleskyOp: Op<'a'> = {
  name: 'cholesky',
  batching: 'matrices',
  shape({ a }) {
    checkSquare('cholesky', a.sizes);
    return a.sizes;
  },
  forward({ a }) {
    const n = a.sizes.at(-1)!;
    return eachMatrix(a, n * n, (matrix, which) => factorOf(symmetricPart(matrix, n), n, which, a.sizes));
  },
  backward: {
    a({ dy, y }) {
      const half = solveTriangular(y, lower(y.transposedTimes(dy), 0.5), { upper: false, transposed: true });
      return symmetric(solveTriangular(y, half.transpose(), { upper: false, transposed: true }));
    },
  },
  sample: (draw) => ({ a: drawSymmetric(draw, () => 2) }),
};

/** `q : [..., m, n]` above `r : [..., n, n]`, with `q r = a`, for `m ≥ n`. */
export const qrOp: Op<'a'> = {
  name: 'qr',
  batching: 'matrices',
  shape({ a }) {
    const [m, n] = checkMatrices('qr', a.sizes);
    if (m >= n) return [...batchOf(a.sizes), m + n, n];
    throw new ShapeError(
      `qr: expected at least as many rows as columns, got shape ${formatShape(a.sizes)}; the function qr takes any matrix`,
    );
  },
  forward({ a }) {
    const [m, n] = checkMatrices('qr', a.sizes);
    return eachMatrix(a, (m + n) * n, (matrix) => {
      const { q, r } = householder(matrix, m, n);
      return [...q, ...r];
    });
  },
  backward: {
    a({ dy, y, a }) {
      const m = a.sizes.at(-2)!;
      const [q, r] = split(y, m);
      const [dq, dr] = split(dy, m);
      const mixed = r.timesTransposed(dr).sub(dq.transposedTimes(q));
      const half = lower(mixed, 0.5);
      const dqr = dq.add(q.matmul(half.add(half.transpose())));
      return solveTriangular(r, dqr.transpose(), { upper: true }).transpose();
    },
  },
  sample(draw) {
    const n = draw.size();
    return { a: drawRegular(draw, [...drawBatch(draw), n + draw.oneOf(0, 1, 2), n]) };
  },
};

/** A row of eigenvalues above the matrix that has the eigenvectors as its columns. The symmetric part of `a` is read. */
export const eighOp: Op<'a'> = {
  name: 'eigh',
  batching: 'matrices',
  shape: ({ a }) => [...batchOf(a.sizes), checkSquare('eigh', a.sizes) + 1, a.sizes.at(-1)!],
  forward({ a }) {
    const n = a.sizes.at(-1)!;
    return eachMatrix(a, (n + 1) * n, (matrix) => {
      const { values, vectors } = jacobi(symmetricPart(matrix, n), n);
      return [...values, ...vectors];
    });
  },
  backward: {
    a({ dy, y, a }) {
      const n = a.sizes.at(-1)!;
      const [values, vectors] = [rows(y, 0, 1), perform(eighVectorsOp, { decomposition: y })];
      const [dvalues, dvectors] = split(dy, 1);
      const identity = pattern([n, n], a.dtype, (i, j) => (i === j ? 1 : 0));
      const turn = vectors.transposedTimes(dvectors).mul(identity.equal(0));
      const gaps = values.sub(values.transpose()).add(identity);
      // For equal eigenvalues the gradient of the vectors is not finite; where none arrives at them, it is left out.
      const mixed = gaps.equal(0).mul(turn.equal(0)).where(0, turn.div(gaps));
      return symmetric(vectors.matmul(identity.mul(dvalues).add(mixed)).timesTransposed(vectors));
    },
  },
  sample: (draw) => ({ a: drawSymmetric(draw, (i) => 3 * i) }),
};

/**
 * The vectors of a decomposition. A gradient that arrives at them is refused where eigenvalues are equal: a function of vectors that may as well be
 * others has one only if it does not depend on which they are, and then what arrives here does not tell it.
 */
export const eighVectorsOp: Op<'decomposition'> = {
  name: 'eighVectors',
  batching: 'matrices',
  shape: ({ decomposition: { sizes: shape } }) => [...batchOf(shape), shape.at(-1)!, shape.at(-1)!],
  forward: ({ decomposition }) => {
    const n = decomposition.sizes.at(-1)!;
    return eachMatrix(decomposition, n * n, (matrix) => matrix.subarray(n));
  },
  backward: {
    decomposition({ dy, decomposition }) {
      const arriving = perform(ofDistinctOp, { x: dy, values: rows(decomposition, 0, 1) });
      const { sizes: shape } = decomposition;
      return arriving.unslice(
        shape,
        shape.map((_, axis) => Number(axis === shape.length - 2)),
        shape.map(() => 1),
      );
    },
  },
  sample: (draw) => ({ decomposition: perform(eighOp, { a: drawSymmetric(draw, (i) => 3 * i) }) }),
};

/** `x` itself, for eigenvalues `[..., 1, n]` of which no two are equal but for rounding. */
export const ofDistinctOp: Op<'x' | 'values'> = {
  name: 'ofDistinct',
  batching: 'matrices',
  shape: ({ x, values }) => [...broadcastShape('eigh', batchOf(x.sizes), batchOf(values.sizes)), ...x.sizes.slice(-2)],
  forward({ x, values }, shape) {
    const n = values.sizes.at(-1)!;
    for (let which = 0; which < values.size / n; which++) {
      const own = values.numbers.subarray(which * n, (which + 1) * n);
      const near = nearnessOf(values.dtype, n, Math.max(Math.abs(own[0]!), Math.abs(own[n - 1]!)));
      const equal = own.findIndex((value, i) => i > 0 && value - own[i - 1]! <= near);
      if (equal > 0)
        throw new DerivativeError(
          `eigh: eigenvalues ${equal - 1} and ${equal} of ${nameOf(which, [...batchOf(values.sizes), n, n])}, ${own[equal - 1]} and ${own[equal]}, ` +
            'are equal but for rounding, so the gradient of their vectors is not determined; ' +
            'use the values alone, write the function without eigenvectors, or add different small numbers to the diagonal',
        );
    }
    return repeatedTo(x, shape);
  },
  backward: { x: ({ dy }) => dy, values: null },
  sample(draw) {
    const decomposition = perform(eighOp, { a: drawSymmetric(draw, (i) => 3 * i) });
    const n = decomposition.sizes.at(-1)!;
    return { x: draw.tensor([...batchOf(decomposition.sizes), n, n]), values: rows(decomposition, 0, 1) };
  },
};

/**
 * The lower triangular factor of each positive definite matrix, `l lᵀ = a`, with a positive diagonal: `[..., n, n]`, as `a`. What is
 * read is the symmetric part of `a`, `(a + aᵀ) / 2`, so that the gradient is symmetric.
 * @throws ShapeError where the matrices are not square, ValueError where one is not positive definite.
 * @example cholesky(Tensor.of([[4, 2], [2, 5]])).toArray() // => [[2, 0], [1, 2]]
 */
export const cholesky = <S extends Shape>(a: Tensor<S>): Tensor<S> => perform(choleskyOp, { a });

/**
 * Each matrix `a : [..., m, n]` as a product `q r`, where the `k = min(m, n)` columns of `q : [..., m, k]` are orthonormal, and
 * `r : [..., k, n]` is upper triangular with no negative number on its diagonal. There is a gradient where the first `k` columns of `a` are
 * independent.
 * @throws ShapeError where there are no matrices.
 * @example qr(Tensor.of([[3, 0], [4, 5]])).r.toArray() // => [[5, 4], [0, 3]]
 */
export function qr(a: Tensor): { q: Tensor; r: Tensor } {
  checkTensor('qr', 'a', a);
  const [m, n] = checkMatrices('qr', a.sizes);
  if (m < n) {
    const { q, r } = qr(columns(a, 0, m));
    return { q, r: concat([r, q.transposedTimes(columns(a, m, n))], -1) };
  }
  const [q, r] = split(perform(qrOp, { a }), m);
  return { q, r };
}

/**
 * The eigenvalues of each symmetric matrix, ascending, `[..., n]`, and orthonormal eigenvectors in the columns of `[..., n, n]`:
 * `a vectors = vectors diag(values)`. The largest number of each vector is positive, the first of those that tie. What is read is the
 * symmetric part of `a`, `(a + aᵀ) / 2`, so that the gradient is symmetric.
 *
 * Where eigenvalues are equal, or equal but for rounding, their vectors are a choice, so a gradient that arrives at the vectors is refused, even that of
 * a function that does not depend on the choice; likewise a second derivative of the values. The values alone have gradients: one that tells
 * equal values apart takes the vectors that were found.
 * @throws ShapeError where the matrices are not square; in the sweep DerivativeError for vectors of equal eigenvalues.
 * @example eigh(Tensor.of([[2, 1], [1, 2]])).values.toArray() // => [1, 3]
 */
export function eigh(a: Tensor): { values: Tensor; vectors: Tensor } {
  const decomposition = perform(eighOp, { a });
  const values = rows(decomposition, 0, 1);
  return { values: values.reshape([...batchOf(values.sizes), values.sizes.at(-1)!]), vectors: perform(eighVectorsOp, { decomposition }) };
}

const split = (x: Tensor, at: number): [Tensor, Tensor] => [rows(x, 0, at), rows(x, at, x.sizes.at(-2)!)];

const symmetric = (x: Tensor): Tensor => x.add(x.transpose()).div(2);

function factorOf(a: Float64Array, n: number, which: number, shape: Shape): Float64Array {
  const found = factorizations.choleskyFactor(a, n);
  if (found instanceof Float64Array) return found;
  throw new ValueError(
    `cholesky: expected positive definite matrices, got pivot ${found.pivot} in row ${found.row} of ${nameOf(which, shape)}; ` +
      'check that all eigenvalues are positive, or add a small multiple of the identity',
  );
}

/** Symmetric matrices with eigenvalues near the numbers of a diagonal, less than 1 away. */
function drawSymmetric(draw: Draw, diagonal: (i: number) => number): Tensor {
  const n = draw.size();
  return symmetric(drawRegular(draw, [...drawBatch(draw), n, n], diagonal));
}
