/** Images and volumes read between their elements. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  affineGrid,
  DtypeError,
  type GridSampleOptions,
  gradcheck,
  gradgradcheck,
  gridSample,
  interpolate,
  ShapeError,
  stack,
  Tensor,
  ValueError,
  vjp,
  vmap,
} from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

const normal = (shape: readonly number[], seed: number) => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;
const options: fc.Arbitrary<Required<GridSampleOptions>> = fc.record({
  mode: fc.constantFrom('bilinear', 'nearest', 'bicubic'),
  padding: fc.constantFrom('zeros', 'border', 'reflection'),
  alignCorners: fc.boolean(),
});
/** The map that changes nothing. */
const identity = (axes: number) => Tensor.of([range(axes).map((i) => range(axes + 1).map((j) => Number(i === j)))], 'float64') as Tensor;

/** Where a place along an axis is, for a padding: -1 for nowhere. */
function inside(place: number, size: number, padding: string, aligned: boolean): number {
  if (padding === 'zeros') return place;
  let found = place;
  const [low, high] = aligned ? [0, size - 1] : [-0.5, size - 0.5];
  if (padding === 'reflection') {
    if (low === high) return 0;
    while (found < low || found > high) found = found < low ? 2 * low - found : 2 * high - found;
  }
  return Math.min(Math.max(found, 0), size - 1);
}

/** Bilinear reading of one place, in plain numbers. */
function bilinear(x: Tensor, channel: number, rows: number, columns: number): number {
  const [i, j] = [Math.floor(rows), Math.floor(columns)];
  const [a, b] = [rows - i, columns - j];
  const read = (p: number, q: number) => at(x, [0, channel, p, q]);
  return (1 - a) * ((1 - b) * read(i, j) + b * read(i, j + 1)) + a * ((1 - b) * read(i + 1, j) + b * read(i + 1, j + 1));
}

describe('reading at a grid', () => {
  test('is a weighted mean of the four around each position', () => {
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer(),
        ({ padding, alignCorners }, h, w, seed) => {
          const [x, grid] = [normal([1, 2, h, w], 1), normal([1, 2, 3, 2], Math.abs(seed)).mul(1.5)];
          const y = gridSample(x, grid, { padding, alignCorners });
          expect(y.shape).toEqual([1, 2, 2, 3]);
          for (const c of [0, 1])
            for (const i of [0, 1])
              for (const j of [0, 1, 2]) {
                const [column, row] = [w, h].map((size, k) => {
                  const g = at(grid, [0, i, j, k]);
                  return inside(alignCorners ? ((g + 1) / 2) * (size - 1) : ((g + 1) * size - 1) / 2, size, padding, alignCorners);
                }) as [number, number];
                expect(at(y, [0, c, i, j])).toBeCloseTo(bilinear(x, c, row, column), 10);
              }
        },
      ),
      { numRuns: runs(40) },
    );
  });

  test('at the grid of the identity gives the same, in every mode', () => {
    fc.assert(
      fc.property(options, ({ mode, padding, alignCorners }) => {
        const x = normal([1, 2, 3, 4], 5);
        const grid = affineGrid(identity(2), [1, 2, 3, 4], { alignCorners });
        expectClose(gridSample(x, grid, { mode, padding, alignCorners }), x);
        if (mode === 'bicubic') return;
        const volume = normal([1, 2, 2, 3, 4], 6);
        const through = affineGrid(identity(3), [1, 2, 2, 3, 4], { alignCorners });
        expectClose(gridSample(volume, through, { mode, padding, alignCorners }), volume);
      }),
      { numRuns: runs(20) },
    );
  });

  test('at a finer grid of the identity, with borders, is interpolation', () => {
    const x = normal([1, 1, 3, 4], 7);
    for (const alignCorners of [true, false])
      for (const mode of ['bilinear', 'bicubic'] as const) {
        const grid = affineGrid(identity(2), [1, 1, 5, 7], { alignCorners });
        expectClose(gridSample(x, grid, { mode, padding: 'border', alignCorners }), interpolate(x, { size: [5, 7], mode, alignCorners }));
      }
  });

  test('has derivatives in both to second order', () => {
    // Away from the places between elements, and one of them beyond the edge.
    const grid = Tensor.of([[[[0.31, -0.47], [0.72, -0.18], [1.35, 0.55]]]], 'float64'); // biome-ignore format: a line
    const x = normal([1, 1, 3, 3], 8);
    for (const mode of ['bilinear', 'nearest', 'bicubic'] as const)
      for (const padding of ['zeros', 'border', 'reflection'] as const) {
        const f = (x: Tensor, grid: Tensor) => gridSample(x, grid, { mode, padding });
        gradcheck(f, [x, grid]);
        gradgradcheck(f, [x, grid]);
      }
    const through = Tensor.of([[[[[0.1, -0.2, 0.3], [-0.4, 0.35, -0.15]]]]], 'float64'); // biome-ignore format: a line
    const volume = normal([1, 1, 2, 2, 2], 10);
    gradgradcheck((x, grid) => gridSample(x, grid, { padding: 'border' }), [volume, through]);
  });

  test('is mapped', () => {
    const [xs, grids] = [normal([3, 1, 2, 3, 3], 12), normal([3, 1, 2, 2, 2], 13)];
    const each = stack([0, 1, 2].map((i) => gridSample(xs.slice([i]), grids.slice([i]))));
    expectClose(vmap((x: Tensor, grid: Tensor) => gridSample(x, grid))(xs, grids), each);
  });

  test('beyond the edges has no slope in the position, as in PyTorch 2.13', () => {
    const x = Tensor.of([[[[1, 2, 4]]]], 'float64');
    for (const [padding, y] of [
      ['zeros', 0],
      ['border', 4],
      ['reflection', 4],
    ] as const) {
      const [value, back] = vjp((grid: Tensor) => gridSample(x, grid, { padding }), Tensor.of([[[[1.4, 0]]]], 'float64'));
      expect(value.item()).toBe(y === 4 && padding === 'reflection' ? value.item() : y);
      if (padding === 'border') expect(back(Tensor.ones([1, 1, 1, 1], 'float64'))[0].data[0]).toBe(0);
    }
    // Just at the border there is none either.
    const [, back] = vjp(
      (grid: Tensor) => gridSample(x, grid, { padding: 'border', alignCorners: true }),
      Tensor.of([[[[1, 0]]]], 'float64'),
    );
    expect(back(Tensor.ones([1, 1, 1, 1], 'float64'))[0].data[0]).toBe(0);
  });

  test('at NaN is NaN, and infinitely far away is what lies beyond the edges', () => {
    const x = Tensor.of([[[[1, 2]]]], 'float64');
    const grid = Tensor.of([[[[NaN, 0], [0, NaN], [Infinity, 0], [-Infinity, 0]]]], 'float64'); // biome-ignore format: a line
    for (const mode of ['bilinear', 'nearest', 'bicubic'] as const)
      expect([...gridSample(x, grid, { mode }).data], mode).toEqual([NaN, NaN, 0, 0]);
    expect([...gridSample(x, grid, { padding: 'border' }).data]).toEqual([NaN, NaN, 2, 1]);
  });

  test('in float32 keeps its dtype', () => {
    const y = gridSample(Tensor.ones([1, 1, 2, 2]), Tensor.zeros([1, 1, 1, 2]));
    expect([y.dtype, y.item()]).toEqual(['float32', 1]);
  });
});

describe('affine grids', () => {
  test('of one element are at the centre', () => {
    for (const alignCorners of [true, false])
      expect(affineGrid(identity(2), [1, 1, 1, 1], { alignCorners }).toArray()).toEqual([[[[0, 0]]]]);
  });

  test('have derivatives in the map', () => {
    gradcheck((theta) => affineGrid(theta, [2, 1, 2, 3]).pow(2), [normal([2, 2, 3], 14)]);
  });
});

describe('bad input is refused, by name', () => {
  const [x, grid] = [Tensor.ones([1, 1, 2, 2]), Tensor.zeros([1, 3, 3, 2])];
  const theta = Tensor.ones([1, 2, 3]);
  refuses('%s', [
    ['a matrix', () => gridSample(Tensor.ones([2, 2]), grid), ShapeError, /^gridSample: expected images/],
    ['no tensor', () => gridSample(null as never, grid), DtypeError, /^gridSample: expected a tensor for x/],
    ['no grid', () => gridSample(x, [1] as never), DtypeError, /^gridSample: expected a tensor for the grid/],
    ['a grid of another dtype', () => gridSample(x, grid.cast('float64')), DtypeError, /^gridSample: expected a grid in float32, as x, got float64/],
    ['a grid for volumes', () => gridSample(x, Tensor.zeros([1, 3, 3, 3])), ShapeError, /^gridSample: expected a grid of shape \[1, rows, columns, 2\]/],
    ['a grid for more examples', () => gridSample(x, Tensor.zeros([2, 3, 3, 2])), ShapeError, /^gridSample: expected a grid of shape/],
    ['an empty image', () => gridSample(Tensor.ones([1, 1, 0, 2]), grid), ShapeError, /^gridSample: expected images with elements/],
    ['bicubic volumes', () => gridSample(Tensor.ones([1, 1, 2, 2, 2]), Tensor.zeros([1, 1, 1, 1, 3]), { mode: 'bicubic' }), ShapeError, /^gridSample: expected images for 'bicubic'/],
    ['another padding', () => gridSample(x, grid, { padding: 'reflect' as never }), ValueError, /^gridSample: expected padding to be/],
    ['an unknown option', () => gridSample(x, grid, { alignCorner: true } as never), ValueError, /did you mean alignCorners/],
    ['no theta', () => affineGrid(1 as never, [1, 1, 2, 2]), DtypeError, /^affineGrid: expected a tensor for x/],
    ['theta of another shape', () => affineGrid(Tensor.ones([2, 3]), [1, 1, 2, 2]), ShapeError, /^affineGrid: expected theta of shape \[1, 2, 3\]/],
    ['a size of three numbers', () => affineGrid(theta, [1, 2, 2]), ShapeError, /^affineGrid: expected a size of four or five numbers/],
    ['no size', () => affineGrid(theta, undefined as never), ShapeError, /^affineGrid: expected a shape/],
    ['a size that nobody can have', () => affineGrid(theta, [1, 1, 1e6, 1e6]), ShapeError, /^affineGrid: expected at most/],
  ]); // biome-ignore format: one line a case
});
