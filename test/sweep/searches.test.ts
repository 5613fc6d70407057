/** Searches whose trials are known from the start. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, gridSearch, quasiRandomSearch, randomSearch } from '../../src/sweep/index.ts';
import { runs } from '../lib/runs.ts';

const configurations = (trials: { ask(): readonly { configuration: unknown }[] }) => trials.ask().map(({ configuration }) => configuration);

test('a grid has every combination once, the last name the fastest', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), (sizes) => {
      const grid = Object.fromEntries(sizes.map((size, i) => [`p${i}`, Array.from({ length: size }, (_, k) => k)]));
      const found = configurations(gridSearch(grid)).map((configuration) => Object.values(configuration as Record<string, number>));
      expect(found).toHaveLength(sizes.reduce((a, b) => a * b));
      expect(found).toEqual(found.toSorted((a, b) => a.findIndex((x, i) => x !== b[i]) === -1 ? 0 : a.map((x, i) => x - b[i]!).find((d) => d !== 0)!)); // biome-ignore format: one order
      expect(new Set(found.map(String)).size).toBe(found.length);
    }),
    { numRuns: runs(50) },
  );
});

test('a list of grids is one after another, so single configurations can be listed', () => {
  const trials = gridSearch(
    [
      { rate: [0.1, 0.2], batch: [1] },
      { rate: [0.3], batch: [8] },
    ],
    { epochs: 2 },
  );
  expect(configurations(trials)).toEqual([{ rate: 0.1, batch: 1 }, { rate: 0.2, batch: 1 }, { rate: 0.3, batch: 8 }]); // biome-ignore format: one list
  expect(trials.space).toEqual({ rate: [0.1, 0.2, 0.3], batch: [1, 8] });
  expect(trials.ask()[2]).toEqual({
    id: 'trial-0002-seed-0-epochs-2',
    trial: 2,
    seed: 0,
    epochs: 2,
    configuration: { rate: 0.3, batch: 8 },
  });
});

test('what is drawn is the same for the same seed, and a longer search begins as a shorter one does', () => {
  const space = { x: between(0, 1), y: between(1, 100, { log: true, integer: true }), z: ['a', 'b', 'c'] };
  for (const search of [randomSearch, quasiRandomSearch]) {
    const few = configurations(search(space, { trials: 5, seed: 3 }));
    expect(configurations(search(space, { trials: 9, seed: 3 })).slice(0, 5)).toEqual(few);
    expect(configurations(search(space, { trials: 5, seed: 4 }))).not.toEqual(few);
  }
});

test('what was drawn stays what it was', () => {
  const space = { rate: between(1e-4, 1, { log: true }), depth: between(1, 8, { integer: true }), kind: ['a', 'b'] };
  expect(configurations(randomSearch(space, { trials: 2, seed: 7 }))).toMatchInlineSnapshot(`
    [
      {
        "depth": 7,
        "kind": "a",
        "rate": 0.0002019450244810229,
      },
      {
        "depth": 8,
        "kind": "b",
        "rate": 0.0783178418343345,
      },
    ]
  `);
  expect(configurations(quasiRandomSearch(space, { trials: 2, seed: 7 }))).toMatchInlineSnapshot(`
    [
      {
        "depth": 8,
        "kind": "b",
        "rate": 0.0018217536791545347,
      },
      {
        "depth": 5,
        "kind": "a",
        "rate": 0.18217536791545347,
      },
    ]
  `);
});

test('quasi-random trials lie more evenly than random ones', () => {
  const gaps = (trials: ReturnType<typeof randomSearch<{ x: ReturnType<typeof between> }>>) => {
    const xs = trials.ask().map(({ configuration }) => configuration.x).sort((a, b) => a - b); // biome-ignore format: one line
    return Math.max(...xs.slice(1).map((x, i) => x - xs[i]!));
  };
  expect(gaps(quasiRandomSearch({ x: between(0, 1) }, { trials: 64 }))).toBeLessThan(2.1 / 64);
  expect(gaps(randomSearch({ x: between(0, 1) }, { trials: 64 }))).toBeGreaterThan(3 / 64);
});

test.each([
  [() => gridSearch({ x: between(0, 1) as never }), "gridSearch: expected 'x' to be a list of values, got a range, of which there is no end"],
  [() => gridSearch([] as never), 'gridSearch: expected lists of values by name, got []'],
  [() => gridSearch({ a: Array.from({ length: 1001 }, (_, i) => i), b: Array.from({ length: 1001 }, (_, i) => i) }), 'gridSearch: expected at most 1000000 combinations, got 1002001'],
  [() => randomSearch({ x: [1] }, {} as never), 'randomSearch: expected trials to be a whole number from 1, got undefined'],
  [() => quasiRandomSearch({ x: [1] }, { trials: 1, seeds: [1, 1] }), 'quasiRandomSearch: expected seeds to be a list of different seeds'],
  [() => gridSearch({ x: [1] }, { direction: 'up' as never }), "gridSearch: expected direction to be 'minimize' or 'maximize', got 'up'"],
])('a search that is none is refused: %#', (make, message) => {
  expect(make).toThrow(message);
}); // biome-ignore format: a message each
