/** Layers that give numbers other axes. */

import { describe, expect, test } from 'vitest';
import { DtypeError, Flatten, ShapeError, Tensor, Unflatten, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('layers that reshape', () => {
  test('flatten all axes but the first, or others, and take one apart', () => {
    const x = Tensor.arange(24).reshape([2, 3, 4, 1]);
    expect(new Flatten().forward(x).shape).toEqual([2, 12]);
    expect(new Flatten(0, 1).forward(x).shape).toEqual([6, 4, 1]);
    expect(new Flatten(-3, -2).forward(x).shape).toEqual([2, 12, 1]);
    expect(new Unflatten(1, [3, 4, 1]).forward(new Flatten().forward(x)).toArray()).toEqual(x.toArray());
    expect(new Unflatten(-2, [2, 2]).forward(x).shape).toEqual([2, 3, 2, 2, 1]);
  });
});

refuses('%s is refused, by name', [
  ['half an axis', () => new Flatten(0.5), ValueError, /^Flatten: expected first to be the number of an axis/],
  ['no axis', () => new Unflatten('1' as never, [1]), ValueError, /^Unflatten: expected axis to be the number of an axis/],
  ['no sizes', () => new Unflatten(1, 4 as never), ShapeError, /^Unflatten: expected sizes/],
  ['a size of −1', () => new Unflatten(1, [-1, 2]), ShapeError, /^Unflatten: expected sizes that are whole numbers from 0/],
  ['an axis of another size', () => new Unflatten(1, [2, 3]).forward(Tensor.zeros([2, 5])), ShapeError, /^Unflatten: expected 6 elements along axis 1, for \[2, 3\], got \[2, 5\]/],
  ['an axis that there is not', () => new Unflatten(2, [2, 3]).forward(Tensor.zeros([2, 6])), ShapeError, /^Unflatten: there is no axis 2/],
  ['no tensor', () => new Flatten().forward(1 as never), DtypeError, /^Flatten: expected a tensor for x/],
]); // biome-ignore format: one line a case
