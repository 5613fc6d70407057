/** Methods that are composed of others. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  batchNorm,
  DtypeError,
  grad,
  groupNorm,
  hessian,
  instanceNorm,
  layerNorm,
  ShapeError,
  Tensor,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { float64, int32 } from '../lib/tensors.ts';

describe('variances and deviations', () => {
  test('are those of the differences, however large the mean is', () => {
    const differences = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(differences, fc.constantFrom(1e6, -3e6, 2 ** 22, 7654321), (values, offset) => {
        const mean = values.reduce((a, b) => a + b) / values.length;
        const wanted = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
        const x = Tensor.of(values.map((v) => v + offset));
        expect(Math.abs(x.var().item() - wanted)).toBeLessThanOrEqual(1e-5 * wanted);
        expect(Math.abs(x.std().item() - Math.sqrt(wanted))).toBeLessThanOrEqual(1e-5 * Math.sqrt(wanted));
      }),
      { numRuns: runs(200) },
    );
    expect(Tensor.of([16777216, 16777218, 16777218]).var([0], { correction: 0 }).item()).toBeCloseTo(8 / 9, 6);
  });

  test('of equal numbers are 0, with a slope of 0', () => {
    for (const value of [0, 2, -1e6, 0.1])
      for (const dtype of ['float32', 'float64'] as const) {
        const x = Tensor.full([7], value, dtype);
        expect([x.var().item(), x.std().item()]).toEqual([0, 0]);
        expect([...grad((x: Tensor) => x.std())(x).data, ...grad((x: Tensor) => x.var())(x).data].every((slope) => slope === 0)).toBe(true);
      }
    expect(hessian((x: Tensor) => x.std())(float64([2, 2])).add(0).toArray()).toEqual([[0, 0], [0, 0]]); // biome-ignore format: a matrix
  });

  test('of large and small numbers neither overflow nor vanish on the way', () => {
    for (const [scale, dtype] of [[1e30, 'float32'], [1e-30, 'float32'], [1e300, 'float64'], [1e-300, 'float64']] as const) // biome-ignore format: pairs
      expect(Tensor.of([3, -3], dtype).mul(scale).std(0, { correction: 0 }).item() / scale).toBeCloseTo(3, 5);
  });

  test('divide by the number of elements less the correction, and keep axes', () => {
    const x = float64([[1, 3, 5], [2, 2, 8]]); // biome-ignore format: a matrix
    expect(x.var(1).toArray()).toEqual([4, 12]);
    expect(
      x
        .std(1, { keepDims: true })
        .pow(2)
        .sub(float64([[4], [12]]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-14);
    expect(x.var(1, { correction: 0, keepDims: true }).mul(3).toArray()).toEqual([[8], [24]]);
    expect([x.std(0, { correction: 2 }).data[0], x.var(0, { correction: 3 }).data[2]]).toEqual([Infinity, Infinity]);
    expect([float64([5]).std().item(), grad((x: Tensor) => x.std())(float64([5])).item()]).toEqual([NaN, NaN]);
    expect(x.std([]).shape).toEqual([2, 3]);
    for (const correction of [0, 1])
      expect([Tensor.zeros([2, 0]).std(1, { correction }).toArray(), Tensor.zeros([0]).var(0, { correction }).item()]).toEqual([
        [NaN, NaN],
        NaN,
      ]);
  });

  test('make normalized constants 0, and large means do no harm', () => {
    const x = Tensor.full([2, 4, 8], 123456.7);
    for (const y of [layerNorm(x, [4, 8]), groupNorm(x, 2), instanceNorm(x), batchNorm(x).y])
      expect(y.data.every((v) => v === 0)).toBe(true);
  });
});

describe('means', () => {
  test('of int32 are refused, and say how to have them', () => {
    expect(() => int32([1, 2]).mean()).toThrow(
      /^mean: expected float32 or float64, got int32 of shape \[2\]; convert it with cast\('float32'\)/,
    );
  });
});

describe('classes as rows', () => {
  test('are as many as the largest needs, or as many as are asked for', () => {
    expect(int32([[1], [3]]).oneHot().shape).toEqual([2, 1, 4]);
    expect(int32([0]).oneHot(undefined, 'float64').dtype).toBe('float64');
    expect(int32([0]).oneHot(3).toArray()).toEqual([[1, 0, 0]]);
    expect(Tensor.zeros([0], 'int32').oneHot(2).shape).toEqual([0, 2]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const any = (value: unknown): any => value;
  refuses('%s', [
    ['var', () => x.var(0, { correction: NaN }), ValueError, /^var: expected correction to be a finite number from 0, got NaN/],
    ['std', () => x.std(0, { correction: -1 }), ValueError, /^std: expected correction/],
    ['var with a number for options', () => x.var(0, any(0)), ValueError, /^var: expected options, such as \{ keepDims: … \}, got 0/],
    [
      'std with another name',
      () => x.std(0, any({ correctoin: 0 })),
      ValueError,
      /^std: there is no option correctoin; did you mean correction/,
    ],
    [
      'mean with another name',
      () => x.mean(0, any({ keepdim: true })),
      ValueError,
      /^mean: there is no option keepdim; did you mean keepDims/,
    ],
    ['sum with a truth value', () => x.sum(0, any(true)), ValueError, /^sum: expected options, such as \{ keepDims: … \}, got true/],
    ['sum with a number', () => x.sum(0, any({ keepDims: 1 })), ValueError, /^sum: expected keepDims to be true or false, got 1/],
    ['argmax with a truth value', () => x.argmax(any(undefined), any(true)), ValueError, /^argmax: expected options/],
    ['argmin of two axes', () => x.argmin(any([0, 1])), ShapeError, /^argmin: there is no axis \[0,1\]/],
    [
      'sum with a named axis',
      () => x.sum(any({ axis: 0 })),
      ShapeError,
      /^sum: .*got \{"axis":0\}; options come after the axes: \(0, \{ … \}\) along axis 0/,
    ],
    ['oneHot of a fraction', () => int32([0]).oneHot(1.5), ValueError, /^oneHot: expected classes to be a whole number from 0, got 1\.5/],
    [
      'oneHot of no class',
      () => Tensor.zeros([0], 'int32').oneHot(),
      ValueError,
      /^oneHot: expected a number of classes, since shape \[0\]/,
    ],
    ['var of int32', () => int32([1]).var(), DtypeError, /^var: expected float32 or float64/],
    ['std of int32', () => int32([1]).std(), DtypeError, /^std: expected float32 or float64/],
  ]);
});
