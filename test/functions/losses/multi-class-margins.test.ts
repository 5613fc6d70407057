/** Losses of margins between classes, by their definitions. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binaryCrossEntropyWithLogits,
  DtypeError,
  grad,
  gradgradcheck,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  ShapeError,
  Tensor,
  ValueError,
} from '../../../src/index.ts';
import { none } from '../../lib/losses.ts';
import { expectWithin } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const normal = (shape: number[], seed: number): Tensor => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;

describe('multiMarginLoss', () => {
  test('adds up by how much each class is above the right one less the margin', () =>
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom<1 | 2>(1, 2),
        fc.double({ min: -1, max: 2, noNaN: true }),
        fc.nat(),
        (classes, power, margin, seed) => {
          const [x, weight] = [normal([classes], seed), normal([classes], seed + 1).abs() as Tensor];
          const right = seed % classes;
          let total = 0;
          x.data.forEach((score, j) => {
            if (j !== right) total += weight.data[right]! * Math.max(0, margin - x.data[right]! + score) ** power;
          });
          expect(multiMarginLoss(x, Tensor.of(right, 'int32'), { margin, power, weight }).item()).toBeCloseTo(total / classes, 11);
        },
      ),
      { numRuns: runs(60) },
    ));

  test('is reduced as others are, and a gradient of 0 on the edge of the margin', () => {
    const [x, y] = [float64([[0, 1, 0.5], [2, 0, 1]]), int32([1, 1])]; // biome-ignore format: a matrix
    expect(multiMarginLoss(x, y, none).toArray()).toEqual([expect.closeTo(0.5 / 3, 14), expect.closeTo(5 / 3, 14)]);
    expect(multiMarginLoss(x, y).item()).toBeCloseTo(5.5 / 6, 14);
    expect(grad((x: Tensor) => multiMarginLoss(x, y, { reduction: 'sum' }))(x).slice([0]).toArray()).toEqual([0, expect.closeTo(-1 / 3, 14), expect.closeTo(1 / 3, 14)]); // biome-ignore format: one line
    gradgradcheck((x) => multiMarginLoss(x!, y, { power: 2 }), [normal([2, 3], 1)]);
  });
});

describe('multilabelMarginLoss', () => {
  test('adds up by how much each wrong class is above each right one less 1', () =>
    void fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 4 }), fc.nat(), (labels, seed) => {
        const x = normal([4], seed);
        const target = [...labels, -1, 2, 3, 0].slice(0, 4);
        let total = 0;
        for (const j of labels) for (let i = 0; i < 4; i++) if (!labels.includes(i)) total += Math.max(0, 1 - (x.data[j]! - x.data[i]!));
        expect(multilabelMarginLoss(x, int32(target)).item()).toBeCloseTo(total / 4, 12);
      }),
      { numRuns: runs(100) },
    ));

  test('of no right class is 0; of a batch there is one for each example', () => {
    expect(multilabelMarginLoss(normal([3], 1), int32([-1, 1, 2])).item()).toBe(0);
    const [x, y] = [float64([[0.1, 0.2, 0.4, 0.8], [1, 2, 3, 4]]), int32([[3, 0, -1, 1], [-1, 0, 0, 0]])]; // biome-ignore format: matrices
    // PyTorch 2.13
    expect(multilabelMarginLoss(x, y, none).toArray()).toEqual([expect.closeTo(0.85, 14), 0]);
    gradgradcheck((x) => multilabelMarginLoss(x!, y), [x]);
  });
});

describe('multilabelSoftMarginLoss', () => {
  test('is the binary cross-entropy of logits, the mean of the classes first', () => {
    const [x, y] = [normal([3, 4], 1), normal([3, 4], 2).abs().clamp(0, 1) as Tensor];
    expectWithin(multilabelSoftMarginLoss(x, y), binaryCrossEntropyWithLogits(x, y), 1e-14);
    expectWithin(multilabelSoftMarginLoss(x, y, none), binaryCrossEntropyWithLogits(x, y, none).mean(-1) as Tensor, 1e-14);
    const weight = float64([1, 2, 3, 4]);
    expectWithin(multilabelSoftMarginLoss(x, y, { weight }), binaryCrossEntropyWithLogits(x, y, { weight }), 1e-14);
    expect(multilabelSoftMarginLoss(float64([1000, -1000]), float64([0, 1])).item()).toBe(1000);
    gradgradcheck((x, y) => multilabelSoftMarginLoss(x!, y!), [x, y]);
  });
});

const two = Tensor.ones([2, 3]);
refuses('%s is refused', [
  ['a class that is none', () => multiMarginLoss(two, int32([0, 3])), ValueError, /^multiMarginLoss: expected classes from 0 to 2, got 3 at place 1/],
  ['targets that would broadcast', () => multiMarginLoss(two, int32([[0], [1]])), ShapeError, /^multiMarginLoss: expected int32 classes of shape \[2\]/],
  ['classes of floats', () => multiMarginLoss(two, Tensor.of([0, 1])), DtypeError, /^multiMarginLoss: expected class indices in int32/],
  ['images', () => multiMarginLoss(Tensor.ones([2, 3, 1]), int32([[0], [1]])), ShapeError, /^multiMarginLoss: expected predictions \[n, classes\] or \[classes\]/],
  ['a power of 3', () => multiMarginLoss(two, int32([0, 1]), { power: 3 as never }), ValueError, /^multiMarginLoss: expected power to be 1 or 2, got 3/],
  ['a weight of another length', () => multiMarginLoss(two, int32([0, 1]), { weight: Tensor.ones([2]) }), ShapeError, /^multiMarginLoss: expected a weight for each class/],
  ['labels of another shape', () => multilabelMarginLoss(two, int32([[0, -1]])), ShapeError, /^multilabelMarginLoss: expected classes like the predictions, \[2, 3\]/],
  ['labels of floats', () => multilabelMarginLoss(two, two), DtypeError, /^multilabelMarginLoss: expected class indices in int32/],
  ['a label that is no class', () => multilabelMarginLoss(two, int32([[0, -2, 1], [0, 1, 2]])), ValueError, /^multilabelMarginLoss: expected classes from -1 to 2, got -2/],
  ['soft targets that would broadcast', () => multilabelSoftMarginLoss(two, Tensor.ones([3])), ShapeError, /^multilabelSoftMarginLoss: expected targets like the predictions/],
  ['a single number', () => multilabelSoftMarginLoss(Tensor.of(1), Tensor.of(1)), ShapeError, /^multilabelSoftMarginLoss: expected predictions/],
]); // biome-ignore format: one line a case
