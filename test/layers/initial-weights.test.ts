/** What weights start from: bounds and deviations by shape, and what holds for all of them. */

import { describe, expect, test } from 'vitest';
import {
  gain,
  identityWeight,
  kaimingNormal,
  kaimingUniform,
  Linear,
  orthogonal,
  Random,
  ShapeError,
  sparseNormal,
  type Tensor,
  truncatedNormal,
  ValueError,
  xavierNormal,
  xavierUniform,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const all = { xavierUniform, xavierNormal, kaimingUniform, kaimingNormal, truncatedNormal, orthogonal, sparseNormal, identityWeight };

describe.each(Object.entries(all))('%s', (_, initializer) => {
  test('is the same from the same seed, in its dtype, and what a layer starts from', () => {
    const drawn = initializer([6, 4], { seed: 3, dtype: 'float64' });
    expect(drawn.toArray()).toEqual(initializer([6, 4], { random: new Random(3), dtype: 'float64' }).toArray());
    expect([drawn.dtype, initializer([6, 4]).dtype]).toEqual(['float64', 'float32']);
    const { weight } = new Linear(6, 4, { initialization: initializer, seed: 3, dtype: 'float64' });
    expect(weight.toArray()).toEqual(drawn.toArray());
  });
});

test('gains are those of PyTorch 2.13.0', () => {
  const gains = (['linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'] as const).map((nonlinearity) => gain(nonlinearity));
  expect(gains).toEqual([1, 1, 5 / 3, Math.SQRT2, Math.sqrt(2 / 1.0001), 0.75]);
  expect(gain('leakyRelu', { negativeSlope: Math.sqrt(5) })).toBeCloseTo(Math.sqrt(1 / 3), 15);
});

describe('bounds and deviations are by the inputs and outputs that the shape tells', () => {
  /** A weight of a linear layer, `[inputs, outputs]`, and of a convolution, `[outputs, inputs, …]`. */
  const [matrix, filters] = [[200, 300], [60, 40, 5]] as const; // biome-ignore format: shapes
  const bounds: readonly (readonly [string, Tensor, number])[] = [
    ['xavierUniform', xavierUniform(matrix, { seed: 1 }), Math.sqrt(6 / 500)],
    ['xavierUniform with a gain', xavierUniform(matrix, { gain: 3, seed: 1 }), 3 * Math.sqrt(6 / 500)],
    ['xavierUniform of a convolution', xavierUniform(filters, { seed: 1 }), Math.sqrt(6 / 500)],
    ['kaimingUniform', kaimingUniform(matrix, { seed: 1 }), Math.sqrt(6 / 200)],
    ['kaimingUniform by outputs', kaimingUniform(matrix, { mode: 'fanOut', seed: 1 }), Math.sqrt(6 / 300)],
    ['kaimingUniform of a convolution', kaimingUniform(filters, { seed: 1 }), Math.sqrt(6 / 200)],
    ['kaimingUniform before tanh', kaimingUniform(matrix, { nonlinearity: 'tanh', seed: 1 }), (5 / 3) * Math.sqrt(3 / 200)],
    ['kaimingUniform with a gain', kaimingUniform(matrix, { gain: 2, seed: 1 }), 2 * Math.sqrt(3 / 200)],
    [
      'kaimingUniform, PyTorch’s choice for linear layers',
      kaimingUniform(matrix, { nonlinearity: 'leakyRelu', negativeSlope: Math.sqrt(5), seed: 1 }),
      1 / Math.sqrt(200),
    ],
  ];
  test.each(bounds)('%s', (_, weight, bound) => {
    const most = weight.abs().max().item();
    expect(most).toBeLessThanOrEqual(bound);
    expect(most).toBeGreaterThan(0.999 * bound);
    expect(Math.abs(weight.mean().item())).toBeLessThan(bound / 50);
  });

  const deviations: readonly (readonly [string, Tensor, number])[] = [
    ['xavierNormal', xavierNormal(matrix, { seed: 1 }), Math.sqrt(2 / 500)],
    ['kaimingNormal', kaimingNormal(matrix, { seed: 1 }), Math.sqrt(2 / 200)],
    ['kaimingNormal of a convolution by outputs', kaimingNormal(filters, { mode: 'fanOut', seed: 1 }), Math.sqrt(2 / 300)],
    ['sparseNormal without zeros', sparseNormal(matrix, { sparsity: 0, seed: 1 }), 0.01],
  ];
  test.each(deviations)('%s', (_, weight, deviation) => {
    expect(Math.abs(weight.mean().item())).toBeLessThan(deviation / 50);
    expect(Math.abs(weight.std().item() / deviation - 1)).toBeLessThan(0.02);
  });
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['a bias', () => kaimingNormal([3]), ShapeError, /^kaimingNormal: expected \[inputs, outputs\], or .* got \[3\]; a bias has no inputs/],
    ['no shape', () => xavierUniform(3 as never), ShapeError, /^xavierUniform: /],
    [
      'Python’s spelling',
      () => kaimingUniform([2, 2], { nonlinearity: 'leaky_relu' as never }),
      ValueError,
      /^kaimingUniform: expected one of linear, .* got 'leaky_relu'/,
    ],
    [
      'a mode',
      () => kaimingUniform([2, 2], { mode: 'fan_in' as never }),
      /^kaimingUniform: expected mode to be 'fanIn' or 'fanOut', got 'fan_in'/,
    ],
    ['an option', () => xavierNormal([2, 2], { gian: 1 } as never), /^xavierNormal: there is no option gian; did you mean gain/],
  ]);
});
