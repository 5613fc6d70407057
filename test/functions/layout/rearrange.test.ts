/** Flipped, rolled, tiled, repeated, moved and split, held against definitions in plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { flip, roll, ShapeError, Tensor, tile, ValueError } from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, made, matrix, range, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';

describe('movement', () => {
  test('flip, roll, tile and repeatInterleave place each element as loops do', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: -6, max: 6 }), fc.integer({ min: 0, max: 3 }), (x, shift, times) => {
        const [m, n] = x.shape as [number, number];
        const modulo = (i: number, size: number) => ((i % size) + size) % size;
        expectClose(
          flip(x),
          made([m, n], (i, j) => at(x, [m - 1 - i, n - 1 - j])),
        );
        expectClose(
          flip(x, 1),
          made([m, n], (i, j) => at(x, [i, n - 1 - j])),
        );
        expectClose(
          roll(x, shift, 1),
          made([m, n], (i, j) => at(x, [i, modulo(j - shift, n)])),
        );
        expectClose(
          tile(x, [2, times, 1]),
          made([2, m * times, n], (_, i, j) => at(x, [i % m, j])),
        );
        expectClose(
          tapegrad.repeatInterleave(x, times, 0),
          made([m * times, n], (i, j) => at(x, [Math.floor(i / times), j])),
        );
        expectClose(
          tapegrad.tril(x, shift),
          made([m, n], (i, j) => (j - i <= shift ? at(x, [i, j]) : 0)),
        );
        expectClose(
          tapegrad.triu(x, shift),
          made([m, n], (i, j) => (j - i >= shift ? at(x, [i, j]) : 0)),
        );
        const diagonal = range(m).flatMap((i) => (i + shift >= 0 && i + shift < n ? [at(x, [i, i + shift])] : []));
        expect(tapegrad.diagonal(x, shift).toArray()).toEqual(diagonal);
        expect(tapegrad.trace(x).item()).toBe(sumOver([Math.min(m, n)], (i) => at(x, [i, i])));
        expectClose(
          tapegrad.diag(x),
          made([m, n, n], (i, j, k) => (j === k ? at(x, [i, j]) : 0)),
        );
        expect(
          tapegrad
            .split(x, times + 1, 1)
            .flatMap((part) => part.shape[1]!)
            .reduce((a, b) => a + b),
        ).toBe(n);
        expectClose(tapegrad.concat(tapegrad.split(x, times + 1, 1), 1), x);
        expectClose(tapegrad.moveAxis(x, 0, -1), x.transpose());
      }),
    );
  });

  test('rolls by any shift, and returns the tensor itself for a multiple of the size', () => {
    const x = Tensor.of([1, 2, 3, 4, 5]);
    for (const shift of [-12, -7, -5, -2, 0, 3, 5, 8, 10]) {
      const wanted = [...x.data].map((_, i) => x.data[(((i - shift) % 5) + 5) % 5]);
      expect(tapegrad.roll(x, shift, 0).toArray()).toEqual(wanted);
    }
    expect(tapegrad.roll(x, -10, 0)).toBe(x);
    expect(tapegrad.roll(Tensor.zeros([0]), 1, 0).shape).toEqual([0]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['tile', () => tile(x, [2]), ShapeError, /^tile: expected a repeat for each axis of shape \[2, 3\]/],
    ['tile', () => tile(x, [2, -1]), ShapeError, /^tile: /],
    ['repeatInterleave', () => tapegrad.repeatInterleave(x, 1.5, 0), ShapeError, /^repeatInterleave: /],
    ['roll', () => roll(x, 0.5, 0), ValueError, /^roll: expected a whole number of places, got 0\.5/],
    ['split', () => tapegrad.split(x, [1, 1], 1), ShapeError, /^split: sizes \[1, 1\] do not make up axis 1/],
    ['split', () => tapegrad.split(x, 0, 1), ValueError, /^split: expected a size from 1, got 0/],
  ]);
});
