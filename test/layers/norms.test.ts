/** Layers that normalize against PyTorch's numbers, and the running statistics of instances. */

import { describe, expect, test } from 'vitest';
import { LayerNorm, namedParameters, type Parameter, RMSNorm, ShapeError, stateDict, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { expectClose, spread } from '../lib/spread.ts';

const x = spread(29, 2, 4, 3);

function scaled<Norm extends { readonly weight: Parameter | undefined; readonly bias?: Parameter | undefined }>(norm: Norm): Norm {
  norm.weight!.assign(spread(5, norm.weight!.size));
  norm.bias?.assign(spread(7, norm.bias.size));
  return norm;
}

describe('has the numbers of PyTorch 2.13.0', () => {
  const float = { dtype: 'float64' } as const;

  test('a layer norm over the last axis, and over the last two', () => {
    expectClose(scaled(new LayerNorm(3, float)).forward(x), [0.2868253767, -0.5567637777, 0.7838638257]);
    expectClose(new LayerNorm([4, 3], float).forward(x), [-1.5308465134, 0.7895945174, -0.1772559121, -1.1441063416]);
  });

  test('an RMS norm', () => {
    expectClose(scaled(new RMSNorm(3, float)).forward(x), [1.539582471, -0.2886717133, -0.0481119522, 1.2163112859]);
  });
});

test('constants, however large, are normalized to 0', () => {
  expect(
    new LayerNorm(3)
      .forward(Tensor.full([2, 4, 3], 16_777_217))
      .abs()
      .max()
      .item(),
  ).toBe(0);
});

test('weights are 1 and biases 0 at first, where they are wanted', () => {
  expect(stateDict(new LayerNorm([2, 2]))).toEqual({ weight: Tensor.ones([2, 2]), bias: Tensor.zeros([2, 2]) });
  expect([...namedParameters(new LayerNorm(2, { bias: false })).keys()]).toEqual(['weight']);
  expect([...namedParameters(new LayerNorm(2, { affine: false })).keys()]).toEqual([]);
  expect([...namedParameters(new RMSNorm(2)).keys()]).toEqual(['weight']);
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['no size', () => new LayerNorm([]), ShapeError, /^LayerNorm: expected the sizes of the last axes, such as 64 or \[8, 8\], got \[\]/],
    ['a size of 0', () => new RMSNorm(0), ShapeError, /^RMSNorm: expected size 0 to be a whole number from 1, got 0/],
    ['a part of a size', () => new LayerNorm([2, 0.5]), /^LayerNorm: expected size 1 to be a whole number from 1, got 0.5/],
    ['PyTorch’s word', () => new LayerNorm(3, { eps: 1 } as never), ValueError, /^LayerNorm: there is no option eps; did you mean epsilon/],
    ['a bias of an RMS norm', () => new RMSNorm(3, { bias: true } as never), /^RMSNorm: there is no option bias/],
    ['no tensor', () => new LayerNorm(3).forward([1] as never), /^LayerNorm: expected a tensor for x, got an array/],
    ['another width', () => new LayerNorm(4).forward(x), ShapeError, /^layerNorm: expected \[4\] to be the last axes/],
  ]);
});
