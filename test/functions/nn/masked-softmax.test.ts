/** The softmax over what may be seen. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, maskedSoftmax, ShapeError, Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { float64 } from '../../lib/tensors.ts';

const cases = fc.record({ x: tensor([2, 3, 4]), keep: tensor([2, 3, 4], fc.constantFrom(0, 1)) });

test('it is the softmax of what may be seen, and 0 elsewhere', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(0, 1, 2, -1), ({ x, keep }, axis) => {
      const y = maskedSoftmax(x, keep, axis);
      const weights = x.exp().mul(keep);
      const total = weights.sum(axis, { keepDims: true });
      expectClose(y, weights.div(total.equal(0).where(1, total)), 1e-13);
    }),
    { numRuns: runs(50) },
  );
});

test('with all to be seen it is the softmax, to the bit, of one axis and of several', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(1, [0, 2], [0, 1, 2]), ({ x }, axes) => {
      expectSameBits(maskedSoftmax(x, Tensor.ones([4]), axes).data, x.softmax(axes).data);
    }),
    { numRuns: runs(30) },
  );
});

describe('what is hidden', () => {
  test('may be any number, and changes no bit', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(NaN, Infinity, -Infinity, 1e300), ({ x, keep }, odd) => {
        const [y, pullback] = vjp((x: Tensor) => maskedSoftmax(x, keep), keep.where(x, odd));
        const [wanted, pulled] = vjp((x: Tensor) => maskedSoftmax(x, keep), x);
        expectSameBits(y.data, wanted.data);
        expectSameBits(pullback(x)[0]!.data, pulled(x)[0]!.data);
      }),
      { numRuns: runs(30) },
    );
  });

  test('gets no gradient, nor does a row of which nothing is seen', () => {
    const [y, pullback] = vjp((x: Tensor) => maskedSoftmax(x, Tensor.of([[1, 0], [0, 0]])), float64([[3, 4], [5, 6]])); // biome-ignore format: matrices
    expect(y.toArray()).toEqual([[1, 0], [0, 0]]); // biome-ignore format: a matrix
    expect(pullback(float64([[1, 2], [3, 4]]))[0]!.data.every((g) => g === 0)).toBe(true); // biome-ignore format: a matrix
  });
});

test('neither large nor small numbers overflow', () => {
  expect(maskedSoftmax(float64([1e300, 1e300, -1e300]), Tensor.of([1, 1, 1])).toArray()).toEqual([0.5, 0.5, 0]);
  expect(maskedSoftmax(float64([-1e300, 1e300]), Tensor.of([1, 0])).toArray()).toEqual([1, 0]);
});

test('a NaN that is seen makes its row NaN, and no other', () => {
  expect(maskedSoftmax(float64([[NaN, 1], [1, 1]]), Tensor.of([1, 1])).toArray()).toEqual([[NaN, NaN], [0.5, 0.5]]); // biome-ignore format: matrices
});

refuses('%s is refused', [
  ['a mask of more axes', () => maskedSoftmax(Tensor.ones([2]), Tensor.ones([2, 2])), ShapeError, /keep \[2, 2\]/],
  ['a mask of another size', () => maskedSoftmax(Tensor.ones([2, 3]), Tensor.ones([2])), ShapeError],
  ['a mask of other numbers', () => maskedSoftmax(Tensor.ones([2]), Tensor.of([0, -Infinity])), ValueError, /got -Infinity at place 1/],
  ['an array', () => maskedSoftmax(Tensor.ones([2]), [1, 0] as never), DtypeError, /a tensor for keep/],
  ['integers', () => maskedSoftmax(Tensor.ones([2], 'int32'), Tensor.ones([2])), DtypeError],
  ['an axis that is not there', () => maskedSoftmax(Tensor.ones([2]), Tensor.ones([2]), 1), ShapeError],
]);
