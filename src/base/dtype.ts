/** The kinds of number a tensor may hold, and the arrays that hold them. */

import { DtypeError, MemoryError, ValueError } from './errors.ts';
import { quote } from './options.ts';

/** The dtypes that can be differentiated: IEEE 754 numbers of 32 bits (the default) or 64. */
export type FloatDtype = 'float32' | 'float64';

/** The dtypes of tensors. `int32` is for class indices. */
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
 * An array of zeros. Small ones share a buffer, since engines take a microsecond to make one;
 * it is freed when the last of its arrays is.
 */
export function newData(dtype: FloatDtype, length: number): FloatData;
export function newData(dtype: Dtype, length: number): Data;
export function newData(dtype: Dtype, length: number): Data {
  if (!(length >= 0)) throw new ValueError(`expected a number of elements, got ${length}`);
  const NumberArray = constructors[dtype];
  const bytes = bytesIn[dtype] * length;
  if (bytes > SHARED / 4) return largeData(NumberArray, length);
  if (bytes <= IN_HEAP) return new NumberArray(length);
  if (used + bytes > shared.byteLength) [shared, used] = [new ArrayBuffer(SHARED), 0];
  const data = new NumberArray(shared, used, length);
  used += 16 * Math.ceil(bytes / 16);
  return data;
}

/** An array of its own. Engines refuse what is too large for them by errors of different kinds. */
function largeData(NumberArray: new (length: number) => Data, length: number): Data {
  try {
    return new NumberArray(length);
  } catch {
    throw new MemoryError(`there is no memory for an array of ${length} numbers`);
  }
}

const SHARED = 65536;
/** Arrays so small have no buffer at all in V8. */
const IN_HEAP = 64;
let shared = new ArrayBuffer(0);
let used = 0;

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
