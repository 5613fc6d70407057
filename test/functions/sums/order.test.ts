/** What is sorted, picked by size, or in the middle. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, grad, ShapeError, sort, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, matrix, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64, int32 } from '../../lib/tensors.ts';

describe('order', () => {
  test('is ascending along any axis, with NaN last, and ties keep theirs', () => {
    const x = Tensor.of([
      [NaN, 2, NaN, 1],
      [0, -0, 3, 3],
    ]);
    expect(tapegrad.argsort(x).toArray()).toEqual([
      [3, 1, 0, 2],
      [0, 1, 2, 3],
    ]);
    expect(tapegrad.argsort(x, -1, { descending: true }).toArray()).toEqual([
      [0, 2, 1, 3],
      [2, 3, 0, 1],
    ]);
    expect(
      tapegrad
        .argsort(
          Tensor.of([
            [3, 1],
            [2, 2],
            [1, 3],
          ]),
          0,
        )
        .toArray(),
    ).toEqual([
      [2, 0],
      [1, 1],
      [0, 2],
    ]);
    expect(
      tapegrad
        .sort(
          Tensor.of([
            [
              [3, 1],
              [2, 5],
            ],
          ]),
          1,
        )
        .values.toArray(),
    ).toEqual([
      [
        [2, 1],
        [3, 5],
      ],
    ]);
    expect(tapegrad.argsort(int32([3, 1, 2])).dtype).toBe('int32');
  });

  test('topk takes any number of elements up to the size of the axis', () => {
    const x = Tensor.of([3, 1, 2]);
    expect(tapegrad.topk(x, 0).values.shape).toEqual([0]);
    expect(tapegrad.topk(x, 3).indices.toArray()).toEqual([0, 2, 1]);
    for (const k of [-1, 1.5, 4, NaN]) expect(() => tapegrad.topk(x, k)).toThrow(ValueError);
    expect(() => tapegrad.median(Tensor.zeros([2, 0]), 1)).toThrow(/^median: there is nothing in the middle of axis 1/);
  });

  test('the middle of a line is its median, the lower of two', () => {
    fc.assert(
      fc.property(matrix, (x) => {
        const { values, indices } = tapegrad.median(x, 1);
        range(x.shape[0]!).forEach((i) => {
          const line = range(x.shape[1]!)
            .map((j) => at(x, [i, j]))
            .toSorted((a, b) => a - b);
          expect(at(values, [i])).toBe(line[Math.floor((line.length - 1) / 2)]);
          expect(at(x, [i, at(indices, [i])])).toBe(at(values, [i]));
        });
      }),
    );
  });

  test('sorted elements are those of the line, in order, and ties keep theirs', () => {
    fc.assert(
      fc.property(matrix, fc.boolean(), (x, descending) => {
        const { values, indices } = sort(x, 1, { descending });
        range(x.shape[0]!).forEach((i) => {
          const line = range(x.shape[1]!).map((j) => ({ value: at(x, [i, j]), j }));
          const wanted = line.toSorted((a, b) => (descending ? b.value - a.value : a.value - b.value) || a.j - b.j);
          expect(values.slice([i]).toArray()).toEqual(wanted.map(({ value }) => value));
          expect(indices.slice([i]).toArray()).toEqual(wanted.map(({ j }) => j));
        });
        const k = Math.min(2, x.shape[0]!);
        expectClose(tapegrad.topk(x, k, { axis: 0 }).values, sort(x, 0, { descending: true }).values.slice([[0, k]]));
        expectClose(tapegrad.topk(x, k, { axis: 0, largest: false }).values, sort(x, 0).values.slice([[0, k]]));
      }),
    );
    expect(sort(Tensor.of([NaN, 1, -Infinity])).values.toArray()).toEqual([-Infinity, 1, NaN]);
  });

  test('gives the median of a single vector', () => {
    expect(tapegrad.median(Tensor.of([3, 1, 2])).values.item()).toBe(2);
  });
});

describe('the middle of what is not all numbers', () => {
  const lines = fc.array(fc.constantFrom(NaN, 1, 2, 3, Infinity, -Infinity), { minLength: 1, maxLength: 7 });

  test('is NaN, and at the first NaN', () => {
    fc.assert(
      fc.property(lines, (values) => {
        const { values: found, indices } = tapegrad.median(float64([values]), 1);
        const sorted = values.toSorted((a, b) => a - b);
        const wanted = values.some(Number.isNaN) ? NaN : sorted[Math.floor((sorted.length - 1) / 2)]!;
        expect(found.item()).toBe(wanted);
        expect(values[indices.item()]).toBe(wanted);
        if (Number.isNaN(wanted)) expect(indices.item()).toBe(values.findIndex(Number.isNaN));
      }),
    );
  });

  test('without NaN is that of the numbers', () => {
    fc.assert(
      fc.property(lines, (values) => {
        const { values: found, indices } = tapegrad.nanmedian(float64(values));
        const sorted = values.filter((v) => !Number.isNaN(v)).toSorted((a, b) => a - b);
        const wanted = sorted.length === 0 ? NaN : sorted[Math.floor((sorted.length - 1) / 2)]!;
        expect(found.item()).toBe(wanted);
        expect(values[indices.item()]).toBe(wanted);
      }),
    );
    expect(tapegrad.nanmedian(float64([[NaN, NaN], [3, NaN]]), 1).indices.toArray()).toEqual([0, 0]); // biome-ignore format: a matrix
  });

  test('gives the whole gradient to that element, line by line', () => {
    const x = float64([[NaN, 2, 1], [5, 9, 7]]); // biome-ignore format: a matrix
    expect(grad((x: Tensor) => tapegrad.nanmedian(x, 1).values.sum())(x).toArray()).toEqual([[0, 0, 1], [0, 0, 1]]); // biome-ignore format: a matrix
    expect(grad((x: Tensor) => tapegrad.median(x, 1).values.sum())(x).toArray()).toEqual([[1, 0, 0], [0, 0, 1]]); // biome-ignore format: a matrix
    expect(vmap((x: Tensor) => tapegrad.median(x).values)(x).toArray()).toEqual([NaN, 7]);
  });

  test('of int32 is int32, and keeps its axis', () => {
    const { values, indices } = tapegrad.median(int32([[4, 2, 3]]), 1, { keepDims: true });
    expect([values.dtype, values.toArray(), indices.toArray()]).toEqual(['int32', [[3]], [[2]]]);
    expect(tapegrad.nanmedian(int32([[4, 2], [1, 0]]), undefined, { keepDims: true }).values.toArray()).toEqual([[1]]); // biome-ignore format: a matrix
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const any = (value: unknown): any => value;
  refuses('%s', [
    ['sort with a truth value', () => sort(x, 1, any(true)), ValueError, /^sort: expected options, such as \{ descending: … \}, got true/],
    [
      'sort with another name',
      () => sort(x, 1, any({ desc: true })),
      ValueError,
      /^sort: there is no option desc; did you mean descending/,
    ],
    [
      'argsort with text',
      () => tapegrad.argsort(x, 1, any({ descending: 'yes' })),
      ValueError,
      /^argsort: expected descending to be true or false/,
    ],
    [
      'topk with an axis for options',
      () => tapegrad.topk(x, 1, any(1)),
      ValueError,
      /^topk: expected options, such as \{ axis: … \}, got 1/,
    ],
    ['topk along text', () => tapegrad.topk(x, 1, any({ axis: '1' })), ShapeError, /^topk: there is no axis '1'/],
    ['topk of text', () => tapegrad.topk(x, any('1')), ValueError, /^topk: expected k from 0 to 3, .*got '1'/],
    ['topk of an array', () => tapegrad.topk(any([1]), 1), DtypeError, /^topk: expected a tensor for x, got an array/],
    ['topk with text', () => tapegrad.topk(x, 1, any({ largest: 1 })), ValueError, /^topk: expected largest to be true or false, got 1/],
    ['sort along an axis that is not there', () => sort(x, 2), ShapeError, /^sort: there is no axis 2/],
    ['sort of an array', () => sort(any([1])), DtypeError, /^sort: expected a tensor for x/],
    ['median with a truth value', () => tapegrad.median(x, 1, any(true)), ValueError, /^median: expected options/],
    ['median of an array', () => tapegrad.median(any([1])), DtypeError, /^median: expected a tensor for x/],
    [
      'nanmedian of nothing',
      () => tapegrad.nanmedian(Tensor.zeros([0])),
      ShapeError,
      /^nanmedian: there is nothing in the middle of axis 0 of shape \[0\]/,
    ],
    ['topk', () => tapegrad.topk(x, 4), ValueError, /^topk: expected k from 0 to 3, the size of axis 1 of shape \[2, 3\], got 4/],
  ]);
});
