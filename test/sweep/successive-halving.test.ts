/** Successive halving. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, type Outcome, successiveHalving, type Trials } from '../../src/sweep/index.ts';
import { runs } from '../lib/runs.ts';

const value = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -3, max: 3 }) }, fc.constantFrom(NaN, Infinity, -Infinity));
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 9, arbitrary: value.map((value) => ({ values: { value } })) },
  { weight: 1, arbitrary: fc.constant({ error: { name: 'Error', message: 'crashed' } }) },
);

/** Tells all jobs in an order that a list of numbers decides. */
function told(trials: Trials, outcomeOf: (id: string) => Outcome, order: readonly number[]): Trials {
  for (let i = 0; !trials.finished; i++) {
    const jobs = trials.ask();
    const { id } = jobs[(order[i % order.length] ?? 0) % jobs.length]!;
    trials.tell(id, outcomeOf(id));
  }
  return trials;
}

const make = (count: number, direction: 'minimize' | 'maximize') =>
  successiveHalving({ x: between(0, 1) }, { trials: count, epochs: [1, 2, 4], factor: 2, seeds: [0, 1], direction });

test('rungs, table and best do not depend on the order in which jobs are told', () => {
  const numbers = fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(outcome, { minLength: 30, maxLength: 30 }),
      numbers,
      fc.boolean(),
      (count, outcomes, order, up) => {
        const outcomeOf = (id: string) => outcomes[[...id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7) % outcomes.length]!;
        const [a, b] = [[0], order].map((order) => told(make(count, up ? 'maximize' : 'minimize'), outcomeOf, order)) as [Trials, Trials];
        expect(b.rungs).toBe(a.rungs);
        for (let rung = 0; rung < a.rungs; rung++) expect(b.rung(rung)).toEqual(a.rung(rung));
        expect(b.result.trials).toEqual(a.result.trials);
        expect(b.result.best).toEqual(a.result.best);
        expect(String(b.result)).toBe(String(a.result));
        if (a.result.best) expect(Number.isFinite(a.result.best.value)).toBe(true);
      },
    ),
    { numRuns: runs(100) },
  );
});

test('the best half goes on, of equal ones those with the smaller number; what is not finite and what failed never do', () => {
  const values = [5, 1, NaN, 1, -Infinity, 1, 2, 9];
  const trials = successiveHalving({ x: between(0, 1) }, { trials: 8, epochs: [1, 3], factor: 4 });
  for (const { id, trial } of trials.ask()) trials.tell(id, trial === 5 ? { error: { name: 'Error', message: 'no' } } : { values: { value: values[trial]! } });
  expect(trials.rung(1).map(({ id }) => id)).toEqual(['trial-0001-seed-0-epochs-3', 'trial-0003-seed-0-epochs-3']);
  expect(trials.rung(1)[0]!.configuration).toEqual(trials.rung(0)[1]!.configuration);
}); // biome-ignore format: long lines

test('one trial goes on where fewer than the factor are left, and none where none is finite', () => {
  const trials = successiveHalving({ x: between(0, 1) }, { trials: 2, epochs: [1, 2, 3], factor: 3 });
  for (let rung = 0; rung < 3; rung++) for (const { id } of trials.ask()) trials.tell(id, { values: { value: 1 } });
  expect([0, 1, 2].map((rung) => trials.rung(rung).length)).toEqual([2, 1, 1]);
  const failing = successiveHalving({ x: between(0, 1) }, { trials: 2, epochs: [1, 2], factor: 3 });
  for (const { id } of failing.ask()) failing.tell(id, { values: { value: NaN } });
  expect(failing.finished).toBe(true);
  expect(failing.result.best).toBeUndefined();
});

test('a trial that was run for more epochs is the best, also where one that was not went lower', () => {
  const trials = successiveHalving({ x: between(0, 1) }, { trials: 3, epochs: [1, 9] });
  while (!trials.finished) for (const { id, trial, epochs } of trials.ask()) trials.tell(id, { values: { value: trial + epochs! } });
  expect(trials.result.ranking.map(({ trial, value }) => [trial, value])).toEqual([[0, 9], [1, 2], [2, 3]]); // biome-ignore format: one list
});

test.each([
  [{ trials: 4, epochs: [] }, 'expected epochs to be a list of whole numbers above 0, each larger than the one before, got []'],
  [{ trials: 4, epochs: [2, 2] }, 'got [2,2]'],
  [{ trials: 4, epochs: [1, 2], factor: 1 }, 'expected factor to be a whole number from 2, got 1'],
  [{ trials: 4, epochs: [1, 2], sampling: 'sobol' as never }, "expected sampling to be 'random' or 'quasiRandom', got 'sobol'"],
])('options that are none are refused: %#', (options, message) => {
  expect(() => successiveHalving({ x: [1] }, options)).toThrow(message);
});
