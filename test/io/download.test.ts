/** Downloads that end: with the file, or with an error that names the address. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { download } from '../../src/io/download.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The address of a server that answers in some way. */
async function serving(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const options = { signal: new AbortController().signal, timeout: 10_000, advice: 'stay at home' };
const anySize = () => Infinity;

test('the contents come unzipped, from the first address that has the file', async () => {
  const paths: string[] = [];
  const url = await serving(({ url: path }, response) => {
    paths.push(path!);
    if (path === '/page') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>');
    else if (path === '/here') response.end(gzipSync('text'));
    else response.writeHead(Number(path!.slice(1))).end('no');
  });
  const places = ['/403', '/404', '/410', '/page', '/here', '/500'].map((path) => url + path);
  const found = await download(places, anySize, options);
  expect(new TextDecoder().decode(found.bytes)).toBe('text');
  expect(found.url).toBe(`${url}/here`);
  expect(paths).toEqual(['/403', '/404', '/410', '/page', '/here']);
  await expect(download(places.slice(1, 4), anySize, options)).rejects.toThrow(
    new DataError(`${url}/404: expected the file, got status 404 Not Found; nor is it at ${url}/410, ${url}/page; stay at home`),
  );
  await expect(download([`${url}/page`, `${url}/404`], anySize, options)).rejects.toThrow(/expected the file, got a page; /);
  await expect(download([`${url}/500`, `${url}/here`], anySize, options)).rejects.toThrow(
    new DataError(`${url}/500: expected the file, got status 500 Internal Server Error; stay at home`),
  );
});

test('a page that comes with an error is an error', async () => {
  const url = await serving((_, response) => void response.writeHead(503, { 'content-type': 'text/html' }).end('<p>'));
  await expect(download([url, url], anySize, options)).rejects.toThrow(/got status 503 Service Unavailable; stay at home/);
});

test('an empty answer is an empty file', async () => {
  const url = await serving((_, response) => void response.writeHead(204).end());
  expect((await download([url], anySize, options)).bytes.length).toBe(0);
});

test.each([
  ['before it answers', () => {}],
  [
    'within the file',
    (_: unknown, response: Parameters<RequestListener>[1]) => void response.writeHead(200, { 'content-length': 9 }).write('a'),
  ],
] as const)('a server that is silent %s is waited for no longer than told', async (_, answer) => {
  const url = await serving(answer as RequestListener);
  const start = performance.now();
  await expect(download([url, url], anySize, { ...options, timeout: 200 })).rejects.toThrow(
    new DataError(`${url}: nothing came for 0.2 s; stay at home`),
  );
  expect(performance.now() - start).toBeLessThan(5_000);
});

test('a server that is slow but not silent is waited for', async () => {
  const url = await serving((_, response) => {
    let left = 8;
    const timer = setInterval(() => {
      response.write('a');
      if (--left === 0) response.end(() => clearInterval(timer));
    }, 100);
  });
  expect((await download([url], anySize, { ...options, timeout: 500 })).bytes.length).toBe(8);
});

test('the longest time that can be told is not the shortest', async () => {
  const url = await serving((_, response) => void setTimeout(() => response.end('late'), 100));
  expect((await download([url], anySize, { ...options, timeout: 1e12 })).bytes.length).toBe(4);
});

test('a connection that is cut within the file is reported with its address, in gzip too', async () => {
  for (const bytes of [Buffer.alloc(100), gzipSync(Buffer.alloc(1000, 'text')).subarray(0, 20)]) {
    const url = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write(bytes);
      setTimeout(() => response.destroy(), 50);
    });
    await expect(download([url], anySize, options)).rejects.toThrow(/^http:\S+: the connection was cut: .*; stay at home$/);
    server!.close();
  }
});

test('a server that cannot be reached is reported with its address', async () => {
  await expect(download(['http://127.0.0.1:9/file'], anySize, options)).rejects.toThrow(
    new DataError('http://127.0.0.1:9/file: cannot be reached: Error: bad port; stay at home'),
  );
  const url = await serving(() => {});
  await new Promise((resolve) => server!.close(resolve));
  await expect(download([`${url}/file`], anySize, options)).rejects.toThrow(/^http:\S+file: cannot be reached: .*ECONNREFUSED.*; stay/);
});

test('what is wrong with the file itself is told as it is', async () => {
  const url = await serving((_, response) => void response.end(Uint8Array.of(0x1f, 0x8b, 1, 2)));
  await expect(download([url], anySize, options)).rejects.toThrow(/^http:\S+: expected gzip, which is truncated or corrupt/);
});

test('a file without an end is read no further than it should be', async () => {
  const url = await serving((_, response) => {
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const { bytes } = await download([url], () => 100_000, options);
  expect(bytes.length).toBeGreaterThan(100_000);
  expect(bytes.length).toBeLessThan(400_000);
});

test('a signal ends the wait with its reason, before and within the file, and before anything is asked', async () => {
  let asked = 0;
  const url = await serving((_, response) => {
    if (asked++) response.writeHead(200, { 'content-length': 9 }).write('a');
  });
  const reason = new Error('enough');
  for (let round = 0; round < 2; round++) {
    const ending = new AbortController();
    setTimeout(() => ending.abort(reason), 100);
    await expect(download([url], anySize, { ...options, signal: ending.signal })).rejects.toBe(reason);
  }
  await expect(download([url], anySize, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(asked).toBe(2);
});
