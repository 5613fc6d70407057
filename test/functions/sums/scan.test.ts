/** Running totals, products and recurrences, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import * as tapegrad from '../../../src/index.ts';
import { cumprod, cumsum, gradcheck, perform, prod, ShapeError, Tensor, vjp } from '../../../src/index.ts';
import { expectClose, size, tensor } from '../../book/lib.ts';
import { at, made, matrix, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { int32 } from '../../lib/tensors.ts';

describe('cumulative sums and products', () => {
  test('agree with loops', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1), (x, axis) => {
        const upTo = (i: number, j: number) =>
          axis === 0 ? range(i + 1).map((k) => at(x, [k, j])) : range(j + 1).map((k) => at(x, [i, k]));
        expectClose(
          cumsum(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a + b)),
        );
        expectClose(
          tapegrad.cumprod(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a * b)),
        );
        expectClose(
          tapegrad.logCumSumExp(x, axis),
          made(x.shape, (i, j) => Math.log(upTo(i, j).reduce((a, b) => a + Math.exp(b), 0))),
        );
        expectClose(prod(x, axis), tapegrad.cumprod(x, axis).slice(axis === 0 ? [-1] : [null, -1]));
      }),
    );
  });

  test('of logarithms neither overflow nor lose what is small, and of nothing are −∞', () => {
    const x = Tensor.of([-Infinity, -Infinity, 1000, 1000, -1000], 'float64');
    const y = tapegrad.logCumSumExp(x, 0);
    expect(y.toArray()).toEqual([-Infinity, -Infinity, 1000, 1000 + Math.LN2, 1000 + Math.LN2]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.logCumSumExp(x, 0), x);
    expect(pullback(Tensor.ones([5], 'float64'))[0]!.data.every(Number.isFinite)).toBe(true);
  });

  test('of products have slopes at zeros: the product of all others', () => {
    for (const values of [
      [2, 0, 3],
      [0, 0, 4],
      [0, 0, 0],
    ])
      gradcheck((x) => prod(x).add(tapegrad.cumprod(x, 0).sum()), [Tensor.of(values)]);
  });

  test('of float32 are added up in float64', () => {
    const x = Tensor.full([100_000], 0.1);
    expect(cumsum(x, 0).slice([-1]).item()).toBe(Math.fround(Math.fround(0.1) * 100_000));
  });

  test('of a linear recurrence agree with a loop', () => {
    fc.assert(
      fc.property(
        size.chain((n) => fc.tuple(tensor([n]), tensor([n]))),
        ([a, b]) => {
          let y = 0;
          const wanted = range(a.size).map((i) => (y = a.data[i]! * y + b.data[i]!));
          expectClose(tapegrad.linearRecurrence(a, b, 0), Tensor.of(wanted, 'float64'));
        },
      ),
    );
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

describe('products', () => {
  test('are multiplied from the first to the last, to the bit', () => {
    const x = Tensor.uniform([40], { seed: 4, dtype: 'float64' }).add(0.5);
    expect(tapegrad.prod(x).item()).toBe([...x.data].reduce((a, b) => a * b));
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [['cumsum', () => cumsum(x, 2), ShapeError, /^cumsum: there is no axis 2 in shape \[2, 3\]/]]);
});

describe('along the last axis by default', () => {
  const x = Tensor.of([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  test('run cumsum and cumprod', () => {
    expect(cumsum(x).toArray()).toEqual([[1, 3], [3, 7]]); // biome-ignore format: a matrix
    expect(cumprod(x).toArray()).toEqual([[1, 2], [3, 12]]); // biome-ignore format: a matrix
  });
});
