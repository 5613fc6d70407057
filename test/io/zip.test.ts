/** Archives, honest and not. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { readZip, writeZip } from '../../src/io/zip.ts';
import { runs } from '../lib/runs.ts';

const files = fc.uniqueArray(fc.record({ name: fc.string({ maxLength: 8 }), bytes: fc.uint8Array({ maxLength: 200 }) }), {
  selector: ({ name }) => name,
  maxLength: 5,
});
const text = (x: string) => new TextEncoder().encode(x);
const sample = () => writeZip([{ name: 'a', bytes: text('hello') }, { name: 'b', bytes: text('x'.repeat(500)) }], true); // biome-ignore format: two files
const all = async (bytes: Uint8Array) => {
  const found = new Map<string, Uint8Array>();
  for (const { name, read } of readZip(bytes, 'x.zip')) found.set(name, await read());
  return found;
};
/** Where a record begins. */
const placeOf = (bytes: Uint8Array, sign: number, from = 0): number => {
  const view = new DataView(bytes.buffer);
  for (let at = from; at + 4 <= bytes.length; at++) if (view.getUint32(at, true) === sign) return at;
  return -1;
};
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];

test('what is written is read again, stored and deflated', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (entries, compress) => {
      const found = await all(await writeZip(entries, compress));
      expect([...found]).toEqual(entries.map(({ name, bytes }) => [name, bytes]));
    }),
    { numRuns: runs(40) },
  );
});

test('the same files give the same bytes, and a comment behind them is passed over', async () => {
  const bytes = await sample();
  expect([...(await sample())]).toEqual([...bytes]);
  const commented = new Uint8Array(bytes.length + 3);
  commented.set(bytes);
  commented[bytes.length - 2] = 3;
  expect((await all(commented)).size).toBe(2);
});

test('sizes that stand behind a file, or in fields of eight bytes, are believed where the directory says them', async () => {
  // As a writer that cannot go back: the header of a file has no sizes.
  const streamed = await sample();
  streamed[placeOf(streamed, LOCAL) + 6]! |= 8;
  streamed.fill(0, placeOf(streamed, LOCAL) + 14, placeOf(streamed, LOCAL) + 26);
  expect(new TextDecoder().decode((await all(streamed)).get('a'))).toBe('hello');
});

describe('is refused', () => {
  const broken = async (change: (bytes: Uint8Array) => void, message: RegExp) => {
    const bytes = await sample();
    change(bytes);
    await expect(all(bytes)).rejects.toThrow(DataError);
    await expect(all(bytes)).rejects.toThrow(message);
  };

  test('what is no archive, or cut off', async () => {
    await expect(all(text('no archive at all, whatever it is called'))).rejects.toThrow(/expected a ZIP archive/);
    await expect(all(new Uint8Array())).rejects.toThrow(/expected a ZIP archive/);
    const bytes = await sample();
    for (const length of [10, bytes.length - 1, bytes.length - 30]) await expect(all(bytes.slice(0, length))).rejects.toThrow(DataError);
  });

  test('contents that changed, or are longer or shorter than said', async () => {
    await broken((b) => (b[placeOf(b, CENTRAL) + 16]! ^= 1), /another checksum/);
    await broken((b) => (b[placeOf(b, CENTRAL) + 24]! = 4), /has more than the 4 bytes|another checksum|corrupt/);
    await broken((b) => (b[placeOf(b, CENTRAL) + 24]! = 6), /truncated/);
    await broken((b) => b.fill(255, placeOf(b, LOCAL) + 31, placeOf(b, LOCAL) + 34), /corrupt|checksum/);
  });

  test('a size that no deflated bytes have', () =>
    broken((b) => b.fill(255, placeOf(b, CENTRAL) + 24, placeOf(b, CENTRAL) + 27), /cannot give/));
  test('an encrypted file', () => broken((b) => (b[placeOf(b, CENTRAL) + 8]! |= 1), /encrypted/));
  test('another method', () => broken((b) => (b[placeOf(b, CENTRAL) + 10] = 12), /got method 12/));
  test('a name that occurs twice', () => broken((b) => (b[placeOf(b, CENTRAL, placeOf(b, CENTRAL) + 4) + 46] = 97), /'a' occurs twice/));
  test('an entry that lies on another', () =>
    broken(
      (b) => b.fill(0, placeOf(b, CENTRAL, placeOf(b, CENTRAL) + 4) + 42, placeOf(b, CENTRAL, placeOf(b, CENTRAL) + 4) + 46),
      /on another entry/,
    ));
  test('an entry outside of the archive', () => broken((b) => (b[placeOf(b, CENTRAL) + 44] = 9), /no entry/));
  test('more entries than there are', () => broken((b) => (b[placeOf(b, END) + 10] = 9), /ZIP archive|found 2/));
  test('a stored file of two sizes', async () => {
    const bytes = await writeZip([{ name: 'a', bytes: text('hello') }], false);
    bytes[placeOf(bytes, CENTRAL) + 24] = 9;
    await expect(all(bytes)).rejects.toThrow(/stored in 5 bytes, but said to have 9/);
  });
});
