/** What operations on the last two axes share: one matrix after another, patterns to multiply with, and matrices to try them on. */

import { type Data, type FloatDtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** All axes but the last two. */
export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** How many rows and columns each matrix has; the shape of anything else is refused. */
export function checkMatrices(name: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length >= 2) return shape.slice(-2) as [number, number];
  throw new ShapeError(`${name}: expected matrices [..., m, n], got shape ${formatShape(shape)}; give it two axes with reshape`);
}

/** How many rows each square matrix has; the shape of anything else is refused. */
export function checkSquare(name: string, shape: Shape): number {
  const [rows, columns] = shape.slice(-2);
  if (shape.length >= 2 && rows === columns) return rows!;
  throw new ShapeError(
    `${name}: expected square matrices [..., n, n], got shape ${formatShape(shape)}; only these have as many rows as columns`,
  );
}

/** Each matrix in float64, made into the numbers of one result, all of which have as many. */
export function eachMatrix(a: Tensor, length: number, make: (matrix: Float64Array, which: number) => ArrayLike<number>): Data {
  const count = sizeOf(batchOf(a.shape));
  const out = newData(a.dtype, count * length);
  for (let which = 0; which < count; which++) out.set(make(matrixOf(a, which), which), which * length);
  return out;
}

/** One matrix of a batch, in float64 and in memory of its own. */
export function matrixOf({ data, shape }: Tensor, which: number): Float64Array {
  const size = sizeOf(shape.slice(-2));
  return Float64Array.from(data.subarray(which * size, (which + 1) * size));
}

/** The mean of a square matrix and of the same on its side. */
export const symmetricPart = (a: Float64Array, n: number): Float64Array => a.map((x, i) => (x + a[(i % n) * n + Math.floor(i / n)]!) / 2);

/** How a matrix is called in an error: by its number, if it is not alone. */
export const nameOf = (which: number, shape: Shape): string =>
  shape.length === 2 ? `the matrix of shape ${formatShape(shape)}` : `matrix ${which} of those of shape ${formatShape(shape)}`;

/** A matrix of what a rule says for each row and column. */
export function pattern([rows, columns]: readonly [number, number], dtype: string, rule: (row: number, column: number) => number): Tensor {
  const data = newData(dtype as FloatDtype, rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = rule(Math.floor(i / columns), i % columns);
  return new Tensor([rows, columns], data);
}

/** `x` below the diagonal and as much of it as is said on the diagonal, else 0. */
export const lower = (x: Tensor, diagonal: number): Tensor =>
  x.mul(pattern(checkMatrices('lower', x.shape), x.dtype, (i, j) => (i > j ? 1 : i === j ? diagonal : 0)));

/** A number for each matrix, with two more axes, to be multiplied with it. */
export const scale = (x: Tensor): Tensor => x.reshape([...x.shape, 1, 1]);

/** Some rows of each matrix. */
export const rows = (x: Tensor, from: number, to: number): Tensor => x.slice([...batchOf(x.shape).map(() => null), [from, to]]);

/** Some columns of each matrix. */
export const columns = (x: Tensor, from: number, to: number): Tensor => x.slice([...x.shape.slice(0, -1).map(() => null), [from, to]]);

/** Leading axes to try: none, or one. */
export const drawBatch = (draw: Draw): Shape => draw.oneOf<Shape>([], [2], [draw.size()]);

/** Matrices far from being singular whatever is drawn: what lies beside the diagonal is less than what lies on it. */
export function drawRegular(draw: Draw, shape: Shape, diagonal = (_: number): number => 2): Tensor {
  const sizes = shape.slice(-2) as [number, number];
  const x = draw.tensor(shape);
  return x
    .tanh()
    .div(Math.max(...sizes, 1))
    .add(pattern(sizes, x.dtype, (i, j) => (i === j ? diagonal(i) : 0)));
}
