/** What is said about predictions, counted again in the most naive way. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accuracy, classificationReport, confusionMatrix, Tensor } from '../../src/index.ts';

const CLASSES = 4;
const labels = (values: number[]) => Tensor.of(values, 'int32') as Tensor;
const judged = fc.array(fc.tuple(fc.nat({ max: CLASSES - 1 }), fc.nat({ max: CLASSES - 1 })), { minLength: 1, maxLength: 40 });

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

test('precision, recall and f1 are those of their definitions', () => {
  fc.assert(
    fc.property(judged, fc.constantFrom(0, 1), (rows, zeroDivision) => {
      const report = classificationReport(labels(rows.map(([p]) => p)), labels(rows.map(([, t]) => t)), {
        labels: ['a', 'b', 'c', 'd'],
        zeroDivision,
      });
      const quotient = (a: number, b: number) => (b === 0 ? zeroDivision : a / b);
      const wanted = [0, 1, 2, 3].map((c) => {
        const count = (holds: (p: boolean, t: boolean) => boolean) => rows.filter(([p, t]) => holds(p === c, t === c)).length;
        const [tp, fp, fn] = [count((p, t) => p && t), count((p, t) => p && !t), count((p, t) => !p && t)];
        return {
          precision: quotient(tp, tp + fp),
          recall: quotient(tp, tp + fn),
          f1: quotient(2 * tp, 2 * tp + fp + fn),
          support: tp + fn,
        };
      });
      report.classes.forEach((scores, c) => expect(scores).toEqual({ label: 'abcd'[c], ...wanted[c] }));
      for (const part of ['precision', 'recall', 'f1'] as const) {
        expect(report.macro[part]).toBeCloseTo(wanted.reduce((sum, scores) => sum + scores[part], 0) / CLASSES, 12);
        expect(report.weighted[part]).toBeCloseTo(wanted.reduce((sum, scores) => sum + scores[part] * scores.support, 0) / rows.length, 12);
      }
      expect([report.macro.support, report.weighted.support]).toEqual([rows.length, rows.length]);
      expect(report.accuracy).toBe(rows.filter(([p, t]) => p === t).length / rows.length);
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

test('a report prints the table that scikit-learn prints, and is plain data otherwise', () => {
  const report = classificationReport(labels([0, 1, 1, 2]), labels([0, 0, 1, 2]), { labels: ['cat', 'dog', 'owl'] });
  expect(`\n${report}`).toMatchInlineSnapshot(`
    "
                  precision     recall   f1-score    support

             cat     1.0000     0.5000     0.6667          2
             dog     0.5000     1.0000     0.6667          1
             owl     1.0000     1.0000     1.0000          1

        accuracy                           0.7500          4
       macro avg     0.8333     0.8333     0.7778          4
    weighted avg     0.8750     0.7500     0.7500          4"
  `);
  expect(Object.keys(report)).toEqual(['classes', 'accuracy', 'macro', 'weighted', 'confusion']);
});
