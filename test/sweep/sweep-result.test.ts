/** The table of what a sweep found. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gridSearch } from '../../src/sweep/index.ts';
import { runs } from '../lib/runs.ts';

test('mean and standard deviation are those of NumPy, with ddof 1', () => {
  const trials = gridSearch({ x: [1] }, { seeds: [0, 1, 2] });
  for (const [i, value] of [0.25, 1, 4].entries()) trials.tell(`trial-0000-seed-${i}`, { values: { value, other: 7 } });
  const [row] = trials.result.trials;
  expect(row!.mean).toEqual({ value: 1.75, other: 7 });
  // numpy.std([0.25, 1, 4], ddof=1), NumPy 2.4
  expect(row!.deviation['value']).toBeCloseTo(1.984313483298443, 14);
  expect(row!.deviation['other']).toBe(0);
  expect(String(trials.result)).toBe('trial  x  value     other\n0      1  1.75 ± 2  7 ± 0');
});

test('of equal trials the one with the smaller number is best; NaN and infinities never are', () => {
  const some = fc.array(fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(NaN, Infinity, -Infinity)), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(some, fc.boolean(), (values, up) => {
      const trials = gridSearch({ x: values.map((_, i) => i) }, { direction: up ? 'maximize' : 'minimize' });
      for (const { id, trial } of trials.ask()) trials.tell(id, { values: { value: values[trial]! } });
      const finite = values.filter(Number.isFinite);
      const best = up ? Math.max(...finite) : Math.min(...finite);
      expect(trials.result.best?.trial).toBe(finite.length > 0 ? values.indexOf(best) : undefined);
      expect(trials.result.trials.map(({ value }) => value)).toEqual(values);
    }),
    { numRuns: runs(200) },
  );
});

test('a trial of which one job failed never wins, and says why', () => {
  const trials = gridSearch({ x: [1, 2] }, { seeds: [0, 1] });
  const error = { name: 'RangeError', message: 'out of range', stack: 'RangeError: out of range\n    at trial' };
  for (const { id, trial, seed } of trials.ask()) trials.tell(id, trial === 0 && seed === 1 ? { error } : { values: { value: trial } });
  const { best, trials: rows } = trials.result;
  expect(best!.trial).toBe(1);
  expect(rows[0]).toMatchObject({ value: NaN, mean: { value: 0 }, errors: [error], configuration: { x: 1 } });
  expect(String(trials.result)).toBe('trial  x  value  failed\n1      2  1 ± 0\n0      1  0      1 of 2');
});

test('without trials the table has no rows, and there is no best', () => {
  const { result } = gridSearch({ x: [1] });
  expect(result.best).toBeUndefined();
  expect(String(result)).toBe('trial  epochs  failed');
});
