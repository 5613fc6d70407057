/** Bags of rows against PyTorch's numbers, and against their definition. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BagMode,
  DtypeError,
  embeddingBag,
  grad,
  gradcheck,
  gradgradcheck,
  ShapeError,
  Tensor,
  ValueError,
  vmap,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectClose, spread } from '../../lib/spread.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const table = spread(29, 5, 3);
const list = int32([1, 2, 4, 0, 0, 3, 0]);
const offsets = int32([0, 2, 2, 5]);
const matrix = int32([[1, 2, 0], [0, 0, 0], [4, 4, 3]]); // biome-ignore format: a matrix

/** PyTorch 2.13.0: the bags of a list without its padding, 0, and the gradient of the sum of their squares; and the bags of a matrix. */
// biome-ignore format: numbers
const golden = {
  sum: {
    list: [-1.25, 1.75, 0.5, 0, 0, 0, 0, -0.625, 0.875, -0.25, -0.875, 0.625],
    gradient: [0, 0, 0, -2.5, 3.5, 1, -2.5, 3.5, 1, -0.5, -1.75, 1.25, 0, -1.25, 1.75],
    matrix: [-2.25, 2.25, 0.375, -3, 1.5, -0.375, -0.25, -2.125, 2.375],
  },
  mean: {
    list: [-0.625, 0.875, 0.25, 0, 0, 0, 0, -0.625, 0.875, -0.25, -0.875, 0.625],
    gradient: [0, 0, 0, -0.625, 0.875, 0.25, -0.625, 0.875, 0.25, -0.5, -1.75, 1.25, 0, -1.25, 1.75],
    matrix: [-0.75, 0.75, 0.125, -1, 0.5, -0.125, -0.0833333333, -0.7083333333, 0.7916666667],
  },
  max: {
    list: [-0.5, 1, 0.375, 0, 0, 0, 0, -0.625, 0.875, -0.25, -0.875, 0.625],
    gradient: [0, 0, 0, 0, 0, 0, -1, 2, 0.75, -0.5, -1.75, 1.25, 0, -1.25, 1.75],
    matrix: [-0.5, 1, 0.375, -1, 0.5, -0.125, 0, -0.625, 0.875],
  },
};
const modes = ['sum', 'mean', 'max'] as const;

describe('bags have the numbers of PyTorch', () => {
  test.each(modes)('%s', (mode) => {
    const bags = (weight: Tensor) => embeddingBag(weight, list, { mode, offsets, paddingIndex: 0 });
    expectClose(bags(table), golden[mode].list);
    expectClose(grad((weight: Tensor) => bags(weight).pow(2).sum())(table), golden[mode].gradient);
    expectClose(embeddingBag(table, matrix, { mode }), golden[mode].matrix);
  });

  test('weighted sums', () => {
    const factors = spread(3, 7);
    const bags = (factors: Tensor) => embeddingBag(table, list, { mode: 'sum', offsets, paddingIndex: 0, perSampleWeights: factors });
    expectClose(bags(factors), [1.0625, -1.375, -0.359375, 0, 0, 0, 0, 0.15625, -0.21875, -0.21875, -0.765625, 0.546875]);
    const slopes = grad((factors: Tensor) => bags(factors).pow(2).sum())(factors) as Tensor;
    expectClose(slopes, [-3.74609375, -4.08203125, -0.578125, 0, 0, 2.1328125, 0]);
  });
});

test('a list with offsets is the same as its bags one by one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom<BagMode>(...modes),
      (bags, mode) => {
        const starts = bags.map((_, i) => bags.slice(0, i).flat().length);
        const flat = bags.flat();
        const found = embeddingBag(table, Tensor.fromTypedArray(Int32Array.from(flat)), { mode, offsets: int32(starts), paddingIndex: 4 });
        bags.forEach((bag, i) => {
          const rows = bag.filter((index) => index !== 4).map((index) => table.toArray()[index] as number[]);
          const wanted = [0, 1, 2].map((column) => {
            const numbers = rows.map((row) => row[column]!);
            if (numbers.length === 0) return 0;
            return mode === 'max' ? Math.max(...numbers) : numbers.reduce((a, b) => a + b) / (mode === 'mean' ? numbers.length : 1);
          });
          expectClose(found.slice([i]), wanted);
        });
      },
    ),
    { numRuns: runs(50) },
  );
});

test.each(modes)('a bag has first and second derivatives by the table and by the weights: %s', (mode) => {
  const f = (weight: Tensor) => embeddingBag(weight, list, { mode, offsets, paddingIndex: 3 });
  gradcheck(f, [spread(7, 5, 3)]);
  gradgradcheck((weight: Tensor) => f(weight.tanh()), [spread(7, 5, 3)]);
});

test('an empty bag is 0 though the first row, which stands in for what is not there, is NaN', () => {
  const spoiled = float64([[NaN], [2]]);
  for (const mode of modes) expect(embeddingBag(spoiled, int32([1]), { mode, offsets: int32([0, 1]) }).toArray()).toEqual([[2], [0]]);
});

test('bags are mapped like anything else', () => {
  const tables = Tensor.normal([2, 5, 3], { seed: 1 });
  const each = vmap((weight: Tensor) => embeddingBag(weight, list, { offsets }))(tables) as Tensor;
  expect(each.slice([1]).toArray()).toEqual(embeddingBag(tables.slice([1]), list, { offsets }).toArray());
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    [
      'a list without offsets',
      () => embeddingBag(table, list),
      ShapeError,
      /^embeddingBag: expected indices of shape \[bags, size\], got int32 \[7\]; a list of indices needs offsets/,
    ],
    [
      'a matrix with offsets',
      () => embeddingBag(table, matrix, { offsets }),
      ShapeError,
      /^embeddingBag: expected indices of shape \[count\], got int32 \[3, 3\], since there are offsets/,
    ],
    ['float indices', () => embeddingBag(table, table), DtypeError, /^embeddingBag: expected indices in int32, got float64/],
    [
      'offsets that begin late',
      () => embeddingBag(table, list, { offsets: int32([1, 2]) }),
      ValueError,
      /^embeddingBag: expected offsets that ascend from 0 to at most 7/,
    ],
    [
      'offsets that descend',
      () => embeddingBag(table, list, { offsets: int32([0, 3, 2]) }),
      /expected offsets that ascend from 0 to at most 7, the number of indices, got \[0,3,2\]/,
    ],
    ['offsets beyond', () => embeddingBag(table, list, { offsets: int32([0, 8]) }), /expected offsets that ascend/],
    [
      'no offsets',
      () => embeddingBag(table, list, { offsets: Tensor.zeros([0], 'int32') }),
      /expected an offset for the bag of 7 indices, got none/,
    ],
    [
      'weights of a mean',
      () => embeddingBag(table, matrix, { perSampleWeights: Tensor.ones([3, 3], 'float64') }),
      ValueError,
      /^embeddingBag: expected mode: 'sum' beside perSampleWeights, got 'mean'/,
    ],
    [
      'weights of another shape',
      () => embeddingBag(table, matrix, { mode: 'sum', perSampleWeights: Tensor.ones([3]) }),
      ShapeError,
      /^embeddingBag: expected perSampleWeights in float64 of shape \[3, 3\]/,
    ],
    ['an index beyond', () => embeddingBag(table, int32([[5]])), ValueError, /expected indices from 0 to 4, got 5/],
    ['padding beyond', () => embeddingBag(table, matrix, { paddingIndex: 5 }), ValueError, /paddingIndex from 0 to 4, got 5/],
    [
      'PyTorch’s word',
      () => embeddingBag(table, matrix, { per_sample_weights: table } as never),
      /^embeddingBag: there is no option per_sample_weights; did you mean perSampleWeights/,
    ],
  ]);
});
