/** Elements picked by index along an axis, and put back. */

import { expect, test } from 'vitest';
import { Tensor } from '../../../src/index.ts';
import { counted, int32 } from '../../lib/tensors.ts';

const x = counted(3, 4);
const indices = int32([[3, 0], [1, 1]]); // biome-ignore format: a matrix

test('indices of fewer rows pick from the first of them, and put back there', () => {
  expect(x.gather(1, indices).toArray()).toEqual([
    [3, 0],
    [5, 5],
  ]);
  expect(x.gather(0, int32([[2, 1, 0]])).toArray()).toEqual([[8, 5, 2]]);
  expect(
    x
      .gather(
        0,
        int32([
          [2, 1, 0],
          [0, 0, 1],
        ]),
      )
      .toArray(),
  ).toEqual([
    [8, 5, 2],
    [0, 1, 6],
  ]);
  expect(Tensor.of([[1, 2], [3, 4]]).scatterSum([3, 4], 1, indices).toArray()).toEqual([
    [2, 0, 0, 1],
    [0, 7, 0, 0],
    [0, 0, 0, 0],
  ]); // biome-ignore format: a matrix
});

test('sizes that nobody has, and sums that int32 cannot hold, are refused', () => {
  expect(() => int32([0, 1]).oneHot(1e10)).toThrow(/^oneHot: expected at most \d+ elements, got shape \[2, 10000000000\]/);
  expect(() => Tensor.ones([2]).scatterSum([1e10], 0, int32([0, 1]))).toThrow(/^scatterSum: expected at most/);
  expect(() => int32([2 ** 30, 2 ** 30]).scatterSum([1], 0, int32([0, 0]))).toThrow(
    /^scatterSum: element 0 is 2147483648, which int32 cannot hold/,
  );
  expect(
    int32([2 ** 31 - 1, 1, -1])
      .scatterSum([1], 0, int32([0, 0, 0]))
      .toArray(),
  ).toEqual([2 ** 31 - 1]);
});
