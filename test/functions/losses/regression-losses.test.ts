/** Losses of numbers: their values, and their slopes where formulas meet. */

import { describe, expect, test } from 'vitest';
import { huberOp as huber } from '../../../src/functions/losses/regression-losses.ts';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { each, none, x, y } from '../../lib/losses.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes, slopes } from '../../lib/scalars.ts';
import { float64 } from '../../lib/tensors.ts';

describe('losses, number by number', () => {
  const v = float64([0.5, 2, 1e-9]);
  test.each<[string, () => Tensor, unknown[]]>([
    ['mse', () => tapegrad.mseLoss(x, y, none), each((x, y) => (x - y) ** 2, x, y)],
    ['l1', () => tapegrad.l1Loss(x, y, none), each((x, y) => Math.abs(x - y), x, y)],
    [
      'huber',
      () => tapegrad.huberLoss(x, y, { ...none, delta: 0.75 }),
      each((x, y) => (Math.abs(x - y) < 0.75 ? (x - y) ** 2 / 2 : 0.75 * (Math.abs(x - y) - 0.375)), x, y),
    ],
    [
      'smooth l1',
      () => tapegrad.smoothL1Loss(x, y, { ...none, beta: 0.75 }),
      each((x, y) => (Math.abs(x - y) < 0.75 ? (x - y) ** 2 / 1.5 : Math.abs(x - y) - 0.375), x, y),
    ],
    ['smooth l1 with nothing smooth', () => tapegrad.smoothL1Loss(x, y, { ...none, beta: 0 }), each((x, y) => Math.abs(x - y), x, y)],
    ['Poisson', () => tapegrad.poissonNLLLoss(x, y, none), each((x, y) => Math.exp(x) - x * y, x, y)],
    [
      'Poisson of rates',
      () => tapegrad.poissonNLLLoss(y, v, { ...none, logInput: false, epsilon: 0.25 }),
      each((x, y) => x - y * Math.log(x + 0.25), y, v),
    ],
    [
      'Gauss',
      () => tapegrad.gaussianNLLLoss(x, y, v, none),
      each((x, y, v) => (Math.log(Math.max(v, 1e-6)) + (x - y) ** 2 / Math.max(v, 1e-6)) / 2, x, y, v),
    ],
  ])('%s', (_, find, wanted) => expect(find().toArray()).toEqual(wanted));
});

describe('a variance', () => {
  test('of NaN is a loss of NaN, and one of 0 counts as epsilon, without a gradient', () => {
    expect(tapegrad.gaussianNLLLoss(float64([1]), float64([1]), float64([NaN])).item()).toBe(NaN);
    const loss = (v: Tensor) => tapegrad.gaussianNLLLoss(float64(0), float64(1), v, { epsilon: 0.5 });
    expect(loss(float64(0)).item()).toBe(loss(float64(0.5)).item());
    expect(slopes(loss, 0)).toEqual([0]);
    expect(slopes(loss, 1)).toEqual([0]);
  });

  test('below 0 is found for every example of a mapped loss', () => {
    const each = tapegrad.vmap((v: Tensor) => tapegrad.gaussianNLLLoss(float64(0), float64(1), v));
    expect(each(float64([1, 1])).toArray()).toEqual([0.5, 0.5]);
    expect(() => each(float64([1, -1, 1]))).toThrow(/^gaussianNLLLoss: expected variances from 0, got -1/);
  });
});

describe('a slope', () => {
  hasSlopes([['huber, at the seam', (x, y) => tapegrad.huberLoss(x!, y!), [3, 2], [1, -1]]]);

  test('of huber by its limit is the excess of the error over it', () => {
    const limited = (x: Tensor | undefined, delta: Tensor | undefined) => tapegrad.perform(huber, { x: x!, delta: delta! });
    expect(slopes((x, delta) => limited(x, delta), 3, 1)).toEqual([1, 2]);
    expect(slopes((x, delta) => limited(x, delta), 1, 1)).toEqual([1, 0]);
    expect(slopes((x, delta) => limited(x, delta), 0.5, 1)).toEqual([0.5, 0]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    [
      'mseLoss',
      () => tapegrad.mseLoss(x, Tensor.zeros([3])),
      ShapeError,
      /^mseLoss: expected targets like the predictions, \[2, 3\], got \[3\]/,
    ],
    [
      'huberLoss',
      () => tapegrad.huberLoss(x, x, { delta: 0 }),
      ValueError,
      /^huberLoss: expected delta to be a finite number above 0, got 0/,
    ],
    [
      'smoothL1Loss',
      () => tapegrad.smoothL1Loss(x, x, { beta: -1 }),
      ValueError,
      /^smoothL1Loss: expected beta to be a finite number from 0/,
    ],
    [
      'smoothL1Loss',
      () => tapegrad.smoothL1Loss(x, x, { delta: 1 } as never),
      ValueError,
      /^smoothL1Loss: there is no option delta; the options are reduction, beta/,
    ],
    ['poissonNLLLoss', () => tapegrad.poissonNLLLoss(x, x, { epsilon: -1 }), ValueError, /^poissonNLLLoss: expected epsilon/],
    [
      'poissonNLLLoss',
      () => tapegrad.poissonNLLLoss(x, x, { logInput: 0 as never }),
      ValueError,
      /^poissonNLLLoss: expected logInput to be true or false/,
    ],
    ['gaussianNLLLoss', () => tapegrad.gaussianNLLLoss(x, x, x, { epsilon: NaN }), ValueError, /^gaussianNLLLoss: expected epsilon/],
    [
      'gaussianNLLLoss',
      () => tapegrad.gaussianNLLLoss(x, x, x.sub(3)),
      ValueError,
      /^gaussianNLLLoss: expected variances from 0, got -3 at place 0 of \[2, 3\]$/,
    ],
    [
      'gaussianNLLLoss',
      () => tapegrad.gaussianNLLLoss(x, x, 1 as never),
      DtypeError,
      /^gaussianNLLLoss: expected a tensor for the variance, got the number 1/,
    ],
    [
      'gaussianNLLLoss',
      () => tapegrad.gaussianNLLLoss(x, x, x.cast('float64')),
      DtypeError,
      /^gaussianNLLLoss: expected a variance in float32/,
    ],
    [
      'mseLoss',
      () => tapegrad.mseLoss(x.cast('int32'), x),
      DtypeError,
      /^mseLoss: expected float32 or float64, got int32 of shape .* for the prediction/,
    ],
    ['mseLoss', () => tapegrad.mseLoss(x, x, { reduction: 'max' as never }), ValueError, /^mseLoss: expected reduction/],
  ]);
});
