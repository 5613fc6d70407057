/** ZIP archives, as much of them as files of arrays use: stored and deflated entries, ZIP64, data descriptors. */

import { DataError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { crc32 } from './crc32.ts';

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its contents, checked by length and checksum. */
  read(): Promise<Uint8Array>;
}

/** The first four bytes of each part, as a number. */
const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
/** An end record, and the longest comment behind it. */
const [END_SIZE, COMMENT] = [22, 65_535];

/**
 * The files of an archive, by its central directory, which alone is believed.
 * @param file its name, for errors
 * @throws DataError for what is no archive, for entries that lie outside of it or on one another, that are encrypted or packed otherwise than by deflate,
 *   and for a name that occurs twice.
 */
export function readZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, size } = directoryOf(view, file);
  const found: Found[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > start + size || view.getUint32(at, true) !== CENTRAL)
      throw new DataError(`${file}: expected ${count} entries in the directory of the archive, found ${i}; it is corrupt`);
    const entry = entryAt(view, at, bytes, file);
    found.push(entry);
    at = entry.next;
  }
  refuseRepeats(found, file);
  let last = 0;
  for (const entry of found.toSorted((a, b) => a.offset - b.offset)) {
    const begin = dataOf(view, entry, file);
    if (entry.offset < last || begin + entry.packed > start)
      throw new DataError(`${file}: ${quote(entry.name)} lies outside of the archive, or on another entry; it is corrupt`);
    last = begin + entry.packed;
    entry.begin = begin;
  }
  return found.map((entry) => ({
    name: entry.name,
    read: () => contents(bytes.subarray(entry.begin, entry.begin + entry.packed), entry, file),
  }));
}

interface Found {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
  readonly next: number;
  /** Where its bytes begin. */
  begin: number;
}

/** Where the directory is, how long, and of how many entries. */
function directoryOf(view: DataView, file: string): { count: number; start: number; size: number } {
  const { byteLength } = view;
  for (let at = byteLength - END_SIZE; at >= Math.max(0, byteLength - END_SIZE - COMMENT); at--) {
    if (view.getUint32(at, true) !== END || at + END_SIZE + view.getUint16(at + 20, true) !== byteLength) continue;
    const short = { count: view.getUint16(at + 10, true), size: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true) };
    const isLong = at >= 20 && view.getUint32(at - 20, true) === LOCATOR64;
    const found = isLong ? (directory64(view, whole(view, at - 12)) ?? short) : short;
    if (found.start + found.size > at || found.count * 46 > found.size) break;
    return found;
  }
  throw new DataError(
    `${file}: expected a ZIP archive, whose directory stands at its end, found none; it is truncated, or another kind of file`,
  );
}

function directory64(view: DataView, at: number): { count: number; start: number; size: number } | undefined {
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== END64) return undefined;
  return { count: whole(view, at + 32), size: whole(view, at + 40), start: whole(view, at + 48) };
}

/** A number of eight bytes; beyond what JavaScript holds exactly it is larger than any file. */
const whole = (view: DataView, at: number): number => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);

function entryAt(view: DataView, at: number, bytes: Uint8Array, file: string): Found {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const crc = view.getUint32(at + 16, true);
  const lengths = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [number, number, number];
  const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
  if (next > view.byteLength) throw new DataError(`${file}: expected an archive, whose directory is truncated`);
  const name = new TextDecoder(flags & 0x800 ? 'utf-8' : 'latin1').decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
  if (flags & 1) throw new DataError(`${file}: ${quote(name)} is encrypted`);
  if (method !== 0 && method !== 8) throw new DataError(`${file}: expected ${quote(name)} to be stored or deflated, got method ${method}`);
  // Sizes that do not fit into four bytes stand in an extra field, in this order.
  const numbers = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const extra = extraOf(view, at + 46 + lengths[0], lengths[1]);
  let place = extra?.at ?? 0;
  const [size, packed, offset] = numbers.map((short) => {
    if (short !== 0xffffffff || !extra || place + 8 > extra.end) return short;
    place += 8;
    return whole(view, place - 8);
  }) as [number, number, number];
  if (method === 0 && size !== packed)
    throw new DataError(`${file}: ${quote(name)} is stored in ${packed} bytes, but said to have ${size}; the archive is corrupt`);
  return { name, method, crc, packed, size, offset, next, begin: 0 };
}

/** The extra field of ZIP64, if there is one. */
function extraOf(view: DataView, start: number, length: number): { at: number; end: number } | undefined {
  for (let at = start; at + 4 <= start + length; ) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) return { at: at + 4, end: Math.min(at + 4 + size, start + length) };
    at += 4 + size;
  }
  return undefined;
}

/** Where the bytes of an entry begin, behind a header of its own. */
function dataOf(view: DataView, { offset, name }: Found, file: string): number {
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== LOCAL)
    throw new DataError(`${file}: expected ${quote(name)} at byte ${offset}, where there is no entry; the archive is corrupt`);
  return offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
}

function refuseRepeats(found: readonly Found[], file: string): void {
  const names = new Set<string>();
  for (const { name } of found) {
    if (names.has(name)) throw new DataError(`${file}: ${quote(name)} occurs twice`);
    names.add(name);
  }
}

/** Deflate makes no byte into more than this many. */
const RATIO = 1032;

async function contents(packed: Uint8Array, { name, method, size, crc }: Found, file: string): Promise<Uint8Array> {
  const what = `${file}: ${quote(name)}`;
  if (size > packed.length * RATIO + 64)
    throw new DataError(`${what} is said to have ${size} bytes, which ${packed.length} packed ones cannot give`);
  const found = method === 0 ? packed : await inflated(packed, size, what);
  if (crc32(found) !== crc) throw new DataError(`${what} has another checksum than the archive says; it is corrupt`);
  return found;
}

/** Unpacks up to a size that is known. */
async function inflated(packed: Uint8Array, size: number, what: string): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw') as ReadableWritablePair<Uint8Array, Uint8Array>);
  let at = 0;
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (at + value!.length > size) throw new DataError(`${what} has more than the ${size} bytes that the archive says`);
      out.set(value!, at);
      at += value!.length;
    }
  } catch (error) {
    throw error instanceof DataError ? error : new DataError(`${what}: expected deflated bytes, which are corrupt: ${String(error)}`);
  } finally {
    reader.cancel().catch(() => {});
  }
  if (at < size) throw new DataError(`${what} has ${at} bytes, ${size} according to the archive; it is truncated`);
  return out;
}

/** One file to be put into an archive. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes an archive, with the date 1980-01-01, so that the same files give the same bytes. ZIP64 where four bytes do not hold a size. */
export async function writeZip(files: readonly ZipFile[], compress: boolean): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const data = compress ? await deflated(bytes) : bytes;
    const written = new TextEncoder().encode(name);
    if (written.length > LONGEST)
      throw new DataError(`expected names of at most ${LONGEST} bytes in an archive, got one of ${written.length}`);
    const head = {
      name: written,
      method: compress ? 8 : 0,
      crc: crc32(bytes),
      packed: data.length,
      size: bytes.length,
      offset: at,
    };
    const local = record(LOCAL, head);
    parts.push(local, data);
    directory.push(record(CENTRAL, head));
    at += local.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const all = [...parts, ...directory, ending(files.length, size, at)];
  const out = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of all) {
    out.set(part, place);
    place += part.length;
  }
  return out;
}

interface Head {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const LARGE = 0xffffffff;
/** The longest name. */
const LONGEST = 0xffff;

/** What stands before a file, or for it in the directory. */
function record(kind: number, { name, method, crc, packed, size, offset }: Head): Uint8Array {
  const isCentral = kind === CENTRAL;
  const isLong = size >= LARGE || packed >= LARGE || offset >= LARGE;
  const base = isCentral ? 46 : 30;
  const bytes = new Uint8Array(base + name.length + (isLong ? 4 + 24 : 0));
  const view = new DataView(bytes.buffer);
  // The directory has two more bytes, the version that made it, so all behind them moves up.
  const shift = isCentral ? 2 : 0;
  view.setUint32(0, kind, true);
  if (isCentral) view.setUint16(4, 45, true);
  view.setUint16(4 + shift, 45, true);
  view.setUint16(6 + shift, 0x800, true);
  view.setUint16(8 + shift, method, true);
  view.setUint16(12 + shift, 0x21, true);
  view.setUint32(14 + shift, crc, true);
  view.setUint32(18 + shift, isLong ? LARGE : packed, true);
  view.setUint32(22 + shift, isLong ? LARGE : size, true);
  view.setUint16(26 + shift, name.length, true);
  view.setUint16(28 + shift, isLong ? 28 : 0, true);
  if (isCentral) view.setUint32(42, isLong ? LARGE : offset, true);
  bytes.set(name, base);
  if (isLong) {
    view.setUint16(base + name.length, 1, true);
    view.setUint16(base + name.length + 2, 24, true);
    [size, packed, offset].forEach((x, i) => view.setBigUint64(base + name.length + 4 + 8 * i, BigInt(x), true));
  }
  return bytes;
}

/** What stands at the end of an archive. */
function ending(count: number, size: number, start: number): Uint8Array {
  const isLong = count > 0xfffe || size >= LARGE || start >= LARGE;
  const bytes = new Uint8Array((isLong ? 56 + 20 : 0) + END_SIZE);
  const view = new DataView(bytes.buffer);
  const at = bytes.length - END_SIZE;
  if (isLong) {
    view.setUint32(0, END64, true);
    view.setBigUint64(4, 44n, true);
    view.setUint16(12, 45, true);
    view.setUint16(14, 45, true);
    [count, count, size, start].forEach((x, i) => view.setBigUint64(24 + 8 * i, BigInt(x), true));
    view.setUint32(56, LOCATOR64, true);
    view.setBigUint64(64, BigInt(start + size), true);
    view.setUint32(72, 1, true);
  }
  view.setUint32(at, END, true);
  view.setUint16(at + 8, Math.min(count, 0xffff), true);
  view.setUint16(at + 10, Math.min(count, 0xffff), true);
  view.setUint32(at + 12, isLong ? LARGE : size, true);
  view.setUint32(at + 16, isLong ? LARGE : start, true);
  return bytes;
}

async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
