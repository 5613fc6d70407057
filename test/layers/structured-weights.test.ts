/** Orthogonal, sparse and identical maps. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conv1d, conv2d, DtypeError, identityWeight, orthogonal, ShapeError, sparseNormal, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';

test('an orthogonal weight has orthogonal rows or columns, whichever are fewer, of the length of the gain', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }), fc.nat(), (shape, seed) => {
      const matrix = orthogonal(shape, { gain: 2, seed, dtype: 'float64' }).reshape([shape[0]!, -1]) as Tensor;
      const [rows, columns] = matrix.shape as [number, number];
      const product = rows <= columns ? matrix.timesTransposed(matrix) : matrix.transposedTimes(matrix);
      expect(
        product
          .sub(Tensor.eye(Math.min(rows, columns), 'float64').mul(4))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-13);
    }),
    { numRuns: runs(50) },
  );
});

test('orthogonal matrices are as likely as their mirror images', () => {
  const signs = Array.from({ length: 200 }, (_, seed) => Math.sign(orthogonal([1, 1], { seed }).item()));
  expect(Math.abs(signs.reduce((a, b) => a + b))).toBeLessThan(60);
});

test('a sparse weight has its share of zeros in each column, at places that differ', () => {
  const isZero = sparseNormal([10, 50], { sparsity: 0.75, seed: 1 }).equal(0) as Tensor;
  expect(new Set(isZero.sum(0).data)).toEqual(new Set([8]));
  expect(isZero.sum(1).min().item()).toBeLessThan(50);
  expect(isZero.sum(1).min().item()).toBeGreaterThan(20);
});

describe('by an identical weight a layer gives what it takes', () => {
  const x = Tensor.normal([2, 4, 5], { seed: 1 }) as Tensor;

  test('linear, of more and of fewer outputs', () => {
    expect(identityWeight([2, 3]).toArray()).toEqual([[1, 0, 0], [0, 1, 0]]); // biome-ignore format: a matrix
    expect(identityWeight([3, 2]).toArray()).toEqual([[1, 0], [0, 1], [0, 0]]); // biome-ignore format: a matrix
  });

  test('convolutions, with groups too', () => {
    expect(conv1d(x, identityWeight([4, 4, 3]), { padding: 1 }).toArray()).toEqual(x.toArray());
    expect(conv1d(x, identityWeight([4, 2, 3], { groups: 2 }), { padding: 1, groups: 2 }).toArray()).toEqual(x.toArray());
    const image = x.reshape([2, 4, 5, 1]) as Tensor;
    expect(conv2d(image, identityWeight([4, 4, 3, 5]), { padding: [1, 2] }).toArray()).toEqual(image.toArray());
  });

  test('as PyTorch 2.13.0 has it', () => {
    const places = (weight: Tensor) => [...weight.data.keys()].filter((i) => weight.data[i] === 1);
    // [output, input, window]: in both groups each of two outputs from one of two inputs.
    expect(places(identityWeight([4, 2, 3], { groups: 2 }))).toEqual([1, 10, 13, 22]);
    expect(places(identityWeight([2, 3, 2, 3]))).toEqual([4, 28]);
  });
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    [
      'a dtype',
      () => orthogonal([2, 2], { dtype: 'int32' as never }),
      DtypeError,
      /^orthogonal: expected the dtype 'float32' or 'float64'/,
    ],
    ['a share above 1', () => sparseNormal([2, 2], { sparsity: 2 }), /^sparseNormal: expected sparsity to be a number from 0 to 1, got 2/],
    ['a sparse convolution', () => sparseNormal([2, 2, 3]), ShapeError, /^sparseNormal: expected \[inputs, outputs\], got \[2, 2, 3\]/],
    [
      'groups that do not divide',
      () => identityWeight([3, 2, 1], { groups: 2 }),
      ValueError,
      /^identityWeight: expected groups that divide/,
    ],
    ['groups of a matrix', () => identityWeight([4, 2], { groups: 2 }), ValueError, /^identityWeight: expected groups/],
  ]);
});
