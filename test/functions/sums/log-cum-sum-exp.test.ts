/** Running sums of exponentials, by their logarithms. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck, gradgradcheck, hessian, jacobian, jvp, logCumSumExp, Tensor, vjp, vmap } from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, made, matrix, range } from '../../lib/loops.ts';
import { float64 } from '../../lib/tensors.ts';

describe('running logarithms of sums of exponentials', () => {
  test('agree with loops along either axis, and their derivatives with differences', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1), (x, axis) => {
        const upTo = (i: number, j: number) =>
          axis === 0 ? range(i + 1).map((k) => at(x, [k, j])) : range(j + 1).map((k) => at(x, [i, k]));
        expectClose(logCumSumExp(x, axis), made(x.shape, (i, j) => Math.log(upTo(i, j).reduce((a, b) => a + Math.exp(b), 0)))); // biome-ignore format: a line
        expectClose(logCumSumExp(x, axis).slice(axis === 0 ? [-1] : [null, -1]), x.logSumExp(axis));
        gradcheck((x) => logCumSumExp(x, axis), [x]);
      }),
    );
    gradgradcheck((x) => logCumSumExp(x), [float64([0.3, -1, 2, 0.5])]);
  });

  test('neither overflow nor lose what is small, and of nothing are −∞', () => {
    const y = logCumSumExp(float64([-Infinity, -Infinity, 1000, 1000, -1000]), 0);
    expect(y.toArray()).toEqual([-Infinity, -Infinity, 1000, 1000 + Math.LN2, 1000 + Math.LN2]);
    expect(logCumSumExp(Tensor.zeros([0])).shape).toEqual([0]);
  });

  test.each([
    [[-Infinity, -Infinity]],
    [[-Infinity, 0]],
    [[Infinity, 0]],
    [[0, Infinity]],
    [[0, Infinity, 1, Infinity, -Infinity]],
    [[-Infinity, 2, -Infinity, Infinity]],
    [[1000, 1000, -1000]],
  ])('slope at %j as the sums of each start do, by every way', (values) => {
    const x = float64(values);
    const rows = values.map((_, i) => {
      const [, pullback] = vjp((x: Tensor) => x.slice([[0, i + 1]]).logSumExp(), x);
      return pullback(Tensor.of(1, 'float64'))[0]!.toArray() as number[];
    });
    const close = (found: number, wanted: number) => Object.is(found + 0, wanted + 0) || Math.abs(found - wanted) < 1e-12;
    const f = (x: Tensor) => logCumSumExp(x);
    const slopes = jacobian(f)(x);
    rows.forEach((row, i) => {
      row.forEach((wanted, j) => {
        expect(close(at(slopes, [i, j]), wanted), `${i}, ${j}: ${at(slopes, [i, j])}, not ${wanted}`).toBe(true);
      });
    });
    const ones = Tensor.ones(x.shape, 'float64');
    const [pulled] = vjp(f, x)[1](ones);
    const mapped = vmap((x: Tensor) => vjp(f, x)[1](ones)[0]!)(x.reshape([1, -1]));
    pulled.data.forEach((found, j) => {
      const wanted = rows.reduce((sum, row) => sum + row[j]!, 0);
      expect(close(found, wanted)).toBe(true);
      expect(close(mapped.data[j]!, wanted)).toBe(true);
    });
    const [, pushed] = jvp(f, [x], [ones]);
    pushed.data.forEach((found, i) => expect(close(found, rows[i]!.reduce((a, b) => a + b))).toBe(true)); // biome-ignore format: a line
  });

  test('are flat at infinities to the second derivative', () => {
    for (const values of [[Infinity, 0], [-Infinity, -Infinity], [-Infinity, 3]]) // biome-ignore format: pairs
      expect(hessian((x: Tensor) => logCumSumExp(x).sum())(float64(values)).data.every((second) => second === 0)).toBe(true);
  });
});
