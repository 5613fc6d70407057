/** Norms of matrices by their definitions, and condition numbers. */

import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import { cond, grad, gradcheck, gradgradcheck, inv, matrixNorm, ShapeError, svdvals, Tensor, ValueError } from '../../../src/index.ts';
import { always, expectWithin, matrices, peak, regular, unit } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

const a = float64([[1, -7], [-2, 3], [4, 0]]); // biome-ignore format: a matrix

describe('matrixNorm', () => {
  test.each([
    [1, 10],
    [-1, 7],
    [Infinity, 8],
    [-Infinity, 4],
  ])('of order %d is a sum of sizes: %d', (order, wanted) => {
    // biome-ignore format: cases
    expect(matrixNorm(a, { order }).item()).toBe(wanted);
    gradcheck((x) => matrixNorm(x!, { order }), [a]);
  });

  test('of Frobenius is the root of the sum of squares, and so of those of the singular values; the others are bounds', () =>
    always(
      (x) => {
        const [fro, nuc, two] = (['fro', 'nuc', 2] as const).map((order) => matrixNorm(x, { order })) as [Tensor, Tensor, Tensor];
        const allowed = 100 * unit[x.dtype as FloatDtype] * Math.max(1, peak(x));
        expectWithin(fro, svdvals(x).pow(2).sum(-1).sqrt() as Tensor, allowed);
        fro.data.forEach((f, i) => {
          expect(two.data[i]!).toBeLessThanOrEqual(f + allowed);
          expect(nuc.data[i]!).toBeGreaterThanOrEqual(f - allowed);
        });
      },
      matrices(false),
      runs(100),
    ));

  test('has gradients to second order for every order', () => {
    const a = float64([[1, -7], [-2, 3], [4, 0.5]]); // biome-ignore format: a matrix
    for (const order of ['fro', 'nuc', 1, -1, 2, -2, Infinity, -Infinity] as const) {
      gradcheck((x) => matrixNorm(x!, { order, keepDims: true }), [a]);
      gradgradcheck((x) => matrixNorm(x!, { order }), [a], { tolerance: 1e-4 });
    }
    expect(grad((x: Tensor) => matrixNorm(x))(Tensor.zeros([2, 2]) as Tensor).toArray()).toEqual([[0, 0], [0, 0]]); // biome-ignore format: a matrix
  });

  test('keeps the axes where it is asked to', () => {
    expect(matrixNorm(Tensor.zeros([2, 3, 4]), { keepDims: true }).shape).toEqual([2, 1, 1]);
    expect(matrixNorm(Tensor.zeros([2, 3, 4]), { order: 'nuc' }).shape).toEqual([2]);
  });
});

test('the condition number is the norm times that of the inverse; ∞ for singular matrices, NaN for zeros', () => {
  const x = regular([2, 3, 3], 1);
  expectWithin(cond(x), matrixNorm(x, { order: 2 }).mul(matrixNorm(inv(x), { order: 2 })) as Tensor, 1e-13);
  gradcheck((x) => cond(x!), [x]);
  expect(cond(float64([[1, 0], [0, 0]])).item()).toBe(Infinity); // biome-ignore format: a matrix
  expect(cond(Tensor.zeros([2, 2])).item()).toBeNaN();
});

refuses('%s is refused', [
  ['a vector', () => matrixNorm(Tensor.of([1])), ShapeError, /^matrixNorm: expected matrices/],
  ['another order', () => matrixNorm(a, { order: 3 }), ValueError, /^matrixNorm: expected order to be 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, got 3/],
  ['the condition of a vector', () => cond(Tensor.of([1])), ShapeError, /^cond: expected matrices/],
  ['the condition of no rows', () => cond(Tensor.zeros([0, 2])), ShapeError, /^cond: /],
  ['the largest value of no rows', () => matrixNorm(Tensor.zeros([0, 2]), { order: 2 }), ShapeError, /^matrixNorm: /],
]); // biome-ignore format: one line a case
