/** Distances and angles. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acos,
  cdist,
  cosineSimilarity,
  DtypeError,
  grad,
  gradcheck,
  gradgradcheck,
  pairwiseDistance,
  ShapeError,
  Tensor,
  ValueError,
} from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

describe('cosines', () => {
  test('are those of the vectors after broadcasting, along any axis', () => {
    const shape = fc.constantFrom([1, 1], [1, 3], [2, 1], [2, 3], [3], [1]);
    fc.assert(
      fc.property(shape, shape, fc.constantFrom(0, 1, -1), fc.integer(), (left, right, axis, seed) => {
        const rank = Math.max(left.length, right.length);
        if (axis >= rank) return;
        const [a, b] = [left, right].map((shape, i) => Tensor.normal(shape, { seed: (seed >>> 1) + i, dtype: 'float64' }) as Tensor) as [
          Tensor,
          Tensor,
        ];
        const [wideA, wideB] = [a.add(b.mul(0)), b.add(a.mul(0))] as [Tensor, Tensor];
        const lengths = [wideA, wideB].map((x) => x.mul(x).sum(axis).sqrt()) as [Tensor, Tensor];
        expectClose(cosineSimilarity(a, b, axis), wideA.mul(wideB).sum(axis).div(lengths[0].mul(lengths[1])) as Tensor);
        gradcheck((a, b) => cosineSimilarity(a!, b!, axis), [a.add(3), b.add(3)] as Tensor[]);
      }),
    );
    const close = (values: number[]) => values.map((x) => expect.closeTo(x, 5));
    expect(cosineSimilarity(float64([[1, 1]]), float64([[1]]), 1).toArray()).toEqual(close([1]));
    expect(cosineSimilarity(float64([3, 4]), float64([[3, 4], [4, 3]]), 0).toArray()).toEqual(close([0.98995, 0.98995])); // biome-ignore format: a matrix
    expect(cosineSimilarity(float64([3, 4]), float64([[3, 4], [1, 0]]), 1).toArray()).toEqual(close([1, 0.6])); // biome-ignore format: a matrix
    expect(grad((a: Tensor) => cosineSimilarity(a, float64([[1]]), 1).sum())(float64([[1, 2]])).toArray()).toEqual([
      close([0.12649, -0.06325]),
    ]);
  });

  test('are from −1 to 1, with a derivative beyond rounding as well', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const by of [3, -3]) {
        const x = Tensor.normal([1, 7], { seed }) as Tensor;
        const cosine = cosineSimilarity(x, x.mul(by));
        expect(Math.abs(cosine.item())).toBeLessThanOrEqual(1);
        expect(Math.abs(cosine.item())).toBeGreaterThan(0.999999);
        expect(acos(cosine).item()).not.toBeNaN();
        expect(grad((y: Tensor) => cosineSimilarity(y, x).sum())(x.mul(by)).data.every(Number.isFinite)).toBe(true);
      }
    }
    expect(cosineSimilarity(float64([NaN, 1]), float64([1, 1])).item()).toBeNaN();
    expect(cosineSimilarity(float64([0, 0]), float64([1, 1])).item()).toBe(0);
    expect(cosineSimilarity(float64([3e200, 4e200]), float64([3e-3, 4e-3])).item()).toBeCloseTo(1, 14);
  });
});

describe('distances', () => {
  test('of equal points are 0, with the slope 0', () => {
    const x = float64([[1, 2]]);
    expect(pairwiseDistance(x, x).toArray()).toEqual([0]);
    expect(grad((a: Tensor) => pairwiseDistance(a, x).sum())(x).toArray()).toEqual([[0, 0]]);
  });

  test('may have another order, keep the axis, and broadcast', () => {
    const [a, b] = [float64([[3, 4], [1, 1]]), float64([0, 0])]; // biome-ignore format: a matrix
    expect(pairwiseDistance(a, b, { order: 1, keepDims: true }).toArray()).toEqual([[7], [2]]);
    expect(pairwiseDistance(a, b, { order: Infinity }).toArray()).toEqual([4, 1]);
    expect(pairwiseDistance(float64(3), float64([1, 5])).toArray()).toBeCloseTo(Math.sqrt(8), 12);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.ones([2]);
  refuses('%s', [
    ['an epsilon in the place of an axis', () => cosineSimilarity(x, x, { epsilon: 1 } as never), ShapeError, /^cosineSimilarity: expected an axis/],
    ['PyTorch’s word', () => cosineSimilarity(x, x, 0, { eps: 1 } as never), ValueError, /^cosineSimilarity: there is no option eps; did you mean epsilon/],
    ['a negative epsilon', () => cosineSimilarity(x, x, 0, { epsilon: -1 }), ValueError, /^cosineSimilarity: expected epsilon/],
    ['an axis that is not there', () => cosineSimilarity(x, x, 1), ShapeError, /^cosineSimilarity: there is no axis 1 in shape \[2\]/],
    ['shapes that do not broadcast', () => cosineSimilarity(x, Tensor.ones([3])), ShapeError, /^cosineSimilarity: shapes \[2\] and \[3\] do not broadcast/],
    ['a list', () => cosineSimilarity([1] as never, x), DtypeError, /^cosineSimilarity: expected a tensor for a, got an array/],
    ['a number', () => cosineSimilarity(x, 1 as never), DtypeError, /^cosineSimilarity: expected a tensor for b, got the number 1/],
    ['two dtypes', () => cosineSimilarity(x, x.cast('float64')), DtypeError, /^cosineSimilarity: expected two tensors of one dtype, float32 or float64, got float32 \[2\] and float64 \[2\]/],
    ['whole numbers', () => pairwiseDistance(x.cast('int32'), x.cast('int32')), DtypeError, /^pairwiseDistance: expected two tensors of one dtype/],
    ['an order that is none', () => pairwiseDistance(x, x, { order: NaN }), ValueError, /^pairwiseDistance: expected order to be a number, got NaN/],
    ['an order in the place of options', () => pairwiseDistance(x, x, 1 as never), ValueError, /^pairwiseDistance: expected options/],
    ['scalars', () => pairwiseDistance(Tensor.of(1), Tensor.of(1)), ShapeError, /^pairwiseDistance: expected vectors, got shapes \[\] and \[\]/],
  ]); // biome-ignore format: one line a case
});

describe('distances of all pairs', () => {
  const order = fc.constantFrom(0, 0.5, 1, 1.5, 2, 3, Infinity);

  test('are those of each pair by itself, in batches that broadcast', () =>
    void fc.assert(
      fc.property(order, fc.nat(), (order, seed) => {
        const [a, b] = [
          [2, 1, 3, 2],
          [4, 2],
        ].map((shape, i) => Tensor.normal(shape, { seed: seed + i, dtype: 'float64' }) as Tensor) as [
          // biome-ignore format: shapes
          Tensor,
          Tensor,
        ];
        const found = cdist(a, b, { order });
        expect(found.shape).toEqual([2, 1, 3, 4]);
        const one = pairwiseDistance(a.slice([1, 0, 2]), b.slice([3]), { order }) as Tensor;
        expect(found.slice([1, 0, 2, 3]).item()).toBe(one.item());
      }),
      { numRuns: runs(40) },
    ));

  test('have the gradients of finite differences', () => {
    const [a, b] = [float64([[0.5, 1], [2, 3.5]]), float64([[5, -4], [-3, 0.25], [7, 9]])]; // biome-ignore format: matrices
    for (const order of [0.5, 1, 1.5, 2, 3, Infinity]) {
      gradcheck((a, b) => cdist(a!, b!, { order }), [a, b]);
      gradgradcheck((a, b) => cdist(a!, b!, { order }), [a, b], { tolerance: 1e-4 });
    }
  });

  test('of near points keep their digits, and have the gradient 0 where points are equal', () => {
    expect(cdist(float64([[1e8, 0]]), float64([[1e8 + 1e-7, 0]])).item()).toBe(1e8 + 1e-7 - 1e8);
    for (const order of [0, 0.5, 1, 2, 3, Infinity])
      expect(grad((a: Tensor) => cdist(a, float64([[1, 2]]), { order }).sum())(float64([[1, 2]])).toArray(), `${order}`).toEqual([[0, 0]]);
    expect(cdist(Tensor.zeros([0, 2]), Tensor.zeros([3, 2])).shape).toEqual([0, 3]);
    expect(cdist(Tensor.zeros([1, 0]), Tensor.zeros([2, 0])).toArray()).toEqual([[0, 0]]);
  });

  refuses('%s is refused', [
    ['a vector', () => cdist(float64([1, 2]), float64([[1, 2]])), ShapeError, /^cdist: expected vectors \[\.\.\., p, d\] for a, got shape \[2\]/],
    ['vectors of two lengths', () => cdist(float64([[1]]), float64([[1, 2]])), ShapeError, /^cdist: expected vectors of one length/],
    ['two dtypes', () => cdist(float64([[1]]), Tensor.of([[1]])), DtypeError, /^cdist: expected two tensors of one dtype/],
    ['a negative order', () => cdist(float64([[1]]), float64([[1]]), { order: -1 }), ValueError, /^cdist: expected order to be a number from 0, got -1/],
  ]); // biome-ignore format: one line a case
});
