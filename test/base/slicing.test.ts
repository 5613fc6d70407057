/** Slices mean what Python's mean. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tensor } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

/** What Python's `range(size)[start:stop:step]` picks, by its own definition: walk from start while stop is not reached. */
function python(size: number, start: number | null, stop: number | null, step: number): number[] {
  const bound = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, step > 0 ? 0 : -1), step > 0 ? size : size - 1);
  const [from, to] = [start === null ? (step > 0 ? 0 : size - 1) : bound(start), stop === null ? (step > 0 ? size : -1) : bound(stop)];
  const picked: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) picked.push(i);
  return picked;
}

const place = fc.option(fc.integer({ min: -8, max: 8 }));
const step = fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0);

test('any start, stop and step pick what Python picks, along either axis', () => {
  fc.assert(
    fc.property(fc.nat({ max: 6 }), place, place, step, (size, start, stop, step) => {
      const picked = python(size, start, stop, step);
      const x = Tensor.arange(0, 2 * size, 1, 'int32');
      expect(
        x
          .reshape([size, 2])
          .slice([[start, stop, step], 1])
          .toArray(),
      ).toEqual(picked.map((i) => 2 * i + 1));
      expect(
        x
          .reshape([2, size])
          .slice([0, [start, stop, step]])
          .toArray(),
      ).toEqual(picked);
    }),
    { numRuns: runs(500) },
  );
});

test('a slice and its adjoint undo each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), (size, step) => {
      const x = Tensor.arange(1, size + 1);
      const [back] = [x.unslice([size * step + 1], [1], [step])];
      expect(back.sum().item()).toBe(x.sum().item());
      expect(back.slice([{ start: 1, step, size }]).toArray()).toEqual(x.toArray());
    }),
  );
});

test('a number takes one element and removes its axis', () => {
  const x = Tensor.arange(24).reshape([2, 3, 4]);
  expect(x.slice([1]).shape).toEqual([3, 4]);
  expect(x.slice([null, -1]).shape).toEqual([2, 4]);
  expect(x.slice([1, 2, 3]).item()).toBe(23);
  expect(x.slice([]).toArray()).toEqual(x.toArray());
});

test('an axis that is left out of the list is taken whole, whatever is new beside it', () => {
  const x = Tensor.arange(6).reshape([2, 3]);
  // biome-ignore lint/suspicious/noSparseArray: a list with a place left out
  expect(x.slice([, 1] as never).toArray()).toEqual([1, 4]);
  // biome-ignore lint/suspicious/noSparseArray: a list with a place left out
  expect(x.slice(['newAxis', , 1] as never).toArray()).toEqual([[1, 4]]);
  expect(() => x.slice([null, 'newAxis', null, null])).toThrow('slice: expected at most 2 ranges for shape [2, 3], got 3');
});
