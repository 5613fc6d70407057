/** The largest and the smallest so far. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cummax, cummin, DtypeError, grad, ShapeError, Tensor } from '../../../src/index.ts';
import { at } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const lines = fc.array(fc.constantFrom(NaN, 0, 1, 2, -3, Infinity, -Infinity), { minLength: 1, maxLength: 8 });

test('are those of each start of a line, the first of those that tie, and the first NaN', () => {
  fc.assert(
    fc.property(lines, fc.constantFrom(0, 1), (values, axis) => {
      const x = axis === 0 ? float64(values.map((v) => [v])) : float64([values]);
      for (const [f, extreme] of [
        [cummax, 'max'],
        [cummin, 'min'],
      ] as const) {
        // biome-ignore format: pairs
        const { values: found, indices } = f(x, axis);
        values.forEach((_, i) => {
          const start = float64(values.slice(0, i + 1));
          const place = axis === 0 ? [i, 0] : [0, i];
          expect(at(found, place)).toBe(start[extreme]().item());
          expect(at(indices, place)).toBe((extreme === 'max' ? start.argmax() : start.argmin()).item());
        });
      }
    }),
  );
});

test('pass the gradient to the element that was found, and may be int32', () => {
  expect(grad((x: Tensor) => cummax(x).values.sum())(float64([1, 3, 2, 3, 5])).toArray()).toEqual([1, 3, 0, 0, 1]);
  expect(grad((x: Tensor) => cummin(x, 0).values.sum())(float64([1, 3, 0])).toArray()).toEqual([2, 0, 1]);
  const { values, indices } = cummin(int32([3, 1, 2]));
  expect([values.dtype, values.toArray(), indices.dtype, indices.toArray()]).toEqual(['int32', [3, 1, 1], 'int32', [0, 1, 1]]);
  expect(cummax(Tensor.zeros([0, 2]), 0).values.shape).toEqual([0, 2]);
});

refuses('%s is refused', [
  ['cummax of an array', () => cummax([1] as never), DtypeError, /^cummax: expected a tensor for x, got an array/],
  ['cummin along axis 1', () => cummin(Tensor.zeros([2]), 1), ShapeError, /^cummin: there is no axis 1/],
]);
