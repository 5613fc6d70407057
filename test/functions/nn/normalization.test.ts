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
    ['with weights for another', () => tapegrad.layerNorm(x, [2], { weight: counted(3) }), /^layerNorm: expected a weight of shape \[2\], that of these axes, got \[3\]/], // biome-ignore format: one line
    [
      'of a list, by groups',
      () => tapegrad.groupNorm(counted(2), 1),
      /^groupNorm: expected \[n, channels\] with at least 2 axes, got \[2\]/,
    ],
    ['of rows, by instances', () => tapegrad.instanceNorm(x), /^instanceNorm: expected \[n, channels, …\] with at least 3 axes/],
    ['with a weight for each of other channels', () => tapegrad.groupNorm(x, 1, { weight: counted(3) }), /^groupNorm: expected a weight of shape \[2\], one number for each channel, got \[3\]/], // biome-ignore format: one line
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
      /^batchNorm: expected a weight of shape \[3\], one number for each channel, got \[2\]/,
    ],
    ['batchNorm', () => tapegrad.batchNorm(Tensor.zeros([1, 3])), ShapeError, /^batchNorm: expected more than one number for each channel/],
    ['batchNorm', () => tapegrad.batchNorm(x, { training: false }), ValueError, /^batchNorm: expected running statistics/],
    ['groupNorm', () => tapegrad.groupNorm(x, 2), ValueError, /^groupNorm: expected groups that divide 3 channels, got 2/],
  ]);
});

describe('what JavaScript may hand over is refused, by name', () => {
  const [x, image] = [counted(2, 2), counted(2, 2, 3)];
  const norms: Record<string, (options: any, x?: any) => unknown> = {
    layerNorm: (options, given = x) => tapegrad.layerNorm(given, [2], options),
    rmsNorm: (options, given = x) => tapegrad.rmsNorm(given, [2], options),
    groupNorm: (options, given = x) => tapegrad.groupNorm(given, 1, options),
    instanceNorm: (options, given = image) => tapegrad.instanceNorm(given, options),
    batchNorm: (options, given = x) => tapegrad.batchNorm(given, options),
  };
  const wide = Tensor.ones([2], 'float64');

  test.each(Object.entries(norms))('%s', (name, norm) => {
    expect(() => norm(Tensor.ones([2]))).toThrow(`${name}: expected options, such as { weight: … }, got a tensor of shape [2]`);
    expect(() => norm({ eps: 1 })).toThrow(`${name}: there is no option eps; did you mean epsilon?`);
    for (const epsilon of [-1, NaN, Infinity, '1'])
      expect(() => norm({ epsilon })).toThrow(`${name}: expected epsilon to be a finite number from 0`);
    expect(() => norm({ weight: wide })).toThrow(
      `${name}: expected a weight in float32, as x, got float64; convert one with cast('float32')`,
    );
    expect(() => norm({ weight: [1, 1] })).toThrow(`${name}: expected a tensor for the weight, got an array`);
    expect(() => norm({}, [[1]])).toThrow(`${name}: expected a tensor for x, got an array`);
    expect(() => norm({}, image.cast('int32'))).toThrow(`${name}: expected float32 or float64, got int32 of shape`);
    if (name === 'rmsNorm') expect(() => norm({ bias: x })).toThrow('rmsNorm: there is no option bias');
    else expect(() => norm({ bias: 1 })).toThrow(`${name}: expected a tensor for the bias, got the number 1`);
  });

  const running = { mean: Tensor.zeros([2]), variance: Tensor.ones([2]) };
  refuses('%s', [
    ['layerNorm over an axis', () => tapegrad.layerNorm(x, 1 as never), /^layerNorm: expected the sizes of the last axes, such as \[3\], got 1/],
    ['layerNorm over more axes than there are', () => tapegrad.layerNorm(x, [1, 2, 2]), /^layerNorm: expected \[1, 2, 2\] to be the last axes of x/],
    ['groupNorm in text', () => tapegrad.groupNorm(x, '1' as never), /^groupNorm: expected groups that divide 2 channels, got '1'/],
    ['batchNorm in PyTorch’s words', () => tapegrad.batchNorm(x, { train: true } as never), /^batchNorm: there is no option train; did you mean training\?/],
    ['batchNorm with half of the statistics', () => tapegrad.batchNorm(x, { running: { mean: running.mean } as never }), /^batchNorm: expected running to be \{ mean, variance \}/],
    ['batchNorm with statistics of other channels', () => tapegrad.batchNorm(x, { running: { ...running, mean: Tensor.zeros([3]) } }), /^batchNorm: expected a running mean of shape \[2\], one number for each channel, got \[3\]/],
    ['batchNorm with statistics of another dtype', () => tapegrad.batchNorm(x, { running: { ...running, variance: wide } }), /^batchNorm: expected a running variance in float32/],
    ...[-0.1, 1.1, NaN, '1'].map((momentum): [string, () => unknown, RegExp] => [`batchNorm with a momentum of ${momentum}`, () => tapegrad.batchNorm(x, { momentum: momentum as never }), /^batchNorm: expected momentum to be a number from 0 to 1/]),
  ]); // biome-ignore format: one line a case

  test('a momentum of all or nothing, and an epsilon of 0, are none', () => {
    const update = (momentum: number) => tapegrad.batchNorm(x, { running, training: true, momentum }).running!.mean.toArray();
    expect([update(0), update(1)]).toEqual([[0, 0], [1, 2]]); // biome-ignore format: pairs
    expect(tapegrad.rmsNorm(Tensor.of([[3, -3]]), [2], { epsilon: 0 }).toArray()).toEqual([[1, -1]]);
  });
});
