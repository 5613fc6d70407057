/** Parts that are replaced: what is put is found again, and the rest is as it was. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Range } from '../../../src/index.ts';
import { grad, gradcheck, gradgradcheck, indexPut, setSlice, Tensor, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { counted, float64, int32 } from '../../lib/tensors.ts';

const place = fc.option(fc.integer({ min: -5, max: 5 }));
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -3, max: 2 }),
  fc.tuple(place, place, fc.constantFrom(1, 2, -1, -2)),
);

test('a slice that is set is found again, and nothing else has changed', () => {
  fc.assert(
    fc.property(range, range, fc.boolean(), (first, second, added) => {
      const x = counted(3, 3);
      const ranges: Range[] = added ? [first, 'newAxis', second] : [first, second];
      const part = x.slice(ranges);
      const values = part.add(100);
      const y = setSlice(x, ranges, values);
      expect(y.slice(ranges).toArray()).toEqual(values.toArray());
      expect(setSlice(y, ranges, part).toArray()).toEqual(x.toArray());
      expect([...y.data].filter((number) => number >= 100)).toHaveLength(part.size);
      expect(
        setSlice(x, ranges, 7)
          .slice(ranges)
          .data.every((number) => number === 7),
      ).toBe(true);
    }),
    { numRuns: runs(200) },
  );
});

test('a new axis has size 1, wherever it is', () => {
  const x = counted(2, 3);
  expect(x.slice(['newAxis']).shape).toEqual([1, 2, 3]);
  expect(x.slice([null, 'newAxis', [0, 2], 'newAxis']).shape).toEqual([2, 1, 2, 1]);
  expect(x.slice(['newAxis', null, 0]).toArray()).toEqual([[0, 3]]);
  expect(Tensor.of(5).slice(['newAxis', 'newAxis']).toArray()).toEqual([[5]]);
  gradcheck((x: Tensor) => x.slice(['newAxis', 1, 'newAxis']).pow(2), [float64([[1, 2], [3, 4]])]); // biome-ignore format: a matrix
});

test('what is replaced has no gradient, NaN and infinity there do no harm', () => {
  const [x, values] = [float64([[1, NaN, 3], [4, Infinity, 6]]), float64([5, 7])]; // biome-ignore format: a matrix
  const f = (x: Tensor, values: Tensor) => setSlice(x, [null, 1], values).pow(2).sum();
  expect(f(x, values).item()).toBe(1 + 25 + 9 + 16 + 49 + 36);
  expect(grad(f)(x, values).toArray()).toEqual([[2, 0, 6], [8, 0, 12]]); // biome-ignore format: a matrix
  expect(grad(f, 1)(x, values).toArray()).toEqual([10, 14]);
  gradgradcheck(f, [counted(2, 3).cast('float64'), values]);
});

test('of several values for one place the last stays, or all are added', () => {
  const [rows, columns] = [int32([0, 1, 0]), int32([2, 0, 2])];
  const x = Tensor.ones([2, 3]);
  expect(indexPut(x, [rows, columns], Tensor.of([5, 6, 7])).toArray()).toEqual([[1, 1, 7], [6, 1, 1]]); // biome-ignore format: a matrix
  expect(indexPut(x, [rows, columns], Tensor.of([5, 6, 7]), { accumulate: true }).toArray()).toEqual([[1, 1, 13], [7, 1, 1]]); // biome-ignore format: a matrix
});

test('indices broadcast, and fewer than axes name rows', () => {
  const x = Tensor.zeros([2, 2, 2], 'int32');
  const grid = indexPut(x, [int32([[0], [1]]), int32([1])], int32([1, 2])); // [2, 1] and [1] name x[0, 1] and x[1, 1]
  expect(grid.toArray()).toEqual([[[0, 0], [1, 2]], [[0, 0], [1, 2]]]); // biome-ignore format: a tensor
  expect(indexPut(x, [int32(1)], 5).toArray()).toEqual([[[0, 0], [0, 0]], [[5, 5], [5, 5]]]); // biome-ignore format: a tensor
  expect(indexPut(x, [Tensor.zeros([0], 'int32')], 5).toArray()).toEqual(x.toArray());
});

test('indexPut is what a loop does, for any indices', () => {
  const index = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.integer({ min: -9, max: 9 }));
  fc.assert(
    fc.property(fc.array(index, { minLength: 1, maxLength: 8 }), fc.boolean(), (given, accumulate) => {
      const x = Tensor.arange(12, { dtype: 'int32' }).reshape([3, 4]) as Tensor;
      const wanted = x.data.slice();
      for (const [i, j, value] of given) wanted[i * 4 + j] = (accumulate ? wanted[i * 4 + j]! : 0) + value;
      const column = (which: 0 | 1 | 2) => int32(given.map((one) => one[which]));
      const found = indexPut(x, [column(0), column(1)], column(2), { accumulate });
      expect([...found.data]).toEqual([...wanted]);
      const mapped = vmap((i: Tensor, j: Tensor) => indexPut(x, [i, j], column(2), { accumulate }))(
        column(0).unsqueeze(0) as Tensor,
        column(1).unsqueeze(0) as Tensor,
      );
      expect([...mapped.data]).toEqual([...wanted]);
    }),
    { numRuns: runs(50) },
  );
});

test.each([false, true])('the derivatives of indexPut are right to the second order, accumulate %s', (accumulate) => {
  const f = (x: Tensor, values: Tensor) => indexPut(x, [int32([0, 1, 0]), int32([2, 0, 2])], values, { accumulate }).pow(3);
  const given = [Tensor.normal([2, 3], { seed: 1, dtype: 'float64' }), Tensor.normal([3], { seed: 2, dtype: 'float64' })];
  gradcheck(f, given);
  gradgradcheck(f, given);
});

const x = counted(2, 3);
refuses('%s is refused, by the name that was called', [
  ['values of another shape', () => setSlice(x, [0], Tensor.of([1, 2])), /^setSlice: expected values that broadcast to \[3\], got \[2\]/],
  ['a range that is none', () => setSlice(x, ['all' as never], 1), /^setSlice: expected null, a number, 'newAxis'.*got 'all'/],
  ['an element that is not there', () => setSlice(x, [5], 1), /^setSlice: there is no element 5 along axis 0/],
  ['a fraction in int32', () => setSlice(int32([1]), [0], 0.5), /^setSlice: expected whole numbers/],
  ['values of another dtype', () => setSlice(x, [0, 0], int32(1)), /^setSlice: expected tensors of one dtype/],
  ['an index beyond the end', () => indexPut(x, [int32([0]), int32([3])], 1), /^indexPut: index 3 at place 0 is outside axis 1/],
  ['an index below 0', () => indexPut(x, [int32([-1])], 1), /^indexPut: index -1 at place 0 is outside axis 0/],
  [
    'more indices than axes',
    () => indexPut(x, [int32([0]), int32([0]), int32([0])], 1),
    /^indexPut: expected a list of indices, for 1 to 2/,
  ],
  ['no index', () => indexPut(x, [], 1), /^indexPut: expected a list of indices/],
  ['an index of floats', () => indexPut(x, [Tensor.of([0])], 1), /^indexPut: expected int32/],
  ['values that do not fit', () => indexPut(x, [int32([0])], Tensor.of([1, 2])), /^indexPut: expected values that broadcast to \[1, 3\]/],
  ['a misspelt option', () => indexPut(x, [int32([0])], 1, { acumulate: true } as never), /^indexPut: .*did you mean accumulate/],
]);
