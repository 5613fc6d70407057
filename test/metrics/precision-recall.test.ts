/** Precision, recall and F beside the report of the same predictions. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classificationReport, fBeta, precision, recall, Tensor, ValueError } from '../../src/index.ts';
import { judged, labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

test('are the numbers of the report, for every average', () => {
  fc.assert(
    fc.property(judged, fc.constantFrom(0, 1, Number.NaN), (rows, zeroDivision) => {
      const [predicted, targets] = [labels(rows.map(([p]) => p)), labels(rows.map(([, t]) => t))];
      const report = classificationReport(predicted, targets, { zeroDivision });
      for (const average of ['micro', 'macro', 'weighted'] as const) {
        expect(precision(predicted, targets, { average, zeroDivision })).toBe(report[average].precision);
        expect(recall(predicted, targets, { average, zeroDivision })).toBe(report[average].recall);
        expect(fBeta(predicted, targets, { average, zeroDivision })).toBe(report[average].f1);
      }
      expect(recall(predicted, targets, { average: 'none', zeroDivision })).toEqual(report.classes.map(({ recall }) => recall));
      expect(precision(predicted, targets, { zeroDivision })).toBe(report.macro.precision);
    }),
  );
});

test('F lies between precision and recall: at β = 0 it is the one, at infinity the other', () => {
  fc.assert(
    fc.property(judged, fc.double({ min: 0, max: 100, noNaN: true }), (rows, beta) => {
      const given = [labels(rows.map(([p]) => p)), labels(rows.map(([, t]) => t))] as const;
      const options = { average: 'none' } as const;
      const [p, r] = [precision(...given, options), recall(...given, options)];
      expect(fBeta(...given, { ...options, beta: Infinity })).toEqual(r);
      fBeta(...given, { ...options, beta: 0 }).forEach((f, i) => expect(f).toBeCloseTo(p[i]!, 12));
      fBeta(...given, { ...options, beta }).forEach((f, i) => {
        expect(f).toBeGreaterThanOrEqual(Math.min(p[i]!, r[i]!) - 1e-12);
        expect(f).toBeLessThanOrEqual(Math.max(p[i]!, r[i]!) + 1e-12);
      });
    }),
  );
});

test('of two classes the positive one is chosen by labels', () => {
  const [predicted, targets] = [labels([1, 1, 1, 0]), labels([1, 0, 0, 0])];
  expect([precision(predicted, targets, { labels: [1] }), recall(predicted, targets, { labels: [1] })]).toEqual([1 / 3, 1]);
  expect(precision(predicted, targets, { labels: [7, 1], average: 'none', zeroDivision: 1 })).toEqual([1, 1 / 3]);
});

test('a row of scores is of the class with the largest; with a NaN it is of none', () => {
  const scores = Tensor.of([[0.2, 0.8], [0.9, 0.1], [Number.NaN, 1]]); // biome-ignore format: a matrix
  expect(recall(scores, labels([1, 0, 1]), { average: 'none' })).toEqual([1, 0.5]);
});

const one = labels([0]);
refuses('%s is refused', [
  ['an average that is none', () => precision(one, one, { average: 'binary' } as never), ValueError, /^precision: expected average to be 'micro', 'macro', 'weighted' or 'none', got 'binary'/],
  ['a class twice', () => recall(one, one, { labels: [1, 1] }), ValueError, /^recall: expected labels to be a list of different classes, whole numbers from 0, got \[1,1\]/],
  ['a class below 0 in the list', () => precision(one, one, { labels: [0, -1] }), ValueError, /^precision: expected labels to be a list of different classes, whole numbers from 0, got \[0,-1\]/],
  ['half a class', () => fBeta(one, one, { labels: [0.5] }), ValueError, /^fBeta: expected labels to be a list of different classes/],
  ['no class', () => recall(one, one, { labels: [] }), ValueError, /^recall: expected labels to be a list of different classes/],
  ['what is no list of classes', () => recall(one, one, { labels: 1 as never }), ValueError, /^recall: expected labels to be a list of different classes/],
  ['a negative β', () => fBeta(one, one, { beta: -1 }), ValueError, /^fBeta: expected beta to be a number from 0, got -1/],
  ['another option', () => fBeta(one, one, { betta: 2 } as never), ValueError, /^fBeta: there is no option betta; did you mean beta\?/],
  ['a class below 0', () => fBeta(one, labels([-1])), ValueError, /^fBeta: class -1 of row 0/],
]); // biome-ignore format: one line a case
