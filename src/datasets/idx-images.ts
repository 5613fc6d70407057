/** Images in the format of MNIST, four idx files of images and labels, from wherever they lie. */

import { DataError } from '../base/errors.ts';
import { boolean, numberAbove, oneOf, optional, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { insteadOfBytes, isBytes } from '../io/bytes.ts';
import { cacheDirectory, sha256 } from '../io/cache.ts';
import { disk, readFrom } from '../io/disk.ts';
import { type Idx, idxSize, readIdx } from '../io/idx.ts';
import { type DatasetFile, fetchFiles } from '../io/remote.ts';
import { unzip } from '../io/unzip.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** The four files: the names under which they are distributed, and the size of their contents. */
const files = {
  trainImages: ['train-images-idx3-ubyte', 47_040_016],
  trainLabels: ['train-labels-idx1-ubyte', 60_008],
  testImages: ['t10k-images-idx3-ubyte', 7_840_016],
  testLabels: ['t10k-labels-idx1-ubyte', 10_008],
} as const;

type Part = keyof typeof files;

const parts = Object.keys(files) as Part[];

/** The bytes of the four files, plain or gzipped. */
export type MnistBytes = { readonly [part in Part]: Uint8Array };

/** Options of `mnist`. */
export interface MnistOptions {
  /** Pixels from 0 to 1 (`'unit'`, the default) or as they are, from 0 to 255 (`'raw'`). */
  readonly scale?: 'unit' | 'raw';
  /** Whether the files must be those of MNIST, by their SHA-256. Default true; false is for other data in the same format. */
  readonly verify?: boolean;
  /** The directory to keep downloads in, or `false` to keep none. Default the user's cache directory. */
  readonly cache?: string | false | undefined;
  /** Ends the loading; the promise is then rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long a server may be silent, in milliseconds: before it answers, and within a file. Default 30,000. */
  readonly timeout?: number;
}

/** Handwritten digits: `x : [size, 784]` in float32, 28 rows of 28 pixels; `y : [size]`, the digit. */
export interface Mnist {
  /** All training images but the last 5,000. */
  readonly train: Dataset;
  /** The last 5,000 training images. They are easier than the rest. */
  readonly validation: Dataset;
  /** All 60,000 training images. The three share their memory. */
  readonly trainAndValidation: Dataset;
  /** The canonical 10,000 test images. */
  readonly test: Dataset;
}

const directoryOrFalse: Requirement = { words: 'a directory or false', holds: (x) => (typeof x === 'string' && x !== '') || x === false };
const abortSignal: Requirement = {
  words: 'an AbortSignal',
  holds: (x) => typeof (x as AbortSignal | null)?.aborted === 'boolean' && typeof (x as AbortSignal).throwIfAborted === 'function',
};

/** A collection of images that is distributed in this format. */
export interface Origin {
  /** The function that loads it, for errors, and where downloads are kept. */
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /** The URL below which the files lie. */
  readonly mirror: string;
  /** What to do where files cannot be had. */
  readonly advice: string;
  /** The SHA-256 of the contents of each file: images and labels to train with, images and labels to test with. Undefined where nobody tells it. */
  readonly digests: readonly (string | undefined)[];
}

const VALIDATION = 5000;

/** The images, loaded as `mnist` says. */
export async function loadImages(origin: Origin, source: unknown, options: MnistOptions | undefined): Promise<Mnist> {
  const { name, advice, mirror } = origin;
  const { scale, verify, cache, signal, timeout } = readOptions<MnistOptions>(name, options, {
    scale: optional(oneOf('unit', 'raw'), 'unit'),
    verify: optional(boolean, true),
    cache: withoutDefault(directoryOrFalse),
    signal: withoutDefault(abortSignal),
    timeout: optional(numberAbove(0), 30_000),
  });
  signal?.throwIfAborted();
  const wanted = parts.map((_, i) => wantedFile(origin, i, verify));
  const place = placeOf(name, source === undefined ? mirror : source);
  if (!(place instanceof URL) || place.protocol === 'file:') {
    const contents = await Promise.all(parts.map((part, i) => given(origin, place, part, wanted[i]!)));
    signal?.throwIfAborted();
    return splits(name, contents, scale);
  }
  const directory = cache === undefined ? cacheDirectory(name) : cache || undefined;
  if (directory && !disk()) throw new DataError(`${name}: there is no disk for the cache ${quote(directory)}; leave the option out`);
  const { contents, keep } = await fetchFiles(place, wanted, { cache: directory, signal, timeout, advice });
  const data = splits(name, contents, scale);
  await keep();
  return data;
}

/** Where files are to be had: the bytes as they were given, a directory, or a URL. */
function placeOf(where: string, source: unknown): MnistBytes | string | URL {
  if (source instanceof URL) return source;
  if (typeof source === 'string' && source) return !isAddress(source) && disk() ? source : urlOf(where, source);
  if (typeof source === 'object' && source !== null && parts.some((part) => part in source)) return source as MnistBytes;
  throw new DataError(`${where}: expected a directory, a URL, or the bytes of ${parts.join(', ')}, got ${quote(source)}`);
}

const isAddress = (source: string): boolean => /^(https?|file):/i.test(source);

/** A URL, which may be relative to the page. */
function urlOf(where: string, source: string): URL {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } };
  try {
    return new URL(source, document?.baseURI ?? location?.href);
  } catch {
    throw new DataError(`${where}: there is no disk to read ${quote(source)} from, and it is no URL; give the bytes of the files`);
  }
}

/** What is known of a file, and what it must be. */
function wantedFile({ title, digests }: Origin, part: number, verify: boolean): DatasetFile {
  const [name, size] = files[parts[part]!];
  const digest = digests[part];
  const dotted = name.replace('-idx', '.idx');
  const names = [name, `${name}.gz`, dotted, `${dotted}.gz`];
  if (!verify) return { names, digest: undefined, sizeOf: idxSize, check: async (bytes, file) => void readIdx(bytes, file) };
  const check = async (bytes: Uint8Array, file: string) => {
    const misfit = bytes.length > size ? `more than its ${size} bytes` : `${bytes.length} of its ${size} bytes`;
    const found = bytes.length === size ? ((digest && (await sha256(bytes))) ?? digest) : misfit;
    if (found !== digest)
      throw new DataError(
        `${file}: expected the file of ${title} with ${digest ? `SHA-256 ${digest}` : `${size} bytes`}, got ${found}; for other data say { verify: false }`,
      );
  };
  return { names, digest, sizeOf: () => size, check };
}

/** The contents of a file that was given, or that lies in a directory. */
async function given(
  { name: where, advice }: Origin,
  place: MnistBytes | string | URL,
  part: Part,
  { names, sizeOf, check }: DatasetFile,
): Promise<Uint8Array> {
  const isDirectory = typeof place === 'string' || place instanceof URL;
  const { bytes, file } = isDirectory ? await readFrom(place, names, advice) : { bytes: place[part], file: part as string };
  if (!isBytes(bytes)) throw new DataError(`${where}: expected the bytes of ${part} in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const contents = await unzip(bytes, file, sizeOf);
  await check(contents, file);
  return contents;
}

/** The datasets that the contents of the four files make. */
function splits(where: string, [trainImages, trainLabels, testImages, testLabels]: readonly Uint8Array[], scale: 'unit' | 'raw'): Mnist {
  const [train, test] = [pixelsOf(where, trainImages!, 'train'), pixelsOf(where, testImages!, 't10k')];
  if (train.shape[1] !== test.shape[1] || train.shape[2] !== test.shape[2])
    throw new DataError(
      `${where}: expected train and t10k images of one size, got ${formatShape(train.shape)} and ${formatShape(test.shape)}`,
    );
  const trainAndValidation = paired(where, train, trainLabels!, 'train', scale);
  const { size } = trainAndValidation;
  const validationSize = Math.min(VALIDATION, Math.floor(size / 2));
  return {
    train: trainAndValidation.slice(0, size - validationSize),
    validation: trainAndValidation.slice(size - validationSize),
    trainAndValidation,
    test: paired(where, test, testLabels!, 't10k', scale),
  };
}

/** Images, each number of which is a pixel. */
function pixelsOf(where: string, bytes: Uint8Array, split: string): Idx {
  const images = readIdx(bytes, `${split}-images`);
  if (images.shape.length !== 3 || images.shape.includes(0))
    throw new DataError(`${where}: expected ${split} images [count, rows, columns], got ${formatShape(images.shape)}`);
  if (!isBytes(images.data)) refuseBeyond(where, images, 255, `${split} pixels`);
  return images;
}

/** Refuses numbers that are not whole, from 0 to a largest one. */
function refuseBeyond(where: string, { data }: Idx, largest: number, what: string): void {
  const place = data.findIndex((x: number) => !(x >= 0 && x <= largest && Number.isInteger(x)));
  if (place >= 0) throw new DataError(`${where}: expected ${what} from 0 to ${largest}, got ${data[place]} at place ${place}`);
}

/** Images and their labels. */
function paired(where: string, { shape, data }: Idx, labels: Uint8Array, split: string, scale: 'unit' | 'raw'): Dataset {
  const digits = readIdx(labels, `${split}-labels`);
  const [count, rows, columns] = shape as [number, number, number];
  if (digits.shape.length !== 1 || digits.shape[0] !== count)
    throw new DataError(
      `${where}: expected ${split} images [count, rows, columns] and a label for each, got ${formatShape(shape)} and ${formatShape(digits.shape)}`,
    );
  refuseBeyond(where, digits, 9, `${split} labels`);
  const x = new Float32Array(data.length);
  // Multiples of 1/255, each the nearest float32.
  const shade = Float32Array.from({ length: 256 }, (_, pixel) => (scale === 'unit' ? pixel / 255 : pixel));
  for (let i = 0; i < x.length; i++) x[i] = shade[data[i]!]!;
  return new Dataset(new Tensor([count, rows * columns], x), new Tensor([count], Int32Array.from(digits.data)));
}
