/** What is said about predictions, counted again in the most naive way. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accuracy, confusionMatrix, Tensor } from '../../src/index.ts';
import { CLASSES, judged, labels } from '../lib/labels.ts';

test('accuracy is the share of rows that are classified correctly', () => {
  fc.assert(
    fc.property(judged, (rows) => {
      const right = rows.filter(([p, t]) => p === t).length;
      expect(accuracy(labels(rows.map(([p]) => p)), labels(rows.map(([, t]) => t)))).toBe(right / rows.length);
    }),
  );
});

test('the confusion matrix counts every row once, in the row of its class and the column of the predicted class', () => {
  fc.assert(
    fc.property(judged, (rows) => {
      const matrix = confusionMatrix(labels(rows.map(([p]) => p)), labels(rows.map(([, t]) => t)), CLASSES).toArray();
      for (let t = 0; t < CLASSES; t++)
        for (let p = 0; p < CLASSES; p++) expect(matrix[t][p]).toBe(rows.filter((row) => row[0] === p && row[1] === t).length);
    }),
  );
});

test('of a row of scores the largest is the prediction', () => {
  const scores = Tensor.of([
    [0.1, 0.7, 0.2],
    [0.5, 0.3, 0.2],
    [0, 0, 1],
  ]);
  expect(accuracy(scores, labels([1, 0, 1]))).toBe(2 / 3);
  expect(confusionMatrix(scores, labels([1, 0, 1])).shape).toEqual([3, 3]);
});
