/** The list of what is run. */

import { expect, test } from 'vitest';
import { gridSearch, type Search, successiveHalving, Trials } from '../../src/sweep/index.ts';

test('each trial is run from every seed and for every fold', () => {
  const trials = gridSearch({ x: [1] }, { seeds: [3, 1], folds: 2 });
  expect(trials.ask().map(({ id, seed, fold }) => [id, seed, fold])).toEqual([
    ['trial-0000-seed-3-fold-0', 3, 0],
    ['trial-0000-seed-3-fold-1', 3, 1],
    ['trial-0000-seed-1-fold-0', 1, 0],
    ['trial-0000-seed-1-fold-1', 1, 1],
  ]);
});

test('jobs are plain data', () => {
  const jobs = successiveHalving({ x: [1, null, 'a', true] }, { trials: 5, epochs: [1, 2], folds: 3 }).ask();
  expect(JSON.parse(JSON.stringify(jobs))).toEqual(jobs);
});

test('a job that was told is not asked for again, and keeps its first outcome', () => {
  const trials = gridSearch({ x: [1, 2] });
  trials.tell('trial-0000-seed-0', { values: { value: 1 } });
  trials.tell('trial-0000-seed-0', { values: { value: 2 } });
  expect(trials.ask().map(({ trial }) => trial)).toEqual([1]);
  expect(trials.rung(0)).toHaveLength(2);
  expect(trials.outcome('trial-0000-seed-0')).toEqual({ values: { value: 1 } });
  expect(trials.result.trials).toHaveLength(1);
  expect(trials.finished).toBe(false);
});

test('numbers without the objective are a failure that says how to name it', () => {
  const trials = gridSearch({ x: [1] });
  trials.tell('trial-0000-seed-0', { values: { loss: 1, accuracy: 2 } });
  expect(trials.result.trials[0]!.errors[0]!.message).toBe(
    "expected the trial to give a number called 'value', got 'loss', 'accuracy'; say which decides by the option objective",
  );
  const named = gridSearch({ x: [1] }, { objective: 'accuracy', direction: 'maximize' });
  named.tell('trial-0000-seed-0', { values: { loss: 1, accuracy: 2 } });
  expect(named.result.best!.value).toBe(2);
});

const search = (next: Search['next'], more: object = {}): Search => ({ space: { x: [1] }, description: {}, next, ...more });

test('a search of its own is asked again when a rung is complete, with the results of all before', () => {
  const seen: number[][] = [];
  const trials = new Trials(
    search((rungs) => {
      seen.push(rungs.map((rung) => rung.length));
      return rungs.length < 2 ? [{ trial: rungs.length, configuration: { x: 1 } }] : [];
    }),
  );
  while (!trials.finished) for (const { id } of trials.ask()) trials.tell(id, { values: { value: 0 } });
  expect(seen).toEqual([[], [1], [1, 1]]);
});

test('the same trial for as many epochs cannot be proposed twice', () => {
  const twice = [{ trial: 0, configuration: { x: 1 } }, { trial: 0, configuration: { x: 1 } }]; // biome-ignore format: one list
  expect(() => new Trials(search(() => twice))).toThrow(
    'Trials: expected the search to propose a trial once for as many epochs, got trial-0000-seed-0 again',
  );
});

test.each([
  [() => new Trials({} as never), 'Trials: expected a search, { space, description, next }, got {}'],
  [() => new Trials(search(() => [{ trial: 0.5, configuration: {} }])), 'Trials: expected trial to be a whole number from 0, got 0.5'],
  [() => gridSearch({ x: [1] }).tell('trial-7', { values: { value: 1 } }), "Trials.tell: expected the id of a job that was asked for, got 'trial-7'"],
  [() => gridSearch({ x: [1] }).tell('trial-0000-seed-0', 5 as never), 'Trials.tell: expected an outcome, { values } or { error }, got 5'],
  [() => gridSearch({ x: [1] }).tell('trial-0000-seed-0', { values: { value: '1' } } as never), 'Trials.tell: expected an outcome'],
  [() => gridSearch({ x: [1] }).rung(1), 'Trials.rung: rung 1 depends on 1 jobs of rung 0 that were not told yet'],
  [() => gridSearch({ x: [1] }).rung(-1), 'Trials.rung: expected index to be a whole number from 0, got -1'],
])('what makes no sense is refused: %#', (make, message) => {
  expect(make).toThrow(message);
}); // biome-ignore format: a message each
