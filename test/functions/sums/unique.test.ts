/** What occurs in a tensor, each once: the numbers of PyTorch, and what holds for any tensor. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, indexSelect, Tensor, take, unique, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

test('values ascend, the inverse gives the tensor back, and counts count', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 12, maxLength: 12 }),
      (m, n, numbers) => {
        // biome-ignore format: one line
        const x = new Tensor([m, n], Float32Array.from(numbers.slice(0, m * n)));
        const { values, inverse, counts } = unique(x);
        expect([...values.data]).toEqual([...new Set(x.data)].sort((a, b) => a - b));
        expect(inverse.shape).toEqual(x.shape);
        expect([...take(values, inverse).data].map((y) => y + 0)).toEqual([...x.data].map((y) => y + 0));
        expect([...counts.data]).toEqual([...values.data].map((y) => x.data.filter((z) => z === y).length));
        for (const axis of [0, 1]) {
          const rows = unique(x, axis);
          expect([...indexSelect(rows.values, axis, rows.inverse).data].map((y) => y + 0)).toEqual([...x.data].map((y) => y + 0));
          expect(rows.counts.sum().item()).toBe(x.shape[axis]);
          const own = Array.from({ length: rows.values.shape[axis]! }, (_, i) =>
            String(rows.values.slice(axis === 0 ? [i] : [null, i]).data),
          );
          expect(new Set(own).size).toBe(own.length);
        }
      },
    ),
    { numRuns: runs(100) },
  );
});

test('no NaN is another one, as in PyTorch 2.13; zeros of both signs are one', () => {
  const { values, inverse, counts } = unique(float64([NaN, 1, NaN, -0, 0]));
  expect(values.toArray()).toEqual([-0, 1, NaN, NaN]);
  expect(inverse.toArray()).toEqual([2, 1, 3, 0, 0]);
  expect(counts.toArray()).toEqual([2, 1, 1, 1]);
  expect(unique(float64([[NaN, 1], [NaN, 1]]), 0).counts.toArray()).toEqual([1, 1]); // biome-ignore format: a matrix
});

test('rows are ordered by their first element, then by the next', () => {
  const x = Tensor.of([[2, 1], [0, 5], [2, 0], [0, 5]], 'int32'); // biome-ignore format: a matrix
  const { values, inverse, counts } = unique(x, 0);
  expect(values.toArray()).toEqual([[0, 5], [2, 0], [2, 1]]); // biome-ignore format: a matrix
  expect(inverse.toArray()).toEqual([2, 0, 1, 0]);
  expect(counts.toArray()).toEqual([2, 1, 1]);
  expect(unique(Tensor.of([[1, 0, 1]]), -1).values.toArray()).toEqual([[0, 1]]);
});

test('the gradient of a value goes to where it occurs first', () => {
  expect(
    grad((x: Tensor) =>
      unique(x)
        .values.mul(float64([2, 3]))
        .sum(),
    )(float64([5, 4, 5])).toArray(),
  ).toEqual([3, 2, 0]);
});

refuses('%s is refused, by the name that was called', [
  ['an axis that is not there', () => unique(Tensor.of([1]), 1), /^unique: /],
  ['what is no tensor', () => unique([1] as never), /^unique: expected a tensor for x/],
  ['a tensor that stands for many', () => vmap((x: Tensor) => unique(x).values)(Tensor.zeros([2, 2])), /vmap/],
]);
