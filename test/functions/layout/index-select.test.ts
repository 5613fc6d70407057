/** Rows picked and added to by index. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { ShapeError, Tensor, vjp } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { int32 } from '../../lib/tensors.ts';

describe('indices', () => {
  const x = Tensor.of([
    [1, 2],
    [3, 4],
  ]);
  test('are lists, from 0 to the last of the axis, one for each row', () => {
    expect(() => tapegrad.indexSelect(x, 0, int32([[0]]))).toThrow(
      /^indexSelect: expected a list of indices, of shape \[count\], got \[1, 1\]/,
    );
    expect(() => tapegrad.indexSelect(x, 0, int32([1, -1]))).toThrow(
      /^indexSelect: index -1 at place 1 is outside axis 0 of shape \[2, 2\], which goes from 0 to 1/,
    );
    expect(() => tapegrad.indexAdd(x, 0, int32([0]), x)).toThrow(
      /^indexAdd: expected an index for each of the 2 rows along axis 0 of \[2, 2\], got 1/,
    );
    expect(() => tapegrad.indexAdd(x, 0, int32([[0], [1]]), x)).toThrow(ShapeError);
    expect(() => tapegrad.embedding(Tensor.of([1, 2]), int32([0]))).toThrow(
      /^embedding: expected a table of shape \[count, width\], got \[2\]/,
    );
    expect(() => tapegrad.take(x, int32([4]))).toThrow(/^take: index 4/);
  });

  test('may be empty', () => {
    const none = Tensor.zeros([0], 'int32');
    expect(tapegrad.indexSelect(x, 1, none).shape).toEqual([2, 0]);
    expect(tapegrad.indexAdd(x, 0, none, Tensor.zeros([0, 2])).toArray()).toEqual(x.toArray());
    expect(tapegrad.embedding(x, Tensor.zeros([0, 3], 'int32')).shape).toEqual([0, 3, 2]);
    expect(tapegrad.take(x, none).shape).toEqual([0]);
  });

  test('pick along the first axis and along the last, in the order they are given', () => {
    const y = Tensor.arange(12).reshape([2, 3, 2]);
    expect(tapegrad.indexSelect(y, 1, int32([2, 0])).toArray()).toEqual([
      [
        [4, 5],
        [0, 1],
      ],
      [
        [10, 11],
        [6, 7],
      ],
    ]);
    expect(tapegrad.indexSelect(y, 2, int32([1])).toArray()).toEqual([
      [[1], [3], [5]],
      [[7], [9], [11]],
    ]);
  });

  test('what is picked by index is added back where it came from', () => {
    const x = Tensor.of(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      'float64',
    );
    const indices = Tensor.of(
      [
        [2, 0],
        [2, 2],
      ],
      'int32',
    );
    expect(tapegrad.take(x, Tensor.of([5, 0], 'int32')).toArray()).toEqual([6, 1]);
    expect(tapegrad.embedding(x, indices).toArray()).toEqual([
      [
        [5, 6],
        [1, 2],
      ],
      [
        [5, 6],
        [5, 6],
      ],
    ]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.embedding(x, indices, { paddingIndex: 0 }), x);
    expect(pullback(Tensor.ones([2, 2, 2], 'float64'))[0]!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [3, 3],
    ]);
    expect(tapegrad.indexAdd(x, 1, Tensor.of([1, 1], 'int32'), Tensor.ones([3, 2], 'float64')).toArray()).toEqual([
      [1, 4],
      [3, 6],
      [5, 8],
    ]);
  });
});

describe('int32', () => {
  test('is added by index exactly, or refused where int32 cannot hold it', () => {
    const many = Tensor.full([3], 2 ** 30, 'int32');
    const same = Tensor.zeros([3], 'int32');
    expect(() => tapegrad.indexAdd(Tensor.zeros([1], 'int32'), 0, same, many)).toThrow(
      /^indexAdd: element 0 is 3221225472, which int32 cannot hold/,
    );
    expect(tapegrad.indexAdd(Tensor.zeros([2], 'int32'), 0, int32([1, 1, 1]), int32([2 ** 31 - 1, 1, -5])).toArray()).toEqual([
      0,
      2 ** 31 - 5,
    ]);
    expect(() => tapegrad.indexAdd(int32([2 ** 31 - 1]), 0, int32([0]), int32([1]))).toThrow(/^indexAdd: element 0 is 2147483648/);
  });
});

refuses('%s is refused, by the name that was called', [
  ['take of an array', () => tapegrad.take([1] as never, int32([0])), /^take: expected a tensor for x, got an array/],
  ['take by floats', () => tapegrad.take(Tensor.of([1]), Tensor.of([0])), /^take: expected int32 indices for indices, got float32/],
  ['take beyond the end', () => tapegrad.take(Tensor.of([1]), int32([7])), /^take: index 7 at place 0 is outside axis 0 of shape \[1\]/],
  [
    'indexSelect by an array',
    () => tapegrad.indexSelect(Tensor.of([1]), 0, [0] as never),
    /^indexSelect: expected a tensor for indices, got an array/,
  ],
  [
    'indexAdd of a number',
    () => tapegrad.indexAdd(Tensor.of([1]), 0, int32([0]), 3 as never),
    /^indexAdd: expected a tensor for x, got the number 3/,
  ],
]);
