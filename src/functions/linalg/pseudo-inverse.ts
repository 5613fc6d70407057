/** The pseudo-inverse of a matrix, least squares, and the rank, alone or in batches. Which singular values count as 0 is decided by tolerances. */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError } from '../../base/errors.ts';
import { numberFrom, type OptionTable, readOptions, withoutDefault } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { singularValues } from '../../machine/factorizations/one-sided-jacobi.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { batchOf, checkMatrices, drawBatch, drawRegular, eachMatrix, unitOf } from './matrices.ts';
import { svdvals } from './singular-values.ts';

/** A singular value counts as 0 that is at most `absolute`, or at most `relative` times the largest. */
interface Tolerances {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * The pseudo-inverse. Its derivative is that among matrices of the same rank (Golub & Pereyra 1973), written with the pseudo-inverse itself, so that it does
 * not matter whether singular values are equal.
 */
export const pinvOp: Op<'a', Tolerances> = {
  name: 'pinv',
  batching: 'matrices',
  shape({ a }) {
    const [m, n] = checkMatrices('pinv', a.sizes);
    return [...batchOf(a.sizes), n, m];
  },
  forward({ a, relative, absolute }) {
    const [m, n] = checkMatrices('pinv', a.sizes);
    return eachMatrix(a, m * n, (matrix) => inverseOf(matrix, m, n, { relative, absolute }));
  },
  backward: {
    a({ dy, y, a }) {
      const inside = y.transposedTimes(dy).timesTransposed(y).neg();
      // (1 − a y) dyᵀ y yᵀ and yᵀ y dyᵀ (1 − y a)
      const left = dy.transpose().matmul(y).timesTransposed(y);
      const right = y.transposedTimes(y.timesTransposed(dy));
      return inside.add(left.sub(a.matmul(y.matmul(left)))).add(right.sub(right.matmul(y).matmul(a)));
    },
  },
  sample(draw) {
    const shape = [...drawBatch(draw), draw.size(), draw.size()];
    return { a: drawRegular(draw, shape), relative: 1e-6, absolute: 0 };
  },
};

function inverseOf(a: Float64Array, m: number, n: number, { relative, absolute }: Tolerances): Float64Array {
  const { u, s, v } = singularValues(a, m, n);
  const k = s.length;
  const least = Math.max(absolute, relative * (s[0] ?? 0));
  const y = new Float64Array(n * m);
  for (let j = 0; j < k; j++) {
    if (s[j]! <= least) continue;
    for (let row = 0; row < n; row++) {
      const factor = v[row * k + j]! / s[j]!;
      for (let column = 0; column < m; column++) y[row * m + column]! += factor * u[column * k + j]!;
    }
  }
  return y;
}

/** Which singular values count as 0. */
export interface RankOptions {
  /**
   * Up to which share of the largest singular value one counts as 0. Default the larger size of the matrix times the rounding of the dtype, 1.2e-7 or
   * 2.2e-16; 0 where an absolute tolerance is given.
   */
  readonly relativeTolerance?: number;
  /** Up to which size one counts as 0 besides. Default 0. */
  readonly absoluteTolerance?: number;
}

const OPTIONS: OptionTable<RankOptions> = {
  relativeTolerance: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ numberFrom(0)),
  absoluteTolerance: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ numberFrom(0)),
};

function tolerancesOf(name: string, a: Tensor, options: RankOptions | undefined): Tolerances {
  checkFloats(name, a, 'a');
  const { relativeTolerance, absoluteTolerance } = readOptions(name, options, OPTIONS);
  const usual = absoluteTolerance ? 0 : Math.max(...checkMatrices(name, a.sizes)) * unitOf(a.dtype);
  return { relative: relativeTolerance ?? usual, absolute: absoluteTolerance ?? 0 };
}

/**
 * The pseudo-inverse of each matrix `[..., m, n]` (Moore, Penrose): `[..., n, m]`. With `a = u diag(s) vᵀ` it is `v diag(1/s) uᵀ`, where the values that count
 * as 0 are left out. The gradient is that among matrices of the same rank; where the rank may change there is none, as `pinv` jumps. Equal singular values
 * do no harm.
 * @param options `relativeTolerance`, default `max(m, n)` times the rounding of the dtype; `absoluteTolerance`, default 0
 * @throws ShapeError where there are no matrices.
 * @example pinv(Tensor.of([[2, 0], [0, 4], [0, 0]])).toArray() // => [[0.5, 0, 0], [0, 0.25, 0]]
 */
export function pinv(a: Tensor, options?: RankOptions): Tensor {
  return perform(pinvOp, { a }, tolerancesOf('pinv', a, options));
}

/**
 * The solution of least squares: of all `x` for which `‖a x − b‖` is smallest the shortest, whatever the rank of `a`. For `a : [..., m, n]` and
 * `b : [..., m, k]`, with a system in each column, or a single `b : [m]`, it is `[..., n, k]` or `[..., n]`. Residuals are `b.sub(a.matmul(x))`.
 * @param options as for `pinv`
 * @throws ShapeError where the shapes do not fit.
 * @example lstsq(Tensor.of([[2], [0]]), Tensor.of([4, 7])).toArray() // => [2]
 */
export function lstsq(a: Tensor, b: Tensor, options?: RankOptions): Tensor {
  const tolerances = tolerancesOf('lstsq', a, options);
  checkTensor('lstsq', 'b', b);
  const m = a.sizes.at(-2)!;
  if ((b.rank === 1 ? b.size : b.sizes.at(-2)) !== m)
    throw new ShapeError(
      `lstsq: expected a right side [..., ${m}, k] or [${m}] for ${formatShape(a.sizes)}, got ${formatShape(b.sizes)}; ` +
        `vectors in a batch are columns: reshape([..., ${m}, 1])`,
    );
  return calledAs('lstsq', 'matmul', () => perform(pinvOp, { a }, tolerances).matmul(b));
}

/**
 * The rank of each matrix `[..., m, n]`: how many singular values do not count as 0, as int32 `[...]`.
 * @param options as for `pinv`
 * @throws ShapeError where there are no matrices.
 * @example matrixRank(Tensor.of([[1, 2], [2, 4]])).item() // => 1
 */
export function matrixRank(a: Tensor, options?: RankOptions): Tensor {
  const { relative, absolute } = tolerancesOf('matrixRank', a, options);
  const values = svdvals(a);
  if (values.sizes.at(-1) === 0) return values.sum(-1).cast('int32');
  return values
    .greater(values.max(-1, { keepDims: true }).mul(relative).maximum(absolute))
    .cast('int32')
    .sum(-1);
}
