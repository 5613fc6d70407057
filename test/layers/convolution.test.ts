/** Layers of convolution: what they start from, and that they are the functions of their names. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  DtypeError,
  loadStateDict,
  parameters,
  Random,
  relu,
  Sequential,
  ShapeError,
  Tensor,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('layers of convolution', () => {
  test('start from U(±1/√fanIn), weight and bias, as in PyTorch: a uniform of Kaiming with a = √5', () => {
    const made = [
      [new Conv1d(4, 300, 7, { seed: 1 }), [300, 4, 7], 28],
      [new Conv2d(6, 300, [3, 5], { seed: 1, groups: 2 }), [300, 3, 3, 5], 45],
      [new Conv3d(2, 300, 2, { seed: 1 }), [300, 2, 2, 2, 2], 16],
      // PyTorch takes a transposed filter’s second axis for its inputs.
      [new ConvTranspose1d(300, 4, 7, { seed: 1 }), [300, 4, 7], 28],
      [new ConvTranspose2d(300, 6, [3, 5], { seed: 1, groups: 2 }), [300, 3, 3, 5], 45],
      [new ConvTranspose3d(300, 2, 2, { seed: 1 }), [300, 2, 2, 2, 2], 16],
    ] as const;
    for (const [{ weight, bias }, shape, fanIn] of made) {
      expect(weight.shape).toEqual(shape);
      const bound = 1 / Math.sqrt(fanIn);
      const largest = weight.abs().max().item();
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.99 * bound);
      expect(Math.abs(weight.mean().item())).toBeLessThan(0.05 * bound);
      expect(bias!.abs().max().item()).toBeLessThanOrEqual(Math.fround(bound));
      expect(bias!.abs().max().item()).toBeGreaterThan(0);
    }
  });

  test('draw from the generator that they are given, the weight first', () => {
    const [one, other] = [new Conv2d(1, 2, 3, { seed: 5 }), new Conv2d(1, 2, 3, { random: new Random(5) })];
    expect(one.weight.toArray()).toEqual(other.weight.toArray());
    const bare = new Conv2d(1, 2, 3, { seed: 5, bias: false });
    expect(bare.weight.toArray()).toEqual(one.weight.toArray());
    expect(parameters(bare).length).toBe(1);
  });

  test('are the functions of their names, with their options', () => {
    const options = { stride: 2, padding: 1, dilation: 2, groups: 2 } as const;
    for (const [axes, names] of [
      [1, 'length'],
      [2, 'pair'],
      [3, 'triple'],
    ] as const) {
      const x = Tensor.normal([2, 2, ...[5, 6, 4].slice(0, axes)], { seed: 1 }) as Tensor;
      const layer = new (tapegrad as any)[`Conv${axes}d`](2, 4, 2, { ...options, seed: 2 });
      const wanted = (tapegrad as any)[`conv${axes}d`](x, layer.weight, { ...options, bias: layer.bias });
      expect(layer.forward(x).toArray(), names).toEqual(wanted.toArray());
      const back = new (tapegrad as any)[`ConvTranspose${axes}d`](2, 4, 2, { ...options, outputPadding: 1, seed: 2 });
      const spread = (tapegrad as any)[`convTranspose${axes}d`](x, back.weight, { ...options, outputPadding: 1, bias: back.bias });
      expect(back.forward(x).toArray(), names).toEqual(spread.toArray());
    }
  });

  test('give what PyTorch 2.13 gives for the same weights', () => {
    const layer = new Conv2d(1, 1, 2, { dtype: 'float64' });
    loadStateDict(layer, { weight: Tensor.of([[[[1, 2], [3, 4]]]], 'float64'), bias: Tensor.of([0.5], 'float64') }); // biome-ignore format: a line
    expect(layer.forward(Tensor.arange(9, { dtype: 'float64' }).reshape([1, 1, 3, 3])).toArray()).toEqual([
      [
        [
          [27.5, 37.5],
          [57.5, 67.5],
        ],
      ],
    ]);
    const back = new ConvTranspose2d(1, 1, 2, { dtype: 'float64', stride: 2 });
    loadStateDict(back, { weight: Tensor.of([[[[1, 2], [3, 4]]]], 'float64'), bias: Tensor.of([0.5], 'float64') }); // biome-ignore format: a line
    expect(back.forward(Tensor.of([[[[1, 10]]]], 'float64')).toArray()).toEqual([
      [
        [
          [1.5, 2.5, 10.5, 20.5],
          [3.5, 4.5, 30.5, 40.5],
        ],
      ],
    ]);
  });

  test('stand in a Sequential, before a Linear', () => {
    const model = new Sequential(
      new Conv2d(1, 4, 3, { padding: 1, seed: 1 }),
      relu,
      new tapegrad.MaxPool2d(2),
      new Conv2d(4, 8, 3, { seed: 2 }),
      relu,
      new tapegrad.AdaptiveAvgPool2d(2),
      new tapegrad.Flatten(),
      new tapegrad.Linear(32, 10, { seed: 3 }),
    );
    const y: Tensor = model.forward(Tensor.zeros([5, 1, 12, 12]));
    expect(y.shape).toEqual([5, 10]);
    expect(() => model.forward(Tensor.zeros([5, 3, 12, 12]))).toThrow(
      /^layers\.0: conv2d: filters \[4, 1, 3, 3\] in 1 group see 1 channels, got 3/,
    );
  });
});

describe('bad input is refused, by name', () => {
  refuses('%s', [
    ['no channels', () => new Conv2d(0, 1, 3), ShapeError, /^Conv2d: expected sizes that are whole numbers from 1, got 0 input and 1 output channels/],
    ['half a channel', () => new Conv1d(1, 1.5, 3), ShapeError, /^Conv1d: expected sizes/],
    ['no kernel', () => new Conv2d(1, 1, undefined as never), ValueError, /^Conv2d: expected a kernel size of whole numbers from 1, got undefined/],
    ['a kernel of three', () => new ConvTranspose2d(1, 1, [1, 1, 1] as never), ValueError, /^ConvTranspose2d: expected a kernel size/],
    ['a kernel of a pair', () => new Conv3d(1, 1, [1, 1] as never), ValueError, /^Conv3d: expected a kernel size/],
    ['a stride of 0', () => new Conv2d(1, 1, 2, { stride: 0 }), ValueError, /^Conv2d: expected a stride of whole numbers from 1, got 0/],
    ["a stride beside 'same'", () => new Conv2d(1, 1, 2, { stride: 2, padding: 'same' }), ValueError, /^Conv2d: expected a stride of 1 for padding 'same'/],
    ['another padding', () => new Conv2d(1, 1, 2, { padding: 'full' as never }), ValueError, /^Conv2d: expected a padding of whole numbers from 0, got 'full'/],
    ['a named padding, transposed', () => new ConvTranspose1d(1, 1, 2, { padding: 'same' as never }), ValueError, /^ConvTranspose1d: expected a padding of whole numbers from 0, got 'same'/],
    ['outputPadding as far as the stride', () => new ConvTranspose2d(1, 1, 2, { outputPadding: 1 }), ValueError, /^ConvTranspose2d: expected an outputPadding/],
    ['outputPadding of what is not transposed', () => new Conv2d(1, 1, 2, { outputPadding: 1 } as never), ValueError, /^Conv2d: there is no option outputPadding/],
    ['groups that do not divide', () => new Conv2d(4, 6, 2, { groups: 4 }), ValueError, /^Conv2d: expected groups that divide 4 inputs and 6 outputs, got 4/],
    ['a bias that is a tensor', () => new Conv2d(1, 1, 2, { bias: Tensor.zeros([1]) as never }), ValueError, /^Conv2d: expected bias to be true or false/],
    ['int32', () => new Conv2d(1, 1, 2, { dtype: 'int32' as never }), DtypeError, /^Conv2d: expected the dtype 'float32' or 'float64'/],
    ['two sources of chance', () => new Conv2d(1, 1, 2, { seed: 1, random: new Random(1) }), ValueError, /^Conv2d: expected a generator or a seed, got both/],
    ['an option of another name', () => new Conv2d(1, 1, 2, { strides: 1 } as never), ValueError, /^Conv2d: there is no option strides; did you mean stride\?/],
    ['no options', () => new Conv2d(1, 1, 2, 1 as never), ValueError, /^Conv2d: expected options/],
    ['no tensor', () => new Conv2d(1, 1, 2).forward(1 as never), DtypeError, /^Conv2d: expected a tensor for x/],
    ['another dtype', () => new Conv2d(1, 1, 2).forward(Tensor.zeros([1, 1, 3, 3], 'float64')), DtypeError, /^conv2d: expected filters in float64, as x, got float32/],
  ]); // biome-ignore format: one line a case
});
