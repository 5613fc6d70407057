/** Signals, images and volumes of another size. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DtypeError,
  grad,
  gradgradcheck,
  type InterpolateOptions,
  interpolate,
  ShapeError,
  Tensor,
  ValueError,
  vjp,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

const line = (...numbers: number[]) => Tensor.of([[numbers]], 'float64');
const flat = (x: Tensor) => [...x.data];
const modes = ['nearest', 'nearest-exact', 'linear', 'cubic'] as const;
const isSmooth = (mode: string) => mode === 'linear' || mode === 'cubic';

/** Options of every kind. */
const anyOptions: fc.Arbitrary<InterpolateOptions> = fc
  .record({
    mode: fc.constantFrom(...modes),
    by: fc.oneof(
      fc.record({ size: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ scale: fc.constantFrom(0.35, 0.5, 0.7, 1, 1.04, 1.3, 1.5, 2, 2.3, 3) }),
    ),
    more: fc.constantFrom({}, { alignCorners: true }, { antialias: true }),
  })
  .map(({ mode, by, more }) => ({ mode, ...by, ...(isSmooth(mode) && more) }));

describe('interpolation', () => {
  test('has the exact adjoint as its gradient: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩, and Aᵀ is A read the other way round', () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 }), (options, height, width) => {
        const f = (x: Tensor) => interpolate(x, options);
        const x = Tensor.normal([1, 2, height, width], { seed: 1, dtype: 'float64' }) as Tensor;
        const [y, back] = vjp(f, x);
        const g = Tensor.normal(y.shape, { seed: 2, dtype: 'float64' }) as Tensor;
        expect(Math.abs(y.mul(g).sum().item() - x.mul(back(g)[0]).sum().item())).toBeLessThan(1e-12 * (1 + y.size));
        // The matrix along one axis, by its columns and by its rows.
        const along = (x: Tensor) => interpolate(x, options);
        const unit = (n: number, i: number) => line(...Array.from({ length: n }, (_, k) => Number(k === i)));
        const [, transposed] = vjp(along, unit(width, 0));
        const count = along(unit(width, 0)).size;
        for (let i = 0; i < width; i++)
          for (let j = 0; j < count; j++) expect(along(unit(width, i)).data[j]).toBe(transposed(unit(count, j))[0].data[i]);
      }),
      { numRuns: runs(40) },
    );
  });

  test('has the size asked for, or ⌊size · scale⌋, along one, two and three axes', () => {
    for (const mode of modes)
      for (const rank of [1, 2, 3]) {
        const x = Tensor.ones([2, 3, ...[4, 5, 6].slice(0, rank)]);
        expect(interpolate(x, { size: 7, mode }).shape).toEqual([2, 3, ...[7, 7, 7].slice(0, rank)]);
        expect(interpolate(x, { scale: 1.3, mode }).shape).toEqual([2, 3, ...[5, 6, 7].slice(0, rank)]);
        expect(interpolate(x, { size: [2, 3, 4].slice(0, rank), mode }).shape).toEqual([2, 3, ...[2, 3, 4].slice(0, rank)]);
      }
  });

  test('keeps constants, and linear modes keep straight lines between aligned corners', () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 3, max: 8 }), (options, n) => {
        for (const y of interpolate(Tensor.full([1, 1, n], 3, 'float64'), options).data) expect(Math.abs(y - 3)).toBeLessThan(1e-14);
      }),
      { numRuns: runs(40) },
    );
    for (let n = 2; n < 9; n++)
      for (let m = 2; m < 9; m++) {
        const y = interpolate(Tensor.linspace(0, 1, n, { dtype: 'float64' }).reshape([1, 1, n]), {
          size: m,
          mode: 'linear',
          alignCorners: true,
        });
        y.data.forEach((value, i) => expect(value).toBeCloseTo(i / (m - 1), 14));
      }
  });

  test('by half pixels and by corners gives what PyTorch 2.13 gives', () => {
    expect(flat(interpolate(line(0, 1), { size: 4, mode: 'linear' }))).toEqual([0, 0.25, 0.75, 1]);
    expect(flat(interpolate(line(0, 1), { size: 4, mode: 'linear', alignCorners: true }))).toEqual([0, 1 / 3, 2 / 3, 1]);
    expect(flat(interpolate(line(0, 1, 2), { size: 5 }))).toEqual([0, 0, 1, 1, 2]);
    expect(flat(interpolate(line(0, 1, 2), { size: 5, mode: 'nearest-exact' }))).toEqual([0, 0, 1, 2, 2]);
    // To one element, by corners: the first, and no division by 0.
    expect(flat(interpolate(line(3, 5, 9), { size: 1, mode: 'linear', alignCorners: true }))).toEqual([3]);
    expect(flat(interpolate(line(3, 5, 9), { size: 1, mode: 'cubic', alignCorners: true }))).toEqual([3]);
    expect(flat(interpolate(line(3), { size: 3, mode: 'linear', alignCorners: true }))).toEqual([3, 3, 3]);
  });

  test('nearest has the exact place ⌊i · size / count⌋, for every two sizes', () => {
    for (let n = 1; n < 40; n++) {
      const x = Tensor.arange(n).reshape([1, 1, n]);
      for (let m = 1; m < 60; m++) {
        const places = (place: (i: number) => number) => Array.from({ length: m }, (_, i) => place(i));
        expect(flat(interpolate(x, { size: m }))).toEqual(places((i) => (i * n - ((i * n) % m)) / m));
        const exact = (i: number) => ((2 * i + 1) * n - (((2 * i + 1) * n) % (2 * m))) / (2 * m);
        expect(flat(interpolate(x, { size: m, mode: 'nearest-exact' }))).toEqual(places(exact));
      }
    }
  });

  test('has positions from the scale that was given, in value and gradient, and in most modes leaves an axis that keeps its size', () => {
    // ⌊5 · 2.1⌋ = 10 positions i / 2.1, and not i / 2; PyTorch 2.13.
    expect(flat(interpolate(line(0, 1, 2, 3, 4), { scale: 2.1 }))).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4]);
    expect(flat(interpolate(line(0, 1, 2, 3, 4), { scale: 1.15, mode: 'linear' }))).toEqual([0, 1, 2, 3, 4]);
    expect(flat(interpolate(line(0, 1, 2, 3, 4), { scale: 1.15 }))).toEqual([0, 1, 2, 3, 4]);
    // Of centres (i + ½) / 1.3 = 0.38, 1.15, 1.92, as in PyTorch 2.13.
    expect(flat(interpolate(line(0, 1, 2), { scale: 1.3, mode: 'nearest-exact' }))).toEqual([0, 1, 1]);
    const cubic = interpolate(line(0, 1, 2, 3, 4), { scale: 1.15, mode: 'cubic' });
    [-0.042741123530862346, 0.7333591887893488, 1.6356949124681508, 2.5326908851812266, 3.509228343059094].forEach((y, i) =>
      expect(cubic.data[i]).toBeCloseTo(y, 14),
    );
  });

  test('does not hold what does not count: an infinity stays where it is', () => {
    expect(flat(interpolate(line(1, Infinity, 3), { size: 5, mode: 'linear', alignCorners: true }))).toEqual([
      1,
      Infinity,
      Infinity,
      Infinity,
      3,
    ]);
    expect(flat(interpolate(line(NaN, 2, 3), { size: 6, mode: 'nearest' }))).toEqual([NaN, NaN, 2, 2, 3, 3]);
    expect(Object.is(interpolate(line(-0, 1), { size: 4 }).data[0], -0)).toBe(true);
  });

  test('has second derivatives, in both directions', () => {
    const x = Tensor.normal([1, 1, 3, 2], { seed: 3, dtype: 'float64' }) as Tensor;
    for (const mode of modes) gradgradcheck((x) => interpolate(x, { size: [2, 3], mode }).pow(3), [x]);
  });

  test('returns no parameter itself, though nothing changes', () => {
    const x = line(1, 2);
    expect(interpolate(x, { size: 2 })).not.toBe(x);
    expect(flat(grad((x: Tensor) => interpolate(x, { size: 2 }).sum())(x))).toEqual([1, 1]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.ones([1, 1, 4, 4]);
  refuses('%s', [
    ['a matrix', () => interpolate(Tensor.ones([4, 4]), { size: 2 }), ShapeError, /^interpolate: expected signals, images or volumes/],
    ['no tensor', () => interpolate([1] as never, { size: 2 }), DtypeError, /^interpolate: expected a tensor for x/],
    ['int32', () => interpolate(x.cast('int32'), { size: 2 }), DtypeError, /^interpolate: expected float32 or float64/],
    ['neither', () => interpolate(x, {}), ValueError, /^interpolate: expected either a size or a scale, got neither/],
    ['no options', () => interpolate(x, undefined as never), ValueError, /got neither/],
    ['both', () => interpolate(x, { size: 2, scale: 2 }), ValueError, /^interpolate: expected either a size or a scale, got both/],
    ['a size of one axis for two', () => interpolate(x, { size: [2] }), ShapeError, /^interpolate: expected a size for each of 2 axes, got \[2\]/],
    ['a size of 0', () => interpolate(x, { size: 0 }), ValueError, /^interpolate: expected a size of whole numbers from 1/],
    ['half an element', () => interpolate(x, { size: [1.5, 2] }), ValueError, /^interpolate: expected a size of whole numbers/],
    ['a scale of 0', () => interpolate(x, { scale: 0 }), ValueError, /^interpolate: expected a scale above 0/],
    ['an infinite scale', () => interpolate(x, { scale: Infinity }), ValueError, /^interpolate: expected a scale above 0/],
    ['a scale that leaves nothing', () => interpolate(x, { scale: 0.2 }), ShapeError, /^interpolate: expected elements along each axis/],
    ['an image without rows', () => interpolate(Tensor.ones([1, 1, 0, 2]), { size: 2 }), ShapeError, /^interpolate: expected elements/],
    ['a size that nobody can have', () => interpolate(x, { size: 1e9 }), ShapeError, /^interpolate: expected at most/],
    ['a scale that nobody can have', () => interpolate(x, { scale: 1e308 }), ShapeError, /^interpolate: expected /],
    ['trilinear images', () => interpolate(x, { size: 2, mode: 'trilinear' }), ShapeError, /^interpolate: expected 3 axes after the channels for 'trilinear'/],
    ['corners of the nearest', () => interpolate(x, { size: 2, alignCorners: true }), ValueError, /^interpolate: alignCorners is for linear and cubic modes/],
    ['antialias of the nearest', () => interpolate(x, { size: 2, antialias: true }), ValueError, /^interpolate: antialias is for linear/],
    ['two conventions', () => interpolate(x, { size: 2, mode: 'linear', alignCorners: true, antialias: true }), ValueError, /either alignCorners or antialias/],
    ['another name', () => interpolate(x, { scaleFactor: 2 } as never), ValueError, /^interpolate: there is no option scaleFactor; did you mean scale\?/],
    ['another mode', () => interpolate(x, { size: 2, mode: 'area' as never }), ValueError, /^interpolate: expected mode to be/],
  ]); // biome-ignore format: one line a case
});
