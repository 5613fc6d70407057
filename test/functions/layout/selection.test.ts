/** Rows, order and windows at their edges: what indices may not be, and what nothing is. */

import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import * as tapegrad from '../../../src/index.ts';
import { perform, ShapeError, Tensor, ValueError } from '../../../src/index.ts';

const int32 = (values: any): Tensor => Tensor.of(values, 'int32');

describe('indices', () => {
  const x = Tensor.of([
    [1, 2],
    [3, 4],
  ]);
  test('are lists, from 0 to the last of the axis, one for each row', () => {
    expect(() => tapegrad.indexSelect(x, 0, int32([[0]]))).toThrow(
      /^indexSelect: expected a list of indices, of shape \[count\], got \[1, 1\]/,
    );
    expect(() => tapegrad.indexSelect(x, 0, int32([1, -1]))).toThrow(
      /^indexSelect: index -1 at place 1 is outside axis 0 of shape \[2, 2\], which goes from 0 to 1/,
    );
    expect(() => tapegrad.indexAdd(x, 0, int32([0]), x)).toThrow(
      /^indexAdd: expected an index for each of the 2 rows along axis 0 of \[2, 2\], got 1/,
    );
    expect(() => tapegrad.indexAdd(x, 0, int32([[0], [1]]), x)).toThrow(ShapeError);
    expect(() => tapegrad.embedding(Tensor.of([1, 2]), int32([0]))).toThrow(
      /^embedding: expected a table of shape \[count, width\], got \[2\]/,
    );
    expect(() => tapegrad.take(x, int32([4]))).toThrow(/^take: index 4/);
  });

  test('may be none', () => {
    const none = Tensor.zeros([0], 'int32');
    expect(tapegrad.indexSelect(x, 1, none).shape).toEqual([2, 0]);
    expect(tapegrad.indexAdd(x, 0, none, Tensor.zeros([0, 2])).toArray()).toEqual(x.toArray());
    expect(tapegrad.embedding(x, Tensor.zeros([0, 3], 'int32')).shape).toEqual([0, 3, 2]);
    expect(tapegrad.take(x, none).shape).toEqual([0]);
  });

  test('pick along the first axis and along the last, in the order they are given', () => {
    const y = Tensor.arange(12).reshape([2, 3, 2]);
    expect(tapegrad.indexSelect(y, 1, int32([2, 0])).toArray()).toEqual([
      [
        [4, 5],
        [0, 1],
      ],
      [
        [10, 11],
        [6, 7],
      ],
    ]);
    expect(tapegrad.indexSelect(y, 2, int32([1])).toArray()).toEqual([
      [[1], [3], [5]],
      [[7], [9], [11]],
    ]);
  });
});

describe('order', () => {
  test('is by number, NaN last, ties as they came, along any axis', () => {
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

  test('takes a number of elements that there are', () => {
    const x = Tensor.of([3, 1, 2]);
    expect(tapegrad.topk(x, 0).values.shape).toEqual([0]);
    expect(tapegrad.topk(x, 3).indices.toArray()).toEqual([0, 2, 1]);
    for (const k of [-1, 1.5, 4, NaN]) expect(() => tapegrad.topk(x, k)).toThrow(ValueError);
    expect(() => tapegrad.median(Tensor.zeros([2, 0]), 1)).toThrow(/^median: there is nothing in the middle of axis 1/);
  });
});

describe('recurrences', () => {
  test('need a factor for each element, and run along any axis of more', () => {
    const a = Tensor.ones([2, 3]);
    expect(() => tapegrad.linearRecurrence(a, Tensor.ones([3, 2]) as never, 0)).toThrow(
      /^linearRecurrence: expected a factor for each element, got \[2, 3\] for \[3, 2\]/,
    );
    expect(tapegrad.linearRecurrence(a.mul(2), a, 0).toArray()).toEqual([
      [1, 1, 1],
      [3, 3, 3],
    ]);
    expect(tapegrad.cumsum(Tensor.arange(12).reshape([2, 3, 2]), 1).toArray()).toEqual([
      [
        [0, 1],
        [2, 4],
        [6, 9],
      ],
      [
        [6, 7],
        [14, 16],
        [24, 27],
      ],
    ]);
    expect(tapegrad.cumsum(int32([1, 2]), 0).dtype).toBe('int32');
    expect(perform(ops['cumprod']!, { x: Tensor.of([2, 3, 4]) }, { axis: 0, reverse: true }).toArray()).toEqual([24, 12, 4]);
    expect(tapegrad.prod(Tensor.zeros([2, 0]), 1).toArray()).toEqual([1, 1]);
    expect(
      tapegrad
        .prod(
          Tensor.of([
            [1, 2],
            [3, 4],
          ]),
          [0, 1],
          { keepDims: true },
        )
        .toArray(),
    ).toEqual([[24]]);
  });
});

describe('windows', () => {
  const image = Tensor.arange(12).reshape([1, 1, 3, 4]);
  test('must fit, along rows and along columns, and be whole', () => {
    expect(() => tapegrad.unfold(image, [4, 1])).toThrow(
      /^unfold: windows of 4 × 1 do not fit on an image of 3 × 4 with 0 × 0 beyond its edges/,
    );
    expect(() => tapegrad.unfold(image, [1, 5])).toThrow(/^unfold: windows of 1 × 5 do not fit/);
    expect(() => tapegrad.unfold(image, 2, { dilation: [1, 4] })).toThrow(/^unfold: windows of 2 × 2, spread by 1 × 4, do not fit/);
    for (const kernel of [
      [2, 0],
      [0, 2],
      [1.5, 1],
      [1, 1.5],
    ] as const)
      expect(() => tapegrad.unfold(image, kernel)).toThrow(/^unfold: expected a kernel size of whole numbers from 1/);
    expect(() => tapegrad.unfold(image, 2, { padding: [0, -1] })).toThrow(/^unfold: expected a padding of whole numbers from 0/);
    expect(() => tapegrad.unfold(Tensor.zeros([3, 4]), 2)).toThrow(/^unfold: expected images/);
    expect(() => tapegrad.fold(image, [3, 4], 2)).toThrow(/^fold: expected columns/);
    expect(() => tapegrad.fold(Tensor.zeros([1, 3, 6]), [3, 4], 2)).toThrow(/^fold: an image of 3 × 4 has 6 windows of 2 × 2/);
  });

  test('are one just where they fill the image', () => {
    expect(tapegrad.unfold(image, [3, 4]).toArray()).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((x) => [x])]);
    expect(tapegrad.unfold(image, 1, { stride: 2 }).toArray()).toEqual([[[0, 2, 8, 10]]]);
  });
});

describe('products', () => {
  test('are multiplied from the first to the last, to the bit', () => {
    const x = Tensor.uniform([40], { seed: 4, dtype: 'float64' }).add(0.5);
    expect(tapegrad.prod(x).item()).toBe([...x.data].reduce((a, b) => a * b));
  });
});

describe('lengths of nothing', () => {
  test('are flat, to the second derivative', () => {
    const length = (x: Tensor) => tapegrad.hypot(x.slice([0]), x.slice([1]));
    for (const f of [length, (x: Tensor) => tapegrad.norm(x)])
      expect(
        tapegrad
          .hessian(f)(Tensor.zeros([2], 'float64'))
          .toArray(),
      ).toEqual([
        [0, 0],
        [0, 0],
      ]);
  });

  test('of order 1 are sums of sizes, and nothing else', () => {
    const tape = new tapegrad.Tape();
    tape.record(() => tapegrad.norm(Tensor.of([1, -2]), 0, { order: 1 }));
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['abs', 'sum']);
  });

  test('are 0, and orders must be numbers', () => {
    expect(tapegrad.norm(Tensor.zeros([2, 0]), 1).toArray()).toEqual([0, 0]);
    expect(tapegrad.norm(Tensor.zeros([0])).item()).toBe(0);
    for (const order of ['2', null, NaN])
      expect(() => tapegrad.norm(Tensor.ones([2]), 0, { order: order as never })).toThrow(/^norm: expected an order/);
    expect(tapegrad.norm(Tensor.of([0.5, 0])).item()).toBe(0.5);
    expect(
      tapegrad
        .norm(
          Tensor.of([
            [1, -2],
            [3, 4],
          ]),
          1,
          { order: 1 },
        )
        .toArray(),
    ).toEqual([3, 7]);
  });
});
