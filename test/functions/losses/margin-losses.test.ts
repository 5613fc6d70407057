/** Losses of margins, distances and angles. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { each, none, x, y } from '../../lib/losses.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64 } from '../../lib/tensors.ts';

describe('losses, number by number', () => {
  test.each<[string, () => Tensor, unknown[]]>([
    [
      'margin ranking',
      () => tapegrad.marginRankingLoss(x, y, float64([1, -1, 1]), { ...none, margin: 0.25 }),
      each((a, b, s) => Math.max(0, -s * (a - b) + 0.25), x, y, float64([1, -1, 1])),
    ],
    [
      'hinge embedding',
      () => tapegrad.hingeEmbeddingLoss(x, float64([1, -1, -1]), none),
      each((x, s) => (s === 1 ? x : Math.max(0, 1 - x)), x, float64([1, -1, -1])),
    ],
    [
      'soft margin',
      () => tapegrad.softMarginLoss(x, float64([1, -1, -1]), none),
      each((x, s) => Math.log1p(Math.exp(-s * x)), x, float64([1, -1, -1])),
    ],
  ])('%s', (_, find, wanted) => expect(find().toArray()).toEqual(wanted));

  test('a target that is NaN is no other number', () => {
    const targets = float64([NaN, 1, 7]);
    expect(tapegrad.hingeEmbeddingLoss(float64([3, 0.5, 0.5]), targets, none).toArray()).toEqual([NaN, 0.5, 0.5]);
    expect(tapegrad.hingeEmbeddingLoss(float64([3]), float64([NaN])).item()).toBeNaN();
    const vectors = Tensor.of([[1, 0], [1, 0], [1, 0]], 'float64'); // biome-ignore format: a matrix
    expect(tapegrad.cosineEmbeddingLoss(vectors, vectors, targets, none).toArray()).toEqual([NaN, 0, 1]);
    expect(tapegrad.marginRankingLoss(targets, targets, targets, none).data[0]).toBeNaN();
  });

  test('of distances and angles are those of their vectors', () => {
    const [a, p, n] = [
      Tensor.of(
        [
          [0, 0],
          [1, 0],
        ],
        'float64',
      ),
      Tensor.of(
        [
          [3, 4],
          [1, 1],
        ],
        'float64',
      ),
      Tensor.of(
        [
          [0, 1],
          [5, 3],
        ],
        'float64',
      ),
    ];
    expect(tapegrad.pairwiseDistance(a, p).toArray()).toEqual([5, 1]);
    expect(tapegrad.pairwiseDistance(a, p, { order: 1 }).toArray()).toEqual([7, 1]);
    expect(tapegrad.tripletMarginLoss(a, p, n, { margin: 0.5, ...none }).toArray()).toEqual([4.5, 0]);
    const cosine = tapegrad.cosineSimilarity(p, n).toArray();
    expect(cosine).toEqual([expect.closeTo(0.8, 14), expect.closeTo(8 / Math.sqrt(68), 14)]);
    expect(tapegrad.cosineEmbeddingLoss(p, n, Tensor.of([1, -1], 'float64'), { margin: 0.25, ...none }).toArray()).toEqual([
      expect.closeTo(0.2, 14),
      expect.closeTo(cosine[1] - 0.25, 14),
    ]);
    expect(() => tapegrad.pairwiseDistance(Tensor.of(1), Tensor.of(2))).toThrow(
      /^pairwiseDistance: expected vectors, got shapes \[\] and \[\]/,
    );
  });

  test('of a single pair of vectors are one number', () => {
    expect(tapegrad.cosineEmbeddingLoss(Tensor.of([1, 0]), Tensor.of([0, 1]), Tensor.of(1)).item()).toBe(1);
  });
});

describe('bad input is refused, by name', () => {
  const [v, one] = [Tensor.ones([2, 3]), Tensor.of(1)];
  refuses('%s', [
    ['triplets of numbers', () => tapegrad.tripletMarginLoss(one, one, one), ShapeError, /^tripletMarginLoss: expected vectors, \[..., features\], got a scalar$/],
    ['pairs of numbers', () => tapegrad.cosineEmbeddingLoss(one, one, one), ShapeError, /^cosineEmbeddingLoss: expected vectors/],
    ['a margin that is no number', () => tapegrad.hingeEmbeddingLoss(v, v, { margin: '1' as never }), ValueError, /^hingeEmbeddingLoss: expected margin to be a finite number, got '1'$/],
    ['targets of another dtype', () => tapegrad.cosineEmbeddingLoss(v, v, Tensor.ones([2], 'int32')), DtypeError, /^cosineEmbeddingLoss: expected a target in float32/],
    ['targets that are none', () => tapegrad.marginRankingLoss(v, v, 1 as never), DtypeError, /^marginRankingLoss: expected a tensor for the target, got the number 1/],
  ]); // biome-ignore format: one line a case
});

test('margins are 0 between scores and cosines, 1 for distances', () => {
  const [a, b] = [float64([1]), float64([1])];
  expect(tapegrad.marginRankingLoss(a, b, a).item()).toBe(0);
  expect(tapegrad.cosineEmbeddingLoss(a, b, float64(-1)).item()).toBe(1);
  expect(tapegrad.hingeEmbeddingLoss(a, float64([-1])).item()).toBe(0);
  expect(tapegrad.tripletMarginLoss(a, b, b).item()).toBe(1);
});

test('any target but 1 counts as −1', () => {
  for (const other of [-1, 0, 2]) {
    expect(tapegrad.hingeEmbeddingLoss(float64([0.25]), float64([other])).item()).toBe(0.75);
    expect(tapegrad.cosineEmbeddingLoss(float64([1, 0]), float64([1, 0]), float64(other)).item()).toBe(1);
  }
});
