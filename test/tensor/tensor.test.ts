/** Methods of tensors on what is empty or scalar, and what they refuse. */

import { describe, expect, test } from 'vitest';
import { ShapeError, Tensor } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('an empty tensor', () => {
  test('sums to 0, has no mean, and keeps its shape through everything', () => {
    const x = Tensor.zeros([0, 3]);
    expect(x.sum().item()).toBe(0);
    expect(x.sum(0).toArray()).toEqual([0, 0, 0]);
    expect(x.mean().item()).toBe(NaN);
    expect(x.exp().softmax(1).shape).toEqual([0, 3]);
    expect(x.softmax(0).shape).toEqual([0, 3]);
    expect(x.matmul(Tensor.zeros([3, 2])).shape).toEqual([0, 2]);
    expect(
      Tensor.zeros([2, 0])
        .matmul(Tensor.zeros([0, 2]))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('movement', () => {
  test('of a scalar is the scalar', () => {
    expect(Tensor.of(5).permute([]).item()).toBe(5);
    expect(Tensor.of(5).slice([]).item()).toBe(5);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['squeeze', () => x.squeeze(0), ShapeError, /^squeeze: expected axis 0 of shape \[2, 3\] to have size 1, got 2/],
    ['flatten', () => x.flatten(1, 0), ShapeError, /^flatten: axis 1 comes after axis 0/],
  ]);
});
