/** Probabilities against what came true. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brierScore, calibration, logLoss, Tensor, ValueError } from '../../src/index.ts';
import { labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

const said = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 1 })), { minLength: 1, maxLength: 30 });
const given = (rows: readonly (readonly [number, number])[]) =>
  [Tensor.of(rows.map(([p]) => p), 'float64'), labels(rows.map(([, t]) => t))] as const; // biome-ignore format: one line
const inTwo = (p: Tensor) => Tensor.of((p.toArray() as number[]).map((x) => [1 - x, x]), 'float64'); // biome-ignore format: one line

test('the log loss is the mean of −log p of what came true, whether one or two probabilities are given', () => {
  fc.assert(
    fc.property(said, (rows) => {
      const [p, targets] = given(rows);
      const losses = rows.map(([p, t]) => -Math.log(Math.min(Math.max(t ? p : 1 - p, 2 ** -52), 1 - 2 ** -52)));
      const mean = losses.reduce((a, b) => a + b, 0) / rows.length;
      expect(Math.abs(logLoss(p, targets) - mean)).toBeLessThanOrEqual(1e-13 * Math.max(1, mean));
      expect(logLoss(inTwo(p), targets)).toBe(logLoss(p, targets));
    }),
  );
});

test('what was ruled out costs 36.04 in float64 and 15.94 in float32, as in scikit-learn 1.9', () => {
  expect(logLoss(Tensor.of([0], 'float64'), labels([1])).toFixed(4)).toBe('36.0437');
  expect(logLoss(Tensor.of([0]), labels([1])).toFixed(4)).toBe('15.9424');
  expect(logLoss(Tensor.of([1], 'float64'), labels([1]))).toBeGreaterThan(0);
});

test('the Brier score of two classes is half of the sum over both, in one column or two, unless it is told otherwise', () => {
  fc.assert(
    fc.property(said, (rows) => {
      const [p, targets] = given(rows);
      expect(brierScore(p, targets)).toBeCloseTo(rows.reduce((sum, [p, t]) => sum + (p - t) * (p - t), 0) / rows.length, 12);
      expect(brierScore(inTwo(p), targets)).toBeCloseTo(brierScore(p, targets), 12);
      expect(brierScore(inTwo(p), targets, { half: false })).toBeCloseTo(2 * brierScore(p, targets), 12);
      expect(brierScore(p, targets, { half: false })).toBeCloseTo(2 * brierScore(p, targets), 12);
    }),
  );
});

test('each row is in one bin; the mean of what bins say and see is that of all rows; the errors are distances of both', () => {
  fc.assert(
    fc.property(said, fc.integer({ min: 1, max: 12 }), fc.constantFrom('uniform' as const, 'quantile' as const), (rows, bins, strategy) => {
      const found = calibration(...given(rows), { bins, strategy });
      const [predicted, observed, counts] = [found.predicted, found.observed, found.counts].map((x) => x.toArray() as number[]);
      expect(counts!.reduce((a, b) => a + b, 0)).toBe(rows.length);
      const mean = (numbers: number[]) => numbers.reduce((sum, x, i) => sum + x * counts![i]!, 0) / rows.length;
      expect(mean(predicted!)).toBeCloseTo(rows.reduce((sum, [p]) => sum + p, 0) / rows.length, 10);
      expect(mean(observed!)).toBeCloseTo(rows.reduce((sum, [, t]) => sum + t, 0) / rows.length, 10);
      expect(found.expectedError).toBeCloseTo(mean(observed!.map((x, i) => Math.abs(x - predicted![i]!))), 12);
      expect(found.maximumError).toBeGreaterThanOrEqual(found.expectedError - 1e-12);
      if (strategy === 'uniform') predicted!.forEach((p, i) => expect(i === 0 || Math.ceil(p * bins - 1e-9) > Math.ceil(predicted![i - 1]! * bins - 1e-9) - 1).toBe(true)); // biome-ignore format: one line
    }),
  );
});

test('bins of as many rows have their edges where scikit-learn 1.9 has them', () => {
  const p = Tensor.of([0.05, 0.1, 0.2, 0.21, 0.35, 0.4, 0.62, 0.7, 0.9, 0.95], 'float64');
  const targets = labels([0, 0, 1, 0, 0, 1, 1, 0, 1, 1]);
  const binned = (bins: number) => {
    const { observed, predicted } = calibration(p, targets, { bins, strategy: 'quantile' });
    return [observed.toArray(), predicted.toArray()];
  };
  expect(binned(3)).toEqual([[0.25, 0.5, 0.75], [0.14, 0.375, 0.7925]]); // biome-ignore format: one line
  expect(binned(4)).toEqual([[0.3333333333333333, 0, 1, 0.6666666666666666], [0.11666666666666668, 0.27999999999999997, 0.51, 0.85]]); // biome-ignore format: one line
  expect(binned(7)).toEqual([[0, 1, 0, 0.5, 1, 0, 1], [0.07500000000000001, 0.2, 0.21, 0.375, 0.62, 0.7, 0.925]]); // biome-ignore format: one line
});

test('of several classes the most probable one counts', () => {
  const p = Tensor.of([[0.25, 0.75, 0], [0, 0.25, 0.75], [0.75, 0.25, 0], [0.75, 0, 0.25]]); // biome-ignore format: a matrix
  const found = calibration(p, labels([1, 2, 1, 0]), { bins: 4 });
  expect([found.predicted.toArray(), found.observed.toArray(), found.counts.toArray(), found.expectedError]).toEqual([
    [0.75],
    [0.75],
    [4],
    0,
  ]);
});

const two = labels([0, 1]);
refuses('%s is refused', [
  ['what is above 1', () => logLoss(Tensor.of([0, 1.5]), two), ValueError, /^logLoss: expected probabilities from 0 to 1, got 1\.5 in row 1; of logits take softmax or sigmoid/],
  ['what is below 0', () => brierScore(Tensor.of([[1, 0], [2, -1]]), two), ValueError, /^brierScore: expected probabilities from 0 to 1, got 2 in row 1/],
  ['a row that does not add up', () => logLoss(Tensor.of([[0.5, 0.5], [0.5, 0.25]]), two), ValueError, /^logLoss: expected probabilities that add up to 1 in each row, got 0\.75 in row 1/],
  ['a NaN', () => calibration(Tensor.of([0, NaN]), two), ValueError, /^calibration: expected probabilities without NaN, got one in row 1/],
  ['no bins', () => calibration(Tensor.of([0, 1]), two, { bins: 0 }), ValueError, /^calibration: expected bins to be a whole number from 1, got 0/],
  ['another option', () => brierScore(Tensor.of([0, 1]), two, { scale: true } as never), ValueError, /^brierScore: there is no option scale/],
]); // biome-ignore format: one line a case
