/** The format of the original MNIST files: a header of big-endian sizes, then the numbers (Yann LeCun's "idx"). */

import { DataError } from '../base/errors.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { insteadOfBytes, isBytes } from './bytes.ts';

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
 * @throws DataError for what is no bytes, for a wrong magic number, and for a file that is shorter or longer than its header says.
 * @example readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 7), 'labels').shape // => [2]
 */
export function readIdx(bytes: Uint8Array, file: string = 'idx'): Idx {
  if (!isBytes(bytes)) throw new DataError(`${file}: expected the bytes of an idx file in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const expected = idxSize(bytes);
  const kind = kindOf(bytes);
  if (bytes.length >= SHORTEST && !kind) {
    const magic = [...bytes.subarray(0, SHORTEST)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(`${file}: expected an idx file, which begins with 00 00 and a kind of number from 08 to 0e, got ${magic}`);
  }
  const header = SHORTEST + 4 * (bytes[3] ?? 0);
  if (!kind || bytes.length < header)
    throw new DataError(`${file}: expected an idx file, with a header of at least ${header} bytes, got ${bytes.length}; it is truncated`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = shapeOf(bytes);
  if (bytes.length !== expected) {
    const found = bytes.length < expected ? `${bytes.length}; it is truncated` : 'more; something follows that does not belong to it';
    throw new DataError(`${file}: expected ${expected} bytes for ${kind.name}s of shape ${formatShape(shape)}, got ${found}`);
  }
  if (kind === kinds[8]) return { shape, data: bytes.subarray(header) };
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => view[kind.get](header + i * kind.bytes)) };
}

/** How many bytes an idx file has, as far as its beginning tells: where that is too short, how many are needed to tell more. */
export function idxSize(beginning: Uint8Array): number {
  const kind = kindOf(beginning);
  if (!kind || beginning.length < SHORTEST) return SHORTEST;
  const header = SHORTEST + 4 * beginning[3]!;
  if (beginning.length < header) return header;
  const shape = shapeOf(beginning);
  // A size of 0 is 0 times whatever, even if the others multiply to infinity.
  return header + (shape.includes(0) ? 0 : sizeOf(shape) * kind.bytes);
}

/** The bytes in front of the sizes. */
const SHORTEST = 4;

/** The kind of number, if it is an idx file as far as its beginning tells. */
const kindOf = ([first, second, kind]: Uint8Array) => (first === 0 && second === 0 ? kinds[kind as keyof typeof kinds] : undefined);

function shapeOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes[3]! }, (_, axis) => view.getUint32(SHORTEST + 4 * axis));
}
