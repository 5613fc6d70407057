/** Contents of files: plain or gzip, in pieces of any size, and never more than there should be. */

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUnzipped, unzip } from '../../src/io/unzip.ts';

/** A stream of bytes in pieces, which counts how many were asked for. */
function inPieces(bytes: Uint8Array, size: number, failing?: Error): { stream: ReadableStream<Uint8Array>; taken: () => number } {
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + size));
      else if (failing) controller.error(failing);
      else controller.close();
      at += size;
    },
  });
  return { stream, taken: () => Math.min(at, bytes.length) };
}

const anySize = () => Infinity;

test('contents come back from plain and gzipped bytes, in pieces of any size', async () => {
  const contents = fc.uint8Array({ maxLength: 300 }).filter(([a, b]) => !(a === 0x1f && b === 0x8b));
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 1, max: 400 }), async (plain, size) => {
      for (const bytes of [plain, gzipSync(plain)]) {
        expect(Uint8Array.from(await unzip(Uint8Array.from(bytes), 'file', anySize))).toEqual(plain);
        expect(Uint8Array.from(await readUnzipped(inPieces(Uint8Array.from(bytes), size).stream, 'file', anySize))).toEqual(plain);
      }
    }),
    { numRuns: 50 },
  );
});

test('plain bytes that are given are not copied', async () => {
  const plain = Uint8Array.of(1, 2, 3);
  expect(await unzip(plain, 'file', () => 1)).toBe(plain);
});

test('the size may be told by bytes that come later; a file of just that size is whole', async () => {
  const plain = Uint8Array.of(4, 9, 1, 1);
  // The first byte tells where the second is needed, the second nothing new.
  const sizeOf = ([first]: Uint8Array) => (first === undefined ? 1 : 4);
  for (const size of [1, 2, 3, 4]) expect(await readUnzipped(inPieces(plain, size).stream, 'file', sizeOf)).toEqual(plain);
});

test('what is longer than it should be is not read on, nor inflated', async () => {
  const long = new Uint8Array(2 ** 20).fill(7);
  const { stream, taken } = inPieces(long, 1000);
  const read = await readUnzipped(stream, 'file', () => 5000);
  expect(read.length).toBeGreaterThan(5000);
  expect(read.length).toBeLessThan(8000);
  expect(taken()).toBeLessThan(10_000);
  const bomb = Uint8Array.from(gzipSync(new Uint8Array(2 ** 26)));
  const inflated = await unzip(bomb, 'file', () => 5000);
  expect(inflated.length).toBeGreaterThan(5000);
  expect(inflated.length).toBeLessThan(2 ** 18);
});

test.each([
  ['truncated', gzipSync(Buffer.alloc(100, 'text')).subarray(0, 20)],
  ['corrupt', Uint8Array.of(0x1f, 0x8b, 1, 2, 3)],
  ['with a wrong sum', gzipSync('text').map((byte, i, { length }) => (i === length - 6 ? byte ^ 1 : byte))],
])('gzip that is %s is refused by name', async (_, bytes) => {
  await expect(unzip(Uint8Array.from(bytes), 'digits.gz', anySize)).rejects.toThrow(
    /^digits\.gz: expected gzip, which is truncated or corrupt: /,
  );
});

test('an error of the stream is told as it is, in plain and in gzipped bytes', async () => {
  const cut = new Error('cut');
  for (const bytes of [Uint8Array.of(1, 2, 3, 4), Uint8Array.from(gzipSync(Buffer.alloc(100, 'text')).subarray(0, 20))])
    await expect(readUnzipped(inPieces(bytes, 3, cut).stream, 'file', anySize)).rejects.toBe(cut);
});
