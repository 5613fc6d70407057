/** Batch by batch is the same as all at once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accuracy, Collected, DtypeError, meanSquaredError, RunningMean, rocAUC, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { judged, labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

/** Rows in batches of any sizes. */
const inBatches = <T>(rows: readonly T[], cuts: readonly number[]): T[][] => {
  const places = [...new Set([0, ...cuts.map((cut) => cut % rows.length), rows.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => rows.slice(places[i], end));
};

test('a running mean is the metric of all examples, however they are cut, and merged', () => {
  fc.assert(
    fc.property(judged, fc.array(fc.nat()), fc.nat(), (rows, cuts, at) => {
      const given = (some: typeof rows) => [labels(some.map(([p]) => p)), labels(some.map(([, t]) => t))] as const;
      const [one, other] = [new RunningMean(accuracy), new RunningMean(accuracy)];
      const batches = inBatches(rows, cuts);
      batches.forEach((batch, i) => (i < at % (batches.length + 1) ? one : other).update(...given(batch)));
      one.merge(other);
      expect(one.value).toBeCloseTo(accuracy(...given(rows)), 12);
      expect(one.examples).toBe(rows.length);
    }),
  );
});

test('batches count by their examples: losses 1 and 2 of 64 and 36 are 1.36 in the mean', () => {
  const running = new RunningMean();
  running.add(1, 64);
  expect(running.add(2, 36)).toBe(1.36);
  const losses = new RunningMean((predicted) => predicted.mean());
  losses.update(Tensor.ones([64]), labels(Array<number>(64).fill(0)));
  expect(losses.update(Tensor.full([36], 2), labels(Array<number>(36).fill(0)))).toBe(1.36);
});

test('before the first example there is no mean, and a batch without any changes nothing', () => {
  const running = new RunningMean(meanSquaredError);
  expect(running.value).toBeNaN();
  running.add(Number.NaN, 0);
  expect(running.add(3)).toBe(3);
});

test('what is collected is judged as a whole', () => {
  const ranked = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 1 })), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(ranked, fc.array(fc.nat()), (rows, cuts) => {
      const given = (some: typeof rows) => [Tensor.of(some.map(([s]) => s)), labels(some.map(([, t]) => t))] as const;
      const [first, ...rest] = inBatches(rows, cuts);
      const all = new Collected(rocAUC).update(...given(first!));
      const others = new Collected(rocAUC);
      for (const batch of rest) others.update(...given(batch));
      expect(all.merge(others).value).toEqual(rocAUC(...given(rows)));
      expect(all.examples).toBe(rows.length);
    }),
  );
});

test('a fresh one has the metric and has seen nothing, and the other keeps what it has seen', () => {
  const [running, all] = [new RunningMean(accuracy), new Collected(accuracy)];
  running.update(labels([1, 0]), labels([1, 1]));
  all.update(labels([1, 0]), labels([1, 1]));
  expect([running.fresh().examples, all.fresh().examples, running.examples, all.examples]).toEqual([0, 0, 2, 2]);
  expect([running.fresh().update(labels([1]), labels([1])), all.fresh().update(labels([1]), labels([1])).value]).toEqual([1, 1]);
  expect([running.value, all.value]).toEqual([0.5, 0.5]);
});

const one = labels([1]);
refuses('%s is refused', [
  ['no function', () => new RunningMean(3 as never), ValueError, /^RunningMean: expected metric to be a function of predictions and targets, got 3/],
  ['no metric', () => new RunningMean().update(one, one), ValueError, /^RunningMean\.update: expected a metric, new RunningMean\(accuracy\); numbers are taken by add/],
  ['a metric that is no number', () => new RunningMean((() => 'a') as never).update(one, one), ValueError, /^RunningMean\.add: expected value to be a number, got 'a'/],
  ['text for a number', () => new RunningMean().add('1' as never), ValueError, /^RunningMean\.add: expected value to be a number, got '1'/],
  ['fewer than no examples', () => new RunningMean().add(1, -1), ValueError, /^RunningMean\.add: expected examples to be a finite number from 0, got -1/],
  ['another to merge', () => new RunningMean().merge(1 as never), ValueError, /^RunningMean\.merge: expected a RunningMean, got 1/],
  ['targets without rows', () => new RunningMean(accuracy).update(one, Tensor.of(1)), ShapeError, /^RunningMean\.update: expected targets with a row for each example, got \[\]/],
  ['nothing collected', () => new Collected(accuracy).value, ValueError, /^Collected: expected at least one batch; give it to update/],
  ['predictions of others', () => new Collected(accuracy).update(labels([1, 2]), one), ShapeError, /^Collected\.update: expected a prediction for each target, got \[2\] for \[1\]/],
  ['a list', () => new Collected(accuracy).update([1] as never, one), DtypeError, /^Collected\.update: expected a tensor for predicted/],
  ['another to collect', () => new Collected(accuracy).merge(new RunningMean() as never), ValueError, /^Collected\.merge: expected a Collected, got an object of class RunningMean/],
]); // biome-ignore format: one line a case
