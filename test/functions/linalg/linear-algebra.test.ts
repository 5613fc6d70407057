/**
 * Linear algebra, held against what defines it: a product, an identity, an order. The bounds are those that rounding allows, as numerical analysis
 * states them: a few units in the last place, times the sizes of what is multiplied.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, ShapeError, ValueError } from '../../../src/base/errors.ts';
import { cholesky, det, eigh, grad, gradcheck, hessian, inv, jvp, qr, slogdet, solve, solveTriangular, vjp } from '../../../src/index.ts';
import { jacobi } from '../../../src/machine/factorizations/jacobi.ts';
import { Tensor } from '../../../src/tensor/tensor.ts';
import { runs } from '../../lib/runs.ts';

type FloatDtype = 'float32' | 'float64';
const unit = { float32: 2 ** -23, float64: 2 ** -52 };

/** The largest size of any number. */
const peak = (x: Tensor): number => [...x.data].reduce((most, y) => (Math.abs(y) > most || y !== y ? Math.abs(y) : most), 0);

function expectClose(found: Tensor, wanted: Tensor, allowed: number): void {
  expect(found.shape).toEqual(wanted.shape);
  expect(found.dtype).toBe(wanted.dtype);
  expect(peak(found.sub(wanted))).toBeLessThanOrEqual(allowed);
}

const eye = (like: Tensor): Tensor => Tensor.eye(like.shape.at(-1)!, like.dtype).broadcastTo(like.shape);
const diagonal = (x: Tensor): Tensor => x.mul(eye(x)).sum(-1);
const symmetric = (x: Tensor): Tensor => x.add(x.transpose()).div(2);
/** A matrix far from singular, to take small steps from. */
const regular = (shape: readonly number[], seed: number): Tensor => {
  const x = Tensor.uniform(shape, { low: -0.75, high: 0.75, seed, dtype: 'float64' });
  return x.add(Tensor.eye(shape.at(-1)!, 'float64').mul(3));
};
const positive = (shape: readonly number[], seed: number): Tensor => symmetric(regular(shape, seed));

const batches = fc.constantFrom<number[]>([], [1], [3], [2, 2]);
const dtypes = fc.constantFrom<FloatDtype>('float32', 'float64');
const sizes = { min: 1, max: 8 };
/** Matrices of normally distributed numbers: as a rule neither singular nor far from it. */
const matrices = (square: boolean): fc.Arbitrary<Tensor> =>
  fc
    .tuple(batches, fc.integer(sizes), fc.integer(sizes), fc.nat(), dtypes)
    .map(([batch, m, n, seed, dtype]) => Tensor.normal([...batch, m, square ? m : n], { seed, dtype }));

const always = (holds: (a: Tensor) => void, of = matrices(true), numRuns = 100) =>
  fc.assert(
    fc.property(of, (a) => void holds(a)),
    { numRuns },
  );

describe('inv and solve', () => {
  test('the inverse times the matrix is the identity', () =>
    always((a) => {
      const b = inv(a);
      const allowed = 50 * unit[a.dtype as FloatDtype] * a.shape.at(-1)! * Math.max(1, peak(a) * peak(b));
      expectClose(a.matmul(b), eye(a), allowed);
      // Column by column it is solved for on the right, so on the left the condition enters.
      expectClose(b.matmul(a), eye(a), allowed * 20);
    }));

  test('a solution solves the system, and agrees with the inverse', () =>
    always((a) => {
      const b = Tensor.normal([...a.shape.slice(0, -1), 2], { seed: 7, dtype: a.dtype });
      const x = solve(a, b);
      const allowed = 50 * unit[a.dtype as FloatDtype] * a.shape.at(-1)!;
      expectClose(a.matmul(x), b, allowed * Math.max(1, peak(a) * peak(x)));
      expectClose(x, inv(a).matmul(b), allowed * Math.max(1, peak(a) * peak(x) * peak(inv(a))));
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
      expectClose(t.matmul(solveTriangular(a, b, { upper })), b.broadcastTo([2, 4, 3]), 1e-14);
      expectClose(t.transposedTimes(solveTriangular(a, b, { upper, transposed: true })), b.broadcastTo([2, 4, 3]), 1e-14);
    }
    expect(solveTriangular(Tensor.of([[2]]), Tensor.of([6]), { upper: true }).toArray()).toEqual([3]);
  });

  test('rows are exchanged where a pivot would be 0', () => {
    expect(inv(Tensor.of([[0, 2], [4, 0]])).toArray()).toEqual([[0, 0.25], [0.5, 0]]); // biome-ignore format: matrices
  });

  test('their gradients are those that small steps measure, in batches and broadcast', () => {
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

describe('det and slogdet', () => {
  test('the determinant of a product is the product of the determinants', () =>
    always((a) => {
      const b = Tensor.normal(a.shape, { seed: 11, dtype: a.dtype });
      const wanted = det(a).mul(det(b));
      // By Hadamard, no determinant is larger than the product of the lengths of the rows; no error is, but for its digits.
      const lengths = a.abs().matmul(b.abs()).pow(2).sum(-1).sqrt();
      const most = peak(lengths.log().sum(-1).exp());
      expectClose(det(a.matmul(b)), wanted, 2 * a.shape.at(-1)! * unit[a.dtype as FloatDtype] * most);
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
      expectClose(sign.cast('float64'), value.sign(), 0);
      expectClose(logAbsDet.cast('float64'), value.abs().log(), 1e-5);
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
  });

  test('the gradient at a matrix of any rank is the matrix of cofactors', () =>
    fc.assert(
      fc.property(singular, (a) => {
        const n = a.shape[0]!;
        const cofactors = listed(a).map((row, i) => row.map((_, j) => (-1) ** (i + j) * expanded(minor(listed(a), i, j))));
        const found = grad(det)(a);
        expectClose(found, n === 0 ? found : Tensor.of(cofactors, 'float64'), 1e-11 * Math.max(1, ...cofactors.flat().map(Math.abs)));
        expectClose(grad(det)(a.cast('float32')).cast('float64'), found, 1e-5 * Math.max(1, peak(found)));
      }),
    ));

  test('the second and third derivatives at a matrix of any rank are those that small steps measure', () =>
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
    expectClose(det(a), Tensor.of([-2, 0, 0, 1e-12], 'float64'), 1e-15);
    gradcheck(det, [a]);
    gradcheck((x) => grad((x) => det(x).pow(2).sum())(x), [a], { tolerance: 1e-5 });
    const found = grad((x) => det(x.reshape([2, 2, 2, 2])).sum())(a);
    expectClose(found, Tensor.of([[[4, -3], [-2, 1]], [[4, -2], [-2, 1]], [[0, 0], [0, 0]], [[1, -1], [-1, 1]]], 'float64'), 1e-11); // biome-ignore format: matrices
  });

  test('the second derivative of log |det a| is that of the inverse: −a⁻¹[j, k] a⁻¹[l, i]', () => {
    const a = regular([3, 3], 8);
    const b = listed(inv(a));
    const found = hessian((x) => slogdet(x).logAbsDet)(a);
    const axes = [0, 1, 2];
    const wanted = axes.map((i) => axes.map((j) => axes.map((k) => axes.map((l) => -b[j]![k]! * b[l]![i]!))));
    expectClose(found, Tensor.of(wanted, 'float64'), 1e-14);
    gradcheck((x) => slogdet(x).logAbsDet, [regular([2, 3, 3], 9)]);
  });

  test('the gradient of a sign is 0', () => {
    expect(peak(vjp((x) => slogdet(x).sign, regular([2, 2], 1))[1](Tensor.ones([], 'float64'))[0])).toBe(0);
  });
});

describe('cholesky', () => {
  const definite = matrices(true).map((x) => x.timesTransposed(x).add(Tensor.eye(x.shape.at(-1)!, x.dtype)));

  test('a lower factor with a positive diagonal, times its transpose, is the matrix', () =>
    always((a) => {
      const l = cholesky(a);
      expectClose(l.timesTransposed(l), a, 20 * unit[a.dtype as FloatDtype] * a.shape.at(-1)! * peak(a));
      expect(Math.min(...diagonal(l).data)).toBeGreaterThan(0);
      expect(peak(upperPart(l))).toBe(0);
    }, definite));

  test('has the gradients that small steps measure, and they are symmetric', () => {
    const a = positive([2, 3, 3], 3);
    gradcheck(cholesky, [a]);
    gradcheck((x) => grad((x) => cholesky(x).pow(3).sum())(x), [a], { tolerance: 1e-5 });
    const gradient = grad((x) => cholesky(x).pow(3).sum())(a);
    expect(gradient.toArray()).toEqual(gradient.transpose().toArray());
  });

  test('half of log det a is the sum of the logarithms on the diagonal, and so are the gradients', () => {
    const a = positive([4, 4], 4);
    const byFactor = (x: Tensor) => diagonal(cholesky(x)).log().sum().mul(2);
    const byPivots = (x: Tensor) => slogdet(x).logAbsDet;
    expectClose(byFactor(a), byPivots(a), 1e-14);
    expectClose(grad(byFactor)(a), grad(byPivots)(a), 1e-14);
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
      expectClose(q.matmul(r), a, allowed * Math.max(1, peak(a)));
      const products = q.transposedTimes(q);
      expectClose(products, eye(products), allowed);
      expect(peak(upperPart(r.transpose()))).toBe(0);
      const square = r.slice([...r.shape.slice(0, -1).map(() => null), [0, Math.min(m, n)]]);
      expect(Math.min(...diagonal(square).data)).toBeGreaterThanOrEqual(0);
    }, matrices(false)));

  test('a matrix of zeros, of huge and of tiny numbers has a factor q as well', () => {
    for (const by of [0, 1e-200, 1e200]) {
      const a = regular([4, 3, 3], 1).slice([0]).mul(by);
      const { q, r } = qr(a);
      expectClose(q.transposedTimes(q), Tensor.eye(3, 'float64'), 1e-14);
      expectClose(q.matmul(r), a, 1e-14 * by);
    }
  });

  test('has the gradients that small steps measure: tall, square and wide, in batches', () => {
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
      expectClose(a.matmul(vectors), vectors.mul(values.reshape([...values.shape.slice(0, -1), 1, values.shape.at(-1)!])), allowed);
      expectClose(vectors.transposedTimes(vectors), eye(a), allowed);
      const steps = values
        .slice([...a.shape.slice(0, -2).map(() => null), [1]])
        .sub(values.slice([...a.shape.slice(0, -2).map(() => null), [0, -1]]));
      expect(Math.min(0, ...steps.data)).toBe(0);
      // Of each vector the largest number is positive.
      expectClose(vectors.max([-2]), vectors.abs().max([-2]), 4 * unit[a.dtype as FloatDtype]);
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
          expectClose(vectors.mul(values).timesTransposed(vectors), a, 1e-13 * Math.max(peak(a), 1e-300));
        },
      ),
    ));

  test('has the gradients that small steps measure where values are distinct, and they are symmetric', () => {
    const a = positive([2, 3, 3], 5).add(Tensor.eye(3, 'float64').mul(Tensor.of([0, 2, 4], 'float64')));
    const [values, vectors] = [(x: Tensor) => eigh(x).values, (x: Tensor) => eigh(x).vectors];
    gradcheck(values, [a]);
    gradcheck(vectors, [a]);
    const both = grad((x: Tensor) => values(x).pow(3).sum().add(vectors(x).pow(3).sum()));
    gradcheck(both, [a], { tolerance: 1e-5 });
    expectClose(both(a), both(a).transpose(), 1e-14);
  });

  test('where values are alike, the sum of their powers still has its gradient, and a vector has none', () => {
    const a = Tensor.eye(3, 'float64').mul(2);
    const cubes = (x: Tensor) => eigh(x).values.pow(3).sum();
    expectClose(grad(cubes)(a), Tensor.eye(3, 'float64').mul(12), 1e-14);
    expectClose(jvp(cubes, [a], [Tensor.ones([3, 3], 'float64')])[1], Tensor.full([], 36, 'float64'), 1e-13);
    expect(
      Number.isFinite(
        peak(
          grad((x) =>
            eigh(x)
              .vectors.mul(Tensor.arange(9, undefined, 1, 'float64').reshape([3, 3]))
              .sum(),
          )(a),
        ),
      ),
    ).toBe(false);
  });
});

describe('what is empty, and what is no number', () => {
  const none = Tensor.zeros([0, 0]);

  test('matrices of no rows have the determinant 1, and factors of no rows', () => {
    expect([det(none).item(), slogdet(none).sign.item(), slogdet(none).logAbsDet.item()]).toEqual([1, 1, 0]);
    expect(grad(det)(none).shape).toEqual([0, 0]);
    expect([inv(none).shape, cholesky(none).shape, solve(none, Tensor.zeros([0, 2])).shape]).toEqual([[0, 0], [0, 0], [0, 2]]); // biome-ignore format: shapes
    expect([eigh(none).values.shape, eigh(none).vectors.shape]).toEqual([[0], [0, 0]]);
    expect([qr(Tensor.zeros([3, 0])).q.shape, qr(Tensor.zeros([0, 3])).r.shape]).toEqual([[3, 0], [0, 3]]); // biome-ignore format: shapes
    expect([det(Tensor.zeros([0, 3, 3])).shape, inv(Tensor.zeros([0, 3, 3])).shape]).toEqual([[0], [0, 3, 3]]);
  });

  test.each([NaN, Infinity])('%d in a matrix comes out as NaN, and nothing waits for it', (odd) => {
    const a = Tensor.of([[4, 1, 0], [1, odd, 1], [0, 1, 4]]); // biome-ignore format: a matrix
    const { values, vectors } = eigh(a);
    for (const x of [inv(a).matmul(inv(a)), det(a), slogdet(a).logAbsDet, cholesky(a), qr(a).r, values, vectors])
      expect(x.data.some((y) => !Number.isFinite(y) || y === 0)).toBe(true);
    expect([...values.data, ...vectors.data].every(Number.isNaN)).toBe(true);
    expect(jacobi(new Float64Array(9).fill(odd), 3).values).toEqual(new Float64Array(3).fill(NaN));
  });

  test('NaN is no pivot of 0, and an infinite one is not taken for a reason to divide by blocks', () => {
    expect(inv(Tensor.of([[0, 1], [NaN, 1]])).data.every(Number.isNaN)).toBe(true); // biome-ignore format: a matrix
    expect(qr(Tensor.of([[NaN], [0]])).q.data.every(Number.isNaN)).toBe(true);
    expect(det(Tensor.of([[Infinity, 0], [0, 1]])).item()).toBe(Infinity); // biome-ignore format: a matrix
  });
});

describe('errors', () => {
  const [tall, whole] = [Tensor.zeros([3, 2]), Tensor.of([[1, 0], [0, 1]], 'int32')]; // biome-ignore format: matrices
  const square = Tensor.eye(2);
  const stacked = Tensor.of([[[1, 0], [0, 1]], [[1, 2], [1, 2]]]); // biome-ignore format: matrices
  test.each<[string, () => unknown, new () => Error, RegExp]>([
    ['an inverse of what is not square', () => inv(tall), ShapeError, /^inv: expected square matrices \[\.\.\., n, n\], got shape \[3, 2\]/],
    ['a det of a vector', () => det(Tensor.zeros([2])), ShapeError, /^det: .*\[2\]/],
    ['a det of no tensor', () => det(3 as never), DtypeError, /^det: expected a tensor/],
    ['slogdet of what is not square', () => slogdet(tall), ShapeError, /^slogdet: .*\[3, 2\]/],
    ['cholesky of what is not square', () => cholesky(tall), ShapeError, /^cholesky: .*\[3, 2\]/],
    ['eigh of what is not square', () => eigh(tall), ShapeError, /^eigh: .*\[3, 2\]/],
    ['qr of a vector', () => qr(Tensor.zeros([2])), ShapeError, /^qr: expected matrices \[\.\.\., m, n\], got shape \[2\]/],
    ['a right side that does not fit', () => solve(square, Tensor.zeros([3, 1])), ShapeError, /^solve: .*\[\.\.\., 2, k\] or \[2\].*\[2, 2\], got \[3, 1\]/],
    ['a right side that is a number', () => solve(square, Tensor.zeros([])), ShapeError, /^solve: .*got \[\]/],
    ['batches that do not broadcast', () => solve(Tensor.zeros([2, 1, 1]), Tensor.zeros([3, 1, 1])), ShapeError, /^solve: .*do not broadcast/],
    ['a singular matrix', () => inv(Tensor.ones([2, 2])), ValueError, /^inv: .*the matrix of shape \[2, 2\].*column 1.*equal rows.*det/],
    ['the second of two, singular', () => solve(stacked, Tensor.zeros([2])), ValueError, /^solve: .*matrix 1 of those of shape \[2, 2, 2\]/],
    ['a zero on the diagonal', () => solveTriangular(Tensor.zeros([1, 1]), Tensor.zeros([1]), { upper: true }), ValueError, /^solveTriangular: .*row 0 of the matrix/],
    ['no triangle named', () => solveTriangular(square, square, undefined as never), ValueError, /^solveTriangular: expected \{ upper: true \}/],
    ['a matrix that is not positive definite', () => cholesky(Tensor.of([[1, 2], [2, 1]])), ValueError, /^cholesky: .*pivot -3 in row 1 of the matrix of shape \[2, 2\]/],
    ['whole numbers', () => inv(whole), DtypeError, /^inv: expected float32 or float64, got int32/],
    ['a det of whole numbers', () => det(Tensor.zeros([1, 1], 'int32')), DtypeError, /^det: expected float32 or float64, got int32/],
    ['the gradient of log |det| where there is none', () => grad((x) => slogdet(x).logAbsDet)(Tensor.ones([2, 2])), ValueError, /^inv: .*singular/],
  ])('%s is refused', (_, run, kind, message) => {
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  }); // biome-ignore format: one line a case
});

/** What lies above the diagonal. */
function upperPart(x: Tensor): Tensor {
  const [m, n] = x.shape.slice(-2) as [number, number];
  return x.mul(
    Tensor.arange(m, undefined, 1, x.dtype)
      .reshape([m, 1])
      .less(Tensor.arange(n, undefined, 1, x.dtype)),
  );
}

/** Whole numbers, so that nothing is rounded, in square matrices of a rank that is less than full. */
const singular: fc.Arbitrary<Tensor> = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(), fc.nat()).map(([n, rank, seed]) => {
  const part = (shape: number[], by: number) => {
    const x = Tensor.uniform(shape, { low: -3, high: 3, seed: seed + by, dtype: 'float64' });
    return new Tensor(shape, x.data.map(Math.round));
  };
  const k = rank % n;
  return part([n, k], 0).matmul(part([k, n], 1));
});

const listed = (x: Tensor): number[][] => x.toArray();

const minor = (a: readonly number[][], row: number, column: number): number[][] =>
  a.filter((_, i) => i !== row).map((line) => line.filter((_, j) => j !== column));

/** The det by Laplace's expansion along the first row. */
const expanded = (a: readonly number[][]): number =>
  a.length === 0 ? 1 : a[0]!.reduce((sum, x, j) => sum + (j % 2 === 0 ? x : -x) * expanded(minor(a, 0, j)), 0);
