/** The format of Hugging Face's safetensors: a header in JSON, then the numbers of all tensors without a gap. */

import type { Dtype } from '../base/dtype.ts';
import { DataError, DtypeError } from '../base/errors.ts';
import { isPlainObject, type OptionTable, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { insteadOfBytes, isBytes } from './bytes.ts';
import { checkName, isText, type Json, parseJson } from './json.ts';
import { bytesOf, type Kind, kinds, readNumbers } from './kinds.ts';

/** What a safetensors file holds. */
export interface Safetensors {
  /** Its tensors, in the order of their names in the file. */
  readonly tensors: Map<string, Tensor>;
  /** Texts by name. */
  readonly metadata: Map<string, string>;
}

/** The kinds of number, by their names in the format. */
const KINDS: Readonly<Record<string, Kind>> = {
  F64: kinds.f8,
  F32: kinds.f4,
  F16: kinds.f2,
  BF16: kinds.bf2,
  I64: kinds.i8,
  U64: kinds.u8,
  I32: kinds.i4,
  U32: kinds.u4,
  I16: kinds.i2,
  U16: kinds.u2,
  I8: kinds.i1,
  U8: kinds.u1,
  BOOL: kinds.b1,
};

const NAMES: Readonly<Record<Dtype, string>> = { float64: 'F64', float32: 'F32', int32: 'I32' };

/** The longest header that the reference reader takes. */
const LONGEST = 100_000_000;

/**
 * Reads a safetensors file: F32 and F64 as they are, F16 and BF16 as float32, whole numbers and booleans as int32. The numbers are copied.
 *
 * The header is believed only as far as the file bears it out: offsets follow one another without gap or overlap to the end of the file, and fit shapes and
 * dtypes; no name occurs twice.
 * @param file its name, for errors
 * @throws DataError for whatever breaks a rule of the format, for dtypes that have no counterpart here, and for whole numbers that int32 cannot hold.
 * @example
 * const bytes = writeSafetensors({ w: Tensor.of([1, 2]) });
 * readSafetensors(bytes).tensors.get('w')!.toArray() // => [1, 2]
 */
export function readSafetensors(bytes: Uint8Array, file: string = 'safetensors'): Safetensors {
  if (typeof file !== 'string') throw new DataError(`readSafetensors: expected the name of the file, for errors, got ${quote(file)}`);
  if (!isBytes(bytes))
    throw new DataError(`${file}: expected the bytes of a safetensors file in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const { header, start } = headerOf(bytes, file);
  const metadata = metadataOf(header.get('__metadata__'), file);
  header.delete('__metadata__');
  for (const text of [...header.keys(), ...[...metadata].flat()])
    if (!isText(text))
      throw new DataError(`${file}: expected a header of texts, got ${quote(text)}, in which half of a character stands alone`);
  const entries = [...header].map(([name, entry]) => entryOf(name, entry, file));
  checkOffsets(entries, bytes.length - start, file);
  const tensors = new Map(
    entries.map(({ name, kind, shape, begin, end }) => {
      const what = `${file}: ${quote(name)}`;
      return [name, Tensor.fromTypedArray(readNumbers(bytes.subarray(start + begin, start + end), kind, what), shape) as Tensor] as const;
    }),
  );
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function headerOf(bytes: Uint8Array, file: string): { header: Map<string, Json>; start: number } {
  if (bytes.length < 8)
    throw new DataError(`${file}: expected a safetensors file, with 8 bytes for the length of its header, got ${bytes.length} in all`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > LONGEST)
    throw new DataError(`${file}: expected a header of at most ${LONGEST} bytes, got one of ${length}; is it a safetensors file?`);
  const start = 8 + length;
  if (start > bytes.length)
    throw new DataError(`${file}: expected a header of ${length} bytes, got ${bytes.length - 8}; the file is truncated`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
  } catch {
    throw new DataError(`${file}: expected a header in UTF-8, which it is not`);
  }
  const header = parseJson(text, `${file}: header`);
  if (!(header instanceof Map))
    throw new DataError(`${file}: expected a header that is an object, {…}, got ${JSON.stringify(text.slice(0, 20))}`);
  return { header, start };
}

function metadataOf(found: Json | undefined, file: string): Map<string, string> {
  if (found === undefined || found === null) return new Map();
  if (found instanceof Map && [...found.values()].every((text) => typeof text === 'string')) return found as Map<string, string>;
  throw new DataError(`${file}: expected __metadata__ to hold texts by name, got something else`);
}

function entryOf(name: string, entry: Json, file: string): Entry {
  const what = `${file}: ${quote(name)}`;
  const part = (key: string): Json | undefined => (entry instanceof Map ? entry.get(key) : undefined);
  const dtype = part('dtype');
  if (typeof dtype !== 'string') throw new DataError(`${what}: expected a dtype, a shape and data_offsets, and found no dtype`);
  const kind = Object.hasOwn(KINDS, dtype) ? KINDS[dtype] : undefined;
  if (!kind)
    throw new DataError(
      `${what}: expected one of the dtypes ${Object.keys(KINDS).join(', ')}, got ${quote(dtype)}, which has no counterpart here`,
    );
  const shape = wholeNumbers(part('shape'), `${what}: shape`);
  const offsets = wholeNumbers(part('data_offsets'), `${what}: data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (offsets.length !== 2 || begin > end) throw new DataError(`${what}: expected data_offsets [begin, end], got [${offsets.join(', ')}]`);
  const size = bytesFor(shape, kind, `${what}: shape`);
  if (end - begin !== size)
    throw new DataError(
      `${what}: expected ${size} bytes for ${dtype} ${formatShape(shape)}, got data_offsets [${begin}, ${end}], which are ${end - begin}`,
    );
  return { name, kind, shape, begin, end };
}

/** How many bytes a tensor has, by the rule of the reference reader: no product on the way may be beyond 64 bits, whatever is multiplied by 0 later. */
function bytesFor(shape: readonly number[], { bytes }: Kind, what: string): number {
  let size = 1;
  for (const part of [...shape, bytes]) {
    size *= part;
    if (size >= 2 ** 64) throw new DataError(`${what}: expected sizes whose product is below 2⁶⁴, got ${formatShape(shape)}`);
  }
  return size;
}

function wholeNumbers(found: Json | undefined, what: string): number[] {
  if (!Array.isArray(found)) throw new DataError(`${what}: expected a list of whole numbers, found none`);
  return found.map((x) => {
    const whole = typeof x === 'object' && x !== null && 'whole' in x ? x.whole : undefined;
    if (whole === undefined) throw new DataError(`${what}: expected whole numbers from 0 to 2⁵³ − 1, got something else`);
    return whole;
  });
}

/** Refuses overlaps, gaps, and bytes that belong to no tensor. */
function checkOffsets(entries: readonly Entry[], length: number, file: string): void {
  let at = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw new DataError(`${file}: expected ${quote(name)} to begin at byte ${at} of the data, where the one before ends, got ${begin}`);
    at = end;
  }
  if (at === length) return;
  const remedy = at > length ? 'the file is truncated' : 'what follows belongs to no tensor';
  throw new DataError(`${file}: expected ${at} bytes of data, got ${length}; ${remedy}`);
}

/** Options of `writeSafetensors`. */
export interface SafetensorsOptions {
  /** Texts by name, for `__metadata__`. Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const texts: Requirement = {
  words: 'texts by name',
  holds: (x) =>
    isPlainObject(x) &&
    Object.entries(x)
      .flat()
      .every((text) => typeof text === 'string' && isText(text)),
};

export const safetensorsOptions: OptionTable<SafetensorsOptions> = { metadata: /* @__PURE__ */ withoutDefault(texts) };

/**
 * Writes a safetensors file: wide dtypes first, then by name, the header padded to a multiple of 8 bytes, so that whoever reads it can look at the numbers in
 * place. The same tensors give the same bytes.
 *
 * @param tensors by name, in an object or a Map
 * @throws DtypeError for what is no tensor; DataError for the name `__metadata__`.
 * @example writeSafetensors({ w: Tensor.of([1, 2]) }).length % 8 // => 0
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  options?: SafetensorsOptions,
): Uint8Array {
  const { metadata } = readOptions<SafetensorsOptions>('writeSafetensors', options, safetensorsOptions) as SafetensorsOptions;
  if (!(tensors instanceof Map) && !isPlainObject(tensors))
    throw new DtypeError(`writeSafetensors: expected tensors by name, such as stateDict(model), got ${quote(tensors)}`);
  const named = [...(tensors instanceof Map ? tensors : new Map(Object.entries(tensors)))] as [string, Tensor][];
  for (const [name, x] of named) {
    checkName('writeSafetensors', name);
    if (name === '__metadata__')
      throw new DataError(`writeSafetensors: expected names other than __metadata__, which is that of its texts`);
    checkTensor('writeSafetensors', name, x);
  }
  const width = ({ dtype }: Tensor) => (dtype === 'float64' ? 8 : 4);
  named.sort(([a, x], [b, y]) => width(y) - width(x) || (a < b ? -1 : 1));
  let at = 0;
  const entries = named.map(([name, x]) => {
    const begin = at;
    at += x.size * width(x);
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: NAMES[x.dtype], shape: x.shape, data_offsets: [begin, at] })}`;
  });
  if (metadata) entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const written = new TextEncoder().encode(`{${entries.join(',')}}`);
  const length = Math.ceil(written.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + at).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(written, 8);
  let place = 8 + length;
  for (const [, x] of named) {
    bytes.set(bytesOf(x.numbers), place);
    place += x.size * width(x);
  }
  return bytes;
}
