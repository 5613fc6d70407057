/** The right class among the k largest scores. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accuracy, DtypeError, ShapeError, Tensor, topKAccuracy, ValueError } from '../../src/index.ts';
import { labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

const CLASSES = 4;
const scored = fc.array(fc.tuple(fc.array(fc.nat({ max: 5 }), { minLength: CLASSES, maxLength: CLASSES }), fc.nat({ max: CLASSES - 1 })), { minLength: 1, maxLength: 12 }); // biome-ignore format: one line
const given = (rows: readonly (readonly [number[], number])[]) =>
  [Tensor.of(rows.map(([row]) => row)), labels(rows.map(([, t]) => t))] as const;

test('is the mean over all orders in which ties may stand', () => {
  fc.assert(
    fc.property(scored, fc.integer({ min: 1, max: 5 }), (rows, k) => {
      const chances = rows.map(([row, target]) => {
        const above = row.filter((x) => x > row[target]!).length;
        const equal = row.filter((x) => x === row[target]!).length;
        // The place of the right class among those that tie is equally likely each.
        return Array.from({ length: equal }, (_, i) => Number(above + i < k)).reduce((a, b) => a + b, 0) / equal;
      });
      expect(topKAccuracy(...given(rows), k)).toBeCloseTo(chances.reduce((a, b) => a + b, 0) / rows.length, 12);
    }),
  );
});

test('does not depend on the order of classes, grows with k, and is 1 where all may be named', () => {
  fc.assert(
    fc.property(scored, fc.integer({ min: 1, max: CLASSES }), (rows, k) => {
      const turned = rows.map(([row, target]) => [row.toReversed(), CLASSES - 1 - target] as const);
      expect(topKAccuracy(...given(turned), k)).toBe(topKAccuracy(...given(rows), k));
      expect(topKAccuracy(...given(rows), k + 1)).toBeGreaterThanOrEqual(topKAccuracy(...given(rows), k));
      expect(topKAccuracy(...given(rows), CLASSES)).toBe(1);
    }),
  );
});

test('with k = 1 and no ties it is the accuracy', () => {
  const [scores, targets] = given([[[1, 2, 3, 0], 2], [[5, 4, 3, 2], 1], [[0, 0, 0, 1], 3]]); // biome-ignore format: one list
  expect(topKAccuracy(scores, targets, 1)).toBe(accuracy(scores, targets));
});

test('ties can be broken as scikit-learn does, for the larger class', () => {
  const scores = Tensor.zeros([3, 3]);
  expect(topKAccuracy(scores, labels([0, 1, 2]), 1, { ties: 'last' })).toBe(1 / 3);
  expect(topKAccuracy(scores, labels([0, 0, 0]), 2, { ties: 'last' })).toBe(0);
  expect(topKAccuracy(scores, labels([0, 0, 0]), 2)).toBe(2 / 3);
});

const scores = Tensor.zeros([1, 3]);
refuses('%s is refused', [
  ['no k', () => topKAccuracy(scores, labels([0]), 0), ValueError, /^topKAccuracy: expected k to be a whole number from 1, got 0/],
  ['a NaN', () => topKAccuracy(Tensor.of([[1, NaN, 2]]), labels([0]), 1), ValueError, /^topKAccuracy: expected scores without NaN, got one in row 0/],
  ['a class beyond', () => topKAccuracy(scores, labels([3]), 1), ValueError, /^topKAccuracy: class 3 of row 0 is none of the 3, 0 to 2/],
  ['one score a row', () => topKAccuracy(Tensor.zeros([2]), labels([0, 1]), 1), ShapeError, /^topKAccuracy: expected scores of shape \[rows, classes\], got \[2\]/],
  ['scores in int32', () => topKAccuracy(scores.cast('int32'), labels([0]), 1), DtypeError, /^topKAccuracy: expected scores in float32 or float64, got int32 \[1, 3\]/],
  ['another option', () => topKAccuracy(scores, labels([0]), 1, { tie: 'last' } as never), ValueError, /^topKAccuracy: there is no option tie/],
]); // biome-ignore format: one line a case
