/** Points of a plane where their rules put them, and where scikit-learn does. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CirclesOptions,
  checkerboard,
  circles,
  type Dataset,
  moons,
  type SpiralsOptions,
  spirals,
  xor,
} from '../../src/datasets/index.ts';
import { square, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

interface Made {
  readonly size: number;
  readonly options: CirclesOptions;
  readonly x: number[][];
  readonly y: number[];
}
const golden = JSON.parse(readFileSync('test/golden/datasets.json', 'utf8')) as { version: string; moons: Made[]; circles: Made[] };

describe.each([
  ['moons', moons],
  ['circles', circles],
] as const)('%s', (name, make) => {
  test.each(golden[name])(`are those of scikit-learn ${golden.version}: $size, $options`, ({ size, options, x, y }) => {
    const found = make(size, { ...options, dtype: 'float64' });
    expect(found.y.toArray()).toEqual(y);
    // Sines of other libraries differ in the last bit.
    found.x
      .toArray()
      .forEach((point: number[], i: number) => point.forEach((coordinate, j) => expect(coordinate).toBeCloseTo(x[i]![j]!, 14)));
  });
});

const pointsOf = ({ x, y }: Dataset) => (x.toArray() as [number, number][]).map((point, i) => [...point, y.data[i]!] as const);
const sizes = fc.integer({ min: 1, max: 60 });

test('every point of the moons, the circles and the spirals lies where its class says', () => {
  fc.assert(
    fc.property(sizes, fc.nat({ max: 100 }), fc.integer({ min: 1, max: 4 }), (size, seed, arms) => {
      for (const [x, y, label] of pointsOf(moons(size, { seed, dtype: 'float64' })))
        expect(label ? Math.hypot(x - 1, y - 0.5) : Math.hypot(x, y)).toBeCloseTo(1, 12);
      for (const [x, y, label] of pointsOf(circles(size, { seed, factor: 0.25, dtype: 'float64' })))
        expect(Math.hypot(x, y)).toBeCloseTo(label ? 0.25 : 1, 12);
      for (const [x, y, label] of pointsOf(spirals(size, { seed, arms, turns: 1.5, dtype: 'float64' }))) {
        const radius = Math.hypot(x, y);
        const angle = 2 * Math.PI * (1.5 * radius + label / arms);
        expect(Math.hypot(x - radius * Math.cos(angle), y - radius * Math.sin(angle))).toBeLessThan(1e-12);
      }
    }),
  );
});

test('there are as many points as asked, of each class as many but for one', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5 }), (size, arms) => {
      for (const [{ y }, classes] of [
        [moons(size), 2],
        [circles(size), 2],
        [spirals(size, { arms }), arms],
      ] as const) {
        // biome-ignore format: one list
        const counts = Array.from({ length: classes }, (_, label) => y.data.filter((each) => each === label).length);
        expect(counts.reduce((a, b) => a + b, 0)).toBe(size);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('xor is its four cases, or points by the signs of their coordinates; a checkerboard is black and white', () => {
  expect([xor().x.toArray(), xor().y.toArray()]).toEqual([[[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]]); // biome-ignore format: one line
  for (const [x, y, label] of pointsOf(xor(200, { seed: 3, dtype: 'float64' }))) expect(label).toBe(Number(x * y < 0));
  for (const [x, y, label] of pointsOf(checkerboard(300, { squares: 3, dtype: 'float64' })))
    expect(label).toBe((Math.floor(3 * x) + Math.floor(3 * y)) % 2);
});

test('noise has the deviation that is asked for, and leaves classes alone', () => {
  for (const make of [
    (options: SpiralsOptions) => moons(4000, options),
    (options: SpiralsOptions) => circles(4000, options),
    (options: SpiralsOptions) => spirals(4000, options),
    ({ seed = 0, noise = 0 }: SpiralsOptions) => xor(4000, { seed, noise }),
    ({ seed = 0, noise = 0 }: SpiralsOptions) => checkerboard(4000, { seed, noise }),
  ]) {
    const [plain, noisy] = [make({ seed: 1 }), make({ seed: 1, noise: 0.5 })];
    expect(noisy.y.toArray()).toEqual(plain.y.toArray());
    expect(Math.abs(square(noisy.x.sub(plain.x)).mean().item() - 0.25)).toBeLessThan(0.02);
  }
});

test('the same seed gives the same points, another one others, in float32 and float64', () => {
  for (const make of [moons, circles, spirals, checkerboard]) {
    const points = (seed: number) => make(50, { seed, noise: 0.1 }).x.toArray();
    expect(points(1)).toEqual(points(1));
    expect(points(1)).not.toEqual(points(2));
    expect([make().x.dtype, make(4, { dtype: 'float64' }).x.dtype]).toEqual(['float32', 'float64']);
  }
});

test('the four cases of xor may be noisy as well', () => {
  const [plain, noisy, again, other] = [
    xor(),
    xor(undefined, { noise: 0.01 }),
    xor(undefined, { noise: 0.01 }),
    xor(undefined, { noise: 0.01, seed: 1 }),
  ];
  expect(noisy.y.toArray()).toEqual(plain.y.toArray());
  expect(noisy.x.toArray()).toEqual(again.x.toArray());
  expect(noisy.x.toArray()).not.toEqual(other.x.toArray());
  const distances = [...noisy.x.sub(plain.x).data].map(Math.abs);
  expect(Math.max(...distances)).toBeLessThan(0.05);
  expect(Math.min(...distances)).toBeGreaterThan(0);
  expect([xor().x.dtype, xor(undefined, { dtype: 'float64' }).x.dtype]).toEqual(['float32', 'float64']);
});

refuses('%s is refused', [
  ['no points', () => moons(0), ValueError, /^moons: expected size to be a whole number from 1, got 0/],
  ['points in text', () => circles('9' as never), ValueError, /^circles: expected size to be a whole number from 1, got '9'/],
  ['a circle around', () => circles(9, { factor: 1 }), ValueError, /^circles: expected factor to be a number from 0 to below 1, got 1/],
  ['negative noise', () => spirals(9, { noise: -1 }), ValueError, /^spirals: expected noise to be a finite number from 0, got -1/],
  ['no squares', () => checkerboard(9, { squares: 0 }), ValueError, /^checkerboard: expected squares to be a whole number from 1, got 0/],
  ['another option', () => xor(9, { sigma: 1 } as never), ValueError, /^xor: there is no option sigma/],
]); // biome-ignore format: one line a case
