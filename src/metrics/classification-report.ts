import { ShapeError } from '../base/errors.ts';
import { optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { confusionMatrix } from './confusion-matrix.ts';

/** How well one class, or the average of several, was recognised. */
export interface Scores {
  /** Of those taken for the class, the part that was right: `tp / (tp + fp)`. */
  readonly precision: number;
  /** Of those of the class, the part that was found: `tp / (tp + fn)`. */
  readonly recall: number;
  /** The harmonic mean of both: `2 tp / (2 tp + fp + fn)`. */
  readonly f1: number;
  /** How many rows there are of the class. */
  readonly support: number;
}

/** How well a classifier did, for each class and on the whole. */
export interface ClassificationReport {
  readonly classes: readonly (Scores & { readonly label: string })[];
  /** The part of all rows that was predicted right. */
  readonly accuracy: number;
  /** The plain average over the classes. */
  readonly macro: Scores;
  /** The average over the classes, each weighted by its support. */
  readonly weighted: Scores;
  /** How often each class (row) was taken for each (column). */
  readonly confusion: Tensor;
  /** The table that scikit-learn prints. */
  toString(): string;
}

/** Options of `classificationReport`. */
export interface ReportOptions {
  /** What the classes are called. Default their numbers. */
  readonly labels?: readonly string[] | undefined;
  /** The precision of a class nobody predicted, the recall of one that never occurs, and the f1 of one that is both. Default 0. */
  readonly zeroDivision?: number;
}

const texts: Requirement = {
  words: 'a list of text, one for each class',
  holds: (x) => Array.isArray(x) && x.every((label) => typeof label === 'string'),
};
/** NaN is allowed: it says that the quotient is undefined. */
const number: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' };

/**
 * Precision, recall, f1 and support of each class, accuracy, and the averages, as scikit-learn defines them.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @throws ShapeError, DtypeError, ValueError as `confusionMatrix` does; ValueError for options that are not known
 * @example classificationReport(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32')).classes[0]?.recall // => 0.5
 */
export function classificationReport(predicted: Tensor, targets: Tensor, options: ReportOptions = {}): ClassificationReport {
  const { labels, zeroDivision } = readOptions<ReportOptions>('classificationReport', options, {
    labels: withoutDefault(texts),
    zeroDivision: optional(number, 0),
  });
  const confusion = confusionMatrix(predicted, targets, labels?.length);
  const count = confusion.shape[0]!;
  if (labels && predicted.rank === 2 && predicted.shape[1] !== labels.length) {
    throw new ShapeError(`classificationReport: expected a label for each of ${predicted.shape[1]} classes, got ${labels.length}`);
  }
  const at = (right: number, taken: number) => confusion.data[right * count + taken]!;
  const every = Array.from({ length: count }, (_, i) => i);
  const total = (terms: readonly number[]) => terms.reduce((a, b) => a + b, 0);
  const quotient = (a: number, b: number) => (b === 0 ? zeroDivision : a / b);
  const classes = every.map((label) => {
    const support = total(every.map((taken) => at(label, taken)));
    const claimed = total(every.map((right) => at(right, label)));
    const right = at(label, label);
    return {
      label: labels?.[label] ?? String(label),
      precision: quotient(right, claimed),
      recall: quotient(right, support),
      f1: quotient(2 * right, support + claimed),
      support,
    };
  });
  const rows = targets.size;
  const average = (weight: (scores: Scores) => number): Scores => {
    const of = (part: 'precision' | 'recall' | 'f1') => total(classes.map((scores) => weight(scores) * scores[part]));
    return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support: rows };
  };
  const report = {
    classes,
    accuracy: total(every.map((label) => at(label, label))) / rows,
    macro: average(() => 1 / count),
    weighted: average(({ support }) => support / rows),
    confusion,
  };
  // Not enumerable, so that the report is plain data for JSON and for tests.
  return Object.defineProperty(report, 'toString', { value: () => print(report) });
}

function print({ classes, accuracy, macro, weighted }: Omit<ClassificationReport, 'toString'>): string {
  const width = Math.max(12, ...classes.map(({ label }) => label.length));
  const cells = (label: string, numbers: readonly string[]) => label.padStart(width) + numbers.map((text) => text.padStart(11)).join('');
  const line = (label: string, { precision, recall, f1, support }: Scores) =>
    cells(label, [...[precision, recall, f1].map((x) => x.toFixed(4)), String(support)]);
  return [
    cells('', ['precision', 'recall', 'f1-score', 'support']),
    '',
    ...classes.map((scores) => line(scores.label, scores)),
    '',
    cells('accuracy', ['', '', accuracy.toFixed(4), String(macro.support)]),
    line('macro avg', macro),
    line('weighted avg', weighted),
  ].join('\n');
}
