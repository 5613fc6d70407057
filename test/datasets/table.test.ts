/** Columns as tensors. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCSV, Table } from '../../src/datasets/index.ts';
import { DataError, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

test('text becomes a column for each category in the features, and a class in the target', () => {
  const table = readCSV('size,color,kind\n1.5,red,cat\n2,blue,dog\n3,red,cat\n');
  const { data, features, classes } = table.dataset({ y: 'kind' });
  expect(features).toEqual(['size', 'color=blue', 'color=red']);
  expect(data.x.toArray()).toEqual([[1.5, 0, 1], [2, 1, 0], [3, 0, 1]]); // biome-ignore format: a matrix
  expect([data.y.toArray(), data.y.dtype, classes]).toEqual([[0, 1, 0], 'int32', ['cat', 'dog']]);
});

test('numbers are targets as they are, several in columns, or classes where they are told to be', () => {
  const table = new Table({ a: [1, 2], b: [30, 20], c: [5, 6] });
  const one = table.dataset({ x: ['a'], y: 'b', dtype: 'float64' });
  expect([one.data.x.toArray(), one.data.y.toArray(), one.data.y.dtype, one.classes]).toEqual([[[1], [2]], [30, 20], 'float64', []]);
  expect(table.dataset({ y: ['c', 'b'] }).data.y.toArray()).toEqual([[5, 30], [6, 20]]); // biome-ignore format: a matrix
  const classes = table.dataset({ x: ['a'], y: 'b', target: 'class' });
  expect([classes.data.y.toArray(), classes.classes]).toEqual([
    [1, 0],
    ['20', '30'],
  ]);
});

test('numbers as text have null where one is missing', () => {
  expect(new Table({ a: [1.5, Number.NaN, -0] }).text('a')).toEqual(['1.5', null, '0']);
});

test('a category is what stands in its row', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 }), { minLength: 1 }), (values) => {
      const { codes, names } = new Table({ x: values }).categories('x');
      expect(Array.from(codes.data, (code) => names[code])).toEqual(values);
      expect(names).toEqual([...new Set(values)].sort());
    }),
  );
});

test('rows in which something is missing are told, by their line, and can be left out', () => {
  const table = readCSV('a,b\n1,x\n,y\n\n3,NA\n4,z\n');
  expect(() => table.dataset({ y: 'a' })).toThrow(
    /^Table\.dataset: expected a value in each row, got none in b of line 5; leave such rows out: table\.complete\(\)/,
  );
  const whole = table.complete();
  expect([whole.numbers('a'), whole.text('b')]).toEqual([[1, 4], ['x', 'z']]); // biome-ignore format: one line
  expect(table.complete(['a']).text('b')).toEqual(['x', null, 'z']);
  expect(() => table.complete(['b']).categories('a')).toThrow('none in a of line 3');
});

test('its text tells of each column its name, its kind and its first values', () => {
  const table = new Table({ a: [1, Number.NaN, 3, 4, 5, 6], b: ['x', null, 'z', '', 'u', 'v'] });
  expect(String(table)).toBe('Table of 6 rows\n  a, numbers: 1, missing, 3, 4, 5, …\n  b, text: x, missing, z, , u, …');
});

test('columns come as copies', () => {
  const table = new Table({ a: [1, 2], b: ['x', null] });
  table.numbers('a')[0] = 9;
  table.text('b')[0] = 'changed';
  expect([table.numbers('a'), table.text('b'), table.text('a'), table.size]).toEqual([[1, 2], ['x', null], ['1', '2'], 2]); // biome-ignore format: one line
});

const table = new Table({ price: [1, 2], kind: ['a', 'b'] });
refuses('%s is refused', [
  ['a column that is not there', () => table.numbers('prize'), ValueError, /^Table\.numbers: there is no column 'prize'; did you mean price\?/],
  ['a column like no other', () => table.text('weight'), ValueError, /^Table\.text: there is no column 'weight'; the columns are price, kind/],
  ['a column by its place', () => table.text(0 as never), ValueError, /^Table\.text: there is no column 0; the columns are/],
  ['numbers of text', () => table.numbers('kind'), ValueError, /^Table\.numbers: expected a column of numbers, got kind, which is text/],
  ['text as a number', () => table.dataset({ y: 'kind', target: 'number' }), ValueError, /^Table\.dataset: expected numbers in kind, got text; for classes name it alone/],
  ['several columns of classes', () => table.dataset({ x: ['price'], y: ['kind'], target: 'class' }), ValueError, /^Table\.dataset: expected one column of classes, got \["kind"\]/],
  ['nothing to learn from', () => table.dataset({ y: ['price', 'kind'] }), ValueError, /^Table\.dataset: expected at least one column to learn from, got none/],
  ['no target', () => table.dataset({} as never), ValueError, /^Table\.dataset: expected y to be the name of a column, or a list of names, got undefined/],
  ['another option', () => table.dataset({ target: 'class', label: 'kind' } as never), ValueError, /^Table\.dataset: there is no option label/],
  ['columns of other lengths', () => new Table({ a: [1], b: [1, 2] }), ValueError, /^Table: expected 1 values in each column, got 2 in b/],
  ['a column of both', () => new Table({ a: [1, 'x'] }), ValueError, /^Table: expected a list of numbers, or of text, for a, got 1/],
  ['a column that is none', () => new Table({ a: 5 } as never), ValueError, /^Table: expected a list of numbers, or of text, for a, got 5/],
  ['no columns', () => new Table({}), ValueError, /^Table: expected at least one column, got none/],
  ['a list', () => new Table(5 as never), ValueError, /^Table: expected columns by their names, got 5/],
  ['no names', () => table.complete([]), ValueError, /^Table\.complete: expected names to be a list of names of columns, got \[\]/],
  ['a missing class', () => new Table({ a: ['x', null] }).categories('a'), DataError, /none in a of row 1/],
]); // biome-ignore format: one line a case
