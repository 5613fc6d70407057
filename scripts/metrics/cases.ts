/** Predictions and targets, at random and degenerate, and how a report of them is held against that of scikit-learn. */

import { classificationReport, confusionMatrix, type Random, type ReportOptions, Tensor } from 'tapegrad';

/** What is reported, as both sides are told it. */
export interface Case {
  readonly targets: readonly number[];
  readonly predicted: readonly number[];
  /** The classes in the report, or `null` for those that occur. */
  readonly labels: readonly number[] | null;
  /** What these are called, or `null` for their numbers. Only where all classes are in the report. */
  readonly names: readonly string[] | null;
  readonly zeroDivision: number | 'nan';
  readonly digits: number;
  /** How many classes the confusion matrix has. */
  readonly count: number;
}

/** What scikit-learn says of a case: its table, and its numbers, in which NaN is text. */
export interface Answer {
  readonly text: string;
  readonly classes: readonly (readonly (number | 'nan')[])[];
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
  readonly micro: readonly (number | 'nan')[];
  readonly macro: readonly (number | 'nan')[];
  readonly weighted: readonly (number | 'nan')[];
}

const WORDS = ['cat', 'dog', 'a label that is long', 'Straße', '', '数字', 'owl', 'x'];

/** A case at random: often of few rows and classes, of classes that nobody predicts or that never occur, and of sums that end in a 5. */
export function drawCase(random: Random): Case {
  const below = (n: number) => Math.floor(random.float() * n);
  const one = <T>(...values: readonly T[]): T => values[below(values.length)]!;
  const rows = one<number>(1, 2, 3, 8, 16, 32, 1 + below(60), 1 + below(400));
  const most = one<number>(1, 2, 2, 3, 5, 10, 1 + below(40), 150);
  const some = Array.from({ length: 1 + below(most) }, () => below(most));
  const draw = one<() => number>(
    () => below(most),
    () => some[below(some.length)]!,
  );
  const targets = Array.from({ length: rows }, draw);
  const skill = one<number>(0, 0.3, 0.5, 0.9, 1);
  const predicted = targets.map((target) => (random.float() < skill ? target : below(most)));
  const count = 1 + Math.max(...targets, ...predicted);
  const kind = one<string>('occurring', 'names', 'subset');
  const total = count + below(3);
  const subset = [...Tensor.permutation(total, { random }).data].slice(0, 1 + below(total));
  const names = Array.from({ length: total }, (_, i) => `${WORDS[i % WORDS.length]}${i < WORDS.length ? '' : i}`);
  return {
    targets,
    predicted,
    labels: kind === 'subset' && subset.some((label) => targets.includes(label)) ? subset : kind === 'names' ? [...names.keys()] : null,
    names: kind === 'names' ? names : null,
    zeroDivision: one<number | 'nan'>(0, 0, 1, 'nan'),
    digits: one<number>(4, 4, 2, 0, 3, 7, 15),
    count,
  };
}

/** Where a report differs from what scikit-learn says; nothing where it does not. */
export function differences(given: Case, wanted: Answer): string[] {
  const [predicted, targets] = [Tensor.of([...given.predicted], 'int32'), Tensor.of([...given.targets], 'int32')];
  const labels = given.names ?? given.labels;
  const report = classificationReport(predicted, targets, {
    ...(labels && { labels }),
    zeroDivision: Number(given.zeroDivision),
    digits: given.digits,
  } as ReportOptions);
  const found: string[] = [];
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) found.push(`${what}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`);
  };
  const written = (x: number) => (Number.isNaN(x) ? 'nan' : x);
  const scores = ({ precision, recall, f1 }: { precision: number; recall: number; f1: number }) => [precision, recall, f1].map(written);
  compare('text', String(report), wanted.text);
  compare(
    'classes',
    report.classes.map((each) => [...scores(each), each.support]),
    wanted.classes,
  );
  compare('accuracy', report.accuracy, wanted.accuracy);
  compare('confusion', confusionMatrix(predicted, targets, given.count).toArray(), wanted.confusion);
  for (const average of ['micro', 'macro', 'weighted'] as const) compare(average, scores(report[average]), wanted[average]);
  return found;
}
