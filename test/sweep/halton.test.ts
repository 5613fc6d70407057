/** Points that lie evenly. */

import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { haltonPoints } from '../../src/sweep/halton.ts';

test('without permutations they are those of SciPy', () => {
  // scipy.stats.qmc.Halton(d=3, scramble=False).random(5), SciPy 1.16
  const expected = [
    [0, 0, 0],
    [1 / 2, 1 / 3, 1 / 5],
    [1 / 4, 2 / 3, 2 / 5],
    [3 / 4, 1 / 9, 3 / 5],
    [1 / 8, 4 / 9, 4 / 5],
  ];
  haltonPoints(5, 3).forEach((point, i) => point.forEach((x, j) => expect(x).toBeCloseTo(expected[i]![j]!, 14)));
});

test('with them every stretch of an axis has one point of as many', () => {
  const bases = [2, 3, 5, 7, 11, 13, 17, 19];
  for (let seed = 0; seed < 20; seed++) {
    const points = haltonPoints(400, bases.length, new Random(seed));
    bases.forEach((base, axis) => {
      for (let size = base; size <= 400; size *= base)
        for (let start = 0; start + size <= 400; start += size) {
          const stretches = points.slice(start, start + size).map((point) => Math.floor(point[axis]! * size));
          expect(new Set(stretches).size).toBe(size);
        }
    });
    expect(points.flat().every((x) => x >= 0 && x < 1)).toBe(true);
  }
});

test('other seeds give other points, the same seed the same', () => {
  const of = (seed: number) => haltonPoints(8, 2, new Random(seed));
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});
