import { ShapeError } from '../base/errors.ts';
import { optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { countsByClass, mean, quotientOfNothing, sum, weightedMean } from './class-counts.ts';
import { countPairs, judge } from './confusion-matrix.ts';

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
  /** The classes that occur, as targets or predictions, or those of the option `labels`. */
  readonly classes: readonly (Scores & { readonly label: string })[];
  /** The part of all rows that was predicted right. */
  readonly accuracy: number;
  /** Of all of these classes together: where they are all that occur, precision and recall are the accuracy. */
  readonly micro: Scores;
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
  /**
   * What all classes are called, each of which is in the report then; or the numbers of the classes that are, in the order of the report. Default
   * the classes that occur, called by their numbers.
   */
  readonly labels?: readonly string[] | readonly number[] | undefined;
  /**
   * The precision of a class nobody predicted, the recall of one that never occurs, and the f1 of one that is both. Averages leave out what is
   * NaN. Default 0.
   */
  readonly zeroDivision?: number;
  /** How many decimals the table has. Default 4. */
  readonly digits?: number;
}

const labelList: Requirement = {
  words: 'a list of text, one for each class, or of different classes, whole numbers from 0',
  holds: (x) =>
    Array.isArray(x) &&
    x.length > 0 &&
    (x.every((label) => typeof label === 'string') ||
      (x.every((label) => Number.isInteger(label) && label >= 0) && new Set(x).size === x.length)),
};
const fewDigits: Requirement = {
  words: 'a whole number from 0 to 20',
  holds: (x) => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= 20,
};

/**
 * Precision, recall, f1 and support of each class, accuracy, and the averages, as scikit-learn 1.9 defines and prints them. A row with a NaN
 * among its scores is wrong, and taken for no class.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param options `labels`, default the classes that occur; `zeroDivision`, default 0; `digits`, default 4
 * @throws ShapeError, DtypeError, ValueError as `confusionMatrix` does; ValueError for options that are not known
 * @example classificationReport(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32')).classes[0]?.recall // => 0.5
 */
export function classificationReport(predicted: Tensor, targets: Tensor, options?: ReportOptions): ClassificationReport {
  const name = 'classificationReport';
  const { labels, zeroDivision, digits } = readOptions<ReportOptions>(name, options, {
    labels: withoutDefault(labelList),
    zeroDivision: optional(quotientOfNothing, 0),
    digits: optional(fewDigits, 4),
  });
  const judged = judge(name, predicted, targets);
  const names = typeof labels?.[0] === 'string' ? labels : undefined;
  if (names && predicted.rank === 2 && predicted.shape[1] !== names.length)
    throw new ShapeError(`${name}: expected a label for each of ${predicted.shape[1]} classes, got ${names.length}`);
  const confusion = countPairs(name, judged, targets, names?.length);
  const { occurring, supports, claims, hits } = countsByClass(judged, targets);
  const chosen = names ? [...names.keys()] : ((labels as readonly number[] | undefined) ?? occurring);
  const quotient = (a: number, b: number) => (b === 0 ? zeroDivision : a / b);
  const scores = (right: number, claimed: number, support: number): Scores => ({
    precision: quotient(right, claimed),
    recall: quotient(right, support),
    f1: quotient(2 * right, support + claimed),
    support,
  });
  const numbers = (of: ReadonlyMap<number, number>) => chosen.map((label) => of.get(label) ?? 0);
  const [right, claimed, support] = [numbers(hits), numbers(claims), numbers(supports)];
  const classes = chosen.map((label, i) => ({
    label: String(names?.[i] ?? label),
    ...scores(right[i]!, claimed[i]!, support[i]!),
  }));
  const all = sum(support);
  const average = (of: (values: readonly number[]) => number): Scores => {
    const part = (key: 'precision' | 'recall' | 'f1') => of(classes.map((each) => each[key]));
    return { precision: part('precision'), recall: part('recall'), f1: part('f1'), support: all };
  };
  const report = {
    classes,
    accuracy: sum([...hits.values()]) / targets.size,
    micro: scores(sum(right), sum(claimed), all),
    macro: average(mean),
    weighted: average((values) => weightedMean(values, support)),
    confusion,
  };
  const complete = occurring.every((label) => chosen.includes(label));
  // Not enumerable, so that the report is plain data for JSON and for tests.
  return Object.defineProperty(report, 'toString', { value: () => print(report, complete, digits) });
}

/** A number with a fixed number of decimals, as Python writes it: of two that are equally near, the even one. */
function decimals(x: number, digits: number): string {
  if (Number.isNaN(x)) return 'nan';
  // More digits than a number near a tie can have: they end in a 5 and zeros for a tie alone.
  const exact = x.toFixed(digits + 40);
  const down = exact.slice(0, -40).replace(/\.$/, '');
  const isTie = /^50*$/.test(exact.slice(-40));
  return isTie && Number(down.at(-1)) % 2 === 0 ? down : x.toFixed(digits);
}

function print({ classes, accuracy, micro, macro, weighted }: ClassificationReport, complete: boolean, digits: number): string {
  // Characters are counted as code points, as Python counts them.
  const width = Math.max(12, digits, ...classes.map(({ label }) => [...label].length));
  const cells = (label: string, texts: readonly string[]) =>
    `${' '.repeat(width - [...label].length)}${label} ${texts.map((text) => ` ${text.padStart(9)}`).join('')}\n`;
  // Where no row at all is right, scikit-learn counts in floats.
  const rows = (support: number) => (accuracy === 0 ? `${support}.0` : String(support));
  const line = (label: string, { precision, recall, f1, support }: Scores) =>
    cells(label, [...[precision, recall, f1].map((x) => decimals(x, digits)), rows(support)]);
  return [
    `${cells('', ['precision', 'recall', 'f1-score', 'support'])}\n`,
    ...classes.map((scores) => line(scores.label, scores)),
    '\n',
    complete ? cells('accuracy', ['', '', decimals(accuracy, digits), rows(micro.support)]) : line('micro avg', micro),
    line('macro avg', macro),
    line('weighted avg', weighted),
  ].join('');
}
