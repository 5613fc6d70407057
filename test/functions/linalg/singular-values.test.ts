/** Singular values and vectors, held against the products that define them, and against other ways to the same gradients. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import {
  DerivativeError,
  DtypeError,
  eigh,
  grad,
  gradcheck,
  gradgradcheck,
  hessian,
  jvp,
  matrixNorm,
  qr,
  ShapeError,
  stack,
  svd,
  svdvals,
  Tensor,
  ValueError,
  vmap,
} from '../../../src/index.ts';
import { always, expectWithin, eye, matrices, peak, unit } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

/** `u diag(s) vᵀ` */
const product = ({ u, s, v }: { u: Tensor; s: Tensor; v: Tensor }): Tensor => u.mul(s.unsqueeze(-2)).timesTransposed(v);
/** A matrix with given singular values, turned at random. */
const turned = (values: readonly number[], rows = values.length): Tensor => {
  const q = (n: number, seed: number) => qr(Tensor.normal([n, values.length], { seed, dtype: 'float64' }) as Tensor).q;
  return product({ u: q(rows, 1), s: float64(values), v: q(values.length, 2) });
};

describe('values and vectors', () => {
  test('orthonormal columns, times values that descend, times orthonormal rows are the matrix: in batches, tall, wide, in both dtypes', () =>
    always(
      (a) => {
        const found = svd(a);
        const [m, n] = a.shape.slice(-2) as [number, number];
        const allowed = 20 * unit[a.dtype as FloatDtype] * Math.max(m, n);
        expect(found.u.shape).toEqual([...a.shape.slice(0, -1), Math.min(m, n)]);
        expect(found.v.shape).toEqual([...a.shape.slice(0, -2), n, Math.min(m, n)]);
        expectWithin(product(found), a, allowed * Math.max(1, peak(a)));
        for (const side of [found.u, found.v]) {
          const products = side.transposedTimes(side);
          expectWithin(products, eye(products), allowed);
        }
        const { data } = found.s;
        data.forEach((s, i) => expect(s).toBeLessThanOrEqual(i % Math.min(m, n) === 0 ? Infinity : data[i - 1]!));
        expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
        expectWithin(found.v.max([-2]), found.v.abs().max([-2]), 4 * unit[a.dtype as FloatDtype]);
        expect(svdvals(a).toArray()).toEqual(found.s.toArray());
      },
      matrices(false),
      runs(100),
    ));

  test('the squares of the values are the eigenvalues of aᵀ a', () => {
    const a = Tensor.normal([5, 3], { seed: 4, dtype: 'float64' }) as Tensor;
    const squares = svdvals(a).mul(svdvals(a)) as Tensor;
    expectWithin(squares, eigh(a.transposedTimes(a)).values.slice([[null, null, -1]]), 1e-13);
  });

  test('whole bases begin with the columns of the reduced ones', () =>
    always(
      (a) => {
        const [reduced, full] = [svd(a), svd(a, { full: true })];
        const [m, n] = a.shape.slice(-2) as [number, number];
        for (const [whole, part, size] of [
          [full.u, reduced.u, m],
          [full.v, reduced.v, n],
        ] as const) {
          // biome-ignore format: a pair a line
          expect(whole.shape).toEqual([...a.shape.slice(0, -2), size, size]);
          const products = whole.transposedTimes(whole);
          expectWithin(products, eye(products), 20 * unit[a.dtype as FloatDtype] * size);
          expect(whole.slice([...part.shape.slice(0, -1).map(() => null), [0, part.shape.at(-1)!]]).toArray()).toEqual(part.toArray());
        }
      },
      matrices(false),
      runs(100),
    ));

  test('matrices of any rank and scale have orthonormal vectors, and no more values than their rank', () =>
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(4),
        fc.nat(),
        fc.constantFrom(1, 1e-160, 1e160),
        (m, n, rank, seed, by) => {
          const part = (shape: number[], more: number) => Tensor.normal(shape, { seed: seed + more, dtype: 'float64' }) as Tensor;
          const a = part([m, rank], 0)
            .matmul(part([rank, n], 1))
            .mul(by) as Tensor;
          const found = svd(a);
          expectWithin(product(found), a, 1e-13 * Math.max(peak(a), 1e-300));
          for (const side of [found.u, found.v]) expectWithin(side.transposedTimes(side), eye(side.transposedTimes(side)), 1e-13);
          expect([...found.s.data].filter((s) => s > 1e-12 * found.s.data[0]!).length).toBeLessThanOrEqual(rank);
        },
      ),
      { numRuns: runs(100) },
    ));

  test('small values beside large ones keep their digits', () => {
    // The columns are nearly orthogonal, and of very different length.
    const a = float64([[1, 1e-20], [1, -1e-20], [0, 1e-20]]); // biome-ignore format: a matrix
    const [large, small] = svdvals(a).data as unknown as [number, number];
    expect(large / Math.SQRT2).toBeCloseTo(1, 14);
    expect(small / 1e-20 / Math.sqrt(3)).toBeCloseTo(1, 14);
  });

  test('no rows, no columns, zeros, and numbers that are not finite', () => {
    expect(svdvals(Tensor.zeros([0, 3])).shape).toEqual([0]);
    expect(svd(Tensor.zeros([3, 0]), { full: true }).u.toArray()).toEqual([[1, 0, 0], [0, 1, 0], [0, 0, 1]]); // biome-ignore format: a matrix
    expect(svd(Tensor.zeros([2, 1])).u.toArray()).toEqual([[1], [0]]);
    for (const odd of [NaN, Infinity]) expect(svdvals(Tensor.of([[1, odd]])).item()).toBeNaN();
  });
});

describe('gradients', () => {
  test('are those of finite differences, and so are second ones: square, tall, wide, in batches', () => {
    for (const shape of [
      [3, 3],
      [4, 2],
      [2, 4],
      [2, 2, 3],
    ]) {
      // biome-ignore format: shapes
      const a = Tensor.normal(shape, { seed: 3, dtype: 'float64' }) as Tensor;
      for (const part of ['u', 's', 'v'] as const) {
        gradcheck((x) => svd(x!)[part], [a]);
        gradgradcheck((x) => svd(x!)[part], [a], { tolerance: 1e-4 });
      }
    }
  });

  test('of functions of the values alone are right where values are equal or 0', () => {
    for (const a of [turned([3, 2, 2, 1]), turned([5, 5, 5]), turned([2, 1, 0]), turned([2, 2, 0], 5), Tensor.zeros([3, 2], 'float64')]) {
      // The sum of squares is that of all elements; its gradient is 2 a.
      expectWithin(grad((x: Tensor) => svdvals(x).pow(2).sum())(a as Tensor), a.mul(2) as Tensor, 1e-13);
      const [, change] = jvp((x: Tensor) => svdvals(x).pow(2).sum(), [a as Tensor], [Tensor.ones(a.shape, 'float64') as Tensor]);
      expect(change.item()).toBeCloseTo(2 * a.sum().item(), 12);
    }
  });

  test('of the nuclear norm at 0 and at equal values are u vᵀ, as in PyTorch 2.13', () => {
    const slope = grad((x: Tensor) => matrixNorm(x, { order: 'nuc' }));
    expect(slope(Tensor.zeros([3, 2]) as Tensor).toArray()).toEqual([[1, 0], [0, 1], [0, 0]]); // biome-ignore format: a matrix
    expect(slope(Tensor.eye(2) as Tensor).toArray()).toEqual([[1, 0], [0, 1]]); // biome-ignore format: a matrix
  });

  test('that arrive at vectors of equal values are refused, and those of a value of 0 unless the matrix is square', () => {
    const again = (x: Tensor) => product(svd(x)).sum();
    for (const a of [
      turned([3, 2, 2]),
      Tensor.eye(3, 'float64') as Tensor,
      turned([1e-30, 1e-30]),
      Tensor.eye(3) as Tensor,
      Tensor.zeros([2, 2]),
    ]) {
      expect(() => grad(again)(a as Tensor)).toThrow(DerivativeError);
      expect(() => grad(again)(a as Tensor)).toThrow(
        /^svd: singular values \d and \d of the matrix, .* are equal but for rounding, so the gradient/,
      );
    }
    expect(() => grad(again)(turned([3, 2, 0], 4))).toThrow(/^svd: singular value 2 of the matrix, .* is 0 but for rounding/);
    // Of a square matrix the vector on either side is determined but for its sign.
    expectWithin(grad((x: Tensor) => svd(x).u.mul(float64([[1, 2, 0]])).pow(2).sum())(turned([3, 2, 0])), grad((x: Tensor) => svd(x).u.mul(float64([[1, 2, 0]])).pow(2).sum())(turned([3, 2, 1e-12])), 1e-9); // biome-ignore format: one line
    for (const gap of [1e-6, 1e-9])
      expectWithin(grad(again)(turned([2, 1 + gap, 1])), Tensor.ones([3, 3], 'float64') as Tensor, 1e-14 / gap);
    expect(() => hessian((x: Tensor) => svdvals(x).pow(2).sum())(turned([2, 2]))).toThrow(DerivativeError);
  });

  test('mapped, each example is looked at', () => {
    const slope = vmap(grad((x: Tensor) => svd(x).u.sum()) as (x: Tensor) => Tensor);
    expect(slope(stack([turned([3, 1]), turned([2, 1])])).shape).toEqual([2, 2, 2]);
    expect(() => slope(stack([turned([3, 1]), turned([2, 2])]))).toThrow(/^svd: singular values 0 and 1 of matrix 1 of the batch \[2\], 2/);
  });

  test('of the vectors that full adds are refused, and those of the others are the same', () => {
    const a = Tensor.normal([3, 2], { seed: 5, dtype: 'float64' }) as Tensor;
    expect(() => grad((x: Tensor) => svd(x, { full: true }).u.sum())(a)).toThrow(
      /^svd: the vectors that full adds to a basis may as well be others/,
    );
    const first = (x: Tensor, full: boolean) =>
      svd(x, { full })
        .u.slice([null, [0, 2]])
        .pow(3)
        .sum() as Tensor;
    expect(grad((x: Tensor) => first(x, true))(a).toArray()).toEqual(grad((x: Tensor) => first(x, false))(a).toArray());
    gradcheck((x) => svd(x!, { full: true }).s, [a]);
  });
});

refuses('%s is refused', [
  ['svd of a vector', () => svd(Tensor.of([1, 2])), ShapeError, /^svd: expected matrices \[\.\.\., m, n\], got shape \[2\]/],
  ['svdvals of a vector', () => svdvals(Tensor.of([1, 2])), ShapeError, /^svdvals: expected matrices/],
  ['svd of whole numbers', () => svd(Tensor.of([[1]], 'int32')), DtypeError, /^svd: /],
  ['PyTorch’s name of an option', () => svd(Tensor.of([[1]]), { fullMatrices: true } as never), ValueError, /^svd: there is no option fullMatrices/],
]); // biome-ignore format: one line a case
