/** Windows of images as columns, and back. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';

describe('windows', () => {
  const image = Tensor.arange(12).reshape([1, 1, 3, 4]);
  test('must fit, along rows and along columns, and be whole', () => {
    expect(() => tapegrad.unfold(image, [4, 1])).toThrow(
      /^unfold: windows of 4 × 1 do not fit on an image of 3 × 4 with 0 × 0 beyond its edges/,
    );
    expect(() => tapegrad.unfold(image, [1, 5])).toThrow(/^unfold: windows of 1 × 5 do not fit/);
    expect(() => tapegrad.unfold(image, 2, { dilation: [1, 4] })).toThrow(/^unfold: windows of 2 × 2, spread by 1 × 4, do not fit/);
    for (const kernel of [
      [2, 0],
      [0, 2],
      [1.5, 1],
      [1, 1.5],
    ] as const)
      expect(() => tapegrad.unfold(image, kernel)).toThrow(/^unfold: expected a kernel size of whole numbers from 1/);
    expect(() => tapegrad.unfold(image, 2, { padding: [0, -1] })).toThrow(/^unfold: expected a padding of whole numbers from 0/);
    expect(() => tapegrad.unfold(Tensor.zeros([3, 4]), 2)).toThrow(/^unfold: expected images/);
    expect(() => tapegrad.fold(image, [3, 4], 2)).toThrow(/^fold: expected columns/);
    expect(() => tapegrad.fold(Tensor.zeros([1, 3, 6]), [3, 4], 2)).toThrow(/^fold: an image of 3 × 4 has 6 windows of 2 × 2/);
  });

  test('are a single one where they have the size of the image', () => {
    expect(tapegrad.unfold(image, [3, 4]).toArray()).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((x) => [x])]);
    expect(tapegrad.unfold(image, 1, { stride: 2 }).toArray()).toEqual([[[0, 2, 8, 10]]]);
  });
});

describe('bad input is refused, by name', () => {
  refuses('%s', [
    ['fold', () => tapegrad.fold(Tensor.zeros([1, 4, 5]), [3, 3], 2), ShapeError, /^fold: an image of 3 × 3 has 4 windows of 2 × 2/],
    [
      'unfold, by options of another kind',
      () => tapegrad.unfold(Tensor.ones([1, 1, 3, 3]), 2, 1 as never),
      ValueError,
      /^unfold: expected options, such as \{ stride: … \}, got 1/,
    ],
    [
      'fold, by unknown options',
      () => tapegrad.fold(Tensor.ones([1, 4, 4]), [3, 3], 2, { strides: 1 } as never),
      ValueError,
      /^fold: there is no option strides; did you mean stride/,
    ],
    [
      'fold, to no size',
      () => tapegrad.fold(Tensor.ones([1, 4, 4]), 'x' as never, 2),
      ValueError,
      /^fold: expected a size of images of whole numbers from 0, got 'x'/,
    ],
    ['unfold, of an array', () => tapegrad.unfold([1] as never, 2), DtypeError, /^unfold: expected a tensor for x, got an array/],
    [
      'unfold, into more than anybody can have',
      () => tapegrad.unfold(Tensor.ones([1, 1, 1, 1]), 1, { padding: 1e6 }),
      ShapeError,
      /^unfold: expected at most/,
    ],
    [
      'fold, into more than anybody can have',
      () => tapegrad.fold(Tensor.ones([1, 1, 1]), [1e6, 1e6], 1, { stride: 1e6 }),
      ShapeError,
      /^fold: expected at most/,
    ],
  ]);
});
