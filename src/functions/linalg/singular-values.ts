/** The singular value decomposition, alone or in batches, and what is made of singular values. */

import { type Dtype, newData } from '../../base/dtype.ts';
import { DerivativeError, ShapeError } from '../../base/errors.ts';
import { boolean, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { broadcastShape, formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { complementOf, singularValues } from '../../machine/factorizations/one-sided-jacobi.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkFloats, perform, Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { batchOf, checkMatrices, drawBatch, drawRegular, eachMatrix, nearnessOf, pattern, repeatedTo, rows } from './matrices.ts';

/** `u : [..., m, k]` above a row of singular values, descending, above `v : [..., n, k]`, with `u diag(s) vᵀ = a` and `k = min(m, n)`. */
export const svdOp: Op<'a'> = {
  name: 'svd',
  batching: 'matrices',
  shape({ a }) {
    const [m, n] = checkMatrices('svd', a.sizes);
    return [...batchOf(a.sizes), m + 1 + n, Math.min(m, n)];
  },
  forward({ a }) {
    const [m, n] = checkMatrices('svd', a.sizes);
    return eachMatrix(a, (m + 1 + n) * Math.min(m, n), (matrix) => {
      const { u, s, v } = singularValues(matrix, m, n);
      return [...u, ...s, ...v];
    });
  },
  backward: {
    a({ dy, y, a }) {
      const [m, n] = checkMatrices('svd', a.sizes);
      const k = Math.min(m, n);
      const s = rows(y, m, m + 1);
      const [u, v] = sides(perform(svdVectorsOp, { decomposition: y }, { rows: m }), m);
      const [du, ds, dv] = [rows(dy, 0, m), rows(dy, m, m + 1), rows(dy, m + 1, m + 1 + n)];
      const identity = pattern([k, k], a.dtype, (i, j) => (i === j ? 1 : 0));
      const [left, right] = [u.transposedTimes(du), v.transposedTimes(dv)];
      // Where both sides turn together only gaps count, where they turn against each other only sums.
      const [together, against] = [skew(left.add(right)), skew(left.sub(right))];
      const [gaps, sums] = [s.sub(s.transpose()), s.add(s.transpose())];
      const mixed = quotient(together, gaps.add(identity))
        .add(quotient(against, sums.add(identity)))
        .mul(0.5);
      const inside = u.matmul(identity.mul(ds).add(mixed));
      // What leaves the space of the vectors of the longer side.
      const outsideLeft = m > k ? inside.add(quotient(du.sub(u.matmul(left)), s)) : inside;
      const whole = outsideLeft.timesTransposed(v);
      return n > k ? whole.add(u.matmul(quotient(dv.sub(v.matmul(right)), s).transpose())) : whole;
    },
  },
  sample: (draw) => ({ a: drawApart(draw) }),
};

/**
 * The vectors of a decomposition, `u` above `v`. A gradient that arrives at them is refused where singular values are equal, and where one is 0 and one
 * side has more vectors than the other: they may as well be others then.
 */
export const svdVectorsOp: Op<'decomposition', { rows: number }> = {
  name: 'svdVectors',
  batching: 'matrices',
  shape: ({ decomposition: { sizes } }) => [...batchOf(sizes), sizes.at(-2)! - 1, sizes.at(-1)!],
  forward({ decomposition, rows }) {
    const [height, k] = decomposition.sizes.slice(-2) as [number, number];
    return eachMatrix(decomposition, (height - 1) * k, (matrix) => [...matrix.subarray(0, rows * k), ...matrix.subarray((rows + 1) * k)]);
  },
  backward: {
    decomposition({ dy, decomposition, rows: m }) {
      const [height, k] = decomposition.sizes.slice(-2) as [number, number];
      const arriving = perform(ofDistinctSingularOp, { x: dy, values: rows(decomposition, m, m + 1) }, { square: height === 2 * k + 1 });
      const [du, dv] = sides(arriving, m);
      return concat([du, Tensor.zeros([...batchOf(dy.sizes), 1, k], { dtype: dy.dtype }), dv], -2);
    },
  },
  sample(draw) {
    const a = drawApart(draw);
    return { decomposition: perform(svdOp, { a }), rows: a.sizes.at(-2)! };
  },
};

/** `x` itself, for singular values `[..., 1, k]` of which no two are equal but for rounding, nor one 0 unless the matrix is square. */
export const ofDistinctSingularOp: Op<'x' | 'values', { square: boolean }> = {
  name: 'ofDistinctSingular',
  batching: 'matrices',
  shape: ({ x, values }) => [...broadcastShape('svd', batchOf(x.sizes), batchOf(values.sizes)), ...x.sizes.slice(-2)],
  forward({ x, values, square }, shape) {
    const k = values.sizes.at(-1)!;
    for (let which = 0; which < values.size / k; which++)
      refuseEqual(values.numbers.subarray(which * k, (which + 1) * k), which, { shape: values.sizes, dtype: values.dtype, square });
    return repeatedTo(x, shape);
  },
  backward: { x: ({ dy }) => dy, values: null },
  sample(draw) {
    const a = drawApart(draw);
    const [m, n] = a.sizes.slice(-2) as [number, number];
    const decomposition = perform(svdOp, { a });
    return {
      x: draw.tensor([...batchOf(a.sizes), m + n, Math.min(m, n)]),
      values: rows(decomposition, m, m + 1),
      square: m === n,
    };
  },
};

function refuseEqual(
  own: ArrayLike<number>,
  which: number,
  { shape, dtype, square }: { shape: Shape; dtype: Dtype; square: boolean },
): void {
  const k = own.length;
  const near = nearnessOf(dtype, k, own[0]!);
  const matrix = shape.length === 2 ? 'the matrix' : `matrix ${which} of the batch ${formatShape(batchOf(shape))}`;
  const remedy = 'use the values alone, or write the function without singular vectors, as pinv, lstsq and det are';
  for (let i = 1; i < k; i++)
    if (own[i - 1]! - own[i]! <= near)
      throw new DerivativeError(
        `svd: singular values ${i - 1} and ${i} of ${matrix}, ${own[i - 1]} and ${own[i]}, are equal but for rounding, ` +
          `so the gradient of their vectors is not determined; ${remedy}`,
      );
  if (!square && k > 0 && own[k - 1]! <= near)
    throw new DerivativeError(
      `svd: singular value ${k - 1} of ${matrix}, ${own[k - 1]}, is 0 but for rounding, ` +
        `so the gradient of its vectors is not determined; ${remedy}`,
    );
}

/** Orthonormal columns `[..., m, m − k]` that complete those of `q : [..., m, k]` to a basis. Which ones is a choice, without a gradient. */
export const complementOp: Op<'q'> = {
  name: 'complement',
  batching: 'matrices',
  shape({ q }) {
    const [m, k] = checkMatrices('svd', q.sizes);
    if (k <= m) return [...batchOf(q.sizes), m, m - k];
    throw new ShapeError(`svd: expected no more columns than rows, got shape ${formatShape(q.sizes)}`);
  },
  forward({ q }) {
    const [m, k] = checkMatrices('svd', q.sizes);
    return eachMatrix(q, m * (m - k), (matrix) => complementOf(matrix, m, k));
  },
  backward: { q: ({ dy, q }) => perform(undeterminedOp, { x: dy }, { columns: q.sizes.at(-1)! }) },
  // There is a gradient only where nothing is missing to a basis.
  sample(draw) {
    const n = draw.size();
    return { q: drawApart(draw, n, n) };
  },
};

/** The gradient of the basis of a complement: zeros for the vectors from which it was made, where nothing but zeros arrives. */
export const undeterminedOp: Op<'x', { columns: number }> = {
  name: 'undetermined',
  batching: 'matrices',
  shape: ({ x, columns }) => [...x.sizes.slice(0, -1), columns],
  forward({ x }, shape) {
    const place = x.numbers.findIndex((one) => one !== 0);
    if (place >= 0)
      throw new DerivativeError(
        'svd: the vectors that full adds to a basis may as well be others, so their gradient is not determined; leave full out, ' +
          'or take the columns that have singular values',
      );
    return newData(x.dtype, sizeOf(shape));
  },
  backward: { x: null },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], { from: 0, to: 0, strict: true }), columns: draw.size() }),
};

/** How a matrix is decomposed. */
export interface SvdOptions {
  /** Whether `u` and `v` are whole bases, `[..., m, m]` and `[..., n, n]`. Default false. */
  readonly full?: boolean;
}

const OPTIONS: OptionTable<SvdOptions> = { full: /* @__PURE__ */ optional(boolean, false) };

/**
 * The singular value decomposition of each matrix `a : [..., m, n]`: `a = u diag(s) vᵀ`, with `k = min(m, n)` values `s : [..., k]`, descending and not
 * negative, and orthonormal columns `u : [..., m, k]` and `v : [..., n, k]`. Of each column of `v` the largest number is positive, the first of those
 * that tie. Small values are as exact as large ones: one-sided rotations find them.
 *
 * Where values are equal, or equal but for rounding, their vectors are a choice, so a gradient that arrives at the vectors is refused; likewise where a
 * value of a matrix that is not square is 0; likewise second derivatives of the values. The values alone have gradients: that of one which is 0 takes the
 * vectors that were found, as PyTorch's does.
 * @param options `full`, default false: `u : [..., m, m]` and `v : [..., n, n]`, whose further columns have no gradient
 * @throws ShapeError where there are no matrices; in the sweep DerivativeError for vectors of equal values.
 * @example svd(Tensor.of([[0, 2], [1, 0]])).s.toArray() // => [2, 1]
 * svd(Tensor.of([[3], [4]])).s.toArray() // => [5]
 */
export function svd(a: Tensor, options?: SvdOptions): { u: Tensor; s: Tensor; v: Tensor } {
  checkFloats('svd', a, 'a');
  const { full } = readOptions('svd', options, OPTIONS);
  const decomposition = perform(svdOp, { a });
  const m = a.sizes.at(-2)!;
  const [u, v] = sides(perform(svdVectorsOp, { decomposition }, { rows: m }), m);
  const s = valuesOf(decomposition, m);
  return full ? { u: basis(u), s, v: basis(v) } : { u, s, v };
}

/**
 * The singular values of each matrix `[..., m, n]`, descending: `[..., min(m, n)]`. Their gradients are right where values are equal, for functions that do
 * not tell equal values apart.
 * @throws ShapeError where there are no matrices.
 * @example svdvals(Tensor.of([[3, 0], [0, -4]])).toArray() // => [4, 3]
 */
export function svdvals(a: Tensor): Tensor {
  checkFloats('svdvals', a, 'a');
  checkMatrices('svdvals', a.sizes);
  return valuesOf(perform(svdOp, { a }), a.sizes.at(-2)!);
}

function valuesOf(decomposition: Tensor, m: number): Tensor {
  const s = rows(decomposition, m, m + 1);
  return s.reshape([...batchOf(s.sizes), s.sizes.at(-1)!]);
}

/** `u` and `v`, which stand above each other. */
const sides = (x: Tensor, m: number): [Tensor, Tensor] => [rows(x, 0, m), rows(x, m, x.sizes.at(-2)!)];

const basis = (q: Tensor): Tensor => (q.sizes.at(-1)! < q.sizes.at(-2)! ? concat([q, perform(complementOp, { q })], -1) : q);

const skew = (x: Tensor): Tensor => x.sub(x.transpose());

/** `x / by`, and 0 where there is nothing to divide: no gradient arrived there. */
const quotient = (x: Tensor, by: Tensor): Tensor => {
  const nothing = by.equal(0).mul(x.equal(0));
  return nothing.where(0, x).div(nothing.where(1, by));
};

/** Matrices with singular values near 3, 6, 9 …, less than 1 away. */
function drawApart(draw: Draw, m = draw.size(), n = draw.size()): Tensor {
  return drawRegular(draw, [...drawBatch(draw), m, n], (i) => 3 * i + 3);
}
