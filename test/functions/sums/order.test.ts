/** What is sorted, picked by size, or in the middle. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { sort, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, matrix, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { int32 } from '../../lib/tensors.ts';

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

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['topk', () => tapegrad.topk(x, 4), ValueError, /^topk: expected k from 0 to 3, the size of axis 1 of shape \[2, 3\], got 4/],
  ]);
});
