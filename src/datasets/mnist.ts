import { DataError } from '../base/errors.ts';
import { boolean, oneOf, optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { cacheDirectory, download, readCached, readFrom, sha256, unzip, writeCached } from '../io/files.ts';
import { readIdx } from '../io/idx.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** The four files: their names, and the SHA-256 of their contents. */
const files = {
  trainImages: { name: 'train-images-idx3-ubyte', digest: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db' },
  trainLabels: { name: 'train-labels-idx1-ubyte', digest: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5' },
  testImages: { name: 't10k-images-idx3-ubyte', digest: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7' },
  testLabels: { name: 't10k-labels-idx1-ubyte', digest: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2' },
} as const;

type Part = keyof typeof files;

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

const directoryOrFalse: Requirement = { words: 'a directory or false', holds: (x) => typeof x === 'string' || x === false };

const MIRROR = 'https://storage.googleapis.com/cvdf-datasets/mnist/';
const VALIDATION = 5000;

/**
 * MNIST: 70,000 handwritten digits (LeCun, Cortes & Burges 1998), in the course's splits.
 *
 * @param source a directory with the four files, a URL below which they lie, or their bytes. Default a public mirror. Each may be gzipped.
 * @throws DataError for files that are missing, truncated or not those of MNIST, each by its name; ValueError for options that are not known.
 */
export async function mnist(source: string | URL | MnistBytes = MIRROR, options: MnistOptions = {}): Promise<Mnist> {
  const { scale, verify, cache } = readOptions<MnistOptions>('mnist', options, {
    scale: optional(oneOf('unit', 'raw'), 'unit'),
    verify: optional(boolean, true),
    cache: withoutDefault(directoryOrFalse),
  });
  const check = (part: Part, bytes: Uint8Array, file: string) => contents(bytes, file, verify ? files[part].digest : undefined);
  const load = (part: Part): Promise<Uint8Array> => {
    const { name } = files[part];
    if (source instanceof URL || (typeof source === 'string' && /^https?:/.test(source))) {
      return fetched(
        `${String(source).replace(/\/?$/, '/')}${name}.gz`,
        cache === undefined ? cacheDirectory('mnist') : cache || undefined,
        (bytes, file) => check(part, bytes, file),
      );
    }
    if (typeof source === 'string') return readFrom(source, namesOf(name)).then(({ bytes, file }) => check(part, bytes, file));
    if (source[part] instanceof Uint8Array) return check(part, source[part], part);
    throw new DataError(`mnist: expected the bytes of ${part} in a Uint8Array, got ${typeof source[part]}`);
  };
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    load('trainImages'),
    load('trainLabels'),
    load('testImages'),
    load('testLabels'),
  ]);
  const trainAndValidation = paired(trainImages, trainLabels, 'train', scale);
  const validationSize = Math.min(VALIDATION, Math.floor(trainAndValidation.size / 2));
  return {
    train: trainAndValidation.slice(0, trainAndValidation.size - validationSize),
    validation: trainAndValidation.slice(trainAndValidation.size - validationSize),
    trainAndValidation,
    test: paired(testImages, testLabels, 't10k', scale),
  };
}

/** The names under which a file is distributed. */
const namesOf = (name: string): string[] => [name, name.replace('-idx', '.idx')].flatMap((plain) => [plain, `${plain}.gz`]);

/** The contents of a file, unzipped and checked. */
async function contents(bytes: Uint8Array, file: string, digest: string | undefined): Promise<Uint8Array> {
  const plain = await unzip(bytes, file);
  const found = digest && (await sha256(plain));
  if (!found || found === digest) return plain;
  throw new DataError(
    `${file}: expected the file of MNIST with SHA-256 ${digest}, got ${found} (${plain.length} bytes); for other data say { verify: false }`,
  );
}

/** A file from the cache if it is there and whole, else from its URL. */
async function fetched(
  url: string,
  cache: string | undefined,
  check: (bytes: Uint8Array, file: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const name = url.slice(url.lastIndexOf('/') + 1);
  const cached = cache && (await readCached(cache, name));
  if (cached) {
    const plain = await check(cached, name).catch(() => undefined);
    if (plain) return plain;
  }
  const bytes = await download(url);
  const plain = await check(bytes, url);
  if (cache) await writeCached(cache, name, bytes);
  return plain;
}

/** Images and their labels. */
function paired(images: Uint8Array, labels: Uint8Array, file: string, scale: 'unit' | 'raw'): Dataset {
  const pixels = readIdx(images, `${file}-images`);
  const digits = readIdx(labels, `${file}-labels`);
  if (pixels.shape.length !== 3 || digits.shape.length !== 1 || pixels.shape[0] !== digits.shape[0]) {
    throw new DataError(
      `mnist: expected ${file} images [count, rows, columns] and a label for each, got ${formatShape(pixels.shape)} and ${formatShape(digits.shape)}`,
    );
  }
  const misfit = digits.data.findIndex((digit) => digit > 9);
  if (misfit >= 0) throw new DataError(`mnist: expected ${file} labels from 0 to 9, got ${digits.data[misfit]} at place ${misfit}`);
  const [count, rows, columns] = pixels.shape as [number, number, number];
  const x = new Float32Array(pixels.data.length);
  // Multiples of 1/255, each the nearest float32.
  const shade = Float32Array.from({ length: 256 }, (_, pixel) => (scale === 'unit' ? pixel / 255 : pixel));
  for (let i = 0; i < x.length; i++) x[i] = shade[pixels.data[i]!]!;
  return new Dataset(new Tensor([count, rows * columns], x), new Tensor([count], Int32Array.from(digits.data)));
}
