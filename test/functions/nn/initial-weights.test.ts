/** What weights start from: bounds and deviations by shape, distributions, and orthogonal, sparse and identical maps. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conv1d,
  conv2d,
  DtypeError,
  erf,
  gain,
  identityWeight,
  kaimingNormal,
  kaimingUniform,
  Linear,
  orthogonal,
  Random,
  ShapeError,
  sparseNormal,
  Tensor,
  truncatedNormal,
  ValueError,
  xavierNormal,
  xavierUniform,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

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

describe('a truncated normal distribution', () => {
  /** The share of a standard normal distribution below a number. */
  const below = (x: number) => (1 + erf(Tensor.of(x / Math.SQRT2, 'float64')).item()) / 2;

  test.each([
    [-2, 2],
    [-0.3, 0.4],
    [-5, 1],
    [0.1, 9],
    [0.6, 0.9],
    [1.5, 4],
    [-4, -1],
    [-0.4, 3],
  ])('between %d and %d has its quantiles, and keeps within', (low, high) => {
    const drawn = truncatedNormal([40_000], {
      low: 10 + 3 * low,
      high: 10 + 3 * high,
      mean: 10,
      standardDeviation: 3,
      seed: 1,
      dtype: 'float64',
    });
    const z = drawn.sub(10).div(3) as Tensor;
    expect(z.min().item()).toBeGreaterThanOrEqual(low - 1e-12);
    expect(z.max().item()).toBeLessThanOrEqual(high + 1e-12);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const at = low + share * (Math.min(high, low + 3) - low);
      const wanted = (below(at) - below(low)) / (below(high) - below(low));
      expect(Math.abs(z.less(at).mean().item() - wanted)).toBeLessThan(0.012);
    }
  });

  test('far in a tail is drawn all the same', () => {
    const drawn = truncatedNormal([1000], { low: 20, high: 50, seed: 1, dtype: 'float64' });
    expect(drawn.min().item()).toBeGreaterThanOrEqual(20);
    // Of a normal distribution beyond a the mean is a + 1/a, but for terms in 1/a³.
    expect(drawn.mean().item()).toBeCloseTo(20.05, 2);
  });

  test('keeps to its range in float32 too, of which the bounds may be no numbers', () => {
    const drawn = truncatedNormal([1000], { low: 0.1, high: 0.1000001, seed: 1 });
    for (const x of drawn.data) expect(x >= 0.1 && x <= 0.1000001).toBe(true);
    expect(truncatedNormal([2], { low: 1, high: 1 }).toArray()).toEqual([1, 1]);
  });
});

test('an orthogonal weight has orthogonal rows or columns, whichever are fewer, of the length of the gain', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }), fc.nat(), (shape, seed) => {
      const matrix = orthogonal(shape, { gain: 2, seed, dtype: 'float64' }).reshape([shape[0]!, -1]) as Tensor;
      const [rows, columns] = matrix.shape as [number, number];
      const product = rows <= columns ? matrix.timesTransposed(matrix) : matrix.transposedTimes(matrix);
      expect(
        product
          .sub(Tensor.eye(Math.min(rows, columns), 'float64').mul(4))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-13);
    }),
    { numRuns: runs(50) },
  );
});

test('orthogonal matrices are as likely as their mirror images', () => {
  const signs = Array.from({ length: 200 }, (_, seed) => Math.sign(orthogonal([1, 1], { seed }).item()));
  expect(Math.abs(signs.reduce((a, b) => a + b))).toBeLessThan(60);
});

test('a sparse weight has its share of zeros in each column, at places that differ', () => {
  const isZero = sparseNormal([10, 50], { sparsity: 0.75, seed: 1 }).equal(0) as Tensor;
  expect(new Set(isZero.sum(0).data)).toEqual(new Set([8]));
  expect(isZero.sum(1).min().item()).toBeLessThan(50);
  expect(isZero.sum(1).min().item()).toBeGreaterThan(20);
});

describe('by an identical weight a layer gives what it takes', () => {
  const x = Tensor.normal([2, 4, 5], { seed: 1 }) as Tensor;

  test('linear, of more and of fewer outputs', () => {
    expect(identityWeight([2, 3]).toArray()).toEqual([[1, 0, 0], [0, 1, 0]]); // biome-ignore format: a matrix
    expect(identityWeight([3, 2]).toArray()).toEqual([[1, 0], [0, 1], [0, 0]]); // biome-ignore format: a matrix
  });

  test('convolutions, with groups too', () => {
    expect(conv1d(x, identityWeight([4, 4, 3]), { padding: 1 }).toArray()).toEqual(x.toArray());
    expect(conv1d(x, identityWeight([4, 2, 3], { groups: 2 }), { padding: 1, groups: 2 }).toArray()).toEqual(x.toArray());
    const image = x.reshape([2, 4, 5, 1]) as Tensor;
    expect(conv2d(image, identityWeight([4, 4, 3, 5]), { padding: [1, 2] }).toArray()).toEqual(image.toArray());
  });

  test('as PyTorch 2.13.0 has it', () => {
    const places = (weight: Tensor) => [...weight.data.keys()].filter((i) => weight.data[i] === 1);
    // [output, input, window]: in both groups each of two outputs from one of two inputs.
    expect(places(identityWeight([4, 2, 3], { groups: 2 }))).toEqual([1, 10, 13, 22]);
    expect(places(identityWeight([2, 3, 2, 3]))).toEqual([4, 28]);
  });
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['a bias', () => kaimingNormal([3]), ShapeError, /^kaimingNormal: expected \[inputs, outputs\], or .* got \[3\]; a bias has no inputs/],
    ['no shape', () => xavierUniform(3 as never), ShapeError, /^xavierUniform: /],
    [
      'a dtype',
      () => orthogonal([2, 2], { dtype: 'int32' as never }),
      DtypeError,
      /^orthogonal: expected the dtype 'float32' or 'float64'/,
    ],
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
    ['a share above 1', () => sparseNormal([2, 2], { sparsity: 2 }), /^sparseNormal: expected sparsity to be a number from 0 to 1, got 2/],
    ['a sparse convolution', () => sparseNormal([2, 2, 3]), ShapeError, /^sparseNormal: expected \[inputs, outputs\], got \[2, 2, 3\]/],
    [
      'groups that do not divide',
      () => identityWeight([3, 2, 1], { groups: 2 }),
      ValueError,
      /^identityWeight: expected groups that divide/,
    ],
    ['groups of a matrix', () => identityWeight([4, 2], { groups: 2 }), ValueError, /^identityWeight: expected groups/],
    ['bounds the wrong way', () => truncatedNormal([2], { low: 1, high: 0 }), ValueError, /^truncatedNormal: expected/],
    [
      'bounds without a number',
      () => truncatedNormal([2], { low: 1 + 1e-9, high: 1 + 2e-9 }),
      ValueError,
      /^truncatedNormal: float32 has no number/,
    ],
    [
      'a deviation of 0',
      () => truncatedNormal([2], { standardDeviation: 0 }),
      /^truncatedNormal: expected standardDeviation to be a finite number above 0/,
    ],
  ]);
});
