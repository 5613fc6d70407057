/** Norms of matrices, alone or in batches, and how far a matrix is from singular. */

import { calledAs } from '../../base/called-as.ts';
import { boolean, type OptionTable, optional, type Requirement, readOptions } from '../../base/options.ts';
import { checkFloats, type Tensor } from '../../tensor/tensor.ts';
import { norm } from '../sums/norm.ts';
import { checkMatrices, scale } from './matrices.ts';
import { svdvals } from './singular-values.ts';

/**
 * `'fro'`, the root of the sum of squares; `'nuc'`, the sum of singular values; 2, the largest of them, −2, the smallest; 1 and −1, the largest and the
 * smallest sum of sizes in a column, ∞ and −∞ in a row.
 */
export type MatrixNormOrder = 'fro' | 'nuc' | number;

/** Which norm of a matrix, and whether the axes are kept. */
export interface MatrixNormOptions {
  /** Default `'fro'`. */
  readonly order?: MatrixNormOrder;
  /** Whether the last two axes are kept, with size 1. Default false. */
  readonly keepDims?: boolean;
}

const orders: readonly unknown[] = ['fro', 'nuc', 1, -1, 2, -2, Infinity, -Infinity];
const anyOrder: Requirement = { words: "'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity", holds: (x) => orders.includes(x) };

const OPTIONS: OptionTable<MatrixNormOptions> = {
  order: /* @__PURE__ */ optional(anyOrder, 'fro'),
  keepDims: /* @__PURE__ */ optional(boolean, false),
};

/**
 * A norm of each matrix `[..., m, n]`: `[...]`. By its order: `'fro'`, `√Σ a²`; `'nuc'`, the sum of the singular values; 2 and −2, the largest and the
 * smallest of them; 1 and −1, the largest and the smallest sum of sizes in a column; ∞ and −∞, of those in a row. The derivative of the nuclear norm
 * where singular values are 0 is a subgradient, the one of PyTorch; of the Frobenius norm at 0 it is 0; columns or rows that tie share the gradient.
 * @param options `order`, default `'fro'`, and `keepDims`, default false
 * @throws ShapeError where there are no matrices, ValueError for any other order.
 * @example matrixNorm(Tensor.of([[3, 0], [0, 4]])).item() // => 5
 * matrixNorm(Tensor.of([[3, 0], [0, 4]]), { order: 'nuc' }).item() // => 7
 */
export function matrixNorm(a: Tensor, options?: MatrixNormOptions): Tensor {
  checkFloats('matrixNorm', a, 'a');
  const { order, keepDims } = readOptions('matrixNorm', options, OPTIONS);
  checkMatrices('matrixNorm', a.sizes);
  const y = normOf(a, order!);
  return keepDims ? scale(y) : y;
}

function normOf(a: Tensor, order: MatrixNormOrder): Tensor {
  if (order === 'fro') return norm(a, [-2, -1]);
  if (order === 'nuc') return svdvals(a).sum(-1);
  if (order === 2 || order === -2) return extreme('matrixNorm', svdvals(a), order);
  const sums = a.abs().sum(Math.abs(order) === 1 ? -2 : -1);
  return extreme('matrixNorm', sums, order);
}

/** The largest of each line, for an order below 0 the smallest. */
const extreme = (name: string, x: Tensor, order: number): Tensor =>
  order > 0 ? calledAs(name, 'max', () => x.max(-1)) : calledAs(name, 'min', () => x.min(-1));

/**
 * The condition number of each matrix `[..., m, n]`: its largest singular value divided by its smallest, `[...]`. So many times larger than the relative
 * error of a right side may that of a solution be. A singular matrix has ∞, one of zeros NaN.
 * @throws ShapeError where there are no matrices, or these have no rows or columns.
 * @example cond(Tensor.of([[1, 0], [0, 4]])).item() // => 4
 */
export function cond(a: Tensor): Tensor {
  checkFloats('cond', a, 'a');
  checkMatrices('cond', a.sizes);
  const values = svdvals(a);
  return extreme('cond', values, 1).div(extreme('cond', values, -1));
}
