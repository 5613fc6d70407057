/** Matrices to try linear algebra with, and the bounds that rounding allows. */

import fc from 'fast-check';
import { expect } from 'vitest';
import type { FloatDtype } from '../../src/base/dtype.ts';
import { Tensor } from '../../src/tensor/tensor.ts';

/** The distance from 1 to the next number. */
export const unit = { float32: 2 ** -23, float64: 2 ** -52 };

/** The largest size of any number. */
export const peak = (x: Tensor): number => [...x.data].reduce((most, y) => (Math.abs(y) > most || y !== y ? Math.abs(y) : most), 0);

export function expectWithin(found: Tensor, wanted: Tensor, allowed: number): void {
  expect(found.shape).toEqual(wanted.shape);
  expect(found.dtype).toBe(wanted.dtype);
  expect(peak(found.sub(wanted))).toBeLessThanOrEqual(allowed);
}

export const eye = (like: Tensor): Tensor => Tensor.eye(like.shape.at(-1)!, like.dtype).broadcastTo(like.shape);
export const diagonalOf = (x: Tensor): Tensor => x.mul(eye(x)).sum(-1);
export const symmetric = (x: Tensor): Tensor => x.add(x.transpose()).div(2);
/** A matrix far from singular, to take small steps from. */
export const regular = (shape: readonly number[], seed: number): Tensor => {
  const x = Tensor.uniform(shape, { low: -0.75, high: 0.75, seed, dtype: 'float64' });
  return x.add(Tensor.eye(shape.at(-1)!, 'float64').mul(3));
};
export const positive = (shape: readonly number[], seed: number): Tensor => symmetric(regular(shape, seed));

const batches = fc.constantFrom<number[]>([], [1], [3], [2, 2]);
const dtypes = fc.constantFrom<FloatDtype>('float32', 'float64');
const sizes = { min: 1, max: 8 };
/** Matrices of normally distributed numbers: as a rule neither singular nor far from it. */
export const matrices = (square: boolean): fc.Arbitrary<Tensor> =>
  fc
    .tuple(batches, fc.integer(sizes), fc.integer(sizes), fc.nat(), dtypes)
    .map(([batch, m, n, seed, dtype]) => Tensor.normal([...batch, m, square ? m : n], { seed, dtype }));

export const always = (holds: (a: Tensor) => void, of = matrices(true), numRuns = 100) =>
  fc.assert(
    fc.property(of, (a) => void holds(a)),
    { numRuns },
  );

/** What lies above the diagonal. */
export function upperPart(x: Tensor): Tensor {
  const [m, n] = x.shape.slice(-2) as [number, number];
  return x.mul(
    Tensor.arange(m, undefined, 1, x.dtype)
      .reshape([m, 1])
      .less(Tensor.arange(n, undefined, 1, x.dtype)),
  );
}

/** Whole numbers, so that nothing is rounded, in square matrices of a rank that is less than full. */
export const singular: fc.Arbitrary<Tensor> = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(), fc.nat()).map(([n, rank, seed]) => {
  const part = (shape: number[], by: number) => {
    const x = Tensor.uniform(shape, { low: -3, high: 3, seed: seed + by, dtype: 'float64' });
    return new Tensor(shape, x.data.map(Math.round));
  };
  const k = rank % n;
  return part([n, k], 0).matmul(part([k, n], 1));
});

export const listed = (x: Tensor): number[][] => x.toArray();

export const minor = (a: readonly number[][], row: number, column: number): number[][] =>
  a.filter((_, i) => i !== row).map((line) => line.filter((_, j) => j !== column));

/** The det by Laplace's expansion along the first row. */
export const expanded = (a: readonly number[][]): number =>
  a.length === 0 ? 1 : a[0]!.reduce((sum, x, j) => sum + (j % 2 === 0 ? x : -x) * expanded(minor(a, 0, j)), 0);
