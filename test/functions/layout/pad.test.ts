/** Padding by every mode, held against definitions in plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, pad, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { at, made } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { operationsOf } from '../../lib/tensors.ts';

describe('padding', () => {
  const x = Tensor.of([1, 2]);
  test('crops the elements that there are, and no more', () => {
    expect(tapegrad.pad(x, [[-1, -1]]).shape).toEqual([0]);
    expect(tapegrad.pad(x, [[-2, 3]]).toArray()).toEqual([0, 0, 0]);
    expect(tapegrad.pad(x, [[-2, 3]], { value: 7 }).toArray()).toEqual([7, 7, 7]);
    expect(tapegrad.pad(x, [[1, -2]], { value: 7 }).toArray()).toEqual([7]);
    for (const widths of [
      [-3, 2],
      [2, -3],
      [-2, -1],
      [-3, 5],
    ] as const)
      for (const options of [{}, { value: 7 }, { mode: 'replicate' }] as const)
        expect(() => tapegrad.pad(x, [widths], options)).toThrow(/^pad: axis 0 of shape \[2\] has no 3 elements to cut away/);
  });

  test('takes integers as widths, and repeats no more elements than there are', () => {
    expect(() => tapegrad.pad(x, [[0.5, 1]])).toThrow(/^pad: expected \[before, after\] in whole numbers/);
    expect(() => tapegrad.pad(x, [[1, 0.5]])).toThrow(ShapeError);
    expect(() => tapegrad.pad(x, [])).toThrow(ShapeError);
    expect(() => tapegrad.pad(x, [[0, 2]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1 on each side/);
    expect(() => tapegrad.pad(x, [[0, 5]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1/);
    expect(() => tapegrad.pad(x, [[2, 0]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1/);
    expect(() => tapegrad.pad(x, [[0, 3]], { mode: 'circular' })).toThrow(/^pad: expected at most 2/);
    expect(() => tapegrad.pad(Tensor.zeros([0]), [[1, 0]], { mode: 'replicate' })).toThrow(/^pad: expected at most 0/);
    expect(tapegrad.pad(x, [[2, 2]], { mode: 'circular' }).toArray()).toEqual([1, 2, 1, 2, 1, 2]);
    expect(tapegrad.pad(x, [[1, 1]], { mode: 'reflect' }).toArray()).toEqual([2, 1, 2, 1]);
    // NumPy 2.4’s 'symmetric'.
    expect(tapegrad.pad(x, [[2, 1]], { mode: 'symmetric' }).toArray()).toEqual([2, 1, 1, 2, 2]);
    expect(() => tapegrad.pad(x, [[0, 3]], { mode: 'symmetric' })).toThrow(/^pad: expected at most 2/);
  });

  test('of width 0 is a tensor of its own, and zeros take no tensor of zeros', () => {
    expect(tapegrad.pad(x, [[0, 0]])).not.toBe(x);
    expect(tapegrad.pad(x, [[0, 0]], { mode: 'reflect' }).toArray()).toEqual([1, 2]);
    expect(operationsOf(() => tapegrad.pad(x, [[1, 0]]))).toEqual(['slice', 'unslice']);
  });

  test('fills with a constant, the edge, a reflection without or with it, or the opposite end', () => {
    const widths = fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 }));
    fc.assert(
      fc.property(tensor([3, 4]), widths, widths, (x, rows, columns) => {
        const shape = [3 + rows[0] + rows[1], 4 + columns[0] + columns[1]];
        const place = {
          circular: (i: number, n: number) => (i + n) % n,
          replicate: (i: number, n: number) => Math.min(Math.max(i, 0), n - 1),
          symmetric: (i: number, n: number) => (i < 0 ? -i - 1 : i >= n ? 2 * n - 1 - i : i),
          reflect: (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i),
        };
        for (const value of [0, 7])
          expectClose(
            pad(x, [rows, columns], { value }),
            made(shape, (i, j) => at(x, [i - rows[0], j - columns[0]], value)),
          );
        for (const mode of ['circular', 'replicate', 'reflect', 'symmetric'] as const)
          expectClose(
            pad(x, [rows, columns], { mode }),
            made(shape, (i, j) => at(x, [place[mode](i - rows[0], 3), place[mode](j - columns[0], 4)])),
          );
      }),
    );
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['pad', () => pad(x, [[1, 1]]), ShapeError, /^pad: expected \[before, after\]/],
    ['pad by numbers', () => pad(Tensor.of([1]), [1] as never), ShapeError, /^pad: expected \[before, after\].*got \[1\]/],
    ['pad by one number', () => pad(Tensor.of([1]), [[1]] as never), ShapeError, /^pad: expected \[before, after\]/],
    ['pad by nothing', () => pad(x, undefined as never), ShapeError, /^pad: expected \[before, after\].*got undefined/],
    ['pad with a number for options', () => pad(Tensor.of([1]), [[1, 1]], 7 as never), ValueError, /^pad: expected options, .*got 7/],
    [
      'pad with text for a value',
      () => pad(Tensor.of([1]), [[1, 1]], { value: '7' as never }),
      ValueError,
      /^pad: expected value to be a number, got '7'/,
    ],
    ['pad of an array', () => pad([1] as never, [[1, 1]]), DtypeError, /^pad: expected a tensor for x, got an array/],
    ['pad beyond all sizes', () => pad(Tensor.of([1]), [[0, 2 ** 34]]), ShapeError, /^pad: expected at most/],
    ['circular pad beyond all sizes', () => pad(Tensor.of([1]), [[1e10, 0]], { mode: 'circular' }), ShapeError, /^pad: expected at most/],
    ['pad of int32 with a fraction', () => pad(Tensor.of([1], 'int32'), [[1, 1]], { value: 0.5 }), ValueError, /^pad: .*got 0\.5/],
    [
      'pad',
      () =>
        pad(
          x,
          [
            [0, 0],
            [3, 0],
          ],
          { mode: 'reflect' },
        ),
      ShapeError,
      /^pad: expected at most 2 on each side of axis 1/,
    ],
    [
      'pad',
      () =>
        pad(
          x,
          [
            [0, 0],
            [1, 0],
          ],
          { mode: 'mirror' as never },
        ),
      ValueError,
      /^pad: expected mode to be 'constant', 'replicate', 'reflect', 'symmetric' or 'circular', got 'mirror'/,
    ],
    [
      'pad',
      () =>
        pad(x, [
          [-2, -1],
          [0, 0],
        ]),
      ShapeError,
      /^pad: axis 0 of shape \[2, 3\] has no 3 elements to cut away/,
    ],
  ]);
});
