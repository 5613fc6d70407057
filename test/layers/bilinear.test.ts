/** The bilinear layer against PyTorch's numbers. */

import { describe, expect, test } from 'vitest';
import { Bilinear, DtypeError, Random, ShapeError, stateDict, Tensor } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { spread } from '../lib/spread.ts';

describe('a bilinear layer', () => {
  test('has the numbers of PyTorch 2.13.0, along any axes in front', () => {
    const layer = new Bilinear(2, 3, 2, { dtype: 'float64' });
    layer.weight.assign(spread(29, 2, 2, 3));
    layer.bias!.assign(spread(5, 2));
    const [a, b] = [spread(7, 2, 2, 2), spread(5, 2, 2, 3)];
    const wanted = [-1.84375, -0.685546875, -1.328125, -1.3359375, -0.375, -1.251953125, -0.64453125, -1.49609375];
    expect([...layer.forward(a, b).data]).toEqual(wanted);
    expect([...layer.forward(a.slice([1, 1]), b.slice([1, 1])).data]).toEqual(wanted.slice(-2));
  });

  test('starts from U(±1/√first), drawn from the seed, the weight first', () => {
    const bound = { low: -0.5, high: 0.5, random: new Random(1) };
    const wanted = { weight: Tensor.uniform([3, 4, 5], bound), bias: Tensor.uniform([3], bound) };
    expect(stateDict(new Bilinear(4, 5, 3, { seed: 1 }))).toEqual(wanted);
    expect(Object.keys(stateDict(new Bilinear(4, 5, 3, { bias: false })))).toEqual(['weight']);
  });
});

describe('what does not fit is refused, by name', () => {
  const layer = new Bilinear(2, 3, 4);
  refuses('%s', [
    [
      'another dtype',
      () => layer.forward(Tensor.ones([1, 2], 'float64'), Tensor.ones([1, 3], 'float64')),
      /^Bilinear: expected a in float32, as the layer is, got float64/,
    ],
    ['a size', () => new Bilinear(2, 0, 4), ShapeError, /^Bilinear: expected second to be a whole number from 1, got 0/],
    ['an option', () => new Bilinear(2, 3, 4, { bais: false } as never), /^Bilinear: there is no option bais; did you mean bias/],
    ['one tensor', () => (layer.forward as any)(Tensor.zeros([2])), DtypeError, /^Bilinear: expected a tensor for b, got undefined/],
    [
      'another width',
      () => layer.forward(Tensor.zeros([5, 2]), Tensor.zeros([5, 2])),
      ShapeError,
      /^Bilinear: expected \[…, 2\] and \[…, 3\]/,
    ],
    ['other axes in front', () => layer.forward(Tensor.zeros([5, 2]), Tensor.zeros([1, 3])), ShapeError, /got \[5, 2\] and \[1, 3\]/],
  ]);
});
