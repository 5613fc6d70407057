/** Readers of files, good files for each, and what an enemy, a bad disk or a torn transfer makes of these. */

import { gzipSync } from 'node:zlib';
import { readCSV } from '../../src/datasets/csv.ts';
import { TapegradError, Tensor } from '../../src/index.ts';
import { idxSize, readIdx } from '../../src/io/idx.ts';
import { readJson, readNpy, readNpz, readSafetensors, writeJson, writeNpy, writeNpz, writeSafetensors } from '../../src/io/index.ts';
import { unzip } from '../../src/io/unzip.ts';

/** A reader: what it makes of bytes, and files that it reads. */
export interface Reader {
  readonly samples: readonly Uint8Array[];
  /** How many bytes of numbers, or characters of text, came out. */
  readonly read: (bytes: Uint8Array) => number | Promise<number>;
  /** How many bytes may come out for each byte of the file. */
  readonly growth: number;
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const x = Tensor.of([[1, -2.5, 3e-8], [4, 0, 1 / 3]]); // biome-ignore format: a matrix
const several = { w: x, 'layers.0.bias': Tensor.of([1, 2], 'float64'), batches: Tensor.of(3, 'int32'), none: Tensor.zeros([0, 4]) };
const bytesIn = (tensors: Iterable<Tensor>) => [...tensors].reduce((sum, { data }) => sum + data.byteLength, 0);
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array.from({ length: 12 }, (_, i) => i * 20));
const doubles = Uint8Array.of(0, 0, 14, 1, 0, 0, 0, 1, 63, 240, 0, 0, 0, 0, 0, 0);

/** Bytes and lists of them, one after another; of any length. */
function joined(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An npy file with a header as given. */
function npy(header: string, data: number, version = 1): Uint8Array {
  const head = version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return joined([0x93], utf8('NUMPY'), [version, 0, ...head], utf8(header), new Uint8Array(data).fill(1));
}

/** By the name of the format. */
export const readers: Readonly<Record<string, Reader>> = {
  idx: { samples: [images, doubles], read: (bytes) => readIdx(bytes).data.byteLength, growth: 8 },
  gzip: {
    samples: [new Uint8Array(gzipSync(images)), new Uint8Array(gzipSync(new Uint8Array(3000), { level: 9 })), images],
    read: async (bytes) => (await unzip(bytes, 'gzip', idxSize)).length,
    // Deflate makes at most 1,032 bytes of one; what is read at once may be a chunk more than is known to be needed.
    growth: 1032,
  },
  npy: {
    samples: [
      writeNpy(x),
      npy("{'descr': '>i8', 'fortran_order': True, 'shape': (2, 1), }", 16, 2),
      npy("{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", 6, 3),
      npy("{'shape': (), 'fortran_order': False, 'descr': '|b1'}", 1),
      npy("{'descr': [('a', '<f4'), ('b', '<i2', (2, 2))], 'fortran_order': False, 'shape': (1,), }", 12),
    ],
    read: (bytes) => readNpy(bytes).data.byteLength,
    growth: 4,
  },
  npz: {
    samples: [
      await writeNpz(several),
      await writeNpz(several, { compress: true }),
      await writeNpz({ zeros: Tensor.zeros([500]) }, { compress: true }),
    ],
    read: async (bytes) => bytesIn((await readNpz(bytes)).values()),
    growth: 4 * 1032,
  },
  safetensors: {
    samples: [writeSafetensors(several, { metadata: { format: 'pt', sha256: 'ab' } }), writeSafetensors({ x })],
    read: (bytes) => bytesIn(readSafetensors(bytes).tensors.values()),
    growth: 4,
  },
  JSON: {
    samples: [utf8(writeJson(several)), utf8('{"\\u00e9":{"dtype":"float64","shape":[2],"data":["NaN","-Infinity"]}} ')],
    read: (bytes) => bytesIn(readJson(text(bytes)).values()),
    growth: 8,
  },
  CSV: {
    samples: [utf8('size,kind\n1.5,"cat, ""small"""\r\n2,dog\n'), utf8('a;b\n1;2\n'), utf8('\uFEFFa\n\n-1e5\nNA\n')],
    read: (bytes) => readCSV(text(bytes)).names.length,
    growth: 1,
  },
};

/** Numbers from 0 to below 1, the same for one seed: a generator as plain as it can be, since it is called millions of times. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const telling = [0, 1, 2, 7, 8, 10, 13, 34, 44, 48, 57, 58, 91, 93, 123, 125, 127, 128, 254, 255] as const;
const claims = [
  '0',
  '-1',
  '1e9',
  '4294967296',
  '9007199254740992',
  '99999999999999999999',
  '1.5',
  'NaN',
  'null',
  '[[[[',
  '"',
  '\\u0000',
  '__proto__',
] as const;

/** The file of a number: one of the samples, mutated once or a few times. */
export function hostile({ samples }: Reader, seed: number): Uint8Array {
  const random = numbers(seed);
  const below = (n: number) => Math.floor(random() * n);
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const spliced = (bytes: Uint8Array, from: number, to: number, by: Uint8Array) => joined(bytes.subarray(0, from), by, bytes.subarray(to));
  const mutations: readonly ((bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>)[] = [
    // Flipped, overwritten.
    (bytes) => bytes.with(below(bytes.length), below(256)),
    (bytes) => bytes.with(below(bytes.length), one(telling)),
    // A bit.
    (bytes) => {
      const at = below(bytes.length);
      return bytes.with(at, bytes[at]! ^ (1 << below(8)));
    },
    // Truncated, and with something behind it.
    (bytes) => bytes.slice(0, below(bytes.length + 1)),
    (bytes) => spliced(bytes, bytes.length, bytes.length, new Uint8Array(below(300)).fill(one(telling))),
    // A stretch left out, doubled, or of another file.
    (bytes) => spliced(bytes, below(bytes.length), bytes.length - below(8), new Uint8Array(0)),
    (bytes) => {
      const from = below(bytes.length);
      return spliced(bytes, from, from, bytes.slice(from, from + below(40)));
    },
    (bytes) => {
      const other = one(samples);
      return spliced(bytes, below(bytes.length), bytes.length, other.slice(below(other.length)));
    },
    // Lies: sizes that are not so.
    (bytes) => {
      const lying = bytes.slice();
      const view = new DataView(lying.buffer);
      const wide = below(2) === 0 && lying.length >= 8;
      if (lying.length < 4) return lying;
      const at = below(lying.length - (wide ? 7 : 3));
      const claim = one([0, 1, 0x7fffffff, 0xffffffff, 0x10000, lying.length, below(2 ** 32)]);
      view.setUint32(at, claim, below(2) === 0);
      if (wide) view.setUint32(at + 4, one([0, 1, 0xffffffff]), true);
      return lying;
    },
    (bytes) => {
      // As Latin-1, in which every byte is one character.
      const written = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
      const found = [...written.matchAll(/\d+/g)];
      if (found.length === 0) return bytes;
      const { index, 0: digits } = one(found);
      return spliced(bytes, index, index + digits.length, utf8(one(claims)));
    },
  ];
  let bytes = joined(one(samples));
  for (let i = 1 + below(3); i > 0; i--) if (bytes.length > 0) bytes = one(mutations)(bytes);
  return bytes;
}

/** What became of a file. */
export interface Outcome {
  readonly refused: boolean;
  readonly milliseconds: number;
}

/**
 * Reads a hostile file.
 * @throws Error, with the number of the file, where a reader ends in an error that is none of ours, or makes more of a file than it may.
 */
export async function attack(name: string, seed: number): Promise<Outcome> {
  const reader = readers[name]!;
  const bytes = hostile(reader, seed);
  const start = performance.now();
  try {
    const made = await reader.read(bytes);
    if (made > reader.growth * bytes.length + 65_536) throw new Error(`made ${made} bytes of ${bytes.length}`);
    return { refused: false, milliseconds: performance.now() - start };
  } catch (error) {
    if (error instanceof TapegradError && error.constructor.name === 'DataError')
      return { refused: true, milliseconds: performance.now() - start };
    throw new Error(`${name}, file ${seed}: ${String(error)}`, { cause: error });
  }
}

/** Files made to be slow or large: a form of a length that one may choose. */
export const slow: Readonly<Record<string, readonly ((size: number) => Uint8Array)[]>> = {
  idx: [(size) => joined([0, 0, 8, 255], new Uint8Array(size)), (size) => joined([0, 0, 14, 1], new Uint8Array(size).fill(255))],
  gzip: [(size) => new Uint8Array(gzipSync(new Uint8Array(size)))],
  npy: [
    (size) => npy(`{'descr': ${'['.repeat(Math.min(size, 60_000))}`, 0, 1),
    (size) => npy(`{'shape': (${'1,'.repeat(Math.min(size, 60_000) / 2)}), 'descr': '<f4', 'fortran_order': False}`, 4, 1),
    (size) => npy(`{${' '.repeat(Math.min(size, 60_000))}'descr`, 0, 1),
    (size) => npy(`{'descr': [${"'a',".repeat(Math.min(size, 60_000) / 4)}`, 0, 1),
    (size) => npy(`{'descr': [${'[],'.repeat(Math.min(size, 60_000) / 3)}`, 0, 1),
  ],
  npz: [(size) => utf8('PK\x05\x06'.repeat(size / 4)), (size) => utf8(`${'PK\x01\x02'.repeat(size / 4)}PK\x05\x06`)],
  safetensors: [
    (size) => headed('['.repeat(size)),
    (size) => headed(`{"a":{"dtype":"F32","shape":[${'1,'.repeat(size / 2)}1],"data_offsets":[0,0]}}`),
    (size) => headed(`{${Array.from({ length: size / 60 }, (_, i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join()}}`),
    (size) => headed(`{"${'\\u0041'.repeat(size / 6)}":0}`),
    (size) => headed(`{"a":${'9'.repeat(size)}}`),
  ],
  JSON: [
    (size) => utf8('['.repeat(size)),
    (size) => utf8('{"a":'.repeat(size / 5)),
    (size) => utf8(`{"a":{"dtype":"float32","shape":[${size / 2}],"data":[${'1,'.repeat(size / 2)}`),
    (size) => utf8(`{"a":${'9'.repeat(size)}}`),
    (size) => utf8(' '.repeat(size)),
    (size) => utf8(`{"a":{"dtype":"float32","shape":[${'1,'.repeat(size / 2)}1],"data":[1]}}`),
  ],
  CSV: [
    (size) => utf8('"'.repeat(size)),
    (size) => utf8(`a\n${'\n'.repeat(size)}`),
    (size) => utf8(','.repeat(size)),
    (size) => utf8(`a\n${'1\n'.repeat(size / 2)}`),
    (size) => utf8(`a\n${'9'.repeat(size)}`),
    (size) => utf8(`a\n"${'x\r\n'.repeat(size / 3)}`),
  ],
};

/** A safetensors file of a header alone. */
function headed(header: string): Uint8Array {
  const bytes = joined(new Uint8Array(8), utf8(header));
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  return bytes;
}
