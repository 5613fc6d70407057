/** Distances of numbers, and how much of their variance is told. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DtypeError,
  explainedVariance,
  meanAbsoluteError,
  meanSquaredError,
  r2Score,
  ShapeError,
  Tensor,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const pairs = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 2, maxLength: 20 });
const column = (numbers: readonly number[]) => Tensor.of([...numbers], 'float64');
const given = (rows: readonly (readonly [number, number])[]) => [column(rows.map(([p]) => p)), column(rows.map(([, t]) => t))] as const;

test('errors are means of distances, and of their squares', () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const mean = (of: (x: number) => number) => rows.reduce((sum, [p, t]) => sum + of(p - t), 0) / rows.length;
      expect(meanSquaredError(...given(rows))).toBeCloseTo(mean((x) => x * x), 10); // biome-ignore format: one line
      expect(meanAbsoluteError(...given(rows))).toBeCloseTo(mean(Math.abs), 10);
    }),
  );
});

test('the mean as a prediction explains nothing, the truth all; a shift costs R² and not the explained variance', () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const targets = column(rows.map(([, t]) => t));
      fc.pre(new Set(rows.map(([, t]) => t)).size > 1);
      expect(r2Score(Tensor.full([rows.length], targets.mean().item(), 'float64'), targets)).toBeCloseTo(0, 10);
      expect([r2Score(targets, targets), explainedVariance(targets, targets)]).toEqual([1, 1]);
      const [predicted] = given(rows);
      expect(explainedVariance(predicted.add(7), targets)).toBeCloseTo(explainedVariance(predicted, targets), 8);
      expect(r2Score(predicted, targets)).toBeLessThanOrEqual(explainedVariance(predicted, targets) + 1e-12);
    }),
  );
});

test('equal targets: 1 where all are met, else 0; R² of a single row is NaN', () => {
  const targets = column([2, 2]);
  expect([r2Score(targets, targets), r2Score(column([2, 3]), targets), explainedVariance(column([3, 3]), targets)]).toEqual([1, 0, 1]);
  expect(r2Score(column([1]), column([2]))).toBeNaN();
  expect(explainedVariance(column([1]), column([2]))).toBe(1);
});

test('several outputs: their mean, each by its variance, or a list', () => {
  const targets = Tensor.of([[0, 0], [1, 10]]); // biome-ignore format: a matrix
  const predicted = Tensor.of([[0, 0], [0, 10]]); // biome-ignore format: a matrix
  expect(meanSquaredError(predicted, targets, { average: 'none' })).toEqual([0.5, 0]);
  expect(meanSquaredError(predicted, targets)).toBe(0.25);
  expect(r2Score(predicted, targets, { average: 'none' })).toEqual([-1, 1]);
  expect(r2Score(predicted, targets)).toBe(0);
  expect(r2Score(predicted, targets, { average: 'variance' })).toBeCloseTo(99 / 101, 12);
});

const two = column([1, 2]);
refuses('%s is refused', [
  ['a column for a list', () => meanSquaredError(two.reshape([2, 1]), two), ShapeError, /^meanSquaredError: expected predictions and targets of one shape, \[rows\] or \[rows, outputs\], got \[2, 1\] and \[2\]/],
  ['a single number', () => r2Score(Tensor.of(1), Tensor.of(1)), ShapeError, /^r2Score: expected predictions and targets of one shape/],
  ['no rows', () => meanAbsoluteError(Tensor.zeros([0]), Tensor.zeros([0])), ShapeError, /got \[0\] and \[0\]/],
  ['classes', () => meanAbsoluteError(two, two.cast('int32')), DtypeError, /^meanAbsoluteError: expected targets in float32 or float64, got int32 \[2\]; cast\('float32'\)/],
  ['a NaN', () => explainedVariance(column([1, NaN]), two), ValueError, /^explainedVariance: expected finite predictions, got NaN at place 1/],
  ['an average that is none', () => meanSquaredError(two, two, { average: 'variance' } as never), ValueError, /^meanSquaredError: expected average to be 'uniform' or 'none', got 'variance'/],
  ['another option', () => r2Score(two, two, { multioutput: 'none' } as never), ValueError, /^r2Score: there is no option multioutput/],
]); // biome-ignore format: one line a case
