/** Rows of one tensor and of several, in lists and by name. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Columns, copyRows, mapColumns, namedColumns, rowsIn, sliceRows } from '../../src/datasets/columns.ts';
import { DtypeError, ShapeError, Tensor } from '../../src/index.ts';

/** Rows that tell their own number, of any width and dtype. */
const numbered = (size: number, width: number, dtype: 'float32' | 'float64' | 'int32' = 'float32') =>
  Tensor.arange(0, size * width, 1, dtype).reshape([size, width]);

test('rows that are copied are those at some places, and rows cut out those that lie between two', () => {
  const tried = fc.record({
    size: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 0, max: 20 }),
    dtype: fc.constantFrom('float32', 'float64', 'int32'),
  });
  fc.assert(
    fc.property(tried, fc.array(fc.nat()), fc.nat(), fc.nat(), ({ size, width, dtype }, numbers, from, to) => {
      const x = numbered(size, width, dtype);
      const places = numbers.map((number) => number % size);
      const [start, end] = [from % (size + 1), to % (size + 1)].sort((a, b) => a - b) as [number, number];
      const rows = x.toArray() as unknown[];
      const copied = copyRows(x, places);
      expect([copied.shape, copied.dtype]).toEqual([[places.length, width], dtype]);
      expect(copied.toArray()).toEqual(places.map((row) => rows[row]));
      expect(sliceRows(x, start, end).toArray()).toEqual(rows.slice(start, end));
    }),
  );
});

test('copied rows have memory of their own, and rows cut out share it', () => {
  const x = numbered(4, 100);
  sliceRows(x, 1, 3).numbers[0] = -1;
  expect(x.numbers[100]).toBe(-1);
  copyRows(x, [0, 1, 2, 3]).data[0] = -1;
  expect(x.data[0]).toBe(0);
});

test('a function is applied to one tensor, to each of a list, and to each by its name', () => {
  const [a, b] = [Tensor.of([1]), Tensor.of([2])];
  const double = (x: Tensor) => x.mul(2);
  expect(mapColumns(a, double).toArray()).toEqual([2]);
  expect(mapColumns([a, b], double).map((x) => x.toArray())).toEqual([[2], [4]]);
  const named = mapColumns({ a, b }, double);
  expect([Object.keys(named), named.a.toArray(), named.b.toArray()]).toEqual([['a', 'b'], [2], [4]]);
});

test('tensors are called by the place where they are', () => {
  const [a, b] = [Tensor.of([1]), Tensor.of([2])];
  const names = (columns: Columns) => namedColumns('f', 'x', columns).map(([name, x]) => [name, x.item()]);
  expect(names(a)).toEqual([['x', 1]]);
  expect(names([a, b])).toEqual([
    ['x[0]', 1],
    ['x[1]', 2],
  ]);
  expect(names({ a, b })).toEqual([
    ['x.a', 1],
    ['x.b', 2],
  ]);
});

test.each([
  ['a list of numbers', [1, 2], 'f: expected a tensor for x, got an array; write Tensor.of(values)'],
  ['nested lists', [[1]], 'f: expected a tensor for x, got an array; write Tensor.of(values)'],
  ['an empty list', [], 'f: expected a tensor for x, got an array; write Tensor.of(values)'],
  ['a list of which not all are tensors', [Tensor.of([1]), 3], 'f: expected a tensor for x[1], got the number 3; write Tensor.of(3)'],
  ['an object without anything', {}, 'f: expected a tensor for x, got {}'],
  ['an object with something else', { a: Tensor.of([1]), b: 'no' }, "f: expected a tensor for x.b, got 'no'"],
  ['an object of a class', new Map(), 'f: expected a tensor for x, got an object of class Map'],
  ['text', 'x', "f: expected a tensor for x, got 'x'"],
  ['nothing', undefined, 'f: expected a tensor for x, got undefined'],
  ['null', null, 'f: expected a tensor for x, got null'],
])('%s is refused in the place of tensors', (_, given, message) => {
  expect(() => namedColumns('f', 'x', given)).toThrow(new DtypeError(message));
});

test('the number of rows is that of every tensor, else all shapes are told', () => {
  const columns = (...shapes: number[][]) => shapes.map((shape, i) => [`x[${i}]`, Tensor.zeros(shape)] as const);
  expect(rowsIn('f', columns([3, 2], [3]))).toBe(3);
  expect(rowsIn('f', columns([0, 2]))).toBe(0);
  const refused = (shapes: number[][], told: string) =>
    expect(() => rowsIn('f', columns(...shapes))).toThrow(new ShapeError(`f: expected tensors with one row for each example, got ${told}`));
  refused([[3, 2], [2]], 'x[0] [3, 2], x[1] [2]');
  refused([[3], []], 'x[0] [3], x[1] []');
  refused([[]], 'x[0] []');
});
