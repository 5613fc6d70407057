/** Random words by their number. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { philox, philoxWords } from '../../src/base/philox.ts';
import { runs } from '../lib/runs.ts';

const block = (key: readonly [number, number], counter: readonly [number, number, number, number]) => {
  const out = new Uint32Array(4);
  philox(key, counter, out);
  return [...out];
};

test('the published vectors come out (Random123, kat_vectors: philox4x32, 10 rounds)', () => {
  const ones = 0xffffffff;
  expect(block([0, 0], [0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  expect(block([ones, ones], [ones, ones, ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  expect(block([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

test('it is the definition in whole numbers', () => {
  const word = fc.nat({ max: 0xffffffff });
  const reference = (key: readonly number[], counter: readonly number[]) => {
    let [c, k] = [counter.map(BigInt), key.map(BigInt)];
    const mask = 0xffffffffn;
    for (let round = 0; round < 10; round++) {
      const [p0, p1] = [0xd2511f53n * c[0]!, 0xcd9e8d57n * c[2]!];
      c = [(p1 >> 32n) ^ c[1]! ^ k[0]!, p1 & mask, (p0 >> 32n) ^ c[3]! ^ k[1]!, p0 & mask];
      k = [(k[0]! + 0x9e3779b9n) & mask, (k[1]! + 0xbb67ae85n) & mask];
    }
    return c.map(Number);
  };
  fc.assert(
    fc.property(fc.tuple(word, word), fc.tuple(word, word, word, word), (key, counter) => {
      expect(block(key, counter)).toEqual(reference(key, counter));
    }),
    { numRuns: runs(200) },
  );
});

test('the words of a key are those of its blocks, one after another, however many are asked for', () => {
  fc.assert(
    fc.property(fc.nat(50), (count) => {
      const words = philoxWords([1, 2], count);
      expect(words.length).toBeGreaterThanOrEqual(count);
      words.forEach((word, i) => expect(word).toBe(block([1, 2], [i >>> 2, 0, 0, 0])[i % 4]));
    }),
    { numRuns: runs(20) },
  );
});
