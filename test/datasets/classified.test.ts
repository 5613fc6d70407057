/** Datasets that ship, held against scikit-learn's copies by their SHA-256. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { iris, wine } from '../../src/datasets/index.ts';
import { ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const golden = JSON.parse(readFileSync('test/golden/datasets.json', 'utf8')) as { iris: string; wine: string };
const digestOf = (data: ArrayBufferView) =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

test.each([
  ['iris', iris, [50, 50, 50], 4],
  ['wine', wine, [59, 71, 48], 13],
] as const)('%s has the numbers of scikit-learn, class by class', (name, load, sizes, width) => {
  const { data, features, classes } = load({ dtype: 'float64' });
  expect(digestOf(data.x.data)).toBe(golden[name]);
  expect(data.y.toArray()).toEqual(sizes.flatMap((size, label) => Array<number>(size).fill(label)));
  expect([features.length, classes.length]).toEqual([width, sizes.length]);
  expect(load().data.x.dtype).toBe('float32');
  expect(load().data.x.data[0]).toBe(Math.fround(data.x.data[0]!));
});

refuses('%s is refused', [
  ['another option', () => iris({ scale: 'unit' } as never), ValueError, /^iris: there is no option scale/],
  ['classes for numbers', () => wine({ dtype: 'int32' } as never), ValueError, /^wine: expected dtype to be 'float32' or 'float64', got 'int32'/],
]); // biome-ignore format: one line a case
