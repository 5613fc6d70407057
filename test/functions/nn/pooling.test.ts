/** Pooling over windows and to given sizes, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose, size, tensor } from '../../book/lib.ts';
import { at, made, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { counted } from '../../lib/tensors.ts';

describe('pools', () => {
  const [image, signal] = [counted(1, 1, 4, 4), Tensor.of([[[3, 1, 4, 1, 5, 9]]])];
  test.each<[string, () => unknown, RegExp]>([
    ['no images', () => tapegrad.maxPool2d(counted(4, 4), 2), /^maxPool2d: expected images of shape/],
    ['more room than half a window, above', () => tapegrad.avgPool2d(image, [2, 4], { padding: 2 }), /^avgPool2d: expected a padding/],
    ['more room than half a window, aside', () => tapegrad.avgPool2d(image, [4, 2], { padding: 2 }), /^avgPool2d: expected a padding/],
    ['fewer axes', () => tapegrad.adaptiveAvgPool2d(counted(2, 3, 4), 1), /^adaptiveAvgPool2d: expected images of shape/],
    ['no rows', () => tapegrad.adaptiveAvgPool2d(Tensor.zeros([1, 1, 0, 2]), 1), /with pixels, got \[1, 1, 0, 2\]/],
    ['no columns', () => tapegrad.adaptiveMaxPool2d(Tensor.zeros([1, 1, 2, 0]), 1), /with pixels, got \[1, 1, 2, 0\]/],
    ...[
      [0, 1],
      [1, 0],
      [1.5, 1],
      [1, -1],
    ].map(
      (to) =>
        [
          `${to} windows`,
          () => tapegrad.adaptiveAvgPool2d(image, to as [number, number]),
          /^adaptiveAvgPool2d: expected a size from 1 to pool to, got \[/,
        ] as [string, () => unknown, RegExp],
    ),
  ])('refuse %s', (_, f, what) => expect(f).toThrow(what));

  test('of signals are those of images of one row', () => {
    expect(tapegrad.maxPool1d(signal, 2).toArray()).toEqual([[[3, 4, 9]]]);
    expect(tapegrad.maxPool1d(signal, 2, { stride: 1 }).toArray()).toEqual([[[3, 4, 4, 5, 9]]]);
    expect(tapegrad.avgPool1d(signal, 2).toArray()).toEqual([[[2, 2.5, 7]]]);
    expect(tapegrad.avgPool1d(signal, 2, { padding: 1 }).toArray()).toEqual([[[1.5, 2.5, 3, 4.5]]]);
    expect(tapegrad.avgPool1d(signal, 2, { padding: 1, countPadding: false }).toArray()).toEqual([[[3, 2.5, 3, 9]]]);
  });

  test('may have a padding of half a window', () => {
    expect(tapegrad.avgPool2d(image, 2, { padding: 1 }).shape).toEqual([1, 1, 3, 3]);
  });
});

describe('pooling', () => {
  test('takes the largest, or the mean, of every window', () => {
    const one = fc.integer({ min: 1, max: 2 });
    fc.assert(
      fc.property(
        tensor([1, 2, 5, 4]),
        fc.tuple(one, one),
        fc.tuple(one, one),
        fc.constantFrom(0, 1),
        one,
        (x, kernel, stride, padding, dilation) => {
          if (padding * 2 > Math.min(...kernel)) return;
          const options = { stride, padding, dilation };
          const y = tapegrad.maxPool2d(x, kernel, options);
          const window = (i: number, j: number) =>
            range(kernel[0]).flatMap((p) =>
              range(kernel[1]).map((q) => [i * stride[0] - padding + p * dilation, j * stride[1] - padding + q * dilation] as const),
            );
          const inside = ([i, j]: readonly [number, number]) => i >= 0 && i < 5 && j >= 0 && j < 4;
          expectClose(
            y,
            made(y.shape, (n, c, i, j) => Math.max(...window(i, j).map((place) => at(x, [n, c, ...place], -Infinity)))),
          );
          const sum = (n: number, c: number, i: number, j: number) =>
            window(i, j).reduce((total, place) => total + at(x, [n, c, ...place]), 0);
          expectClose(
            tapegrad.avgPool2d(x, kernel, options),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / (kernel[0] * kernel[1])),
          );
          expectClose(
            tapegrad.avgPool2d(x, kernel, { ...options, countPadding: false }),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / window(i, j).filter(inside).length),
          );
        },
      ),
      { numRuns: runs(30) },
    );
  });

  test('to a given size covers the image evenly', () => {
    fc.assert(
      fc.property(tensor([1, 2, 5, 4]), size, size, (x, rows, columns) => {
        const span = (i: number, n: number, count: number) => range(Math.ceil(((i + 1) * n) / count)).slice(Math.floor((i * n) / count));
        const seen = (n: number, c: number, i: number, j: number) =>
          span(i, 5, rows).flatMap((p) => span(j, 4, columns).map((q) => at(x, [n, c, p, q])));
        const shape = [1, 2, rows, columns];
        expectClose(
          tapegrad.adaptiveMaxPool2d(x, [rows, columns]),
          made(shape, (...place) => Math.max(...(seen as any)(...place))),
        );
        expectClose(
          tapegrad.adaptiveAvgPool2d(x, [rows, columns]),
          made(shape, (...place) => {
            const all: number[] = (seen as any)(...place);
            return all.reduce((a, b) => a + b) / all.length;
          }),
        );
      }),
      { numRuns: runs(30) },
    );
  });

  test('gives the gradient to the first of those that tie', () => {
    const x = Tensor.ones([1, 1, 2, 2], 'float64');
    for (const pool of [(x: Tensor) => tapegrad.maxPool2d(x, 2), (x: Tensor) => tapegrad.adaptiveMaxPool2d(x, 1)]) {
      expect(vjp(pool, x)[1](Tensor.ones([1, 1, 1, 1], 'float64'))[0].toArray()).toEqual([
        [
          [
            [1, 0],
            [0, 0],
          ],
        ],
      ]);
    }
  });
});

describe('bad input is refused, by name', () => {
  const image = Tensor.zeros([1, 2, 4, 4]);
  refuses('%s', [
    [
      'maxPool2d',
      () => tapegrad.maxPool2d(image, 2, { padding: 2 }),
      ValueError,
      /^maxPool2d: expected a padding of at most half the window/,
    ],
  ]);
});
