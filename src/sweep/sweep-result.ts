/** What a sweep found: a row for each trial, with mean and standard deviation over its seeds and folds, and which is best. */

import type { Job, Outcome, TrialError } from './trial.ts';

/** Whether small numbers are good, or large ones. */
export type Direction = 'minimize' | 'maximize';

/** A job and what became of it. */
export type JobResult<C = any> = Job<C> & Outcome;

/** A trial and what became of it, over all seeds and folds. */
export interface TrialResult<C = any> {
  readonly trial: number;
  readonly configuration: C;
  /** In which rung it was run last, from 0. */
  readonly rung: number;
  /** For how many epochs in all, where the search says it. */
  readonly epochs?: number;
  /** The mean of the objective; NaN where a job failed. What is not finite never wins. */
  readonly value: number;
  /** The mean of each number, over the jobs that gave numbers. */
  readonly mean: Readonly<Record<string, number>>;
  /** The standard deviation of each number, `√(Σ (x − mean)² / (n − 1))`; NaN of a single one. */
  readonly deviation: Readonly<Record<string, number>>;
  /** Its jobs, in the order of seeds and folds. */
  readonly jobs: readonly JobResult<C>[];
  /** The errors of those that failed. */
  readonly errors: readonly TrialError[];
}

/** The result of a trial whose jobs have all come to an end. */
export function trialResultOf<C>(jobs: readonly JobResult<C>[], rung: number, objective: string): TrialResult<C> {
  const { trial, configuration, epochs } = jobs[0]!;
  const given = jobs.flatMap(({ values }) => (values ? [values] : []));
  const errors = jobs.flatMap(({ error }) => error ?? []);
  const names = [...new Set(given.flatMap((values) => Object.keys(values)))];
  const each = (f: (numbers: readonly number[]) => number) =>
    Object.fromEntries(names.map((name) => [name, f(given.map((values) => values[name] ?? Number.NaN))]));
  const mean = each(meanOf);
  return {
    trial,
    configuration,
    rung,
    ...(epochs !== undefined && { epochs }),
    value: errors.length > 0 ? Number.NaN : mean[objective]!,
    mean,
    deviation: each(deviationOf),
    jobs,
    errors,
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);
const meanOf = (numbers: readonly number[]): number => sumOf(numbers) / numbers.length;

function deviationOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(sumOf(numbers.map((x) => (x - mean) * (x - mean))) / (numbers.length - 1));
}

/** Whether a trial can win. */
export const competes = ({ value }: TrialResult): boolean => Number.isFinite(value);

/** The better trial first: what competes, what was run for more epochs, the better value, the smaller number. */
export function compareTrials(direction: Direction): (a: TrialResult, b: TrialResult) => number {
  const sign = direction === 'minimize' ? 1 : -1;
  return (a, b) =>
    Number(competes(b)) - Number(competes(a)) ||
    (b.epochs ?? 0) - (a.epochs ?? 0) ||
    (competes(a) ? sign * (a.value - b.value) : 0) ||
    a.trial - b.trial;
}

/** What a sweep found. As text it is a table, the best trial first. */
export class SweepResult<C = any> {
  /** A row for each trial, by its number. With halving it has the numbers of the last rung that the trial came to. */
  readonly trials: readonly TrialResult<C>[];
  /** The name of the number that decides. */
  readonly objective: string;
  readonly direction: Direction;

  constructor(trials: readonly TrialResult<C>[], objective: string, direction: Direction) {
    [this.trials, this.objective, this.direction] = [trials, objective, direction];
  }

  /** The same rows, the best first: those that were run for the most epochs, by their value, and of equal ones the trial with the smaller number. */
  get ranking(): readonly TrialResult<C>[] {
    return this.trials.toSorted(compareTrials(this.direction));
  }

  /** The best trial; none where no value is finite. */
  get best(): TrialResult<C> | undefined {
    const [first] = this.ranking;
    return first && competes(first) ? first : undefined;
  }

  /** A table, the best trial first: its configuration, `mean ± deviation` of each number, and how many of its jobs failed. */
  toString(): string {
    const rows = this.ranking;
    const columns = [
      column('trial', rows, ({ trial }) => String(trial)),
      ...namesIn(rows.map(({ configuration }) => configuration as object)).map((name) =>
        column(name, rows, ({ configuration }) => written((configuration as Record<string, unknown>)[name])),
      ),
      column('epochs', rows, ({ epochs }) => String(epochs ?? '')),
      ...namesIn(rows.map(({ mean }) => mean)).map((name) =>
        column(name, rows, ({ mean, deviation }) => (name in mean ? withDeviation(mean[name]!, deviation[name]!) : '')),
      ),
      column('failed', rows, ({ errors, jobs }) => (errors.length > 0 ? `${errors.length} of ${jobs.length}` : '')),
    ].filter(([, ...cells]) => cells.length === 0 || cells.some((cell) => cell !== ''));
    const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
    const line = (i: number) =>
      columns
        .map((cells, j) => cells[i]!.padEnd(widths[j]!))
        .join('  ')
        .trimEnd();
    return ['', ...rows].map((_, i) => line(i)).join('\n');
  }
}

const namesIn = (records: readonly object[]): string[] => [...new Set(records.flatMap((record) => Object.keys(record)))];

const column = (title: string, rows: readonly TrialResult[], cellOf: (row: TrialResult) => string): string[] => [
  title,
  ...rows.map(cellOf),
];

const withDeviation = (mean: number, deviation: number): string =>
  Number.isNaN(deviation) ? written(mean) : `${written(mean)} ± ${written(deviation, 2)}`;

/** A value in as many digits as one looks at. */
const written = (x: unknown, digits = 4): string =>
  typeof x === 'number' ? String(Number(x.toPrecision(digits))) : x === undefined ? '' : String(x);
