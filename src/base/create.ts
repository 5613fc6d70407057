/** The data of new tensors: of nested arrays, of typed arrays, or computed element by element. */

import { checkDtype, type Data, type Dtype, newData } from './dtype.ts';
import { DtypeError, ShapeError, ValueError } from './errors.ts';
import { quote, refuseUnknown } from './options.ts';
import { checkShape, formatShape, sizeOf } from './shape.ts';
import type { Nested, Shape } from './shape-types.ts';

/** Options of what makes tensors. A dtype alone is short for `{ dtype }`. */
export type DtypeOptions = Dtype | { readonly dtype?: Dtype };

/** The dtype that options name. Default float32. */
export function dtypeFrom(where: string, options: DtypeOptions = {}): Dtype {
  if (typeof options === 'number')
    throw new DtypeError(
      `${where}: expected options, such as { dtype: 'float64' }, got ${options}; several numbers go into an array, such as [2, 3]`,
    );
  if (typeof options !== 'string') refuseUnknown(where, options, ['dtype']);
  const dtype = typeof options === 'string' ? options : (options.dtype ?? 'float32');
  checkDtype(where, dtype);
  return dtype;
}

/** Nested arrays in row-major order. Errors for ragged and empty arrays, and for elements that are no numbers, say at which index. */
export function flattenNested(values: Nested, dtype: Dtype): { shape: Shape; data: Data } {
  const shape: number[] = [];
  const first = new Set<Nested>();
  for (let v: Nested | undefined = values; Array.isArray(v); v = v[0]) {
    if (first.has(v)) throw new ValueError('Tensor.of: expected numbers in the end, got an array that holds itself');
    first.add(v);
    shape.push(v.length);
  }
  if (shape.includes(0))
    throw new ShapeError(`Tensor.of: got an empty array; for a tensor without elements write Tensor.zeros(${formatShape(shape)})`);
  const data = newData(dtype, sizeOf(shape));
  let next = 0;
  // One array for the index of every element: a new one for each would cost more than the element.
  const path: number[] = [];
  const at = () => `values${path.map((i) => `[${i}]`).join('')}`;
  const number = (v: unknown) => {
    if (typeof v === 'number') data[next++] = whole('Tensor.of', v, dtype, at);
    else if (Array.isArray(v))
      throw ragged(`a number at ${at()}, as values of shape ${formatShape(shape)} have there, got an array of ${v.length}`);
    else throw new ValueError(`Tensor.of: expected a number at ${at()}, got ${described(v)}`);
  };
  // The arrays that hold the next element, the innermost last. No recursion, since there may be more axes than a call stack is deep.
  const lists: (readonly Nested[])[] = [];
  const open = (v: unknown, size: number) => {
    if (!Array.isArray(v)) throw ragged(`an array of ${size} at ${at()}, got ${described(v)}`);
    if (v.length !== size) throw ragged(`${size} elements at ${at()}, as in the first of its kind, got ${v.length}`);
    lists.push(v);
    path.push(0);
  };
  if (shape.length === 0) number(values);
  else open(values, shape[0]!);
  for (let list = lists.at(-1); list; list = lists.at(-1)) {
    const [depth, i] = [lists.length, path[lists.length - 1]!];
    if (depth < shape.length && i < list.length) open(list[i], shape[depth]!);
    else {
      // The numbers of an innermost array, or what comes after an array of arrays.
      if (depth === shape.length)
        for (let j = 0; j < list.length; j++) {
          path[depth - 1] = j;
          number(list[j]);
        }
      lists.pop();
      path.pop();
      if (depth > 1) path[depth - 2]!++;
    }
  }
  return { shape, data };
}

const described = (v: unknown): string => (ArrayBuffer.isView(v) ? 'a typed array; write Tensor.fromTypedArray(values)' : quote(v));

const ragged = (expected: string): ShapeError => new ShapeError(`Tensor.of: ragged array: expected ${expected}`);

/** Data of a shape, each element computed from its index in row-major order. */
export function fillBy(where: string, shape: Shape, dtype: Dtype, value: (i: number) => number): { shape: Shape; data: Data } {
  checkShape(where, shape);
  const data = newData(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = whole(where, value(i), dtype, () => `element ${i}`);
  // A copy of the shape, since the caller may change its own later.
  return { shape: [...shape], data };
}

/** The number of elements of `start, start + step, …` before `stop`. */
export function countSteps(start: number, stop: number, step: number): number {
  const finite = [start, stop, step].every((x) => Number.isFinite(x));
  const count = finite ? Math.ceil((stop - start) / step) : NaN;
  if (Number.isFinite(count)) return Math.max(0, count);
  const [from, to, by] = [start, stop, step].map(quote);
  throw new ValueError(`Tensor.arange: expected finite numbers and a step that is not 0, got start ${from}, stop ${to}, step ${by}`);
}

/** The numbers at equal distances from one to another: the first and the last are exactly these, and none on the way overflows. */
export function evenly(start: number, stop: number, count: number): (i: number) => number {
  for (const [name, end] of Object.entries({ start, stop }))
    if (!Number.isFinite(end)) throw new ValueError(`Tensor.linspace: expected ${name} to be a finite number, got ${quote(end)}`);
  const last = count - 1;
  const fits = Number.isFinite((stop - start) * last);
  return (i) =>
    i === 0 ? start : i === last ? stop : fits ? start + (i * (stop - start)) / last : start * (1 - i / last) + stop * (i / last);
}

/** Refuses what is no number of elements along an axis. */
export function checkLength(where: string, what: string, n: number): void {
  if (!(Number.isInteger(n) && n >= 0)) throw new ShapeError(`${where}: expected ${what} to be a whole number from 0, got ${quote(n)}`);
}

/** A copy of a typed array, since tensors never change. */
export function copyOf(array: Data): Data {
  if (array instanceof Float32Array || array instanceof Float64Array || array instanceof Int32Array) return array.slice();
  const kind = Object.prototype.toString.call(array).slice(8, -1);
  const known = ['Float32Array', 'Float64Array', 'Int32Array'].includes(kind);
  throw new DtypeError(
    `Tensor.fromTypedArray: expected a Float32Array, Float64Array or Int32Array, got ${kind}; ` +
      (known ? `it comes from another realm (an iframe, a vm): write ${kind}.from(array)` : 'for plain arrays write Tensor.of(values)'),
  );
}

/** Refuses what is no number, and what int32 cannot represent. */
function whole(where: string, x: number, dtype: Dtype, at: () => string): number {
  if (typeof x !== 'number') throw new ValueError(`${where}: expected a number for ${at()}, got ${quote(x)}`);
  if (dtype !== 'int32' || (x | 0) === x) return x;
  throw new ValueError(`${where}: expected whole numbers that fit in int32, got ${x} at ${at()}`);
}
