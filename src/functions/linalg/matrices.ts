/** What operations on matrices share: checks, loops over batches, masks, and samples. */

import { type Data, type Dtype, type FloatDtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastStrides, formatShape, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Draw } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** All axes but the last two. */
export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** The number of rows and columns of each matrix; other shapes are refused. */
export function checkMatrices(name: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length >= 2) return shape.slice(-2) as [number, number];
  throw new ShapeError(`${name}: expected matrices [..., m, n], got shape ${formatShape(shape)}; give it two axes with reshape`);
}

/** The number of rows of each square matrix; other shapes are refused. */
export function checkSquare(name: string, shape: Shape): number {
  const [rows, columns] = shape.slice(-2);
  if (shape.length >= 2 && rows === columns) return rows!;
  throw new ShapeError(
    `${name}: expected square matrices [..., n, n], got shape ${formatShape(shape)}; only these have as many rows as columns`,
  );
}

/** The results of a function of each matrix, in float64, each of which has `length` numbers. */
export function eachMatrix(a: Tensor, length: number, make: (matrix: Float64Array, which: number) => ArrayLike<number>): Data {
  const count = sizeOf(batchOf(a.sizes));
  const out = newData(a.dtype, count * length);
  for (let which = 0; which < count; which++) out.set(make(matrixOf(a, which), which), which * length);
  return out;
}

/** A copy of one matrix of a batch, in float64. */
export function matrixOf({ numbers: data, sizes: shape }: Tensor, which: number): Float64Array {
  const size = sizeOf(shape.slice(-2));
  return Float64Array.from(data.subarray(which * size, (which + 1) * size));
}

/** The mean of a square matrix and its transpose. */
export const symmetricPart = (a: Float64Array, n: number): Float64Array => a.map((x, i) => (x + a[(i % n) * n + Math.floor(i / n)]!) / 2);

/** What a matrix is called in an error: by its number in a batch. */
export const nameOf = (which: number, shape: Shape): string =>
  shape.length === 2 ? `the matrix of shape ${formatShape(shape)}` : `matrix ${which} of those of shape ${formatShape(shape)}`;

/** The matrix of a function of row and column. */
export function pattern([rows, columns]: readonly [number, number], dtype: string, rule: (row: number, column: number) => number): Tensor {
  const data = newData(dtype as FloatDtype, rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = rule(Math.floor(i / columns), i % columns);
  return new Tensor([rows, columns], data);
}

/** `x` below the diagonal, a multiple of it on the diagonal, and 0 above. */
export const lower = (x: Tensor, diagonal: number): Tensor =>
  x.mul(pattern(checkMatrices('lower', x.sizes), x.dtype, (i, j) => (i > j ? 1 : i === j ? diagonal : 0)));

/** A number for each matrix, with two more axes so that it broadcasts over the matrix. */
export const scale = (x: Tensor): Tensor => x.reshape([...x.sizes, 1, 1]);

/** What 1 is off from the next number. */
export const unitOf = (dtype: Dtype): number => (dtype === 'float32' ? 1.1920928955078125e-7 : Number.EPSILON);

/** How many times the rounding of the largest a gap between values may be without being one. */
const ROUNDINGS = 32;

/** Up to which gap two of `count` values of a matrix are equal but for rounding, if `largest` is the size of the largest. */
export const nearnessOf = (dtype: Dtype, count: number, largest: number): number => ROUNDINGS * unitOf(dtype) * Math.sqrt(count) * largest;

/** The matrices of a tensor, for a batch of a shape that its own broadcasts to. */
export function repeatedTo(x: Tensor, shape: Shape): Data {
  const size = sizeOf(x.sizes.slice(-2));
  const out = newData(x.dtype, sizeOf(shape));
  walk(batchOf(shape), [broadcastStrides(batchOf(x.sizes), batchOf(shape))], (here, [i]) => {
    out.set(x.numbers.subarray(i * size, (i + 1) * size), here * size);
  });
  return out;
}

/** Some rows of each matrix. */
export const rows = (x: Tensor, from: number, to: number): Tensor => x.slice([...batchOf(x.sizes).map(() => null), [from, to]]);

/** Some columns of each matrix. */
export const columns = (x: Tensor, from: number, to: number): Tensor => x.slice([...x.sizes.slice(0, -1).map(() => null), [from, to]]);

/** Sample shapes of batches: no axis, or one. */
export const drawBatch = (draw: Draw): Shape => draw.oneOf<Shape>([], [2], [draw.size()]);

/** Sample matrices far from singular: the diagonal dominates. */
export function drawRegular(draw: Draw, shape: Shape, diagonal = (_: number): number => 2): Tensor {
  const sizes = shape.slice(-2) as [number, number];
  const x = draw.tensor(shape);
  return x
    .tanh()
    .div(Math.max(...sizes, 1))
    .add(pattern(sizes, x.dtype, (i, j) => (i === j ? diagonal(i) : 0)));
}
