/** Max pooling undone. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import {
  DtypeError,
  gradgradcheck,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  ShapeError,
  Tensor,
  ValueError,
  vjp,
} from '../../../src/index.ts';
import { tensor } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

describe('unpooling', () => {
  test('puts what was largest back, and pooling finds it again, along one, two and three axes', () => {
    fc.assert(
      fc.property(tensor([2, 2, 4, 6]), fc.integer({ min: 1, max: 3 }), (signed, kernel) => {
        // Positive: so that the zeros around are less.
        const image = signed.abs().add(1);
        for (const [x, axes] of [
          [image.reshape([2, 2, 24]), 1],
          [image, 2],
          [image.reshape([2, 2, 2, 2, 6]), 3],
        ] as const) {
          if (axes === 3 && kernel === 3) continue;
          const pool = (tapegrad as any)[`maxPool${axes}dWithIndices`];
          const unpool = (tapegrad as any)[`maxUnpool${axes}d`];
          const { values, indices } = pool(x, kernel);
          const size = axes === 1 ? 24 : x.shape.slice(2);
          const back: Tensor = unpool(values, indices, kernel, { size });
          expect(back.shape).toEqual(x.shape);
          expect(back.sum().item()).toBeCloseTo(values.sum().item(), 9);
          expect(pool(back, kernel).values.toArray()).toEqual(values.toArray());
          expect(x.mul(back.notEqual(0).cast('float64')).toArray()).toEqual(back.toArray());
        }
      }),
      { numRuns: runs(15) },
    );
  });

  test('has the least size that has so many windows, or one less than a stride away', () => {
    const [x, indices] = [Tensor.of([[[3, 4]]], 'float64'), Tensor.of([[[1, 3]]], 'int32')];
    expect(maxUnpool1d(x, indices, 2).toArray()).toEqual([[[0, 3, 0, 4]]]);
    expect(maxUnpool1d(x, indices, 2, { size: 5 }).toArray()).toEqual([[[0, 3, 0, 4, 0]]]);
    expect(maxUnpool1d(x, Tensor.of([[[0, 2]]], 'int32'), 2, { size: 3 }).toArray()).toEqual([[[3, 0, 4]]]);
    expect(maxUnpool1d(x, Tensor.of([[[1, 2]]], 'int32'), 3, { stride: 2, padding: 1 }).toArray()).toEqual([[[0, 3, 4]]]);
    // PyTorch 2.13: between 4 and 8, neither included, beside a stride of 2 and 6.
    for (const size of [2, 6])
      expect(() => maxUnpool1d(x, indices, 2, { size })).toThrow(/^maxUnpool1d: expected a size less than the stride/);
  });

  test('keeps the last of several that came from one place, which gets the gradient', () => {
    const indices = Tensor.of([[[1, 1]]], 'int32');
    const [y, back] = vjp((x: Tensor) => maxUnpool1d(x, indices, 2, { stride: 1 }), Tensor.of([[[5, 7]]], 'float64'));
    expect(y.toArray()).toEqual([[[0, 7, 0]]]);
    expect(back(Tensor.of([[[1, 2, 3]]], 'float64'))[0].toArray()).toEqual([[[0, 2]]]);
  });

  test('has second derivatives, and is mapped', () => {
    const indices = Tensor.of([[[[0, 3], [9, 15]]]], 'int32'); // biome-ignore format: a line
    const x = Tensor.normal([1, 1, 2, 2], { seed: 1, dtype: 'float64' }) as Tensor;
    gradgradcheck((x) => maxUnpool2d(x, indices, 2).pow(3), [x]);
    const many = tapegrad.stack([x, x.mul(2)]);
    expect(
      tapegrad
        .vmap((x: Tensor) => maxUnpool2d(x, indices, 2))(many)
        .slice([1])
        .toArray(),
    ).toEqual(maxUnpool2d(x.mul(2), indices, 2).toArray());
  });
});

describe('bad input is refused, by name', () => {
  const [x, indices] = [Tensor.ones([1, 1, 2, 2]), Tensor.zeros([1, 1, 2, 2], 'int32')];
  refuses('%s', [
    ['no images', () => maxUnpool2d(Tensor.ones([2, 2]), indices, 2), ShapeError, /^maxUnpool2d: expected images of shape/],
    ['no tensor', () => maxUnpool2d([1] as never, indices, 2), DtypeError, /^maxUnpool2d: expected a tensor for x/],
    ['no indices', () => maxUnpool2d(x, 3 as never, 2), DtypeError, /^maxUnpool2d: expected a tensor for the indices/],
    ['indices of floats', () => maxUnpool2d(x, x, 2), DtypeError, /^maxUnpool2d: expected int32 indices/],
    ['another number of indices', () => maxUnpool2d(x, Tensor.zeros([1, 1, 2, 1], 'int32'), 2), ShapeError, /^maxUnpool2d: expected an index for each element/],
    ['an index out of range', () => maxUnpool2d(x, indices.add(16), 2), ValueError, /^maxUnpool2d: index 16 at place 0 is outside/],
    ['a negative index', () => maxUnpool3d(x.unsqueeze(2), indices.sub(1).unsqueeze(2), 2), ValueError, /^maxUnpool3d: index -1/],
    ['an unknown option', () => maxUnpool2d(x, indices, 2, { outputSize: 4 } as never), ValueError, /^maxUnpool2d: there is no option outputSize/],
    ['a size for one axis too many', () => maxUnpool2d(x, indices, 2, { size: [4, 4, 4] as never }), ValueError, /^maxUnpool2d: expected a size of whole numbers from 1/],
    ['windows of which nothing is left', () => maxUnpool2d(x, indices, 1, { padding: 1 }), ValueError, /^maxUnpool2d: expected a size less than/],
    ['no kernel', () => maxUnpool2d(x, indices, undefined as never), ValueError, /^maxUnpool2d: expected a kernel size/],
    ['a size that nobody can have', () => maxUnpool2d(x, indices, 1e9), ShapeError, /^maxUnpool2d: expected at most/],
  ]); // biome-ignore format: one line a case
});
