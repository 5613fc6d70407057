/**
 * The table of a real run: the student's report on the assignment prints precision, recall, f1 and support of each digit, and their
 * averages, as scikit-learn found them on the 10,000 images (its Figure 8). From them the right and the wrong predictions of each class can
 * be counted, and from any predictions with these counts our report must find the same figures.
 */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, type Case, differences } from '../../scripts/metrics/cases.ts';
import type * as tapegrad from '../../src/index.ts';
import { accuracy, classificationReport, confusionMatrix, DtypeError, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { CLASSES, judged, labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

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
  expect(lines.find((line) => line.trim().startsWith('6'))).toBe('           6     0.8843    0.8935    0.8889       958');
  expect(lines.slice(-2)).toEqual(['weighted avg     0.8369    0.8357    0.8359     10000', '']);
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
                  precision    recall  f1-score   support

             cat     1.0000    0.5000    0.6667         2
             dog     0.5000    1.0000    0.6667         1
             owl     1.0000    1.0000    1.0000         1

        accuracy                         0.7500         4
       macro avg     0.8333    0.8333    0.7778         4
    weighted avg     0.8750    0.7500    0.7500         4
    "
  `);
  expect(Object.keys(report)).toEqual(['classes', 'accuracy', 'micro', 'macro', 'weighted', 'confusion']);
});

const golden: { version: string; cases: (Case & { answer: Answer })[] } = JSON.parse(readFileSync('test/golden/metrics.json', 'utf8'));

describe(`reports are those of scikit-learn ${golden.version}, in numbers and to the last character`, () => {
  test.each(golden.cases.map((each, i) => [i, each] as const))('in golden case %d', (_, each) => {
    expect(differences(each, each.answer)).toEqual([]);
  });

  test('the comparison notices another digit, another space and another average', () => {
    const [{ answer, ...given }] = golden.cases as [Case & { answer: Answer }];
    const seen = (change: object) => differences(given, { ...answer, ...change }).map((found) => found.split(':')[0]);
    expect(seen({ text: `${answer.text} ` })).toEqual(['text']);
    expect(seen({ accuracy: answer.accuracy + 1e-15 })).toEqual(['accuracy']);
    expect(seen({ macro: [0.1, 0.2, 0.3] })).toEqual(['macro']);
  });

  test('numbers half way between two decimals become the even one', () => {
    const printed = (right: number, rows: number, digits: number) => {
      const targets = labels(Array.from({ length: rows }, () => 0));
      const predicted = labels(Array.from({ length: rows }, (_, i) => (i < right ? 0 : 1)));
      return String(classificationReport(predicted, targets, { digits })).match(/0 +\S+ +(\S+)/)![1];
    };
    expect([printed(1, 32, 4), printed(9, 32, 4), printed(3, 32, 4), printed(11, 32, 4)]).toEqual(['0.0312', '0.2812', '0.0938', '0.3438']);
    expect([printed(1, 2, 0), printed(1, 8, 2), printed(3, 8, 2)]).toEqual(['0', '0.12', '0.38']);
    // Nearly half way: the number that is meant is not a double.
    expect([printed(1, 3, 20), printed(1, 200, 2)]).toEqual(['0.33333333333333331483', '0.01']);
  });
});

describe('the classes of a report', () => {
  const names = (report: tapegrad.ClassificationReport) => report.classes.map(({ label }) => label);

  test('are those that occur on either side, unless all are named or some are chosen', () => {
    const [predicted, targets] = [labels([0, 7, 2, 2]), labels([0, 2, 2, 5])];
    const report = classificationReport(predicted, targets);
    expect(names(report)).toEqual(['0', '2', '5', '7']);
    expect(report.macro.precision).toBe((1 + 0.5) / 4);
    expect(classificationReport(labels([0, 2]), labels([0, 2])).macro.f1).toBe(1);
    expect(names(classificationReport(predicted, targets, { labels: [2, 0, 9] }))).toEqual(['2', '0', '9']);
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    expect(names(classificationReport(predicted, targets, { labels: all }))).toEqual(all);
    const scores = predicted.oneHot(9, 'float32');
    expect(names(classificationReport(scores, targets))).toEqual(['0', '2', '5', '7']);
    expect(classificationReport(scores, targets).confusion.shape).toEqual([9, 9]);
  });

  test('if they are not all that occur, are averaged in the place of the accuracy', () => {
    const [predicted, targets] = [labels([0, 1, 1, 1]), labels([0, 1, 0, 2])];
    const some = classificationReport(predicted, targets, { labels: [1, 2] });
    expect(String(some).split('\n').at(-4)).toBe('   micro avg     0.3333    0.5000    0.4000         2');
    expect(some.accuracy).toBe(0.5);
    expect(some.micro).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5, support: 2 });
    expect(String(classificationReport(predicted, targets, { labels: [2, 1, 0] }))).toContain('accuracy');
    expect(String(classificationReport(predicted, targets, { labels: [2, 1, 0] }))).not.toContain('micro');
  });

  test('of long names make the table wider, counted in characters', () => {
    const table = String(classificationReport(labels([0]), labels([0]), { labels: ['thirteen long'] }));
    expect(table.split('\n')[2]).toBe('thirteen long     1.0000    1.0000    1.0000         1');
    const emoji = String(classificationReport(labels([0]), labels([0]), { labels: ['😀'] }));
    expect(emoji.split('\n')[2]).toBe(`${' '.repeat(11)}😀     1.0000    1.0000    1.0000         1`);
  });
});

describe('rows that are not numbers', () => {
  const broken = Tensor.of([[NaN, NaN], [1, 0], [0, NaN], [0, 1]]); // biome-ignore format: a matrix
  const targets = labels([0, 0, 1, 1]);

  test('are wrong answers, wherever the NaN is, and are taken for no class', () => {
    expect(accuracy(broken, targets)).toBe(0.5);
    expect(accuracy(Tensor.full([4, 3], NaN), labels([0, 0, 0, 1]))).toBe(0);
    expect(confusionMatrix(broken, targets).toArray()).toEqual([[1, 0], [0, 1]]); // biome-ignore format: a matrix
    const report = classificationReport(broken, targets);
    expect(report.accuracy).toBe(0.5);
    expect(report.classes.map(({ precision, recall, support }) => [precision, recall, support])).toEqual([[1, 0.5, 2], [1, 0.5, 2]]); // biome-ignore format: rows
    expect(String(report)).toContain('accuracy                         0.5000         4');
  });

  test('leave infinities alone, of which the first that is largest counts', () => {
    expect(accuracy(Tensor.of([[-Infinity, -Infinity], [1, Infinity]]), labels([0, 1]))).toBe(1); // biome-ignore format: a matrix
  });
});

describe('bad input is refused, by name', () => {
  const one = labels([0]);
  const report = (options: object) => () => classificationReport(one, one, options as never);
  refuses('%s', [
    ...[['cat', 1], [], [-1], [0.5], [1, 1], [[0]], 'cat', { 0: 'cat' }].map(
      (given): [string, () => unknown, typeof ValueError, RegExp] => [
        `labels of ${JSON.stringify(given)}`,
        report({ labels: given }),
        ValueError,
        /^classificationReport: expected labels to be a list of text, one for each class, or of different classes, whole numbers from 0, got/,
      ],
    ),
    ['labels that are no options', report(['cat']), ValueError, /^classificationReport: expected options/],
    ['another option', report({ target_names: ['cat'] }), ValueError, /^classificationReport: there is no option target_names/],
    ['a quotient above 1', report({ zeroDivision: 2 }), ValueError, /^classificationReport: expected zeroDivision to be a number from 0 to 1, or NaN, got 2/],
    ['a quotient below 0', report({ zeroDivision: -1 }), ValueError, /zeroDivision/],
    ...[-1, 21, 0.5, '4'].map((digits): [string, () => unknown, typeof ValueError, RegExp] => [`${digits} digits`, report({ digits }), ValueError, /^classificationReport: expected digits to be a whole number from 0 to 20, got/]),
    ['too many classes', () => classificationReport(labels([20000]), one), ValueError, /^classificationReport: expected up to 10,000 classes, got 20001/],
    ['what is no tensor', () => classificationReport([0] as never, one), DtypeError, /^classificationReport: expected a tensor for predicted, got an array/],
    ['a class that has no name', () => classificationReport(labels([1]), one, { labels: ['cat'] }), ValueError, /^classificationReport: class 1 of row 0 is none of the 1, 0 to 0/],
    ['fewer names than scores', () => classificationReport(Tensor.zeros([1, 3]), one, { labels: ['a', 'b'] }), ShapeError, /^classificationReport: expected a label for each of 3 classes, got 2/],
  ]); // biome-ignore format: one line a case

  test('as many digits and as few as there may be', () => {
    expect(String(classificationReport(one, one, { digits: 20 }))).toContain('1.00000000000000000000');
    expect(String(classificationReport(one, one, { digits: 0 }))).toContain('         1         1\n');
  });
});
