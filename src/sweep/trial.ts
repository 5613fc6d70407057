/** One trial: what it is handed, what it gives back, and how it is run. */

import { DataError, ValueError } from '../base/errors.ts';
import { anyNumber, check, isPlainObject, quote, wholeNumberFrom } from '../base/options.ts';

/** One run of a trial, from one seed: plain data, which can be sent anywhere. */
export interface Job<C = any> {
  /** A name that no other job of the sweep has, such as `trial-0007-seed-1`, with `-fold-2` and `-epochs-9` where there are folds and epochs. */
  readonly id: string;
  /** The number of the trial, from 0. */
  readonly trial: number;
  /** What is tried. */
  readonly configuration: C;
  readonly seed: number;
  /** Which fold is held out, from 0; only where the sweep has folds. */
  readonly fold?: number;
  /** How many folds there are; only where the sweep has any. */
  readonly folds?: number;
  /** For how many epochs to train in all, those of earlier rungs included; only where the search says it. */
  readonly epochs?: number;
}

/** What a trial is handed besides its configuration. */
export interface TrialContext extends Omit<Job, 'configuration'> {
  /** Where checkpoints of this trial with this seed and fold belong: a folder that is there. The same when it is run again, or for more epochs. */
  readonly folder?: string;
  /** Tells a value on the way, such as the loss on validation data after an epoch. */
  readonly report: (step: number, value: number) => void;
  /** Is aborted when the sweep is. For `train`. */
  readonly signal: AbortSignal;
}

/**
 * A trial: what its module exports by `export default`. It should depend on nothing but the configuration, the seed, the fold and the epochs.
 *
 * Its value is the number that is minimized or maximized, or several by name.
 */
export type TrialFunction<C = any> = (
  configuration: C,
  context: TrialContext,
) => number | Readonly<Record<string, number>> | Promise<number | Readonly<Record<string, number>>>;

/** What went wrong in a trial, as plain data. */
export interface TrialError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** What became of a job: its numbers by name, NaN and infinities among them, or its error. A single number is called `value`. */
export type Outcome =
  | { readonly values: Readonly<Record<string, number>>; readonly error?: never }
  | { readonly error: TrialError; readonly values?: never };

/** The outcome of what a trial gave back. */
export function outcomeOf(returned: unknown): Outcome {
  if (typeof returned === 'number') return { values: { value: returned } };
  const isRecord = isPlainObject(returned) && Object.keys(returned).length > 0;
  if (isRecord && Object.values(returned).every((value) => typeof value === 'number'))
    return { values: { ...returned } as Record<string, number> };
  return failure(strange(quote(returned)));
}

/** The error of a trial that gives something else. */
export const strange = (words: string): ValueError =>
  new ValueError(
    `expected the trial to give a number, or numbers by name, got ${words}${words.startsWith('a tensor') ? '; give its number, x.item()' : ''}`,
  );

/** The outcome of a trial that threw. */
export function failure(thrown: unknown): Outcome {
  if (!(thrown instanceof Error)) return { error: { name: 'Error', message: quote(thrown) } };
  const { name, message, stack } = thrown;
  return { error: stack === undefined ? { name, message } : { name, message, stack } };
}

/** How numbers that JSON does not have are written. */
const NO_JSON: Readonly<Record<string, number | undefined>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

/**
 * An outcome as JSON, in which NaN and infinities are texts: what queues and files keep.
 *
 * @throws ValueError for what is no outcome.
 * @example writeOutcome({ values: { loss: NaN, accuracy: 0.5 } }) // => '{"values":{"loss":"NaN","accuracy":0.5}}'
 */
export function writeOutcome(outcome: Outcome): string {
  checkOutcome('writeOutcome', outcome);
  if (outcome.error) return JSON.stringify(outcome);
  return JSON.stringify({
    values: mapped(outcome.values, (x) => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? '-0' : String(x))),
  });
}

const mapped = (record: object, f: (x: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [name, f(x)]));

/**
 * Reads what `writeOutcome` wrote.
 *
 * @param where where it stood, for errors
 * @throws DataError for anything else.
 * @example readOutcome('{"values":{"loss":"NaN"}}') // => { values: { loss: NaN } }
 */
export function readOutcome(text: string, where: string = 'readOutcome'): Outcome {
  if (typeof where !== 'string') throw new DataError(`readOutcome: expected where it stood, for errors, got ${quote(where)}`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new DataError(`${where}: expected an outcome as JSON, got ${quote(text)}`);
  }
  const { values } = isPlainObject(read) ? read : {};
  const outcome = isPlainObject(values)
    ? { ...(read as object), values: mapped(values, (x) => (typeof x === 'string' ? NO_JSON[x] : x)) }
    : read;
  if (!isOutcome(outcome)) throw new DataError(`${where}: expected an outcome, numbers by name or an error, got ${quote(text)}`);
  return outcome;
}

/** Refuses what is no outcome. */
export function checkOutcome(where: string, outcome: unknown): asserts outcome is Outcome {
  if (!isOutcome(outcome)) throw new ValueError(`${where}: expected an outcome, { values } or { error }, got ${quote(outcome)}`);
}

function isOutcome(x: unknown): x is Outcome {
  if (!isPlainObject(x) || Object.keys(x).length !== 1) return false;
  const { values, error } = x;
  if (values !== undefined) return isPlainObject(values) && Object.values(values).every((value) => typeof value === 'number');
  return isPlainObject(error) && typeof error['name'] === 'string' && typeof error['message'] === 'string';
}

/** Refuses what is no job. */
export function checkJob(where: string, job: unknown): void {
  const { id, trial, seed } = (isPlainObject(job) ? job : {}) as Partial<Job>;
  if (typeof id !== 'string' || !Number.isInteger(trial) || !Number.isInteger(seed) || !isPlainObject((job as Job).configuration))
    throw new ValueError(`${where}: expected a job that a list of trials gave, got ${quote(job)}`);
}

/** Refuses what cannot be told on the way. */
export function checkReport(step: unknown, value: unknown): void {
  check('report', { step }, wholeNumberFrom(0));
  check('report', { value }, anyNumber);
}

/** The name of the folder that jobs of one trial share: those with the same seed and fold. */
export const folderNameOf = ({ trial, seed, fold }: Omit<Job, 'id' | 'configuration'>): string =>
  `trial-${String(trial).padStart(4, '0')}-seed-${seed}${fold === undefined ? '' : `-fold-${fold}`}`;

/** The name of a job, which no other job of a sweep has. */
export const idOf = (job: Omit<Job, 'id' | 'configuration'>): string =>
  `${folderNameOf(job)}${job.epochs === undefined ? '' : `-epochs-${job.epochs}`}`;
