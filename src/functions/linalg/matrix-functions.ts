/** Functions of square matrices, alone or in batches: the exponential, and whole powers. */

import { calledAs } from '../../base/called-as.ts';
import { check, wholeNumber } from '../../base/options.ts';
import type { Shape } from '../../base/shape-types.ts';
import { matrixExponential } from '../../machine/factorizations/matrix-exponential.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, perform, Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { inv } from './linear-systems.ts';
import { checkSquare, columns, drawBatch, drawRegular, eachMatrix, rows } from './matrices.ts';

/**
 * `Σ aⁱ / i!`. The derivative in a direction `d` is a block of the exponential of `[[a, d], [0, a]]`, and its adjoint that for the transposed matrix
 * (Mathias 1996): so it is differentiated again by the same rule.
 */
export const matrixExpOp: Op<'a'> = {
  name: 'matrixExp',
  batching: 'matrices',
  shape({ a }) {
    checkSquare('matrixExp', a.sizes);
    return a.sizes;
  },
  forward({ a }) {
    const n = a.sizes.at(-1)!;
    return eachMatrix(a, n * n, (matrix) => matrixExponential(matrix, n));
  },
  backward: {
    a({ dy, a }) {
      const n = a.sizes.at(-1)!;
      const [turned, zeros] = [a.transpose(), Tensor.zeros(a.sizes, { dtype: a.dtype })];
      const block = concat([concat([turned, dy], -1), concat([zeros, turned], -1)], -2);
      return columns(rows(perform(matrixExpOp, { a: block }), 0, n), n, 2 * n);
    },
  },
  sample(draw) {
    const n = draw.size();
    return { a: drawRegular(draw, [...drawBatch(draw), n, n], (i) => i / 2 - 1) };
  },
};

/**
 * The exponential of each square matrix, `Σ aⁱ / i!`: `[..., n, n]`, as `a`. By scaling and squaring (Al-Mohy & Higham 2009), in float64. Not the exponential
 * of each element, which is `a.exp()`.
 * @throws ShapeError where the matrices are not square.
 * @example matrixExp(Tensor.of([[0, 1], [0, 0]])).toArray() // => [[1, 1], [0, 1]]
 */
export const matrixExp = <S extends Shape>(a: Tensor<S>): Tensor<S> => perform(matrixExpOp, { a });

/**
 * Each square matrix times itself, `power` times: `[..., n, n]`, as `a`. The power 0 gives the identity, negative ones powers of the inverse.
 * @throws ShapeError where the matrices are not square, ValueError for a power that is not whole, and for a negative one of a singular matrix.
 * @example matrixPower(Tensor.of([[1, 1], [0, 1]]), 5).toArray() // => [[1, 5], [0, 1]]
 */
export function matrixPower<S extends Shape>(a: Tensor<S>, power: number): Tensor<S> {
  checkFloats('matrixPower', a, 'a');
  const n = checkSquare('matrixPower', a.sizes);
  check('matrixPower', { power }, wholeNumber);
  let square: Tensor = power < 0 ? calledAs('matrixPower', 'inv', () => inv(a)) : a;
  let y: Tensor | undefined;
  for (let left = Math.abs(power); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) y = y === undefined ? square : y.matmul(square);
    if (left > 1) square = square.matmul(square);
  }
  return (y ?? Tensor.eye(n, { dtype: a.dtype }).broadcastTo(a.sizes)) as Tensor;
}
