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

test('as many as 10,000 classes are counted, and many more are judged', () => {
  const many = Tensor.arange(0, 200_000, 1, 'int32');
  expect(accuracy(many, many)).toBe(1);
  for (const call of [() => confusionMatrix(many, many), () => confusionMatrix(labels([0]), labels([0]), 10_001)])
    expect(call).toThrow(/^confusionMatrix: expected up to 10,000 classes, got (200000|10001)$/);
  expect(confusionMatrix(labels([9_999]), labels([0])).shape).toEqual([10_000, 10_000]);
  for (const wrong of [-1, 1.5, NaN, '3', null])
    expect(() => confusionMatrix(labels([0]), labels([0]), wrong as number)).toThrow(
      /^confusionMatrix: expected up to 10,000 classes, got /,
    );
});

test('classes out of range are refused, whichever side they are on', () => {
  expect(() => confusionMatrix(labels([-2]), labels([0]))).toThrow('confusionMatrix: class -2 of row 0 is none of the 1, 0 to 0');
  expect(() => confusionMatrix(labels([0, 0]), labels([0, -1]))).toThrow('confusionMatrix: class -1 of row 1 is none of the 1, 0 to 0');
  expect(() => confusionMatrix(labels([-1]), labels([-1]))).toThrow('confusionMatrix: class -1 of row 0 is none: classes count from 0');
  expect(() => confusionMatrix(labels([0]), labels([3]), 3)).toThrow('confusionMatrix: class 3 of row 0 is none of the 3, 0 to 2');
  expect(() => accuracy(Tensor.zeros([1, 2]), labels([2]))).toThrow('accuracy: class 2 of row 0 is none of the 2, 0 to 1');
  expect(() => accuracy(Tensor.zeros([2], 'int32'), labels([2]))).toThrow(
    /^accuracy: expected a prediction for each of at least one target/,
  );
});
