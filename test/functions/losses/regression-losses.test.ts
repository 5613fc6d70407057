/** Losses of numbers: their values, and their slopes where formulas meet. */

import { describe, expect, test } from 'vitest';
import { huberOp as huber } from '../../../src/functions/losses/regression-losses.ts';
import * as tapegrad from '../../../src/index.ts';
import { ShapeError, Tensor, ValueError } from '../../../src/index.ts';
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
    ['huberLoss', () => tapegrad.huberLoss(x, x, { delta: 0 }), ValueError, /^huberLoss: expected a delta above 0/],
    ['mseLoss', () => tapegrad.mseLoss(x, x, { reduction: 'max' as never }), ValueError, /^mseLoss: expected reduction/],
  ]);
});
