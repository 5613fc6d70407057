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

  test('rolls by any shift, and by a multiple of the size into a tensor of its own', () => {
    const x = Tensor.of([1, 2, 3, 4, 5]);
    for (const shift of [-12, -7, -5, -2, 0, 3, 5, 8, 10]) {
      const wanted = [...x.data].map((_, i) => x.data[(((i - shift) % 5) + 5) % 5]);
      expect(tapegrad.roll(x, shift, 0).toArray()).toEqual(wanted);
    }
    expect(tapegrad.roll(x, -10, 0)).not.toBe(x);
    expect(tapegrad.roll(Tensor.zeros([0]), 1, 0).shape).toEqual([0]);
  });
});

describe('rolls', () => {
  test('along several axes are rolls along each, and along none of all elements in a row', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), (x, first, second) => {
        expect(roll(x, [first, second], [-1, 0]).toArray()).toEqual(roll(roll(x, first, 1), second, 0).toArray());
        expect(roll(x, first, [0, 1]).toArray()).toEqual(roll(roll(x, first, 0), first, 1).toArray());
        expect(roll(x, first).toArray()).toEqual(
          roll(x.reshape([-1]), first, 0)
            .reshape(x.shape)
            .toArray(),
        );
        expect(roll(x, [first]).toArray()).toEqual(roll(x, first).toArray());
        expect(roll(x, [], []).toArray()).toEqual(x.toArray());
      }),
    );
  });
});

describe('parts', () => {
  test('of chunk are of one size but the last, at most as many as asked for, and make up the whole', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 1, max: 7 }), fc.constantFrom(0, 1, -1), (x, count, axis) => {
        const parts = tapegrad.chunk(x, count, axis);
        const sizes = parts.map((part) => part.shape.at(axis)!);
        expect(parts.length).toBeLessThanOrEqual(count);
        expect(new Set(sizes.slice(0, -1)).size).toBeLessThanOrEqual(1);
        expect(sizes.at(-1)!).toBeLessThanOrEqual(sizes[0]!);
        expect(tapegrad.concat(parts, axis).toArray()).toEqual(x.toArray());
      }),
    );
    expect(tapegrad.chunk(Tensor.arange(5), 4).map((part) => part.toArray())).toEqual([[0, 1], [2, 3], [4]]);
    // So parts make up the whole where it is empty, too.
    for (const parts of [tapegrad.chunk(Tensor.zeros([0, 2]), 3), tapegrad.split(Tensor.zeros([0, 2]), 3)])
      expect(parts.map(({ shape }) => shape)).toEqual([[0, 2]]);
  });

  test('of unbind are undone by stack', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1), (x, axis) => {
        const parts = tapegrad.unbind(x, axis);
        expect(parts.every((part) => part.rank === 1)).toBe(true);
        expect(tapegrad.stack(parts, axis).toArray()).toEqual(x.toArray());
      }),
    );
    expect(tapegrad.unbind(Tensor.of([4, 5])).map((x) => x.item())).toEqual([4, 5]);
  });
});

describe('a grid', () => {
  test('has each coordinate along its own axis', () => {
    const [a, b, c] = tapegrad.meshgrid([Tensor.of([1, 2]), Tensor.of([3, 4, 5]), Tensor.of([6])]);
    for (const x of [a, b, c]) expect(x!.shape).toEqual([2, 3, 1]);
    expectClose(a!, made([2, 3, 1], (i) => 1 + i).cast('float32'));
    expectClose(b!, made([2, 3, 1], (_, j) => 3 + j).cast('float32'));
    expectClose(c!, made([2, 3, 1], () => 6).cast('float32'));
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['tile', () => tile(x, [2]), ShapeError, /^tile: expected a repeat for each axis of shape \[2, 3\]/],
    ['tile', () => tile(x, [2, -1]), ShapeError, /^tile: /],
    ['repeatInterleave', () => tapegrad.repeatInterleave(x, 1.5, 0), ShapeError, /^repeatInterleave: /],
    ['roll', () => roll(x, 0.5, 0), ValueError, /^roll: expected shift to be a whole number, got 0\.5/],
    ['split', () => tapegrad.split(x, [1, 1], 1), ShapeError, /^split: sizes \[1, 1\] do not make up axis 1/],
    ['roll', () => roll(x, [1, 2], 0), ShapeError, /^roll: expected a shift for each of the axes \[0\], got \[1, 2\]/],
    ['roll', () => roll(x, 1, [0, 0]), ShapeError, /^roll: axes \[0,0\] name one axis of \[2, 3\] twice/],
    ['roll', () => roll(x, 1, '0' as never), ShapeError, /^roll: expected an axis or a list of axes, got '0'/],
    ['tile', () => tile(x, [1e7, 1e7]), ShapeError, /^tile: expected at most/],
    ['tile', () => tile(x, 2 as never), ShapeError, /^tile: expected a shape/],
    ['repeatInterleave', () => tapegrad.repeatInterleave(x, 1e12, 0), ShapeError, /^repeatInterleave: expected at most/],
    ['chunk', () => tapegrad.chunk(x, 0), ValueError, /^chunk: expected count to be a whole number from 1, got 0/],
    ['chunk', () => tapegrad.chunk(x, 2, 5), ShapeError, /^chunk: there is no axis 5/],
    ['unbind', () => tapegrad.unbind(Tensor.of(1)), ShapeError, /^unbind: there is no axis 0/],
    ['meshgrid', () => tapegrad.meshgrid([x]), ShapeError, /^meshgrid: expected vectors, got shape \[2, 3\]/],
    ['meshgrid', () => tapegrad.meshgrid([]), ShapeError, /^meshgrid: expected at least one tensor/],
    ['meshgrid', () => tapegrad.meshgrid([Tensor.zeros([2e5]), Tensor.zeros([2e5])]), ShapeError, /^meshgrid: expected at most/],
    ['split', () => tapegrad.split(x, '2' as never), ShapeError, /^split: expected a shape/],
    ['split', () => tapegrad.split(x, 0, 1), ValueError, /^split: expected sizes to be a whole number from 1, got 0/],
  ]);
});
