/** Points around centres, where scikit-learn puts them. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type BlobsOptions, blobs } from '../../src/datasets/index.ts';
import { ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

interface Made {
  readonly size: number;
  readonly options: BlobsOptions;
  readonly x: number[][];
  readonly y: number[];
}
const golden = JSON.parse(readFileSync('test/golden/datasets.json', 'utf8')) as { version: string; blobs: Made[] };

test.each(golden.blobs)(`are those of scikit-learn ${golden.version}: $size, $options`, ({ size, options, x, y }) => {
  const found = blobs(size, { ...options, dtype: 'float64' });
  expect(found.y.toArray()).toEqual(y);
  found.x
    .toArray()
    .forEach((point: number[], i: number) => point.forEach((coordinate, j) => expect(coordinate).toBeCloseTo(x[i]![j]!, 13)));
});

test('without deviation all points are their centre, in a box that is given', () => {
  const { x, y } = blobs(30, { centers: 4, standardDeviation: 0, box: [2, 3], seed: 9 });
  const places = new Map<number, string>();
  (x.toArray() as number[][]).forEach((point, i) => {
    expect(point.every((coordinate) => coordinate >= 2 && coordinate < 3)).toBe(true);
    expect(places.get(y.data[i]!) ?? String(point)).toBe(String(point));
    places.set(y.data[i]!, String(point));
  });
  expect(places.size).toBe(4);
});

refuses('%s is refused', [
  ['no centre', () => blobs(9, { centers: 0 }), ValueError, /^blobs: expected centers to be a number of centres from 1, or a list/],
  ['ragged centres', () => blobs(9, { centers: [[0], [1, 2]] }), ValueError, /^blobs: expected centers to be a number of centres from 1, or a list/],
  ['other features', () => blobs(9, { centers: [[0, 1]], features: 3 }), ValueError, /^blobs: expected features to be 2, as centres have, got 3/],
  ['too few deviations', () => blobs(9, { standardDeviation: [1] }), ValueError, /^blobs: expected standardDeviation to be a list of 3, as many as centres, got \[1\]/],
  ['a box that is none', () => blobs(9, { box: [3, 2] }), ValueError, /^blobs: expected box to be two finite numbers, the smaller one first, got \[3,2\]/],
  ['no points', () => blobs(-1), ValueError, /^blobs: expected size to be a whole number from 1, got -1/],
  ['another option', () => blobs(9, { std: 1 } as never), ValueError, /^blobs: there is no option std/],
]); // biome-ignore format: one line a case
