/** How files store numbers, and what becomes of them here. */

import type { Data, Dtype } from '../base/dtype.ts';
import { newData } from '../base/dtype.ts';
import { DataError } from '../base/errors.ts';

/** One kind of number in files. */
export interface Kind {
  /** What errors call it. */
  readonly name: string;
  /** How many bytes a number has. */
  readonly bytes: number;
  /** What it becomes. */
  readonly dtype: Dtype;
  /** Reads one number. */
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
  /** Whether what is read are the bits of a float32: a bfloat16 is its upper half. */
  readonly isBits?: boolean;
  /** The typed array that holds such numbers as they are, on machines that store the low byte first. */
  readonly array?: Float32ArrayConstructor | Float64ArrayConstructor | Int32ArrayConstructor;
}

const int64 =
  (signed: boolean): Kind['read'] =>
  (view, at, little) => {
    const low = view.getUint32(at + (little ? 0 : 4), little);
    const high = signed ? view.getInt32(at + (little ? 4 : 0), little) : view.getUint32(at + (little ? 4 : 0), little);
    return high * 2 ** 32 + low;
  };

/** The kinds, by names that are NumPy's without the byte order. */
export const kinds = {
  f8: { name: 'float64', bytes: 8, dtype: 'float64', read: (view, at, little) => view.getFloat64(at, little), array: Float64Array },
  f4: { name: 'float32', bytes: 4, dtype: 'float32', read: (view, at, little) => view.getFloat32(at, little), array: Float32Array },
  f2: { name: 'float16', bytes: 2, dtype: 'float32', read: (view, at, little) => fromFloat16(view.getUint16(at, little)) },
  bf2: { name: 'bfloat16', bytes: 2, dtype: 'float32', read: (view, at, little) => view.getUint16(at, little) << 16, isBits: true },
  i8: { name: 'int64', bytes: 8, dtype: 'int32', read: int64(true) },
  u8: { name: 'uint64', bytes: 8, dtype: 'int32', read: int64(false) },
  i4: { name: 'int32', bytes: 4, dtype: 'int32', read: (view, at, little) => view.getInt32(at, little), array: Int32Array },
  u4: { name: 'uint32', bytes: 4, dtype: 'int32', read: (view, at, little) => view.getUint32(at, little) },
  i2: { name: 'int16', bytes: 2, dtype: 'int32', read: (view, at, little) => view.getInt16(at, little) },
  u2: { name: 'uint16', bytes: 2, dtype: 'int32', read: (view, at, little) => view.getUint16(at, little) },
  i1: { name: 'int8', bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  u1: { name: 'uint8', bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
  b1: { name: 'bool', bytes: 1, dtype: 'int32', read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
} as const satisfies Readonly<Record<string, Kind>>;

/**
 * The numbers in some bytes, in an array of their own: floats as they are, halves as float32, whole numbers as int32.
 * @param what whose they are, for errors
 * @throws DataError for a whole number that int32 cannot hold.
 */
export function readNumbers(bytes: Uint8Array, kind: Kind, what: string, littleEndian = true): Data {
  const size = bytes.length / kind.bytes;
  if (kind.array && littleEndian && isLittle()) return new kind.array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind.isBits) {
    const bits = new Int32Array(size);
    for (let i = 0; i < size; i++) bits[i] = kind.read(view, i * kind.bytes, littleEndian);
    return new Float32Array(bits.buffer);
  }
  const data = newData(kind.dtype, size);
  for (let i = 0; i < size; i++) {
    const x = kind.read(view, i * kind.bytes, littleEndian);
    if (kind.dtype === 'int32' && x !== (x | 0))
      throw new DataError(
        `${what}: expected ${kind.name} numbers that int32 can hold, got ${kind.bytes === 8 ? exactly(view, i * 8, littleEndian, kind) : x} at place ${i}`,
      );
    data[i] = x;
  }
  return data;
}

/** A whole number of eight bytes, whatever its size. */
const exactly = (view: DataView, at: number, littleEndian: boolean, { name }: Kind): bigint =>
  name === 'uint64' ? view.getBigUint64(at, littleEndian) : view.getBigInt64(at, littleEndian);

/** The bytes of numbers, the low byte first. */
export function bytesOf(data: Data): Uint8Array {
  if (isLittle()) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  data.forEach((x, i) => {
    if (data instanceof Float32Array) view.setFloat32(4 * i, x, true);
    else if (data instanceof Float64Array) view.setFloat64(8 * i, x, true);
    else view.setInt32(4 * i, x, true);
  });
  return bytes;
}

/** Whether this machine stores the low byte first, as nearly all do. */
const isLittle = (): boolean => new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A float16: a sign, five bits of exponent, ten of fraction. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  // A power of 2 from 2⁻¹⁴ to 2¹⁵, exactly.
  return (sign * (1 + fraction / 1024) * (1 << exponent)) / 32768;
}
