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
