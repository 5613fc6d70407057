/** Factors and eigenvalues of matrices, held against the products that define them; the bounds are those that rounding allows. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import * as tapegrad from '../../../src/index.ts';
import {
  cholesky,
  DerivativeError,
  eigh,
  grad,
  gradcheck,
  jvp,
  perform,
  qr,
  ShapeError,
  slogdet,
  Tensor,
  ValueError,
  vjp,
} from '../../../src/index.ts';
import { jacobi } from '../../../src/machine/factorizations/jacobi.ts';
import {
  always,
  diagonalOf,
  expectWithin,
  eye,
  matrices,
  peak,
  positive,
  regular,
  symmetric,
  unit,
  upperPart,
} from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted, float64 } from '../../lib/tensors.ts';

describe('cholesky', () => {
  const definite = matrices(true).map((x) => x.timesTransposed(x).add(Tensor.eye(x.shape.at(-1)!, x.dtype)));

  test('a lower factor with a positive diagonal, times its transpose, is the matrix', () =>
    always((a) => {
      const l = cholesky(a);
      expectWithin(l.timesTransposed(l), a, 20 * unit[a.dtype as FloatDtype] * a.shape.at(-1)! * peak(a));
      expect(Math.min(...diagonalOf(l).data)).toBeGreaterThan(0);
      expect(peak(upperPart(l))).toBe(0);
    }, definite));

  test('has the gradients of finite differences, which are symmetric', () => {
    const a = positive([2, 3, 3], 3);
    gradcheck(cholesky, [a]);
    gradcheck((x) => grad((x) => cholesky(x).pow(3).sum())(x), [a], { tolerance: 1e-5 });
    const gradient = grad((x) => cholesky(x).pow(3).sum())(a);
    expect(gradient.toArray()).toEqual(gradient.transpose().toArray());
  });

  test('half of log det a is the sum of the logarithms on the diagonal, and so are the gradients', () => {
    const a = positive([4, 4], 4);
    const byFactor = (x: Tensor) => diagonalOf(cholesky(x)).log().sum().mul(2);
    const byPivots = (x: Tensor) => slogdet(x).logAbsDet;
    expectWithin(byFactor(a), byPivots(a), 1e-14);
    expectWithin(grad(byFactor)(a), grad(byPivots)(a), 1e-14);
  });
});

describe('qr', () => {
  test('orthonormal columns times an upper triangle, whose diagonal is not negative, are the matrix', () =>
    always((a) => {
      const { q, r } = qr(a);
      const [m, n] = a.shape.slice(-2) as [number, number];
      const allowed = 20 * unit[a.dtype as FloatDtype] * Math.max(m, n);
      expect(q.shape).toEqual([...a.shape.slice(0, -1), Math.min(m, n)]);
      expect(r.shape).toEqual([...a.shape.slice(0, -2), Math.min(m, n), n]);
      expectWithin(q.matmul(r), a, allowed * Math.max(1, peak(a)));
      const products = q.transposedTimes(q);
      expectWithin(products, eye(products), allowed);
      expect(peak(upperPart(r.transpose()))).toBe(0);
      const square = r.slice([...r.shape.slice(0, -1).map(() => null), [0, Math.min(m, n)]]);
      expect(Math.min(...diagonalOf(square).data)).toBeGreaterThanOrEqual(0);
    }, matrices(false)));

  test('a matrix of zeros, of huge and of tiny numbers has a factor q as well', () => {
    for (const by of [0, 1e-200, 1e200]) {
      const a = regular([4, 3, 3], 1).slice([0]).mul(by);
      const { q, r } = qr(a);
      expectWithin(q.transposedTimes(q), Tensor.eye(3, 'float64'), 1e-14);
      expectWithin(q.matmul(r), a, 1e-14 * by);
    }
  });

  test('has the gradients of finite differences: tall, square and wide, in batches', () => {
    for (const shape of [
      [4, 2],
      [3, 3],
      [2, 4],
      [2, 3, 2],
    ]) {
      // biome-ignore format: shapes
      const a = Tensor.normal(shape, { seed: 12, dtype: 'float64' });
      const [q, r] = [(x: Tensor) => qr(x).q, (x: Tensor) => qr(x).r];
      gradcheck(q, [a]);
      gradcheck(r, [a]);
      gradcheck((x) => grad((x) => q(x).pow(3).sum().add(r(x).pow(3).sum()))(x), [a], { tolerance: 1e-4, step: 1e-4 });
    }
  });
});

describe('eigh', () => {
  const selfAdjoint = matrices(true).map(symmetric);

  test('the matrix times orthonormal vectors is these times values, which ascend', () =>
    always((a) => {
      const { values, vectors } = eigh(a);
      const allowed = 20 * unit[a.dtype as FloatDtype] * a.shape.at(-1)! * Math.max(1, peak(a));
      expectWithin(a.matmul(vectors), vectors.mul(values.reshape([...values.shape.slice(0, -1), 1, values.shape.at(-1)!])), allowed);
      expectWithin(vectors.transposedTimes(vectors), eye(a), allowed);
      const steps = values
        .slice([...a.shape.slice(0, -2).map(() => null), [1]])
        .sub(values.slice([...a.shape.slice(0, -2).map(() => null), [0, -1]]));
      expect(Math.min(0, ...steps.data)).toBe(0);
      // Of each vector the largest number is positive.
      expectWithin(vectors.max([-2]), vectors.abs().max([-2]), 4 * unit[a.dtype as FloatDtype]);
    }, selfAdjoint));

  test('eigenvalues that are known: those of a chain of springs are 2 − 2 cos(kπ / (n + 1))', () => {
    const n = 12;
    const chain = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)));
    eigh(Tensor.of(chain, 'float64')).values.data.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
  });

  test('a small eigenvalue beside a large one keeps its digits', () => {
    const small = eigh(Tensor.of([[1, 1e-17], [1e-17, 2e-34]], 'float64')).values.data[0]!; // biome-ignore format: a matrix
    expect(small / 1e-34).toBeCloseTo(1, 12);
  });

  test('rotations converge for matrices of any rank and scale', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        fc.constantFrom(1, 1e-150, 1e150),
        (n, rank, seed, by) => {
          const x = Tensor.normal([n, rank], { seed, dtype: 'float64' });
          const a = x.timesTransposed(x).mul(by);
          const { values, vectors } = eigh(a);
          expectWithin(vectors.mul(values).timesTransposed(vectors), a, 1e-13 * Math.max(peak(a), 1e-300));
        },
      ),
    ));

  test('has the gradients of finite differences where values are distinct, which are symmetric', () => {
    const a = positive([2, 3, 3], 5).add(Tensor.eye(3, 'float64').mul(Tensor.of([0, 2, 4], 'float64')));
    const [values, vectors] = [(x: Tensor) => eigh(x).values, (x: Tensor) => eigh(x).vectors];
    gradcheck(values, [a]);
    gradcheck(vectors, [a]);
    const both = grad((x: Tensor) => values(x).pow(3).sum().add(vectors(x).pow(3).sum()));
    gradcheck(both, [a], { tolerance: 1e-5 });
    expectWithin(both(a), both(a).transpose(), 1e-14);
  });

  test('where values are equal, the sum of their powers has a gradient, and vectors have none', () => {
    const a = Tensor.eye(3, 'float64').mul(2);
    const cubes = (x: Tensor) => eigh(x).values.pow(3).sum();
    expectWithin(grad(cubes)(a), Tensor.eye(3, 'float64').mul(12), 1e-14);
    expectWithin(jvp(cubes, [a], [Tensor.ones([3, 3], 'float64')])[1], Tensor.full([], 36, 'float64'), 1e-13);
    for (const a of repeated) {
      expectWithin(grad((x) => eigh(x).values.pow(2).sum())(a), symmetric(a).mul(2), 1e-14 * Math.max(1, peak(a)));
      expect(() => grad((x) => eigh(x).vectors.pow(3).sum())(a)).toThrow(DerivativeError);
    }
  });

  /** With rotations of its axes, so that equal values differ by rounding. */
  const turned = (...values: number[]) => {
    const q = qr(Tensor.normal([values.length, values.length], { seed: 3, dtype: 'float64' })).q;
    return symmetric(q.mul(Tensor.of(values, 'float64')).timesTransposed(q));
  };
  const repeated = [
    turned(1, 2, 2, 3),
    turned(0, 0, 1),
    turned(-5, -5, -5),
    turned(1e-30, 1e-30),
    turned(1e30, 1, 1e30),
    Tensor.zeros([2, 2], 'float64') as Tensor,
    Tensor.eye(3, 'float64') as Tensor,
    Tensor.of([[2, 0, 0], [0, 7, 0], [0, 0, 2]], 'float64') as Tensor, // biome-ignore format: a matrix
  ];

  test('functions of the vectors of equal values say that their gradient is not determined, which value it is, and what to do', () => {
    const again = (x: Tensor) => {
      const { values, vectors } = eigh(x);
      return vectors
        .mul(values.reshape([1, values.size]))
        .timesTransposed(vectors)
        .sum();
    };
    for (const a of repeated) {
      expect(() => grad(again)(a)).toThrow(DerivativeError);
      expect(() => grad(again)(a)).toThrow(
        /^eigh: eigenvalues \d and \d of the matrix of shape \[\d, \d\], .* are equal but for rounding, .* not determined; use the values alone/,
      );
    }
    expect(() => grad(again)(Tensor.of([[3, 0, 0], [0, 1, 0], [0, 0, 1]]))).toThrow(/eigenvalues 0 and 1 of the matrix of shape \[3, 3\], 1 and 1, are/); // biome-ignore format: a matrix
    // Values that are near one another are not equal.
    for (const gap of [1e-9, 1e-12]) expectWithin(grad(again)(turned(1, 2, 2 + gap)), Tensor.ones([3, 3], 'float64'), 1e-14 / gap);
    expectWithin(grad(again)(Tensor.of([[1, 0], [0, 1 + 1e-4]])), Tensor.ones([2, 2]), 1e-2); // biome-ignore format: a matrix
    expect(() => grad(again)(Tensor.of([[1, 0], [0, 1 + 1e-6]]))).toThrow(DerivativeError); // biome-ignore format: a matrix
  });

  test('mapped, each example is looked at', () => {
    const slope = tapegrad.vmap(grad((x: Tensor) => eigh(x).vectors.sum()) as (x: Tensor) => Tensor);
    const [apart, equal] = [turned(1, 2, 3), turned(1, 2, 2)];
    expect(slope(tapegrad.stack([apart, apart])).shape).toEqual([2, 3, 3]);
    expect(() => slope(tapegrad.stack([apart, equal, apart]))).toThrow(
      /^eigh: eigenvalues 1 and 2 of matrix 1 of those of shape \[3, 3, 3\]/,
    );
  });

  test('second derivatives of the values say so as well', () => {
    expect(() => tapegrad.hessian((x: Tensor) => eigh(x).values.pow(2).sum())(turned(1, 2, 2))).toThrow(DerivativeError);
    const wanted = Tensor.eye(9, 'float64').reshape([3, 3, 3, 3]);
    const found = tapegrad.hessian((x: Tensor) => eigh(x).values.pow(2).sum())(turned(1, 2, 4));
    expectWithin(found, wanted.add(wanted.permute([0, 1, 3, 2])) as Tensor, 1e-12);
  });
});

describe('matrices of batches of batches', () => {
  test('in batches of batches have eigenvalues with the gradients of each alone', () => {
    const a = Tensor.normal([2, 1, 3, 3], { seed: 5, dtype: 'float64' }) as Tensor;
    const slopes = (x: Tensor) =>
      vjp(
        (x: Tensor) =>
          tapegrad
            .eigh(x)
            .values.mul(float64([1, 2, 4]))
            .sum(),
        x,
      )[1](float64(1))[0]!;
    const [whole, alone] = [slopes(a), slopes(a.slice([1, 0]))];
    expect(whole.shape).toEqual([2, 1, 3, 3]);
    alone.data.forEach((g, i) => expect(whole.data[9 + i]).toBeCloseTo(g, 12));
  });
});

describe('empty matrices and NaN', () => {
  test('matrices of no rows have factors of no rows', () => {
    const none = Tensor.zeros([0, 0]);
    expect(cholesky(none).shape).toEqual([0, 0]);
    expect([eigh(none).values.shape, eigh(none).vectors.shape]).toEqual([[0], [0, 0]]);
    expect([qr(Tensor.zeros([3, 0])).q.shape, qr(Tensor.zeros([0, 3])).r.shape]).toEqual([[3, 0], [0, 3]]); // biome-ignore format: shapes
  });

  test.each([NaN, Infinity])('%d in a matrix comes out as NaN, and the rotations end', (odd) => {
    const a = Tensor.of([[4, 1, 0], [1, odd, 1], [0, 1, 4]]); // biome-ignore format: a matrix
    const { values, vectors } = eigh(a);
    for (const x of [cholesky(a), qr(a).r, values, vectors]) expect(x.data.some((y) => !Number.isFinite(y) || y === 0)).toBe(true);
    expect([...values.data, ...vectors.data].every(Number.isNaN)).toBe(true);
    expect(jacobi(new Float64Array(9).fill(odd), 3).values).toEqual(new Float64Array(3).fill(NaN));
  });

  test('a column that begins with NaN has a factor of NaN', () => {
    expect(qr(Tensor.of([[NaN], [0]])).q.data.every(Number.isNaN)).toBe(true);
  });
});

describe('errors', () => {
  const tall = Tensor.zeros([3, 2]);
  refuses('%s is refused', [
    ['cholesky of what is not square', () => cholesky(tall), ShapeError, /^cholesky: .*\[3, 2\]/],
    ['eigh of what is not square', () => eigh(tall), ShapeError, /^eigh: .*\[3, 2\]/],
    ['qr of a vector', () => qr(Tensor.zeros([2])), ShapeError, /^qr: expected matrices \[\.\.\., m, n\], got shape \[2\]/],
    ['a matrix that is not positive definite', () => cholesky(Tensor.of([[1, 2], [2, 1]])), ValueError, /^cholesky: .*pivot -3 in row 1 of the matrix of shape \[2, 2\]/],
  ]); // biome-ignore format: one line a case
});

refuses('%s is refused', [
  [
    'qr, as an operation, of a wide matrix',
    () => perform(ops['qr']!, { a: counted(1, 2) }),
    /^qr: expected at least as many rows as columns/,
  ],
  ['cholesky of nothing but 0', () => tapegrad.cholesky(Tensor.zeros([1, 1])), /^cholesky: expected positive definite .* got pivot 0/],
]);
