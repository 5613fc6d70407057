/** Products of vectors and matrices, and matrices with a structure, by their definitions. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blockDiag,
  cross,
  DtypeError,
  gradcheck,
  gradgradcheck,
  kron,
  ShapeError,
  Tensor,
  ValueError,
  vander,
  vmap,
} from '../../../src/index.ts';
import { expectWithin, peak } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const normal = (shape: number[], seed: number): Tensor => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;

describe('cross', () => {
  test('is orthogonal to both vectors, and changes its sign when they are exchanged; along any axis, broadcast', () =>
    void fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 1, -1), (seed, axis) => {
        const shape = axis === 0 ? [3, 2] : [2, 3];
        const [a, b] = [normal(shape, seed), normal(axis === 0 ? [3, 1] : [3], seed + 1)];
        const c = cross(a, b, axis);
        expect(peak(c.mul(a).sum(axis) as Tensor)).toBeLessThan(1e-13);
        expect(peak(c.mul(b).sum(axis) as Tensor)).toBeLessThan(1e-13);
        expectWithin(cross(b, a, axis), c.neg(), 0);
      }),
      { numRuns: runs(50) },
    ));

  test('of the axes in order is the third one, of whole numbers too', () => {
    expect(cross(int32([1, 0, 0]), int32([[0, 1, 0], [0, 0, 1]])).toArray()).toEqual([[0, 0, 1], [0, -1, 0]]); // biome-ignore format: a matrix
    gradgradcheck((a, b) => cross(a!, b!), [normal([2, 3], 1), normal([3], 2)]);
  });
});

describe('kron', () => {
  test('has a multiple of the second matrix for each element of the first; transposed it is that of the transposed', () =>
    void fc.assert(
      fc.property(fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 3 }))), fc.nat(), ([m, n, p, q], seed) => {
        const [a, b] = [normal([m!, n!], seed), normal([p!, q!], seed + 1)];
        const y = kron(a, b);
        expect(y.shape).toEqual([m! * p!, n! * q!]);
        const wanted = Array.from({ length: m! * p! }, (_, i) =>
          Array.from({ length: n! * q! }, (_, j) => a.toArray()[Math.floor(i / p!)][Math.floor(j / q!)] * b.toArray()[i % p!][j % q!]),
        );
        expect(y.toArray()).toEqual(wanted);
        expect(kron(a.transpose() as Tensor, b.transpose() as Tensor).toArray()).toEqual((y.transpose() as Tensor).toArray());
      }),
      { numRuns: runs(50) },
    ));

  test('of shapes with fewer axes', () => {
    expect(kron(float64([1, 2]), float64([1, 10])).toArray()).toEqual([1, 10, 2, 20]);
    expect(kron(float64(3), float64([[1, 2]])).toArray()).toEqual([[3, 6]]);
    gradcheck((a, b) => kron(a!, b!), [normal([2], 1), normal([2, 2], 2)]);
  });
});

describe('blockDiag', () => {
  test('puts matrices along the diagonal; vectors are rows, also of no elements', () => {
    const y = blockDiag([float64([[1, 2], [3, 4]]), float64([5, 6]), float64(7), Tensor.zeros([0, 1], 'float64')]); // biome-ignore format: matrices
    expect(y.toArray()).toEqual([[1, 2, 0, 0, 0, 0], [3, 4, 0, 0, 0, 0], [0, 0, 5, 6, 0, 0], [0, 0, 0, 0, 7, 0]]); // biome-ignore format: a matrix
    gradcheck((a, b) => blockDiag([a!, b!]), [normal([2, 1], 1), normal([1, 2], 2)]);
    expect(vmap((x: Tensor) => blockDiag([x, x]))(normal([2, 1, 1], 1)).shape).toEqual([2, 2, 2]);
  });
});

describe('vander', () => {
  test('times coefficients is the polynomial, and its gradient is right at 0', () => {
    const x = float64([0, 2, -1]);
    expect(
      vander(x, { columns: 4 })
        .matmul(float64([1, 2, 3, 4]))
        .toArray(),
    ).toEqual([1, 49, -2]);
    expect(vander(x).toArray()).toEqual([[1, 0, 0], [1, 2, 4], [1, -1, 1]]); // biome-ignore format: a matrix
    expect(vander(x, { descending: true }).toArray()).toEqual([[0, 0, 1], [4, 2, 1], [1, -1, 1]]); // biome-ignore format: a matrix
    gradgradcheck((x) => vander(x!, { columns: 4 }), [x]);
    expect([0, 1].map((columns) => vander(x, { columns }).shape)).toEqual([[3, 0], [3, 1]]); // biome-ignore format: shapes
    expect(vander(int32([[1, 2], [3, 4]])).toArray()).toEqual([[[1, 1], [1, 2]], [[1, 3], [1, 4]]]); // biome-ignore format: matrices
  });
});

refuses('%s is refused', [
  ['vectors of two', () => cross(Tensor.of([1, 2]), Tensor.of([1, 2])), ShapeError, /^cross: expected vectors of 3 along axis -1, got shapes \[2\] and \[2\]/],
  ['a stretched axis', () => cross(Tensor.of([1]), Tensor.of([1, 2, 3])), ShapeError, /^cross: expected vectors of 3/],
  ['two dtypes', () => cross(float64([1, 2, 3]), Tensor.of([1, 2, 3])), DtypeError, /^cross: expected tensors of one dtype, got float64 and float32/],
  ['kron of two dtypes', () => kron(float64([1]), Tensor.of([1])), DtypeError, /^kron: /],
  ['blocks that are no list', () => blockDiag(Tensor.of([[1]]) as never), ShapeError, /^blockDiag: expected a list of matrices, such as \[a, b\], got a tensor of shape \[1, 1\]/],
  ['no blocks', () => blockDiag([]), ShapeError, /^blockDiag: expected a list/],
  ['blocks of three axes', () => blockDiag([Tensor.zeros([1, 1, 1])]), ShapeError, /^blockDiag: expected matrices, got shape \[1, 1, 1\] for matrix 0/],
  ['a scalar', () => vander(Tensor.of(1)), ShapeError, /^vander: /],
  ['a number of columns in its place', () => vander(Tensor.of([1]), 3 as never), ValueError, /^vander: expected options/],
]); // biome-ignore format: one line a case
