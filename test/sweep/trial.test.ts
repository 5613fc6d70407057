/** Outcomes as JSON. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../../src/base/errors.ts';
import { type Outcome, readOutcome, writeOutcome } from '../../src/sweep/index.ts';
import { outcomeOf } from '../../src/sweep/trial.ts';
import { runs } from '../lib/runs.ts';

test('every outcome comes back to the bit', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 5e-324));
  const values = fc.dictionary(fc.string({ minLength: 1 }), number, { minKeys: 1, maxKeys: 4 }).map((values): Outcome => ({ values }));
  const message = fc.constantFrom('', 'NaN', '-0', 'out of range');
  const error = fc.record({ name: fc.string(), message, stack: fc.string() }).map((error): Outcome => ({ error }));
  fc.assert(
    fc.property(fc.oneof(values, error), (outcome) => {
      const back = readOutcome(writeOutcome(outcome));
      expect(Object.entries(back.values ?? back.error)).toEqual(Object.entries(outcome.values ?? outcome.error));
    }),
    { numRuns: runs(200) },
  );
});

test('what is no outcome is refused', () => {
  for (const text of [
    '',
    '{',
    '5',
    '{}',
    '{"values":{"a":"b"}}',
    '{"values":{"a":1},"error":{"name":"","message":""}}',
    '{"error":{"name":1}}',
  ])
    expect(() => readOutcome(text, 'here.json')).toThrow(DataError);
  expect(() => readOutcome('{', 'here.json')).toThrow("here.json: expected an outcome as JSON, got '{'");
  expect(() => writeOutcome({} as never)).toThrow('writeOutcome: expected an outcome, { values } or { error }, got {}');
});

test('a trial gives a number or numbers by name, anything else is its failure', () => {
  expect(outcomeOf(3)).toEqual({ values: { value: 3 } });
  expect(outcomeOf({ loss: NaN })).toEqual({ values: { loss: NaN } });
  for (const wrong of [undefined, '3', {}, { loss: '3' }, [1]])
    expect(outcomeOf(wrong).error!.message).toMatch(/^expected the trial to give a number/);
});
