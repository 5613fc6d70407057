/** Areas, counted again pair by pair. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { averagePrecision, rocAUC, Tensor, ValueError } from '../../src/index.ts';
import { labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';

const ranked = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 1 })), { minLength: 1, maxLength: 25 });
const given = (rows: readonly (readonly [number, number])[]) => [Tensor.of(rows.map(([s]) => s)), labels(rows.map(([, t]) => t))] as const;

test('the area is the share of pairs in the right order, ties counting half', () => {
  fc.assert(
    fc.property(ranked, (rows) => {
      const [below, above] = [0, 1].map((label) => rows.filter(([, target]) => target === label).map(([score]) => score)) as [
        number[],
        number[],
      ];
      const wins = above.flatMap((a) => below.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      expect(rocAUC(...given(rows))).toBe(wins.reduce<number>((a, b) => a + b, 0) / wins.length);
    }),
  );
});

test('the mean over pairs of classes is the same to the last digit, whichever class comes first in the rows', () => {
  const row = fc.tuple(fc.nat({ max: 3 }), fc.array(fc.nat({ max: 99 }), { minLength: 4, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 12, maxLength: 12 }), (rows) => {
      const area = (all: typeof rows) =>
        rocAUC(Tensor.of(all.map(([, scores]) => scores)), labels(all.map(([label]) => label)), { compare: 'pairs' });
      expect(area(rows.toReversed())).toBe(area(rows));
    }),
    { numRuns: runs(200) },
  );
});

test('equal scores give one half, whatever the order of rows; one class alone gives what zeroDivision says', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1 }), { minLength: 2, maxLength: 20 }), (targets) => {
      fc.pre(new Set(targets).size === 2);
      expect(rocAUC(Tensor.full([targets.length], 0.3), labels(targets))).toBe(0.5);
    }),
  );
  expect(rocAUC(Tensor.of([0.5, 0.5, 0.5, 0.9]), labels([0, 1, 0, 1]))).toBe(0.75);
  for (const targets of [
    [0, 0],
    [1, 1],
  ]) {
    // biome-ignore format: one list
    expect(rocAUC(Tensor.of([0, 1]), labels(targets))).toBeNaN();
    expect(rocAUC(Tensor.of([0, 1]), labels(targets), { zeroDivision: 0.5 })).toBe(0.5);
  }
});

test('areas of a scale that grows are the same; of the opposite scores the area is the rest to 1', () => {
  fc.assert(
    fc.property(ranked, (rows) => {
      fc.pre(new Set(rows.map(([, target]) => target)).size === 2);
      const [scores, targets] = given(rows);
      expect(rocAUC(scores.exp(), targets)).toBe(rocAUC(scores, targets));
      expect(averagePrecision(scores.mul(2).add(1), targets)).toBe(averagePrecision(scores, targets));
      expect(rocAUC(scores.neg(), targets)).toBeCloseTo(1 - rocAUC(scores, targets), 12);
    }),
  );
});

test('the average precision of equal scores is the share of positives; without any it is what zeroDivision says', () => {
  expect(averagePrecision(Tensor.zeros([4]), labels([0, 1, 0, 0]))).toBe(0.25);
  expect(averagePrecision(Tensor.zeros([2]), labels([0, 0]))).toBe(0);
  expect(averagePrecision(Tensor.zeros([2]), labels([0, 0]), { zeroDivision: Number.NaN })).toBeNaN();
});

test('of two classes, both columns together say the same as one', () => {
  const scores = Tensor.of([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5], [0.9, 0.1]], 'float64'); // biome-ignore format: a matrix
  const targets = labels([1, 1, 0, 0]);
  const alone = rocAUC(Tensor.of([0.8, 0.4, 0.5, 0.1], 'float64'), targets);
  for (const compare of ['rest', 'pairs'] as const) expect(rocAUC(scores, targets, { compare })).toBe(alone);
});

test('infinite scores are ranked', () => {
  expect(rocAUC(Tensor.of([-Infinity, Infinity, 0]), labels([0, 1, 1]))).toBe(1);
});

refuses('%s is refused', [
  ['an average that is none', () => rocAUC(Tensor.zeros([1, 2]), labels([0]), { average: 'micro' } as never), ValueError, /^rocAUC: expected average to be 'macro' or 'weighted', got 'micro'/],
  ['a comparison that is none', () => rocAUC(Tensor.zeros([1, 2]), labels([0]), { compare: 'ovr' } as never), ValueError, /^rocAUC: expected compare to be 'rest' or 'pairs', got 'ovr'/],
  ['a NaN', () => averagePrecision(Tensor.of([[0, NaN]]), labels([0])), ValueError, /^averagePrecision: expected scores without NaN, got one in row 0/],
  ['a class beyond', () => rocAUC(Tensor.zeros([1, 2]), labels([2])), ValueError, /^rocAUC: class 2 of row 0 is none of the 2, 0 to 1/],
  ['another option', () => averagePrecision(Tensor.zeros([1]), labels([0]), { compare: 'rest' } as never), ValueError, /^averagePrecision: there is no option compare/],
]); // biome-ignore format: one line a case
