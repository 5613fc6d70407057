/** Pooling to a size along three axes; along one and two it is tested beside the other pools. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  ShapeError,
  Tensor,
  ValueError,
} from '../../../src/index.ts';
import { expectClose, size, tensor } from '../../book/lib.ts';
import { at, made, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

describe('volumes', () => {
  test('are covered evenly', () => {
    fc.assert(
      fc.property(tensor([1, 2, 3, 4, 5]), size, size, size, (x, planes, rows, columns) => {
        const to = [planes, rows, columns] as const;
        const span = (i: number, n: number, count: number) => range(Math.ceil(((i + 1) * n) / count)).slice(Math.floor((i * n) / count));
        const seen = (n: number, c: number, i: number, j: number, k: number) =>
          span(i, 3, planes).flatMap((p) => span(j, 4, rows).flatMap((q) => span(k, 5, columns).map((r) => at(x, [n, c, p, q, r]))));
        expectClose(
          adaptiveMaxPool3d(x, to),
          made([1, 2, ...to], (...place) => Math.max(...(seen as any)(...place))),
        );
        expectClose(
          adaptiveAvgPool3d(x, to),
          made([1, 2, ...to], (...place) => {
            const all: number[] = (seen as any)(...place);
            return all.reduce((a, b) => a + b) / all.length;
          }),
        );
      }),
      { numRuns: runs(15) },
    );
  });

  test('of one plane are images', () => {
    const x = Tensor.normal([2, 1, 4, 5], { seed: 1 }) as Tensor;
    expect(adaptiveAvgPool3d(x.unsqueeze(2), [1, 3, 2]).squeeze(2).toArray()).toEqual(adaptiveAvgPool2d(x, [3, 2]).toArray());
    expect(adaptiveMaxPool3d(x.unsqueeze(2), [1, 3, 2]).squeeze(2).toArray()).toEqual(adaptiveMaxPool2d(x, [3, 2]).toArray());
  });
});

refuses('%s is refused, by name', [
  ['an image', () => adaptiveAvgPool3d(Tensor.ones([1, 1, 2, 2]), 1), ShapeError, /^adaptiveAvgPool3d: expected volumes of shape \[n, channels, depth, height, width\]/],
  ['a volume without elements', () => adaptiveMaxPool3d(Tensor.ones([1, 1, 0, 2, 2]), 1), ShapeError, /^adaptiveMaxPool3d: expected volumes with elements/],
  ['a size of two numbers', () => adaptiveMaxPool3d(Tensor.ones([1, 1, 2, 2, 2]), [1, 1] as never), ValueError, /^adaptiveMaxPool3d: expected a size from 1 to pool to/],
]); // biome-ignore format: one line a case
