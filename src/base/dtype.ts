/** The kinds of number a tensor may hold, and the arrays that hold them. */

import { DtypeError, MemoryError, ValueError } from './errors.ts';
import { quote } from './options.ts';
import { formatShape } from './shape.ts';
import type { Shape } from './shape-types.ts';

/** The dtypes that can be differentiated: IEEE 754 numbers of 32 bits (the default) or 64. */
export type FloatDtype = 'float32' | 'float64';

/** The dtypes of tensors. `int32` is for classes, indices and counts, and computed exactly. */
export type Dtype = FloatDtype | 'int32';

/** The array that holds the numbers of a tensor of floats. */
export type FloatData = Float32Array | Float64Array;

/** The array that holds a tensor's numbers. */
export type Data = FloatData | Int32Array;

export const dtypeOf = (data: Data): Dtype =>
  data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32';

/** The dtype of numbers that are known to be floats. */
export const floatDtypeOf = (data: FloatData): FloatDtype => (data instanceof Float32Array ? 'float32' : 'float64');

export const isFloat = (dtype: Dtype): dtype is FloatDtype => dtype !== 'int32';

/** Narrows a tensor's numbers to floats. `perform` has checked them by then. */
export const floats = (data: Data): FloatData => data as FloatData;

export const bytesIn: { readonly [dtype in Dtype]: number } = { float32: 4, float64: 8, int32: 4 };

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/** Refuses anything but a dtype, since JavaScript callers may pass anything. */
export function checkDtype(where: string, dtype: unknown): void {
  if (typeof dtype === 'string' && Object.hasOwn(constructors, dtype)) return;
  throw new DtypeError(`${where}: expected a dtype, 'float32', 'float64' or 'int32', got ${quote(dtype)}`);
}

/**
 * Refuses int32, of which there are no fractions.
 * @param what which tensor it is, where there are several
 */
export function checkFloatDtype(where: string, { dtype, sizes }: { readonly dtype: Dtype; readonly sizes: Shape }, what?: string): void {
  if (dtype !== 'int32') return;
  const which = what === undefined ? '' : ` for ${what}`;
  throw new DtypeError(
    `${where}: expected float32 or float64, got int32 of shape ${formatShape(sizes)}${which}; convert it with cast('float32')`,
  );
}

/** Stands for numbers that are in storage. */
export const EMPTY: { readonly [dtype in FloatDtype]: FloatData } = {
  float32: /* @__PURE__ */ new Float32Array(0),
  float64: /* @__PURE__ */ new Float64Array(0),
};

/**
 * An array of zeros. Small ones of about one size share a buffer, since engines take a third of a microsecond to make one: few, so that
 * an array that is kept keeps little else.
 * @throws MemoryError where the host has no room for it.
 */
export function newData(dtype: FloatDtype, length: number): FloatData;
export function newData(dtype: Dtype, length: number): Data;
export function newData(dtype: Dtype, length: number): Data {
  if (!(length >= 0)) throw new ValueError(`expected a number of elements, got ${length}`);
  const NumberArray = constructors[dtype];
  const bytes = bytesIn[dtype] * length;
  if (bytes <= WITHOUT_BUFFER) return new NumberArray(length);
  if (!mayShare(bytes)) return ownBuffer(dtype, length);
  // Arrays of more than 2ⁿ⁻¹ and up to 2ⁿ bytes.
  const n = 32 - Math.clz32(bytes - 1);
  let buffer = buffers[n];
  if (buffer === undefined || taken[n] === together(n)) {
    buffer = buffers[n] = new ArrayBuffer(together(n) << n);
    taken[n] = 0;
  }
  return new NumberArray(buffer, taken[n]!++ << n, length);
}

/** The same numbers in an array of their own. */
export function copied<D extends Data>(data: D): D {
  if (!mayShare(data.byteLength)) return data.slice() as D;
  const copy = newData(dtypeOf(data), data.length);
  copy.set(data);
  return copy as D;
}

/** Buffers that are the whole of several arrays' numbers. */
const lent = /* @__PURE__ */ new WeakSet<ArrayBufferLike>();

/** The same numbers for one who has them too, and writes to them as little: a copy where that is quick. */
export function sharedWhole<D extends Data>(data: D): D {
  if (data.byteLength <= MOST_TOGETHER || data.byteLength !== data.buffer.byteLength) return copied(data);
  lent.add(data.buffer);
  return data;
}

/** Whether an array has its buffer to itself. */
export const isWhole = ({ buffer, byteLength }: Data): boolean => buffer.byteLength === byteLength && !lent.has(buffer);

/** Arrays of so many bytes have no buffer at all in V8. */
const WITHOUT_BUFFER = 64;

/** Arrays of more bytes do not share a buffer with others. */
const MOST_TOGETHER = 16384;

/** Whether an array of so many bytes may share its buffer with others. */
const mayShare = (bytes: number): boolean => bytes > WITHOUT_BUFFER && bytes <= MOST_TOGETHER;

/** How many arrays of up to 2ⁿ bytes share a buffer: eight, and sixteen of the middle sizes, of which small networks make most. */
const together = (n: number): number => (n > 8 && n < 13 ? 16 : 8);
/** The buffer that the next arrays of up to 2ⁿ bytes go to, at n, and how many are in it. */
const buffers: ArrayBuffer[] = [];
const taken: number[] = [];

/** Engines refuse what is too large for them by errors of different kinds. */
function ownBuffer(dtype: Dtype, length: number): Data {
  try {
    return new constructors[dtype](length);
  } catch {
    throw new MemoryError(`there is no memory for an array of ${length} numbers; use smaller batches, and drop what is done with`);
  }
}

/** The same numbers as another dtype. To int32, fractions are cut off, and numbers out of its range are refused. */
export function convert(where: string, data: Data, dtype: Dtype): Data {
  const out = newData(dtype, data.length);
  if (dtype === 'int32') {
    const misfit = data.findIndex((x) => !(x > -2147483649 && x < 2147483648));
    if (misfit >= 0) throw new ValueError(`${where}: element ${misfit} is ${data[misfit]}, which int32 cannot hold`);
  }
  out.set(data);
  return out;
}

/** The nearest number a dtype can hold: what every step of arithmetic ends with. */
export const rounding: { readonly [dtype in FloatDtype]: (x: number) => number } = {
  float32: Math.fround,
  float64: (x) => x,
};
