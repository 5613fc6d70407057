/** Inverses and solutions, held against the products that define them; the bounds are those that rounding allows. */

import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, grad, gradcheck, inv, ShapeError, slogdet, solve, solveTriangular, Tensor, ValueError } from '../../../src/index.ts';
import { always, expectWithin, eye, peak, regular, unit } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64 } from '../../lib/tensors.ts';

describe('inv and solve', () => {
  test('the inverse times the matrix is the identity', () =>
    always((a) => {
      const b = inv(a);
      const allowed = 50 * unit[a.dtype as FloatDtype] * a.shape.at(-1)! * Math.max(1, peak(a) * peak(b));
      expectWithin(a.matmul(b), eye(a), allowed);
      // Column by column it is solved for on the right, so on the left the condition enters.
      expectWithin(b.matmul(a), eye(a), allowed * 20);
    }));

  test('a solution solves the system, and agrees with the inverse', () =>
    always((a) => {
      const b = Tensor.normal([...a.shape.slice(0, -1), 2], { seed: 7, dtype: a.dtype });
      const x = solve(a, b);
      const allowed = 50 * unit[a.dtype as FloatDtype] * a.shape.at(-1)!;
      expectWithin(a.matmul(x), b, allowed * Math.max(1, peak(a) * peak(x)));
      expectWithin(x, inv(a).matmul(b), allowed * Math.max(1, peak(a) * peak(x) * peak(inv(a))));
    }));

  test('a system is solved for a vector as for a matrix of one column, and one system for many', () => {
    const [a, b] = [regular([3, 3], 1), Tensor.normal([3], { seed: 2, dtype: 'float64' })];
    expect(solve(a, b).toArray()).toEqual(
      solve(a, b.reshape([3, 1]))
        .reshape([3])
        .toArray(),
    );
    const many = regular([4, 1, 3, 3], 3);
    const right = Tensor.normal([2, 3, 5], { seed: 4, dtype: 'float64' });
    const x = solve(many, right);
    expect(x.shape).toEqual([4, 2, 3, 5]);
    expect(x.slice([2, 1]).toArray()).toEqual(solve(many.slice([2, 0]), right.slice([1])).toArray());
    expect(solve(many, b).shape).toEqual([4, 1, 3]);
  });

  test('a triangular system reads one triangle, and its diagonal', () => {
    const a = regular([2, 4, 4], 5);
    const b = Tensor.normal([4, 3], { seed: 6, dtype: 'float64' });
    for (const upper of [false, true]) {
      const [rows, columns] = [0, 1].map((axis) => Tensor.arange(4, undefined, 1, 'float64').reshape(axis === 0 ? [4, 1] : [1, 4]));
      const t = a.mul(upper ? rows!.lessEqual(columns!) : rows!.greaterEqual(columns!));
      expectWithin(t.matmul(solveTriangular(a, b, { upper })), b.broadcastTo([2, 4, 3]), 1e-14);
      expectWithin(t.transposedTimes(solveTriangular(a, b, { upper, transposed: true })), b.broadcastTo([2, 4, 3]), 1e-14);
    }
    expect(solveTriangular(Tensor.of([[2]]), Tensor.of([6]), { upper: true }).toArray()).toEqual([3]);
  });

  test('rows are exchanged where a pivot would be 0', () => {
    expect(inv(Tensor.of([[0, 2], [4, 0]])).toArray()).toEqual([[0, 0.25], [0.5, 0]]); // biome-ignore format: matrices
  });

  test('their gradients agree with finite differences, in batches and broadcast', () => {
    const [a, many] = [regular([3, 3], 1), regular([2, 3, 3], 2)];
    const b = Tensor.normal([3, 2], { seed: 3, dtype: 'float64' });
    gradcheck(inv, [many]);
    gradcheck(solve, [a, b]);
    gradcheck(solve, [many, b]);
    gradcheck(solve, [a, Tensor.normal([2, 3, 1], { seed: 4, dtype: 'float64' })]);
    gradcheck(solve, [many, Tensor.normal([3], { seed: 5, dtype: 'float64' })]);
    gradcheck((a, b) => solveTriangular(a, b, { upper: false }), [many, b]);
    gradcheck((a, b) => solveTriangular(a, b, { upper: true, transposed: true }), [many, b]);
    gradcheck((x) => grad((x) => inv(x).mul(x).sum())(x), [many], { tolerance: 1e-5 });
  });
});

describe('empty matrices and NaN', () => {
  const none = Tensor.zeros([0, 0]);

  test('systems of no rows have solutions of no rows', () => {
    expect([inv(none).shape, solve(none, Tensor.zeros([0, 2])).shape]).toEqual([[0, 0], [0, 2]]); // biome-ignore format: shapes
    expect(inv(Tensor.zeros([0, 3, 3])).shape).toEqual([0, 3, 3]);
  });

  test.each([NaN, Infinity])('%d in a matrix comes out as NaN', (odd) => {
    const a = Tensor.of([[4, 1, 0], [1, odd, 1], [0, 1, 4]]); // biome-ignore format: a matrix
    const b = inv(a);
    expect(b.matmul(b).data.some((y) => !Number.isFinite(y) || y === 0)).toBe(true);
  });

  test('NaN does not count as a pivot of 0', () => {
    expect(inv(Tensor.of([[0, 1], [NaN, 1]])).data.every(Number.isNaN)).toBe(true); // biome-ignore format: a matrix
  });
});

describe('errors', () => {
  const tall = Tensor.zeros([3, 2]);
  const whole = Tensor.of([[1, 0], [0, 1]], 'int32'); // biome-ignore format: a matrix
  const square = Tensor.eye(2);
  const stacked = Tensor.of([[[1, 0], [0, 1]], [[1, 2], [1, 2]]]); // biome-ignore format: matrices
  refuses('%s is refused', [
    ['an inverse of what is not square', () => inv(tall), ShapeError, /^inv: expected square matrices \[\.\.\., n, n\], got shape \[3, 2\]/],
    ['a right side that does not fit', () => solve(square, Tensor.zeros([3, 1])), ShapeError, /^solve: .*\[\.\.\., 2, k\] or \[2\].*\[2, 2\], got \[3, 1\]/],
    ['a right side that is a number', () => solve(square, Tensor.zeros([])), ShapeError, /^solve: .*got \[\]/],
    ['batches that do not broadcast', () => solve(Tensor.zeros([2, 1, 1]), Tensor.zeros([3, 1, 1])), ShapeError, /^solve: .*do not broadcast/],
    ['a singular matrix', () => inv(Tensor.ones([2, 2])), ValueError, /^inv: .*the matrix of shape \[2, 2\].*column 1.*equal rows.*det/],
    ['the second of two, singular', () => solve(stacked, Tensor.zeros([2])), ValueError, /^solve: .*matrix 1 of those of shape \[2, 2, 2\]/],
    ['a zero on the diagonal', () => solveTriangular(Tensor.zeros([1, 1]), Tensor.zeros([1]), { upper: true }), ValueError, /^solveTriangular: .*row 0 of the matrix/],
    ['no triangle named', () => solveTriangular(square, square, undefined as never), ValueError, /^solveTriangular: expected upper to be true or false, got undefined/],
    ['whole numbers', () => inv(whole), DtypeError, /^inv: expected float32 or float64, got int32/],
    ['the gradient of log |det| where there is none', () => grad((x) => slogdet(x).logAbsDet)(Tensor.ones([2, 2])), ValueError, /^slogdet: .*singular/],
  ]); // biome-ignore format: one line a case
});

refuses('%s is refused', [
  ['solve with a first column of 0', () => tapegrad.solve(float64([[0, 1], [0, 2]]), float64([1, 2])), /no pivot but 0 for column 0/], // biome-ignore format: a matrix
  ['solve with one number on the right', () => tapegrad.solve(Tensor.eye(1), Tensor.of(1)), /^solve: expected a right side/],
  [
    'solveTriangular with 0 further down',
    () => tapegrad.solveTriangular(float64([[1, 0], [2, 0]]), float64([1, 2]), { upper: false }), // biome-ignore format: a matrix
    /^solveTriangular: expected no zero on the diagonal, got 0 in row 1/,
  ],
  [
    'solveTriangular transposed by a word',
    () => tapegrad.solveTriangular(Tensor.eye(1), Tensor.ones([1]), { upper: true, transposed: 'yes' as never }),
    /^solveTriangular: expected transposed to be true or false, got 'yes'/,
  ],
]);
