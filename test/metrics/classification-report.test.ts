/**
 * The table of a real run: the student's report on the assignment prints precision, recall, f1 and support of each digit, and their
 * averages, as scikit-learn found them on the 10,000 images (its Figure 8). From them the right and the wrong predictions of each class can
 * be counted, and from any predictions with these counts our report must find the same figures.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classificationReport, Tensor } from '../../src/index.ts';
import { CLASSES, judged, labels } from '../lib/labels.ts';

/** precision, recall, f1, support */
const digits = [
  [0.892604, 0.89898, 0.89578, 980],
  [0.949513, 0.944493, 0.946996, 1135],
  [0.823587, 0.818798, 0.821186, 1032],
  [0.800801, 0.792079, 0.796416, 1010],
  [0.879824, 0.812627, 0.844891, 982],
  [0.773893, 0.744395, 0.758857, 892],
  [0.884298, 0.893528, 0.888889, 958],
  [0.84016, 0.818093, 0.82898, 1028],
  [0.748538, 0.788501, 0.768, 974],
  [0.757052, 0.824579, 0.789374, 1009],
] as const;
const macro = { precision: 0.835027, recall: 0.833607, f1: 0.833937 };
const weighted = { precision: 0.836928, recall: 0.8357, f1: 0.835939 };

/** Predictions with these precisions and recalls: who is mistaken for whom does not matter to them. */
function predictions(): { predicted: Tensor; targets: Tensor } {
  const rows: (readonly [predicted: number, target: number])[] = [];
  const missed: number[] = [];
  const claimed: number[] = [];
  digits.forEach(([precision, recall, , support], digit) => {
    const right = Math.round(recall * support);
    for (let i = 0; i < right; i++) rows.push([digit, digit]);
    for (let i = right; i < support; i++) missed.push(digit);
    for (let i = right; i < Math.round(right / precision); i++) claimed.push(digit);
  });
  expect(claimed.length).toBe(missed.length);
  // Turned until nobody is mistaken for what it is.
  const turned = (by: number) => missed.map((target, i) => [claimed[(i + by) % claimed.length]!, target] as const);
  const mistakes = missed.map((_, by) => turned(by)).find((pairs) => pairs.every(([predicted, target]) => predicted !== target))!;
  rows.push(...mistakes);
  return {
    predicted: Tensor.of(
      rows.map(([p]) => p),
      'int32',
    ),
    targets: Tensor.of(
      rows.map(([, t]) => t),
      'int32',
    ),
  };
}

test('has the figures that scikit-learn found, to the digits that it printed', () => {
  const { predicted, targets } = predictions();
  const report = classificationReport(predicted, targets);
  report.classes.forEach(({ precision, recall, f1, support }, digit) => {
    const found = [precision, recall, f1].map((x) => x.toFixed(6));
    expect([...found, support]).toEqual([...digits[digit]!.slice(0, 3).map((x) => x.toFixed(6)), digits[digit]![3]]);
  });
  for (const part of ['precision', 'recall', 'f1'] as const) {
    expect(report.macro[part].toFixed(6)).toBe(macro[part].toFixed(6));
    expect(report.weighted[part].toFixed(6)).toBe(weighted[part].toFixed(6));
  }
  expect([report.accuracy.toFixed(4), report.macro.support, report.weighted.support]).toEqual(['0.8357', 10_000, 10_000]);
});

test('prints them in columns', () => {
  const { predicted, targets } = predictions();
  const lines = String(classificationReport(predicted, targets)).split('\n');
  expect(lines.find((line) => line.trim().startsWith('6'))).toBe('           6     0.8843     0.8935     0.8889        958');
  expect(lines.at(-1)).toBe('weighted avg     0.8369     0.8357     0.8359      10000');
  expect(new Set(lines.filter((line) => line !== '').map(({ length }) => length)).size).toBe(1);
});

test('a class that nobody predicted, one that never occurs, and one that does neither', () => {
  const report = (zeroDivision?: number) =>
    classificationReport(Tensor.of([0, 0, 2], 'int32'), Tensor.of([0, 1, 0], 'int32'), {
      labels: ['a', 'unseen', 'unasked', 'neither'],
      ...(zeroDivision === undefined ? {} : { zeroDivision }),
    });
  const scores = (zeroDivision?: number) =>
    report(zeroDivision).classes.map(({ label, precision, recall, f1, support }) => [label, precision, recall, f1, support]);
  expect(scores()).toEqual([
    ['a', 0.5, 0.5, 0.5, 2],
    ['unseen', 0, 0, 0, 1],
    ['unasked', 0, 0, 0, 0],
    ['neither', 0, 0, 0, 0],
  ]);
  expect(scores(1)).toEqual([
    ['a', 0.5, 0.5, 0.5, 2],
    ['unseen', 1, 0, 0, 1],
    ['unasked', 0, 1, 0, 0],
    ['neither', 1, 1, 1, 0],
  ]);
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
