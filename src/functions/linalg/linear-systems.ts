/** Systems of linear equations, alone or in batches, and the inverse of a matrix. */

import { newData } from '../../base/dtype.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { boolean, type OptionTable, optional, readOptions, required } from '../../base/options.ts';
import { broadcastShape, broadcastStrides, formatShape, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { eliminate, solveEliminated, substitute } from '../../machine/factorizations/lu.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { batchOf, checkSquare, drawBatch, drawRegular, eachMatrix, lower, matrixOf, nameOf } from './matrices.ts';

/** `a⁻¹` */
export const invOp: Op<'a'> = {
  name: 'inv',
  batching: 'matrices',
  shape({ a }) {
    checkSquare('inv', a.sizes);
    return a.sizes;
  },
  forward({ a }) {
    const n = a.sizes.at(-1)!;
    const identity = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    return eachMatrix(a, n * n, (matrix, which) => solveMatrix('inv', matrix, a.sizes, which, identity, n));
  },
  backward: { a: ({ dy, y }) => y.transposedTimes(dy).timesTransposed(y).neg() },
  sample(draw) {
    const n = draw.size();
    return { a: drawRegular(draw, [...drawBatch(draw), n, n]) };
  },
};

/** `a⁻¹ b` */
export const solveOp: Op<'a' | 'b'> = {
  name: 'solve',
  batching: 'matrices',
  shape: ({ a, b }) => shapeOf('solve', a, b),
  forward: ({ a, b }, shape) => eachPair(a, b, shape, (matrix, which, right, k) => solveMatrix('solve', matrix, a.sizes, which, right, k)),
  backward: {
    a: ({ dy, y, a }) => solve(a.transpose(), dy).timesTransposed(y).neg(),
    b: ({ dy, a }) => solve(a.transpose(), dy),
  },
  sample: (draw) => sampleOf(draw),
};

/** `t⁻¹ b` or `t⁻ᵀ b`, where `t` is one triangle of `a`. */
export const solveTriangularOp: Op<'a' | 'b', { upper: boolean; transposed: boolean }> = {
  name: 'solveTriangular',
  batching: 'matrices',
  shape: ({ a, b }) => shapeOf('solveTriangular', a, b),
  forward({ a, b, upper, transposed }, shape) {
    const n = a.sizes.at(-1)!;
    return eachPair(a, b, shape, (matrix, which, right, k) => {
      const zero = Array.from({ length: n }, (_, i) => matrix[i * n + i]!).indexOf(0);
      if (zero >= 0) {
        throw new ValueError(
          `solveTriangular: expected no zero on the diagonal, got 0 in row ${zero} of ${nameOf(which, a.sizes)}; ` +
            'there is no single solution; check for rows that depend on each other',
        );
      }
      substitute(matrix, n, right, k, { upper, transposed, unit: false });
      return right;
    });
  },
  backward: {
    a({ dy, y, a, upper, transposed }) {
      const db = solveTriangular(a, dy, { upper, transposed: !transposed });
      const da = (transposed ? y.timesTransposed(db) : db.timesTransposed(y)).neg();
      return upper ? lower(da.transpose(), 1).transpose() : lower(da, 1);
    },
    b: ({ dy, a, upper, transposed }) => solveTriangular(a, dy, { upper, transposed: !transposed }),
  },
  sample: (draw) => ({ ...sampleOf(draw), upper: draw.oneOf(false, true), transposed: draw.oneOf(false, true) }),
};

/**
 * The inverse of each square matrix: `[..., n, n]`, as `a`. To solve equations, `solve` is faster and more precise.
 * @throws ShapeError where the matrices are not square, ValueError where one is singular.
 * @example inv(Tensor.of([[2, 0], [0, 4]])).toArray() // => [[0.5, 0], [0, 0.25]]
 */
export const inv = <S extends Shape>(a: Tensor<S>): Tensor<S> => perform(invOp, { a });

/**
 * The solution of `a x = b`, for matrices `a : [..., n, n]`, and `b : [..., n, k]` with a system in each column, or a single `b : [n]`.
 * Leading axes broadcast, as in `matmul`; `x` has the shape of `b`, broadcast.
 * @throws ShapeError where the shapes do not fit, ValueError where a matrix is singular.
 * @example solve(Tensor.of([[2, 0], [0, 4]]), Tensor.of([2, 8])).toArray() // => [1, 2]
 */
export const solve = (a: Tensor, b: Tensor): Tensor => withColumn('solve', b, (b) => perform(solveOp, { a, b }));

/** Which triangle of a matrix is read, and whether it is transposed. */
export interface TriangleOptions {
  readonly upper: boolean;
  /** Default `false`. */
  readonly transposed?: boolean;
}

const triangleOptions: OptionTable<TriangleOptions> = {
  upper: /* @__PURE__ */ required(boolean),
  transposed: /* @__PURE__ */ optional(boolean, false),
};

/**
 * The solution of `t x = b`, or of `tᵀ x = b`, where `t` is the lower or upper triangle of `a : [..., n, n]`; the other is not read. The
 * shapes are those of `solve`.
 * @param which `upper`, which triangle, has no default; `transposed`, default `false`
 * @throws ShapeError where the shapes do not fit, ValueError for a zero on the diagonal, or where no triangle is named.
 * @example solveTriangular(Tensor.of([[2, 0], [1, 4]]), Tensor.of([2, 9]), { upper: false }).toArray() // => [1, 2]
 */
export function solveTriangular(a: Tensor, b: Tensor, which: TriangleOptions): Tensor {
  checkTensor('solveTriangular', 'a', a);
  const { upper, transposed } = readOptions('solveTriangular', which, triangleOptions);
  return withColumn('solveTriangular', b, (b) => perform(solveTriangularOp, { a, b }, { upper, transposed }));
}

/** A vector becomes a column, and the result a vector again. */
function withColumn(name: string, b: Tensor, solved: (b: Tensor) => Tensor): Tensor {
  checkTensor(name, 'b', b);
  if (b.rank !== 1) return solved(b);
  const x = solved(b.reshape([b.size, 1]));
  return x.reshape(x.sizes.slice(0, -1));
}

function shapeOf(name: string, a: Tensor, b: Tensor): Shape {
  const n = checkSquare(name, a.sizes);
  if (b.sizes.at(-2) !== n) {
    throw new ShapeError(
      `${name}: expected a right side [..., ${n}, k] or [${n}] for ${formatShape(a.sizes)}, got ${formatShape(b.sizes)}; ` +
        `vectors in a batch are columns: reshape([..., ${n}, 1])`,
    );
  }
  return [...broadcastShape(name, batchOf(a.sizes), batchOf(b.sizes)), n, b.sizes.at(-1)!];
}

/** The results of a function of each pair of a matrix and a right side of `k` columns, both copies; batches broadcast. */
function eachPair(
  a: Tensor,
  b: Tensor,
  shape: Shape,
  make: (matrix: Float64Array, which: number, right: Float64Array, k: number) => Float64Array,
) {
  const batch = batchOf(shape);
  const length = sizeOf(shape.slice(-2));
  const out = newData(b.dtype, sizeOf(shape));
  const first = (x: Tensor) => broadcastStrides(batchOf(x.sizes), batch);
  walk(batch, [first(a), first(b)], (here, [i, j]) => {
    out.set(make(matrixOf(a, i), i, matrixOf(b, j), shape.at(-1)!), here * length);
  });
  return out;
}

function solveMatrix(name: string, a: Float64Array, shape: Shape, which: number, b: Float64Array, k: number): Float64Array {
  const n = shape.at(-1)!;
  const eliminated = eliminate(a, n);
  if (eliminated.missing < 0) return solveEliminated(eliminated, n, b, k);
  throw new ValueError(
    `${name}: expected regular matrices, got a singular one: ` +
      `${nameOf(which, shape)} has no pivot but 0 for column ${eliminated.missing}; ` +
      'check for equal rows or columns, or use det to test',
  );
}

function sampleOf(draw: Draw): { a: Tensor; b: Tensor } {
  const [n, k, count] = [draw.size(), draw.size(), draw.size()];
  const [left, right] = draw.oneOf<readonly [Shape, Shape]>([[], []], [[count], [count]], [[count], []], [[], [count]], [[count, 1], [2]]);
  return { a: drawRegular(draw, [...left, n, n]), b: draw.tensor([...right, n, k]) };
}
