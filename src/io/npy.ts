/** NumPy's format of one array: a header in Python's spelling, then the numbers. */

import type { Dtype } from '../base/dtype.ts';
import { DataError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { formatShape, sizeOf, stridesOf } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { insteadOfBytes, isBytes } from './bytes.ts';
import { bytesOf, type Kind, kinds, readNumbers } from './kinds.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
const NAMES: Readonly<Record<Dtype, string>> = { float64: '<f8', float32: '<f4', int32: '<i4' };

/** A header says no more than this of an array of numbers. */
const LONGEST = 65_536;

/**
 * Reads an npy file, of versions 1 to 3: float32 and float64 as they are, float16 as float32, whole numbers and booleans as int32. Arrays in Fortran's
 * order and with the high byte first are put into ours.
 * @param file its name, for errors
 * @throws DataError for what is no npy file, for one that is shorter or longer than its header says, for pickled objects, texts, structures and other types that
 *   are no numbers, and for whole numbers that int32 cannot hold.
 * @example readNpy(writeNpy(Tensor.of([[1, 2]]))).toArray() // => [[1, 2]]
 */
export function readNpy(bytes: Uint8Array, file: string = 'npy'): Tensor {
  if (typeof file !== 'string') throw new DataError(`readNpy: expected the name of the file, for errors, got ${quote(file)}`);
  if (!isBytes(bytes)) throw new DataError(`${file}: expected the bytes of an npy file in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const { text, start } = headerOf(bytes, file);
  const { descr, fortranOrder, shape } = readHeader(text, file);
  const { kind, littleEndian } = kindOf(descr, file);
  const size = shape.includes(0) ? 0 : sizeOf(shape);
  const found = bytes.length - start;
  if (found !== size * kind.bytes)
    throw new DataError(
      `${file}: expected ${size * kind.bytes} bytes for ${kind.name} ${formatShape(shape)}, got ${found}; ${found < size * kind.bytes ? 'it is truncated' : 'something follows that does not belong to it'}`,
    );
  const data = readNumbers(bytes.subarray(start), kind, file, littleEndian);
  return Tensor.fromTypedArray(fortranOrder ? inRows(data, shape) : data, shape);
}

function headerOf(bytes: Uint8Array, file: string): { text: string; start: number } {
  if (!MAGIC.every((byte, i) => bytes[i] === byte) || bytes.length < 10)
    throw new DataError(`${file}: expected an npy file, which begins with \\x93NUMPY, got ${bytes.length} bytes that do not`);
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0)
    throw new DataError(`${file}: expected an npy file of version 1.0 to 3.0, got ${major}.${minor}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : bytes.length >= 12 ? view.getUint32(8, true) : LONGEST + 1;
  if (length > LONGEST) throw new DataError(`${file}: expected a header of at most ${LONGEST} bytes, got one of ${length}`);
  const start = begin + length;
  if (start > bytes.length)
    throw new DataError(`${file}: expected a header of ${length} bytes, got ${bytes.length - begin}; it is truncated`);
  try {
    return { text: new TextDecoder(major === 3 ? 'utf-8' : 'latin1', { fatal: true }).decode(bytes.subarray(begin, start)), start };
  } catch {
    throw new DataError(`${file}: expected a header in UTF-8, which it is not`);
  }
}

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** A header, `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, whose parts come in any order. Nothing in it is executed. */
function readHeader(text: string, file: string): Header {
  const trimmed = text.trim();
  const fail = (expected: string): never => {
    throw new DataError(`${file}: expected a header with ${expected}, got ${JSON.stringify(trimmed.slice(0, 120))}`);
  };
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) fail("descr, fortran_order and shape, {'descr': '<f4', …}");
  const parts = new Map<string, string>();
  let rest = trimmed.slice(1, -1).trim();
  while (rest !== '') {
    const part =
      /^(['"])(descr|fortran_order|shape)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\dL,\s]*\)|\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\])\s*(?:,\s*|$)/.exec(
        rest,
      );
    if (!part || parts.has(part[2]!)) return fail('descr, fortran_order and shape, each once');
    parts.set(part[2]!, part[3]!);
    rest = rest.slice(part[0].length);
  }
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((name) => parts.get(name));
  if (descr?.startsWith('[')) throw new DataError(`${file}: expected one number an element, got the structured type ${descr.slice(0, 60)}`);
  if (!descr || !/^['"]/.test(descr)) return fail('a descr');
  if (order !== 'True' && order !== 'False') return fail('fortran_order True or False');
  if (!shape || !/^\(\s*(?:\d+L?\s*,\s*(?:\d+L?\s*(?:,\s*\d+L?\s*)*,?\s*)?)?\)$/.test(shape)) return fail('a shape, such as (2, 3)');
  const sizes = (shape.match(/\d+/g) ?? []).map(Number);
  if (!sizes.every(Number.isSafeInteger)) return fail('sizes up to 2⁵³ − 1');
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: sizes };
}

/** What other types are, by the letter that NumPy has for them. */
const REFUSED: Readonly<Record<string, string>> = {
  O: 'pickled objects, which are programs and are never run',
  S: 'texts',
  a: 'texts',
  U: 'texts',
  V: 'structures or raw bytes',
  c: 'complex numbers',
  M: 'dates',
  m: 'durations',
};

function kindOf(descr: string, file: string): { kind: Kind; littleEndian: boolean } {
  const [, order, name] = /^([<>|=]?)([a-zA-Z]\d*)/.exec(descr) ?? [];
  const kind = name !== undefined && Object.hasOwn(kinds, name) && order !== '=' ? kinds[name as keyof typeof kinds] : undefined;
  if (kind && descr.length === order!.length + name!.length && (kind.bytes === 1 || order !== '|'))
    return { kind, littleEndian: order !== '>' };
  const what = REFUSED[name?.[0] ?? ''] ?? 'a type that has no counterpart here';
  throw new DataError(`${file}: expected numbers, such as '<f4', got ${quote(descr)}: ${what}`);
}

/** Numbers whose first index runs fastest, in rows. */
function inRows<D extends Tensor['data']>(data: D, shape: readonly number[]): D {
  const rows = data.slice() as D;
  const strides = stridesOf([...shape].reverse()).reverse();
  const place = shape.map(() => 0);
  for (let i = 0, from = 0; i < rows.length; i++) {
    rows[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return rows;
}

/**
 * Writes an npy file, version 1.0, whose numbers begin at a multiple of 64 bytes.
 * @throws DtypeError for what is no tensor.
 * @example writeNpy(Tensor.of([1, 2])).length // => 136
 */
export function writeNpy(x: Tensor): Uint8Array {
  checkTensor('writeNpy', 'x', x);
  const shape = x.rank === 1 ? `(${x.sizes[0]},)` : `(${x.sizes.join(', ')})`;
  const header = `{'descr': '${NAMES[x.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const data = bytesOf(x.numbers);
  const bytes = new Uint8Array(10 + length + data.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(8, length, true);
  bytes[6] = 1;
  bytes.set(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`), 10);
  bytes.set(data, 10 + length);
  return bytes;
}
