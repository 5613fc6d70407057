/** Hostile files: whatever a file holds, a reader gives numbers or a DataError, and makes no more of it than it has bytes for. */

import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { attack, hostile, readers, slow } from '../lib/fuzz.ts';

/** How many files for each reader: 10,500 in all, a million by night. */
const count = Number(process.env['FUZZ_RUNS'] ?? 1500);

describe.each(Object.keys(readers))('%s', (name) => {
  test('samples are read, but for those that are refused by name', async () => {
    const read = async (bytes: Uint8Array) => readers[name]!.read(bytes);
    const outcomes = await Promise.all(readers[name]!.samples.map((bytes) => read(bytes).then(() => 'read', (error: unknown) => error instanceof DataError && 'refused'))); // biome-ignore format: one line
    expect(outcomes.filter((outcome) => outcome === 'read').length).toBeGreaterThan(0);
    expect(outcomes).not.toContain(false);
  });

  test('files that were mutated, cut, made longer, or that lie are read or refused', async () => {
    let refused = 0;
    for (let seed = 0; seed < count; seed++) if ((await attack(name, seed)).refused) refused++;
    expect(refused).toBeGreaterThan(count / 4);
  }, 3_600_000);

  test('files made to be slow are refused or read', async () => {
    for (const make of slow[name]!) {
      const bytes = make(30_000);
      const outcome = await Promise.resolve()
        .then(() => readers[name]!.read(bytes))
        .then(
          () => 'read',
          (error: unknown) => error,
        );
      expect(
        outcome === 'read' || outcome instanceof DataError,
        `${new TextDecoder().decode(bytes.slice(0, 40))}: ${String(outcome)}`,
      ).toBe(true);
    }
  });
});

test('the file of a number is always the same', () => {
  expect([...hostile(readers['npy']!, 7)]).toEqual([...hostile(readers['npy']!, 7)]);
  expect([...hostile(readers['npy']!, 7)]).not.toEqual([...hostile(readers['npy']!, 8)]);
});
