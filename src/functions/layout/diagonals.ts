/** Triangles and diagonals of matrices, alone or in batches `[…, rows, columns]`. */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError } from '../../base/errors.ts';
import { check, wholeNumber } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';

/** The numbers of rows and columns. */
function matrixSizes(name: string, x: Tensor): [rows: number, columns: number] {
  checkTensor(name, 'x', x);
  if (x.rank < 2) throw new ShapeError(`${name}: expected matrices, got shape ${formatShape(x.sizes)}`);
  return x.sizes.slice(-2) as [number, number];
}

/** `x` where a rule of the row less the column holds, zeros elsewhere. */
function triangle(x: Tensor, name: string, diagonal: number, keeps: (rowLessColumn: number) => boolean): Tensor {
  const [rows, columns] = matrixSizes(name, x);
  check(name, { diagonal }, wholeNumber);
  const mask = Int32Array.from({ length: rows * columns }, (_, i) => Number(keeps(Math.floor(i / columns) - (i % columns))));
  return new Tensor([rows, columns], mask).where(x, 0);
}

/**
 * The lower triangle of matrices, with zeros above a diagonal.
 * @param diagonal how far that diagonal is above the main one. Default 0
 * @throws ShapeError where there are no matrices.
 * @example tril(Tensor.of([[1, 2], [3, 4]])).toArray() // => [[1, 0], [3, 4]]
 */
export const tril = <S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> =>
  triangle(x, 'tril', diagonal, (below) => below >= -diagonal) as Tensor;

/**
 * The upper triangle of matrices, with zeros below a diagonal.
 * @param diagonal how far that diagonal is above the main one. Default 0
 * @throws ShapeError where there are no matrices.
 * @example triu(Tensor.of([[1, 2], [3, 4]])).toArray() // => [[1, 2], [0, 4]]
 */
export const triu = <S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> =>
  triangle(x, 'triu', diagonal, (below) => below <= -diagonal) as Tensor;

/**
 * The diagonal of matrices.
 * @param offset how far it is above the main one. Default 0
 * @throws ShapeError where there are no matrices.
 * @example diagonal(Tensor.of([[1, 2], [3, 4]])).toArray() // => [1, 4]
 */
export function diagonal(x: Tensor, offset = 0): Tensor {
  const [rows, columns] = matrixSizes('diagonal', x);
  check('diagonal', { offset }, wholeNumber);
  const size = Math.max(0, Math.min(rows, columns, offset < 0 ? rows + offset : columns - offset));
  const lines = x.sizes.slice(0, -2).map(() => null);
  const start = size === 0 ? 0 : offset < 0 ? -offset * columns : offset;
  return x.reshape([...x.sizes.slice(0, -2), rows * columns]).slice([...lines, { start, step: columns + 1, size }]);
}

/**
 * Square matrices with given diagonals, zeros elsewhere: `[…, n]` becomes `[…, n, n]`.
 * @param offset how far they are above the main diagonal, which makes the matrices as much larger. Default 0
 * @throws ShapeError for a scalar.
 * @example diag(Tensor.of([1, 2])).toArray() // => [[1, 0], [0, 2]]
 * diag(Tensor.of([5]), 1).toArray() // => [[0, 5], [0, 0]]
 */
export function diag(x: Tensor, offset = 0): Tensor {
  checkTensor('diag', 'x', x);
  check('diag', { offset }, wholeNumber);
  if (x.rank < 1) throw new ShapeError('diag: expected the numbers of a diagonal, got a scalar');
  const lines = x.sizes.slice(0, -1);
  const size = x.sizes.at(-1)! + Math.abs(offset);
  checkShape('diag', [...lines, size, size]);
  const starts = [...lines.map(() => 0), offset < 0 ? -offset * size : offset];
  return x.unslice([...lines, size * size], starts, [...lines.map(() => 1), size + 1]).reshape([...lines, size, size]);
}

/**
 * The sum of the diagonal of matrices.
 * @throws ShapeError where there are no matrices.
 * @example trace(Tensor.of([[1, 2], [3, 4]])).item() // => 5
 */
export function trace(x: Tensor): Tensor {
  matrixSizes('trace', x);
  return calledAs('trace', 'sum', () => diagonal(x).sum(-1));
}
