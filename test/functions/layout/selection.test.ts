/** Elements that a mask selects, and where elements are that are not 0. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradcheck, gradgradcheck, indexPut, maskedSelect, nonzero, Tensor, unbind, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { counted, float64, int32 } from '../../lib/tensors.ts';

test('a mask selects what it is not 0 for, in row-major order, whatever its dtype', () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.infiniteStream(fc.boolean()), (m, n, bits) => {
      const x = counted(m, n);
      const chosen = [...bits.take(m * n)];
      for (const dtype of ['int32', 'float32', 'float64'] as const) {
        const mask = new Tensor([m * n], Int32Array.from(chosen, Number)).cast(dtype).reshape([m, n]);
        expect([...maskedSelect(x, mask).data]).toEqual([...x.data].filter((_, i) => chosen[i]));
        const places = nonzero(mask);
        expect(places.shape).toEqual([chosen.filter(Boolean).length, 2]);
        const again = indexPut(Tensor.zeros([m, n], dtype), unbind(places, 1), 1);
        expect([...again.data]).toEqual([...mask.data]);
      }
    }),
    { numRuns: runs(50) },
  );
});

test('x and the mask broadcast', () => {
  expect(maskedSelect(Tensor.of([1, 2, 3]), int32([[1, 0, 1], [0, 1, 0]])).toArray()).toEqual([1, 3, 2]); // biome-ignore format: a matrix
  expect(maskedSelect(counted(2, 2), int32([[1], [0]])).toArray()).toEqual([0, 1]);
  expect(maskedSelect(Tensor.of(5), int32(1)).toArray()).toEqual([5]);
});

test('NaN is not 0, and a number has no axis to tell its place by', () => {
  expect(nonzero(float64([NaN, 0, -0])).toArray()).toEqual([[0]]);
  expect(nonzero(Tensor.of(5)).shape).toEqual([1, 0]);
  expect(nonzero(Tensor.of(0)).shape).toEqual([0, 0]);
});

test('the gradient goes back to where each element came from, to the second order, under vmap too', () => {
  const x = float64([[1, -2, 3], [-4, 5, 0.5]]); // biome-ignore format: a matrix
  const f = (x: Tensor) => maskedSelect(x, int32([[1, 0, 1], [0, 1, 0]])).pow(3); // biome-ignore format: a matrix
  gradcheck(f, [x]);
  gradgradcheck(f, [x]);
  expect(vmap((row: Tensor) => maskedSelect(row, int32([0, 1, 1])))(x).toArray()).toEqual([[-2, 3], [5, 0.5]]); // biome-ignore format: a matrix
});

refuses('%s is refused, by the name that was called', [
  ['a mask that does not fit', () => maskedSelect(counted(2, 3), int32([1, 0])), /^maskedSelect: /],
  ['a mask that is a list', () => maskedSelect(counted(2), [1, 0] as never), /^maskedSelect: expected a tensor for the mask, got an array/],
  ['a mask of each example', () => vmap((x: Tensor) => maskedSelect(x, x))(counted(2, 2)), /vmap/],
  ['what is no tensor', () => nonzero(3 as never), /^nonzero: expected a tensor for x, got the number 3/],
]);
