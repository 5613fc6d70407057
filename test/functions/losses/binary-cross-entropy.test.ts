/** The cross-entropy of two classes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes, slopes } from '../../lib/scalars.ts';
import { float64 } from '../../lib/tensors.ts';

describe('losses', () => {
  test('of logits are those of their probabilities, and hold where these are rounded away', () => {
    fc.assert(
      fc.property(tensor([3]), tensor([3], fc.constantFrom(0, 0.25, 1)), (x, y) => {
        expectClose(tapegrad.binaryCrossEntropyWithLogits(x, y), tapegrad.binaryCrossEntropy(x.sigmoid(), y));
      }),
    );
    expect(
      tapegrad
        .binaryCrossEntropyWithLogits(Tensor.of([800, -800], 'float64'), Tensor.of([0, 1], 'float64'), { reduction: 'none' })
        .toArray(),
    ).toEqual([800, 800]);
    expect(tapegrad.binaryCrossEntropy(Tensor.of([0, 1]), Tensor.of([1, 0]), { reduction: 'none' }).toArray()).toEqual([100, 100]);
  });
});

describe('a slope', () => {
  hasSlopes([
    [
      'binaryCrossEntropy, where it is certain and right',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [1, 1],
      [0, -100],
    ],
    [
      'binaryCrossEntropy, where it is certain and wrong',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [0, 1],
      [-1e12, 100],
    ],
  ]);
});

describe('weights', () => {
  const [x, y] = [float64([[0.25, -1, 2], [0.5, 3, -2]]), float64([[0, 1, 0.5], [1, 0, 1]])]; // biome-ignore format: matrices
  const [p, of] = [x.sigmoid(), { reduction: 'none' } as const];
  const weights = [float64([1, 2, 3]), float64([[2], [0.5]]), float64(4), float64([[1, 2, 3], [4, 5, 6]])]; // biome-ignore format: tensors

  test('multiply each loss, and the mean divides by the number of losses', () => {
    for (const weight of weights) {
      for (const [loss, given] of [
        [tapegrad.binaryCrossEntropy, p],
        [tapegrad.binaryCrossEntropyWithLogits, x],
      ] as const) {
        // biome-ignore format: pairs
        const wanted = loss(given, y, of).mul(weight);
        expectClose(loss(given, y, { ...of, weight }), wanted);
        expectClose(loss(given, y, { weight }), wanted.mean());
        expectClose(loss(given, y, { weight, reduction: 'sum' }), wanted.sum());
      }
      const yes = y.mul(tapegrad.softplus(x.neg()));
      const no = y.neg().add(1).mul(tapegrad.softplus(x));
      expectClose(tapegrad.binaryCrossEntropyWithLogits(x, y, { ...of, positiveWeight: weight }), yes.mul(weight).add(no));
    }
  });

  refuses('%s is refused', [
    ...([tapegrad.binaryCrossEntropy, tapegrad.binaryCrossEntropyWithLogits] as const).flatMap(
      (loss): [string, () => unknown, typeof ShapeError, RegExp][] => [
        ['a weight that would broadcast the losses', () => loss(x, y, { weight: Tensor.ones([1, 2, 3], 'float64') }), ShapeError, new RegExp(`^${loss.name}: expected a weight that broadcasts to the predictions, \\[2, 3\\], got \\[1, 2, 3\\]$`)],
        ['a weight of another dtype', () => loss(x, y, { weight: Tensor.ones([3]) }), DtypeError, new RegExp(`^${loss.name}: expected a weight in float64`)],
        ['a weight that is a number', () => loss(x, y, { weight: 2 as never }), DtypeError, new RegExp(`^${loss.name}: expected a tensor for the weight`)],
      ],
    ),
    ['a positiveWeight that would broadcast the losses', () => tapegrad.binaryCrossEntropyWithLogits(x, y, { positiveWeight: Tensor.ones([4, 1, 1], 'float64') }), ShapeError, /^binaryCrossEntropyWithLogits: expected a positiveWeight that broadcasts/],
    ['a positiveWeight of probabilities', () => tapegrad.binaryCrossEntropy(p, y, { positiveWeight: y } as never), ValueError, /^binaryCrossEntropy: there is no option positiveWeight; the options are reduction, weight/],
  ]); // biome-ignore format: one line a case
});

test('what is no probability has a loss of NaN, and a slope of NaN', () => {
  for (const p of [-0.5, 1.5, -1e-300, NaN]) {
    expect(tapegrad.binaryCrossEntropy(float64([p]), float64([0.5])).item()).toBe(NaN);
    expect(slopes((p) => tapegrad.binaryCrossEntropy(p!, float64(0.5)), p)).toEqual([NaN]);
  }
  for (const p of [0, 1]) expect(Number.isFinite(slopes((p) => tapegrad.binaryCrossEntropy(p!, float64(0.5)), p)[0])).toBe(true);
});
