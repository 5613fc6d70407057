/** What examples consist of, as tensors with one row for each example: all that datasets and loaders do with rows. */

import { newData } from '../base/dtype.ts';
import { ShapeError } from '../base/errors.ts';
import { isPlainObject } from '../base/options.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** Tensors with one row for each example: one tensor, or several in a list or by name. */
export type Columns = Tensor | readonly [] | readonly Tensor[] | { readonly [name: string]: Tensor };

/** The type of some rows of columns: their number is known only to the program. */
export type Rows<C> =
  C extends Tensor<infer S>
    ? Tensor<S extends readonly [number, ...infer Row extends readonly number[]] ? [number, ...Row] : any>
    : { -readonly [Name in keyof C]: Rows<C[Name]> };

/** Applies a function to each tensor. */
export function mapColumns<C extends Columns>(columns: C, f: (tensor: Tensor) => Tensor): Rows<C> {
  if (columns instanceof Tensor) return f(columns) as Rows<C>;
  if (Array.isArray(columns)) return columns.map(f) as Rows<C>;
  return Object.fromEntries(Object.entries(columns).map(([name, tensor]) => [name, f(tensor)])) as Rows<C>;
}

/**
 * Every tensor with what it is called: `x`, `x[0]` or `x.name`.
 * @throws DtypeError for what is no tensor and holds none.
 */
export function namedColumns(where: string, what: string, columns: unknown): (readonly [name: string, tensor: Tensor])[] {
  const isList = Array.isArray(columns);
  const entries: [string, unknown][] = isList || isPlainObject(columns) ? Object.entries(columns) : [];
  // Of arrays of numbers, all of the array is to become a tensor.
  if (!entries.length || (isList && !columns.some((column) => column instanceof Tensor))) {
    checkTensor(where, what, columns);
    return [[what, columns]];
  }
  return entries.map(([key, tensor]) => {
    const name = isList ? `${what}[${key}]` : `${what}.${key}`;
    checkTensor(where, name, tensor);
    return [name, tensor] as const;
  });
}

/**
 * How many rows all of the tensors have.
 * @throws ShapeError where they do not have equally many.
 */
export function rowsIn(where: string, columns: readonly (readonly [name: string, tensor: Tensor])[]): number {
  const size: unknown = columns[0]![1].shape[0];
  if (typeof size === 'number' && columns.every(([, { shape }]) => shape[0] === size)) return size;
  const shapes = columns.map(([name, { shape }]) => `${name} ${formatShape(shape)}`).join(', ');
  throw new ShapeError(`${where}: expected tensors with one row for each example, got ${shapes}`);
}

/** The rows from `start` up to but without `end`. The memory is shared, not copied. */
export function sliceRows({ shape, numbers: data }: Tensor, start: number, end: number): Tensor {
  const row = shape.slice(1);
  const width = sizeOf(row);
  return new Tensor([end - start, ...row], data.subarray(start * width, end * width));
}

/** A copy of the rows at some places. */
export function copyRows({ shape, numbers: data, dtype }: Tensor, places: ArrayLike<number>): Tensor {
  const row = shape.slice(1);
  const width = sizeOf(row);
  const out = newData(dtype, places.length * width);
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! * width;
    // A few numbers are copied faster one by one than through a view.
    if (width > 16) out.set(data.subarray(from, from + width), i * width);
    else for (let j = 0; j < width; j++) out[i * width + j] = data[from + j]!;
  }
  return new Tensor([places.length, ...row], out);
}
