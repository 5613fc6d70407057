/** The pseudo-inverse by the four equations of Penrose, least squares by their normal equations, and ranks. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import {
  DtypeError,
  grad,
  gradcheck,
  gradgradcheck,
  inv,
  lstsq,
  matrixRank,
  pinv,
  ShapeError,
  solve,
  Tensor,
  ValueError,
} from '../../../src/index.ts';
import { always, expectWithin, matrices, peak, regular, unit } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

const normal = (shape: number[], seed: number): Tensor => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;

describe('pinv', () => {
  test('fulfils the equations of Penrose: a p a = a, p a p = p, and a p and p a are symmetric', () =>
    always(
      (a) => {
        const p = pinv(a);
        const size = Math.max(1, peak(a)) * Math.max(1, peak(p));
        const allowed = 100 * unit[a.dtype as FloatDtype] * Math.max(...a.shape.slice(-2)) * size * size;
        const [left, right] = [a.matmul(p), p.matmul(a)] as [Tensor, Tensor];
        expectWithin(left.matmul(a), a, allowed);
        expectWithin(right.matmul(p), p, allowed * size);
        for (const x of [left, right]) expectWithin(x, x.transpose() as Tensor, allowed);
      },
      matrices(false),
      runs(100),
    ));

  test('of any rank, with the gradient among matrices of that rank', () =>
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 2 }),
        fc.nat(),
        (m, n, rank, seed) => {
          const [left, right] = [normal([m, rank], seed), normal([rank, n], seed + 1)];
          const a = left.matmul(right) as Tensor;
          const options = { relativeTolerance: 1e-9 };
          const p = pinv(a, options);
          const size = Math.max(1, peak(a), peak(p));
          expectWithin(a.matmul(p).matmul(a), a, 1e-12 * size ** 3);
          if (rank > 0 && size < 10) gradcheck((l, r) => pinv(l!.matmul(r!), options), [left, right], { tolerance: 1e-4 });
        },
      ),
      { numRuns: runs(60) },
    ));

  test('of a regular matrix is the inverse, with its gradients to second order', () => {
    const a = regular([2, 3, 3], 4);
    expectWithin(pinv(a), inv(a), 1e-14);
    expectWithin(grad((x: Tensor) => pinv(x).pow(3).sum())(a), grad((x: Tensor) => inv(x).pow(3).sum())(a), 1e-13);
    gradgradcheck((x) => pinv(x!), [normal([3, 2], 1)], { tolerance: 1e-4 });
  });

  test('equal singular values do no harm to gradients', () => {
    const eye = Tensor.eye(3, 'float64') as Tensor;
    expectWithin(grad((x: Tensor) => pinv(x).sum())(eye), Tensor.full([3, 3], -1, 'float64') as Tensor, 1e-15);
    gradcheck((x) => pinv(x!), [eye]);
    gradgradcheck((x) => pinv(x!), [eye]);
  });

  test('values up to a tolerance count as 0', () => {
    const a = float64([[4, 0], [0, 1]]); // biome-ignore format: a matrix
    expect(pinv(a, { relativeTolerance: 0.25 }).toArray()).toEqual([[0.25, 0], [0, 0]]); // biome-ignore format: a matrix
    expect(pinv(a, { absoluteTolerance: 1 }).toArray()).toEqual([[0.25, 0], [0, 0]]); // biome-ignore format: a matrix
    expect(pinv(a, { absoluteTolerance: 0.5 }).toArray()).toEqual([[0.25, 0], [0, 1]]); // biome-ignore format: a matrix
    // By default the rounding of the dtype decides.
    const small = (dtype: FloatDtype) => pinv(Tensor.of([[1, 0], [0, 2 ** -30]], dtype) as Tensor).data[3]; // biome-ignore format: a matrix
    expect([small('float32'), small('float64')]).toEqual([0, 2 ** 30]);
  });
});

describe('lstsq', () => {
  test('leaves residuals that are orthogonal to the columns, and is the shortest solution', () =>
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (m, n, rank, seed) => {
          const a = normal([m, rank], seed).matmul(normal([rank, n], seed + 1)) as Tensor;
          const b = normal([m, 2], seed + 2);
          const options = { relativeTolerance: 1e-9 };
          const x = lstsq(a, b, options);
          const size = Math.max(1, peak(a), peak(x), peak(pinv(a, options)));
          expectWithin(a.transposedTimes(b.sub(a.matmul(x)) as Tensor), Tensor.zeros([n, 2], 'float64') as Tensor, 1e-12 * size ** 3);
          // The shortest one lies in the space of the rows.
          expectWithin(pinv(a, options).matmul(a.matmul(x)), x, 1e-12 * size ** 3);
        },
      ),
      { numRuns: runs(100) },
    ));

  test('of a regular matrix solves the system, for a vector, columns, and batches', () => {
    const a = regular([3, 3], 2);
    for (const b of [normal([3], 1), normal([3, 2], 2), normal([4, 3, 2], 3)]) expectWithin(lstsq(a, b), solve(a, b), 1e-14);
    expect(lstsq(normal([2, 4, 3], 1), normal([4], 2)).shape).toEqual([2, 3]);
    gradcheck((a, b) => lstsq(a!, b!), [normal([4, 2], 3), normal([4], 4)]);
    gradgradcheck((a, b) => lstsq(a!, b!), [normal([3, 2], 3), normal([3], 4)], { tolerance: 1e-4 });
  });
});

test('the rank of a product is that of its factors', () =>
  void fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.nat(4), fc.nat(), (m, n, rank, seed) => {
      const a = normal([2, m, rank], seed).matmul(normal([2, rank, n], seed + 1)) as Tensor;
      const found = matrixRank(a, { relativeTolerance: 1e-12 });
      expect(found.dtype).toBe('int32');
      for (const one of found.data) expect(one).toBeLessThanOrEqual(Math.min(m, n, rank));
    }),
    { numRuns: runs(60) },
  ));

test('ranks of zeros, of no rows, and by tolerances', () => {
  expect(matrixRank(Tensor.zeros([2, 3])).item()).toBe(0);
  expect(matrixRank(Tensor.zeros([0, 3])).item()).toBe(0);
  expect(matrixRank(Tensor.zeros([2, 3, 0])).toArray()).toEqual([0, 0]);
  expect(matrixRank(Tensor.eye(3)).item()).toBe(3);
  const a = float64([[4, 0], [0, 1]]); // biome-ignore format: a matrix
  expect(matrixRank(a, { absoluteTolerance: 1 }).item()).toBe(1);
  expect(matrixRank(a, { relativeTolerance: 0.3 }).item()).toBe(1);
});

refuses('%s is refused', [
  ['pinv of a vector', () => pinv(Tensor.of([1])), ShapeError, /^pinv: expected matrices/],
  ['a right side of another length', () => lstsq(Tensor.zeros([3, 2]), Tensor.zeros([2])), ShapeError, /^lstsq: expected a right side \[\.\.\., 3, k\] or \[3\] for \[3, 2\], got \[2\]/],
  ['a right side of another dtype', () => lstsq(Tensor.eye(2), float64([1, 2])), DtypeError, /^lstsq: expected tensors of one dtype, got float32 and, for b, float64/],
  ['NumPy’s name of a tolerance', () => pinv(Tensor.zeros([1, 1]), { rcond: 1 } as never), ValueError, /^pinv: there is no option rcond/],
  ['a negative tolerance', () => matrixRank(Tensor.zeros([1, 1]), { relativeTolerance: -1 }), ValueError, /^matrixRank: expected relativeTolerance/],
]); // biome-ignore format: one line a case
