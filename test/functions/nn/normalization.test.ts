/** Normalization of layers, batches, groups and instances. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { ShapeError, sin, Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { counted, float64 } from '../../lib/tensors.ts';

describe('normalisation', () => {
  const x = float64([[1, 3], [5, 11]]); // biome-ignore format: a matrix
  test.each<[string, () => unknown, RegExp]>([
    ['over no axes', () => tapegrad.layerNorm(x, []), /^layerNorm: expected \[\] to be the last axes of x/],
    ['with weights for another', () => tapegrad.layerNorm(x, [2], { weight: counted(3) }), /^layerNorm: expected a weight and bias of shape \[2\], got \[3\]/], // biome-ignore format: one line
    [
      'of a list, by groups',
      () => tapegrad.groupNorm(counted(2), 1),
      /^groupNorm: expected \[n, channels\] with at least 2 axes, got \[2\]/,
    ],
    ['of rows, by instances', () => tapegrad.instanceNorm(x), /^instanceNorm: expected \[n, channels, …\] with at least 3 axes/],
    ['with a weight for each of other channels', () => tapegrad.groupNorm(x, 1, { weight: counted(3) }), /one number for each of 2 channels/], // biome-ignore format: one line
    ['in no groups', () => tapegrad.groupNorm(x, 0), /^groupNorm: expected groups that divide 2 channels, got 0/],
    ['in less than no groups', () => tapegrad.groupNorm(x, -1), /got -1/],
    ['in groups and a half', () => tapegrad.groupNorm(counted(2, 3), 1.5), /got 1.5/],
    ['in groups that leave some over', () => tapegrad.groupNorm(counted(2, 3), 2), /got 2/],
    ['of a batch with one number a channel', () => tapegrad.batchNorm(x.slice([[0, 1]])), /^batchNorm: expected more than one number/],
    ['of a batch by nothing', () => tapegrad.batchNorm(x, { training: false }), /^batchNorm: expected running statistics/],
  ])('%s is refused', (_, f, what) => expect(f).toThrow(what));

  test('of an empty tensor is empty', () => {
    expect(tapegrad.batchNorm(Tensor.zeros([2, 0])).y.shape).toEqual([2, 0]);
    expect(tapegrad.groupNorm(Tensor.zeros([2, 0]), 1).shape).toEqual([2, 0]);
  });

  test('of a batch takes its mean and its unbiased variance into the running ones, through which no gradient passes', () => {
    const running = { mean: float64([1, 1]), variance: float64([2, 4]) };
    const batch = tapegrad.batchNorm(x, { running, training: true, momentum: 0.25 });
    expect(batch.running!.mean.toArray()).toEqual([0.75 + 0.25 * 3, 0.75 + 0.25 * 7]);
    expect(batch.running!.variance.toArray()).toEqual([1.5 + 0.25 * 8, 3 + 0.25 * 32]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.batchNorm(x, { running, training: true }).running!.mean, x);
    expect(pullback(float64([1, 1]))[0]!.data.every((g) => g === 0)).toBe(true);
    expect(tapegrad.batchNorm(x, { running, epsilon: 0 }).y.toArray()).toEqual([
      [0, 1],
      [4 / Math.sqrt(2), 5].map((y) => expect.closeTo(y, 13)),
    ]);
  });

  test('by the root mean square adds epsilon to the mean square', () => {
    expect(tapegrad.rmsNorm(float64([3, 3]), [2], { epsilon: 7 }).toArray()).toEqual([0.75, 0.75]);
  });
});

describe('normalisation of any numbers', () => {
  test('leaves mean 0 and variance 1 over its axes, before the given scale and shift', () => {
    fc.assert(
      fc.property(tensor([3, 4, 2], fc.double({ min: -4, max: 4, noNaN: true })), (x) => {
        const spread = x.add(sin(Tensor.arange(24, undefined, 1, 'float64').reshape([3, 4, 2]).mul(0.37)).mul(9));
        const within: [Tensor, number[]][] = [
          [tapegrad.layerNorm(spread, [4, 2], { epsilon: 0 }), [1, 2]],
          [tapegrad.instanceNorm(spread, { epsilon: 0 }), [2]],
          [tapegrad.batchNorm(spread, { epsilon: 0 }).y, [0, 2]],
          [tapegrad.groupNorm(spread, 2, { epsilon: 0 }).reshape([3, 2, 4]), [2]],
        ];
        for (const [y, axes] of within) {
          expectClose(y.mean(axes), Tensor.zeros(y.mean(axes).shape, 'float64'), 1e-9);
          expectClose(y.var(axes, { correction: 0 }), Tensor.ones(y.mean(axes).shape, 'float64'), 1e-9);
        }
        const [weight, bias] = [Tensor.of([1, 2, 3, 4], 'float64'), Tensor.of([5, 6, 7, 8], 'float64')];
        expectClose(
          tapegrad.batchNorm(spread, { weight, bias }).y,
          tapegrad
            .batchNorm(spread)
            .y.mul(weight.reshape([4, 1]))
            .add(bias.reshape([4, 1])),
        );
        const rms = tapegrad.rmsNorm(spread, [2], { epsilon: 0 });
        expectClose(rms.pow(2).mean(2), Tensor.ones([3, 4], 'float64'), 1e-9);
      }),
      { numRuns: runs(30) },
    );
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['layerNorm', () => tapegrad.layerNorm(x, [2]), ShapeError, /^layerNorm: expected \[2\] to be the last axes of x, got x \[2, 3\]/],
    [
      'batchNorm',
      () => tapegrad.batchNorm(x, { weight: Tensor.zeros([2]) }),
      ShapeError,
      /^batchNorm: expected one number for each of 3 channels/,
    ],
    ['batchNorm', () => tapegrad.batchNorm(Tensor.zeros([1, 3])), ShapeError, /^batchNorm: expected more than one number for each channel/],
    ['batchNorm', () => tapegrad.batchNorm(x, { training: false }), ValueError, /^batchNorm: expected running statistics/],
    ['groupNorm', () => tapegrad.groupNorm(x, 2), ValueError, /^groupNorm: expected groups that divide 3 channels, got 2/],
  ]);
});
