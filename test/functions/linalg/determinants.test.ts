/** Determinants, held against expansions and known values; the bounds are those that rounding allows. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FloatDtype } from '../../../src/base/dtype.ts';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, det, grad, gradcheck, hessian, inv, ShapeError, slogdet, Tensor, vjp } from '../../../src/index.ts';
import { always, diagonalOf, expanded, expectWithin, listed, minor, peak, regular, singular, unit } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

describe('det and slogdet', () => {
  test('the determinant of a product is the product of the determinants', () =>
    always((a) => {
      const b = Tensor.normal(a.shape, { seed: 11, dtype: a.dtype });
      const wanted = det(a).mul(det(b));
      // By Hadamard, no determinant is larger than the product of the lengths of the rows; no error is, but for its digits.
      const lengths = a.abs().matmul(b.abs()).pow(2).sum(-1).sqrt();
      const most = peak(lengths.log().sum(-1).exp());
      expectWithin(det(a.matmul(b)), wanted, 2 * a.shape.at(-1)! * unit[a.dtype as FloatDtype] * most);
    }));

  test('the determinant is what expansion along the first row gives', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.nat(), (n, seed) => {
        const a = Tensor.uniform([n, n], { low: -4, high: 4, seed, dtype: 'float64' });
        const whole = new Tensor(a.shape, a.data.map(Math.round));
        const wanted = expanded(listed(whole));
        expect(Math.abs(det(whole).item() - wanted)).toBeLessThanOrEqual(1e-11);
        expect(det(whole.cast('float32')).item()).toBeCloseTo(wanted, 2);
      }),
    ));

  test('sign and logarithm are those of the determinant', () =>
    always((a) => {
      const { sign, logAbsDet } = slogdet(a);
      const value = det(a.cast('float64'));
      expectWithin(sign.cast('float64'), value.sign(), 0);
      expectWithin(logAbsDet.cast('float64'), value.abs().log(), 1e-5);
    }));

  test('the logarithm of a determinant that no number can hold', () => {
    const { sign, logAbsDet } = slogdet(Tensor.eye(400, 'float64').mul(-1e-3));
    expect(sign.item()).toBe(1);
    expect(logAbsDet.item()).toBeCloseTo(400 * Math.log(1e-3), 9);
  });

  test('a determinant that is known: that of the Hilbert matrix of three rows is 1/2160', () => {
    const hilbert = Tensor.of([0, 1, 2].map((i) => [0, 1, 2].map((j) => 1 / (i + j + 1))), 'float64'); // biome-ignore format: one matrix
    expect(det(hilbert).item()).toBeCloseTo(1 / 2160, 17);
    expect(det(Tensor.eye(3, 'float64').mul(Tensor.of([1, 1e-10, 1e-20], 'float64'))).item()).toBeCloseTo(1e-30, 44);
  });

  test('the determinant of a nearly singular matrix keeps its digits in float32, and one of small rows in float64', () => {
    const [x, noise] = [0, 1].map((seed) => Tensor.normal(seed === 0 ? [4, 1] : [4, 4], { seed }));
    const a = x!.timesTransposed(x!).add(noise!.mul(1e-3));
    const wanted = det(a.cast('float64')).item();
    expect(Math.abs(det(a).item() / wanted - 1)).toBeLessThanOrEqual(unit.float32);
    const b = Tensor.normal([31, 31], { seed: 2, dtype: 'float64' });
    const scales = Tensor.of([[1], ...Array.from({ length: 30 }, () => [2 ** -30])], 'float64');
    const ratio = det(b.mul(scales)).item() / det(b).item();
    expect(ratio * 2 ** 900).toBeCloseTo(1, 12);
  });

  test('of a singular matrix the sign is 0, the logarithm −∞, and the determinant 0', () => {
    const a = Tensor.of([[1, 2], [2, 4]]); // biome-ignore format: a matrix
    expect([det(a).item(), slogdet(a).sign.item(), slogdet(a).logAbsDet.item()]).toEqual([0, 0, -Infinity]);
    expect(() => grad((x: Tensor) => slogdet(x).logAbsDet)(a)).toThrow(/^slogdet: expected regular matrices, got a singular one/);
  });

  test('the gradient at a matrix of any rank is the matrix of cofactors', () =>
    fc.assert(
      fc.property(singular, (a) => {
        const n = a.shape[0]!;
        const cofactors = listed(a).map((row, i) => row.map((_, j) => (-1) ** (i + j) * expanded(minor(listed(a), i, j))));
        const found = grad(det)(a);
        expectWithin(found, n === 0 ? found : Tensor.of(cofactors, 'float64'), 1e-11 * Math.max(1, ...cofactors.flat().map(Math.abs)));
        expectWithin(grad(det)(a.cast('float32')).cast('float64'), found, 1e-5 * Math.max(1, peak(found)));
      }),
    ));

  test('the second and third derivatives at a matrix of any rank agree with finite differences', () =>
    fc.assert(
      fc.property(singular, (a) => {
        const slope = grad(det);
        const weights = a.mul(0).add(Tensor.linspace(-1, 2, a.size).cast('float64').reshape(a.shape));
        const curve = grad((x: Tensor) => slope(x).mul(weights).sum());
        gradcheck(slope, [a], { tolerance: 1e-5 });
        gradcheck(curve, [a], { tolerance: 1e-5 });
      }),
      { numRuns: runs(30) },
    ));

  test('in a batch of regular, singular and nearly singular matrices each has the gradient it has alone', () => {
    const a = Tensor.of([[[1, 2], [3, 4]], [[1, 2], [2, 4]], [[0, 0], [0, 0]], [[1, 1], [1, 1 + 1e-12]]], 'float64'); // biome-ignore format: matrices
    expectWithin(det(a), Tensor.of([-2, 0, 0, 1e-12], 'float64'), 1e-15);
    gradcheck(det, [a]);
    gradcheck((x) => grad((x) => det(x).pow(2).sum())(x), [a], { tolerance: 1e-5 });
    const found = grad((x) => det(x.reshape([2, 2, 2, 2])).sum())(a);
    expectWithin(found, Tensor.of([[[4, -3], [-2, 1]], [[4, -2], [-2, 1]], [[0, 0], [0, 0]], [[1, -1], [-1, 1]]], 'float64'), 1e-11); // biome-ignore format: matrices
  });

  test('mapped, regular and singular matrices have the derivatives that each has alone, to the third', () => {
    const matrices = [[[1, 2], [3, 4]], [[1, 2], [2, 4]], [[1, 0], [0, 3]], [[0, 0], [0, 0]], [[1, 1], [1, 1 + 1e-12]]]; // biome-ignore format: matrices
    const a = Tensor.of(matrices, 'float64') as Tensor;
    const first = grad(det);
    const second = grad((x: Tensor) => first(x).pow(2).sum());
    const third = grad((x: Tensor) => second(x).pow(2).sum());
    for (const f of [first, second, third]) {
      const each = tapegrad.stack(matrices.map((_, i) => f(a.slice([i]))));
      expectWithin(tapegrad.vmap(f as (x: Tensor) => Tensor)(a), each, 0);
      // In any order: nothing depends on which is the first.
      expectWithin(tapegrad.vmap(f as (x: Tensor) => Tensor)(tapegrad.flip(a, 0)), tapegrad.flip(each, 0), 0);
    }
  });

  test('the cofactors of graded, of rank-deficient and of large matrices keep their digits', () => {
    const diagonal = Tensor.of([1, 1e-10, 1e-20], 'float64').mul(Tensor.eye(3, 'float64')) as Tensor;
    expect(diagonalOf(grad(det)(diagonal)).toArray()).toEqual([1e-30, 1e-20, 1e-10].map((x) => expect.closeTo(x, 45)));
    for (const [n, rank] of [
      [6, 5],
      [6, 4],
      [7, 2],
      [8, 0],
      [5, 1],
    ] as const) {
      // biome-ignore format: pairs
      const [x, y] = [1, 2].map((seed) => Tensor.normal([n, rank], { seed, dtype: 'float64' })) as [Tensor, Tensor];
      const a = x.timesTransposed(y);
      const found = grad(det)(a);
      const cofactors = listed(a).map((row, i) => row.map((_, j) => (-1) ** (i + j) * expanded(minor(listed(a), i, j))));
      expectWithin(found, Tensor.of(cofactors, 'float64'), 1e-11 * Math.max(1, peak(found)));
      if (rank === n - 1) expect(peak(found)).toBeGreaterThan(1e-3);
    }
    const large = Tensor.normal([40, 40], { seed: 1, dtype: 'float64' }) as Tensor;
    const wanted = inv(large).transpose().mul(det(large));
    expectWithin(grad(det)(large), wanted, 1e-12 * peak(wanted));
  });

  test('the second derivative of log |det a| is that of the inverse: −a⁻¹[j, k] a⁻¹[l, i]', () => {
    const a = regular([3, 3], 8);
    const b = listed(inv(a));
    const found = hessian((x) => slogdet(x).logAbsDet)(a);
    const axes = [0, 1, 2];
    const wanted = axes.map((i) => axes.map((j) => axes.map((k) => axes.map((l) => -b[j]![k]! * b[l]![i]!))));
    expectWithin(found, Tensor.of(wanted, 'float64'), 1e-14);
    gradcheck((x) => slogdet(x).logAbsDet, [regular([2, 3, 3], 9)]);
  });

  test('the gradient of a sign is 0', () => {
    expect(peak(vjp((x) => slogdet(x).sign, regular([2, 2], 1))[1](Tensor.ones([], 'float64'))[0])).toBe(0);
  });
});

describe('matrices that are nearly singular', () => {
  test('have determinants in float32 whose second derivatives keep their digits', () => {
    const a = Tensor.of([[0.1, 0.3], [0.7, 2.1004]]); // biome-ignore format: a matrix
    const wanted = [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0];
    expect([...hessian((a: Tensor) => tapegrad.det(a))(a).data]).toEqual(wanted.map((h) => expect.closeTo(h, 5)));
  });
});

describe('empty matrices and NaN', () => {
  test('a matrix of no rows has the determinant 1', () => {
    const none = Tensor.zeros([0, 0]);
    expect([det(none).item(), slogdet(none).sign.item(), slogdet(none).logAbsDet.item()]).toEqual([1, 1, 0]);
    expect(grad(det)(none).shape).toEqual([0, 0]);
    expect(det(Tensor.zeros([0, 3, 3])).shape).toEqual([0]);
  });

  test.each([NaN, Infinity])('%d in a matrix comes out as NaN', (odd) => {
    const a = Tensor.of([[4, 1, 0], [1, odd, 1], [0, 1, 4]]); // biome-ignore format: a matrix
    for (const x of [det(a), slogdet(a).logAbsDet]) expect(x.data.some((y) => !Number.isFinite(y) || y === 0)).toBe(true);
  });

  test('an infinite pivot is not treated as singular', () => {
    expect(det(Tensor.of([[Infinity, 0], [0, 1]])).item()).toBe(Infinity); // biome-ignore format: a matrix
  });
});

describe('errors', () => {
  const tall = Tensor.zeros([3, 2]);
  refuses('%s is refused', [
    ['a det of a vector', () => det(Tensor.zeros([2])), ShapeError, /^det: .*\[2\]/],
    ['a det of no tensor', () => det(3 as never), DtypeError, /^det: expected a tensor/],
    ['slogdet of what is not square', () => slogdet(tall), ShapeError, /^slogdet: .*\[3, 2\]/],
    ['a det of whole numbers', () => det(Tensor.zeros([1, 1], 'int32')), DtypeError, /^det: expected float32 or float64, got int32/],
  ]); // biome-ignore format: one line a case
});

refuses('%s is refused', [['determinant of a number', () => tapegrad.det(Tensor.of(2)), /^det: expected square matrices/]]);
