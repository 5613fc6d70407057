/** Where numbers belong among edges: by the definition, for any edges and numbers. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketize, searchsorted, Tensor, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const anyNumber = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0));

test('it is the number of edges below, or not above; NaN lies behind all of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 6 }), anyNumber, fc.boolean(), (numbers, x, right) => {
      const edges = new Tensor([numbers.length], Float64Array.from(numbers).sort());
      const wanted = Number.isNaN(x) ? numbers.length : numbers.filter((edge) => (right ? edge <= x : edge < x)).length;
      expect(searchsorted(edges, x, { right }).item()).toBe(wanted);
      expect(bucketize(float64([[x]]), edges, { right }).toArray()).toEqual([[wanted]]);
    }),
    { numRuns: runs(200) },
  );
});

test('rows have edges of their own, int32 ones too', () => {
  const edges = int32([[1, 3, 5], [0, 0, 9]]); // biome-ignore format: a matrix
  expect(searchsorted(edges, int32([[3, 7], [0, 1]])).toArray()).toEqual([[1, 3], [0, 2]]); // biome-ignore format: a matrix
  expect(searchsorted(edges, int32([[3], [0]]), { right: true }).toArray()).toEqual([[2], [2]]);
  const values = Tensor.uniform([2, 4], { seed: 1, high: 9 });
  const mapped = vmap((values: Tensor, edges: Tensor) => searchsorted(edges, values))(values, edges.cast('float32'));
  expect(mapped.toArray()).toEqual(searchsorted(edges.cast('float32'), values).toArray());
});

refuses('%s is refused, by the name that was called', [
  [
    'edges in another order',
    () => searchsorted(Tensor.of([1, 3, 2]), 1),
    /^searchsorted: expected edges in ascending order, got 3 before 2/,
  ],
  ['an edge that is NaN', () => bucketize(Tensor.of([1]), Tensor.of([1, NaN])), /^bucketize: expected edges in ascending order/],
  ['a matrix of boundaries', () => bucketize(Tensor.of([1]), Tensor.of([[1, 2]])), /^bucketize: expected a vector of boundaries/],
  ['rows that do not fit', () => searchsorted(Tensor.zeros([2, 3]), Tensor.zeros([3, 3])), /^searchsorted: /],
  ['no axis of edges', () => searchsorted(Tensor.of(1), Tensor.of([1])), /^searchsorted: expected edges along a last axis/],
  ['another dtype', () => searchsorted(Tensor.of([1]), int32([1])), /^searchsorted: expected tensors of one dtype/],
]);
