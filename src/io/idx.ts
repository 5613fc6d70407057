/** The format of the original MNIST files: a header of big-endian sizes, then the numbers (Yann LeCun's "idx"). */

import { DataError } from '../base/errors.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';

/** The kinds of number in idx files, by the third byte of the file, each with the method of a `DataView` that reads it. */
const kinds = {
  8: { name: 'unsigned byte', bytes: 1, get: 'getUint8' },
  9: { name: 'signed byte', bytes: 1, get: 'getInt8' },
  11: { name: 'short', bytes: 2, get: 'getInt16' },
  12: { name: 'int', bytes: 4, get: 'getInt32' },
  13: { name: 'float', bytes: 4, get: 'getFloat32' },
  14: { name: 'double', bytes: 8, get: 'getFloat64' },
} as const;

/** The contents of an idx file: unsigned bytes as they are, other kinds of number in float64. */
export interface Idx {
  readonly shape: Shape;
  readonly data: Uint8Array | Float64Array;
}

/**
 * Reads an idx file.
 *
 * @param file its name, for errors
 * @throws DataError for a wrong magic number, and for a file that is shorter or longer than its header says.
 * @example readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 7), 'labels').shape // => [2]
 */
export function readIdx(bytes: Uint8Array, file: string): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4)
    throw new DataError(`${file}: expected an idx file, whose header takes at least 4 bytes, got ${bytes.length}; it is truncated`);
  const kind = kinds[bytes[2] as keyof typeof kinds];
  if (bytes[0] !== 0 || bytes[1] !== 0 || !kind) {
    const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(`${file}: expected an idx file, which begins with 00 00 and a kind of number from 08 to 0e, got ${magic}`);
  }
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new DataError(`${file}: expected a header of ${header} bytes for ${rank} axes, got ${bytes.length} bytes; it is truncated`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  const expected = header + size * kind.bytes;
  if (bytes.length !== expected) {
    const state = bytes.length < expected ? 'it is truncated' : 'something follows that does not belong to it';
    throw new DataError(
      `${file}: expected ${expected} bytes for ${kind.name}s of shape ${formatShape(shape)}, got ${bytes.length}; ${state}`,
    );
  }
  if (kind === kinds[8]) return { shape, data: bytes.subarray(header) };
  return { shape, data: Float64Array.from({ length: size }, (_, i) => view[kind.get](header + i * kind.bytes)) };
}
