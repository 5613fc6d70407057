/** Metrics of scores, probabilities and numbers beside those of scikit-learn, on cases at random and degenerate: see `scripts/metrics.ts`. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ScoreAnswer, type ScoreCase, scoreDifferences } from '../../scripts/metrics/scores.ts';

const { version, scores } = JSON.parse(readFileSync('test/golden/metrics.json', 'utf8')) as {
  version: string;
  scores: readonly (ScoreCase & { readonly answer: ScoreAnswer })[];
};

test.each([...scores.entries()])(`case %i has the numbers of scikit-learn ${version}`, (_, { answer, ...given }) => {
  expect(scoreDifferences(given, answer)).toEqual([]);
});

test('there are cases of every kind', () => {
  expect(new Set(scores.map(({ kind }) => kind)).size).toBe(4);
});
