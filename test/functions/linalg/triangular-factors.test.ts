/** Gaussian elimination as a product, of matrices of any shape. */

import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import { det, grad, gradcheck, gradgradcheck, lu, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { always, diagonalOf, expectWithin, matrices, peak, regular, unit, upperPart } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

describe('lu', () => {
  test('rows exchanged, times a lower triangle with a diagonal of 1, times an upper one, are the matrix', () =>
    always(
      (a) => {
        const { p, l, u } = lu(a);
        const [m, n] = a.shape.slice(-2) as [number, number];
        const k = Math.min(m, n);
        expect([p.shape, l.shape, u.shape].map((shape) => shape.slice(-2))).toEqual([[m, m], [m, k], [k, n]]); // biome-ignore format: shapes
        expectWithin(p.matmul(l).matmul(u), a, 20 * unit[a.dtype as FloatDtype] * Math.max(m, n) * Math.max(1, peak(a)));
        expect(peak(upperPart(l))).toBe(0);
        expect(peak(upperPart(u.transpose() as Tensor))).toBe(0);
        expect(peak(l)).toBe(1);
        expectWithin(p.sum(-1), Tensor.ones(p.shape.slice(0, -1), a.dtype) as Tensor, 0);
      },
      matrices(false),
      runs(100),
    ));

  test('the pivot is the largest of its column, the first of those that tie', () => {
    const { p, l, u } = lu(float64([[1, 2], [-1, 5], [0, 3]])); // biome-ignore format: a matrix
    expect(p.toArray()).toEqual([[1, 0, 0], [0, 1, 0], [0, 0, 1]]); // biome-ignore format: a matrix
    expect([l.toArray(), u.toArray()]).toEqual([[[1, 0], [-1, 1], [0, 3 / 7]], [[1, 2], [0, 7]]]); // biome-ignore format: matrices
  });

  test('has gradients to second order: square, tall, wide, in batches', () => {
    for (const shape of [
      [3, 3],
      [4, 2],
      [2, 4],
      [2, 2, 2],
    ]) {
      // biome-ignore format: shapes
      const a = Tensor.normal(shape, { seed: 6, dtype: 'float64' }) as Tensor;
      for (const part of ['l', 'u'] as const) {
        gradcheck((x) => lu(x!)[part], [a]);
        gradgradcheck((x) => lu(x!)[part], [a], { tolerance: 1e-4 });
      }
      expect(peak(grad((x: Tensor) => lu(x).p.sum())(a))).toBe(0);
    }
  });

  test('the product of the pivots is the determinant but for its sign, and so are gradients', () => {
    const a = regular([3, 3], 5);
    const byFactors = (x: Tensor) => diagonalOf(lu(x).u).log().sum().exp() as Tensor;
    expectWithin(byFactors(a), det(a), 1e-13);
    expectWithin(grad(byFactors)(a), grad((x: Tensor) => det(x))(a), 1e-12);
  });

  test('singular matrices and those of no rows have factors, and no gradient', () => {
    const a = float64([[1, 2], [2, 4], [3, 6]]); // biome-ignore format: a matrix
    expectWithin(lu(a).p.matmul(lu(a).l).matmul(lu(a).u), a, 1e-15);
    expect(() => grad((x: Tensor) => lu(x).u.sum())(a)).toThrow(ValueError);
    expect(() => grad((x: Tensor) => lu(x).u.sum())(a)).toThrow(/^lu: expected no zero on the diagonal/);
    expect(lu(Tensor.zeros([0, 2])).u.shape).toEqual([0, 2]);
    expect(lu(Tensor.zeros([2, 0])).l.shape).toEqual([2, 0]);
  });
});

refuses('%s is refused', [['a vector', () => lu(Tensor.of([1])), ShapeError, /^lu: expected matrices/]]);
