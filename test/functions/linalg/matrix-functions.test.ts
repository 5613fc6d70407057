/** The exponential of matrices, held against the series, known ones and its own laws; and powers. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, gradcheck, gradgradcheck, inv, matrixExp, matrixPower, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectWithin, peak, regular } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

const normal = (shape: number[], seed: number): Tensor => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;

describe('matrixExp', () => {
  test('is the series, for matrices of small norm', () =>
    void fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (n, seed) => {
        const a = normal([n, n], seed).div(2 * n) as Tensor;
        let [term, total] = [Tensor.eye(n, 'float64'), Tensor.eye(n, 'float64')] as [Tensor, Tensor];
        for (let i = 1; i < 40; i++) {
          term = term.matmul(a).div(i) as Tensor;
          total = total.add(term) as Tensor;
        }
        expectWithin(matrixExp(a), total, 1e-14 * peak(total));
      }),
      { numRuns: runs(60) },
    ));

  test('squared is that of twice the matrix, and turned over that of the negative one', () =>
    void fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.constantFrom(0.1, 1, 3), (n, seed, by) => {
        const a = normal([n, n], seed).mul(by) as Tensor;
        const [y, twice] = [matrixExp(a), matrixExp(a.mul(2) as Tensor)];
        expectWithin(y.matmul(y), twice, 1e-12 * Math.max(1, peak(y) ** 2));
        expectWithin(matrixExp(a.transpose() as Tensor), y.transpose() as Tensor, 1e-12 * Math.max(1, peak(y)));
      }),
      { numRuns: runs(60) },
    ));

  test('known ones: nilpotent, turning, diagonal, large, zero, of no rows', () => {
    expect(matrixExp(float64([[0, 1, 0], [0, 0, 2], [0, 0, 0]])).toArray()).toEqual([[1, 1, 1], [0, 1, 2], [0, 0, 1]]); // biome-ignore format: a matrix
    expect(matrixExp(float64([[0, 1e300], [0, 0]])).toArray()).toEqual([[1, 1e300], [0, 1]]); // biome-ignore format: a matrix
    const turn = matrixExp(float64([[0, -1], [1, 0]])); // biome-ignore format: a matrix
    expectWithin(turn, float64([[0.5403023058681398, -0.8414709848078965], [0.8414709848078965, 0.5403023058681398]]), 1e-15); // biome-ignore format: a matrix
    expect(matrixExp(float64([[-700]])).item() / 9.85967654375977e-305).toBeCloseTo(1, 12);
    expect(matrixExp(Tensor.zeros([2, 2])).toArray()).toEqual([[1, 0], [0, 1]]); // biome-ignore format: a matrix
    expect(matrixExp(Tensor.zeros([0, 0])).shape).toEqual([0, 0]);
    expect(matrixExp(Tensor.of([[NaN]])).item()).toBeNaN();
    // What cancels in the powers: an example of Al-Mohy and Higham, of a norm of 1e6, whose exponential has a square of 2.
    const far = matrixExp(float64([[1, 1e6], [0, -1]])); // biome-ignore format: a matrix
    expect(far.data[0]! / Math.E).toBeCloseTo(1, 14);
    expect(far.data[1]! / (1e6 * 1.1752011936438014)).toBeCloseTo(1, 13);
  });

  test('has the gradients of finite differences, to second order', () => {
    for (const a of [
      normal([2, 3, 3], 1),
      Tensor.zeros([2, 2], 'float64') as Tensor,
      float64([
        [0, 1],
        [0, 0],
      ]),
    ]) {
      // biome-ignore format: matrices
      gradcheck((x) => matrixExp(x!), [a]);
      gradgradcheck((x) => matrixExp(x!), [a], { tolerance: 1e-4 });
    }
  });

  test('the slope of the sum of a row of numbers that commute is that of numbers', () => {
    expect(grad((x: Tensor) => matrixExp(x).sum())(float64([[1]])).item() / Math.E).toBeCloseTo(1, 14);
  });
});

describe('matrixPower', () => {
  test('is so many products, and of a negative power of the inverse', () =>
    void fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.nat(1000), (power, seed) => {
        const a = regular([2, 3, 3], seed);
        let wanted = Tensor.eye(3, 'float64').broadcastTo([2, 3, 3]) as Tensor;
        for (let i = 0; i < power; i++) wanted = wanted.matmul(a);
        expectWithin(matrixPower(a, power), wanted, 1e-13 * peak(wanted));
        expectWithin(matrixPower(a, -power), inv(wanted), 1e-12);
      }),
      { numRuns: runs(60) },
    ));

  test('has gradients to second order, 0 for the power 0', () => {
    const a = regular([2, 2], 3);
    for (const power of [3, -2]) {
      gradcheck((x) => matrixPower(x!, power), [a]);
      gradgradcheck((x) => matrixPower(x!, power), [a], { tolerance: 1e-4 });
    }
    expect(grad((x: Tensor) => matrixPower(x, 0).sum())(a).toArray()).toEqual([[0, 0], [0, 0]]); // biome-ignore format: a matrix
  });

  refuses('%s is refused', [
    ['a matrix that is not square', () => matrixPower(Tensor.zeros([2, 3]), 2), ShapeError, /^matrixPower: expected square matrices/],
    ['a power that is not whole', () => matrixPower(Tensor.eye(2), 0.5), ValueError, /^matrixPower: expected power to be a whole number, got 0.5/],
    ['a negative power of a singular matrix', () => matrixPower(Tensor.zeros([2, 2]), -1), ValueError, /^matrixPower: expected regular matrices/],
    ['the exponential of what is not square', () => matrixExp(Tensor.zeros([2, 3])), ShapeError, /^matrixExp: expected square matrices/],
  ]); // biome-ignore format: one line a case
});
