/** Slices mean what Python's mean. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { squeezedShape, stretched } from '../../src/base/slicing.ts';
import { ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
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

test('so many elements from one, in steps, are those where all are inside, and are refused where one is not', () => {
  const whole = fc.integer({ min: -3, max: 7 });
  fc.assert(
    fc.property(fc.nat({ max: 5 }), whole, step, fc.nat({ max: 4 }), (size, start, step, count) => {
      const places = Array.from({ length: count }, (_, i) => start + i * step);
      const slice = () => Tensor.arange(0, size).slice([{ start, step, size: count }]);
      if (places.every((place) => place >= 0 && place < size)) expect(slice().toArray()).toEqual(places);
      else expect(slice).toThrow(ShapeError);
    }),
    { numRuns: runs(500) },
  );
});

const five = Tensor.arange(5);
const cube = Tensor.ones([2, 3, 4]);
refuses('%s is refused', [
  ['a start that is no whole number', () => five.slice([[0.5, 2]]), ValueError, /^slice: expected \[start, stop, step\] in whole numbers, no step of 0, got \[0\.5,2\] for axis 0/],
  ['a stop that is none', () => five.slice([[0, NaN]]), ValueError, /^slice: expected \[start, stop, step\] in whole numbers/],
  ['a step that is none', () => five.slice([[0, 2, 0.5]]), ValueError, /^slice: expected \[start, stop, step\] in whole numbers/],
  ['a step of 0', () => five.slice([[0, 2, 0]]), ValueError, /no step of 0, got \[0,2,0\]/],
  ['so many elements in steps of 0', () => five.slice([{ start: 1, step: 0, size: 2 }]), ShapeError, /^slice: 2 elements from 1 in steps of 0 leave axis 0 of shape \[5\]/],
  ['so many elements from half a place', () => five.slice([{ start: 0.5, step: 1, size: 2 }]), ShapeError, /^slice: 2 elements from 0\.5/],
  ['so many elements in steps of a half', () => five.slice([{ start: 0, step: 0.5, size: 3 }]), ShapeError, /^slice: 3 elements from 0 in steps of 0\.5/],
  ['an object that is no range', () => five.slice([{ start: 1 } as never]), ShapeError, /^slice: expected null, a number, 'newAxis', .* for axis 0, got \{"start":1\}/],
  ['a text that is no range', () => five.slice(['all' as never]), ShapeError, /^slice: expected null, a number, 'newAxis'/],
  ['an element beyond the end', () => five.slice([5]), ShapeError, /^slice: there is no element 5 along axis 0 of shape \[5\]/],
  ['an element before the start', () => five.slice([-6]), ShapeError, /^slice: there is no element -6/],
  ['half an element', () => five.slice([0.5]), ShapeError, /^slice: there is no element 0\.5/],
  ['two sizes that are to be found', () => cube.reshape([-1, -1]), ShapeError, /^reshape: \[2, 3, 4\] holds 24 elements, which \[-1, -1\] does not divide; one size may be -1/],
  ['a size that does not divide', () => cube.reshape([-1, 5]), ShapeError, /^reshape: \[2, 3, 4\] holds 24 elements, which \[-1, 5\] does not divide/],
  ['a size to be found beside one of 0', () => Tensor.zeros([0]).reshape([0, -1]), ShapeError, /^reshape: \[0\] holds 0 elements, which \[0, -1\] does not divide/],
  ['a permutation with an axis twice', () => cube.permute([0, 1, 1]), ShapeError, /^permute: expected each of the 3 axes of \[2, 3, 4\] once, got \[0, 1, 1\]/],
  ['a permutation of too few axes', () => cube.permute([0, 1]), ShapeError, /^permute: expected each of the 3 axes/],
  ['a permutation that is no list', () => cube.permute(1 as never), ShapeError, /^permute: expected a list of axes/],
  ['merging from the later axis', () => cube.flatten(2, 1), ShapeError, /^flatten: axis 2 comes after axis 1 in shape \[2, 3, 4\]/],
  ['removing an axis that has elements', () => cube.squeeze(1), ShapeError, /^squeeze: expected axis 1 of shape \[2, 3, 4\] to have size 1, got 3/],
]); // biome-ignore format: one line a case

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

test('a size of −1 is the one that fits, and merging axes multiplies their sizes', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (shape, i, j) => {
      const x = Tensor.zeros(shape);
      const [from, to] = [i % shape.length, j % shape.length].sort((a, b) => a - b) as [number, number];
      expect(x.reshape(shape.with(from, -1)).shape).toEqual(shape);
      const merged = [...shape.slice(0, from), shape.slice(from, to + 1).reduce((a, b) => a * b), ...shape.slice(to + 1)];
      expect(x.flatten(from, to).shape).toEqual(merged);
      expect(x.flatten(from - shape.length, to - shape.length).shape).toEqual(merged);
    }),
  );
  expect(Tensor.of(3).flatten().shape).toEqual([1]);
});

test('an axis of size 1 is removed, or all of them where none is named', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (shape, i) => {
      const axis = i % (shape.length + 1);
      expect(squeezedShape(shape.toSpliced(axis, 0, 1), axis)).toEqual(shape);
      expect(squeezedShape(shape.toSpliced(axis, 0, 1), axis - shape.length - 1)).toEqual(shape);
      expect(squeezedShape(shape)).toEqual(shape.filter((size) => size > 1));
    }),
  );
});

test('stretching to −1 keeps the size that stands there, counted from the right', () => {
  expect(stretched([2, 3], [4, -1, 5])).toEqual([4, 2, 5]);
  expect(stretched([2, 3], [-1, -1])).toEqual([2, 3]);
  expect(stretched([3], [-1, 3])).toEqual([-1, 3]);
  expect(Tensor.ones([2, 1]).broadcastTo([3, -1, 4]).shape).toEqual([3, 2, 4]);
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
