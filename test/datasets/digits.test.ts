/** Small digits, held against scikit-learn's copy by their SHA-256. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digits } from '../../src/datasets/index.ts';
import { ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const golden = JSON.parse(readFileSync('test/golden/datasets.json', 'utf8')) as { digits: string; digitLabels: string };
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('every pixel and every label is that of scikit-learn', () => {
  const { x, y } = digits({ scale: 'raw' });
  expect([x.shape, x.dtype, y.shape]).toEqual([[1797, 64], 'float32', [1797]]);
  expect([digestOf(Uint8Array.from(x.data)), digestOf(Uint8Array.from(y.data))]).toEqual([golden.digits, golden.digitLabels]);
});

test('pixels are sixteenths unless they are asked for as they are', () => {
  const [unit, raw] = [digits({ dtype: 'float64' }), digits({ scale: 'raw', dtype: 'float64' })];
  expect(unit.x.mul(16).data).toEqual(raw.x.data);
  expect(unit.x.max().item()).toBe(1);
});

refuses('%s is refused', [
  ['a scale that is none', () => digits({ scale: 'big' } as never), ValueError, /^digits: expected scale to be 'unit' or 'raw', got 'big'/],
  ['another option', () => digits({ size: 10 } as never), ValueError, /^digits: there is no option size/],
]); // biome-ignore format: one line a case
