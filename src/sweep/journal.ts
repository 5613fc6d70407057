/**
 * The journal of a sweep: a line for whatever happens, in the form of Optuna's journal (`optuna/storages/journal/_storage.py`, 4.x and 5.0), so that its
 * dashboard shows it. A sweep that was ended anywhere goes on from it.
 *
 * To Optuna each trial with one seed and fold is a trial; the outcome of each of its jobs is an attribute of it, under the job's id.
 */

import { DataError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { JournalFile } from './journal-file.ts';
import { Range, type Space } from './space.ts';
import { folderNameOf, type Job, type Outcome, readOutcome, writeOutcome } from './trial.ts';
import type { Trials } from './trials.ts';

/** What a line says, by the numbers of Optuna. */
const OPERATION = { createStudy: 0, setStudyAttribute: 2, createTrial: 4, setState: 6, setIntermediateValue: 7, setAttribute: 8 };
/** The states of a trial of Optuna. */
const STATE = { running: 0, complete: 1, pruned: 2, fail: 3 };
const DIRECTION = { minimize: 1, maximize: 2 };

/** A trial of Optuna. */
interface Entry {
  /** Its number among all that were created. */
  readonly id: number;
  /** The id of the job whose outcome came last. */
  last?: string;
  reported?: boolean;
  finished?: boolean;
}

type Line = Readonly<Record<string, any>>;

/** The journal of some trials. */
export class Journal {
  /** What became of jobs, by their ids. */
  readonly outcomes = new Map<string, Outcome>();
  readonly #file: JournalFile;
  readonly #trials: Trials;
  readonly #writer: string;
  readonly #entries: Entry[] = [];
  /** The last entry of each folder. */
  readonly #entryOf = new Map<string, Entry>();

  /**
   * Begins a journal, or goes on with one.
   * @param study its name
   * @param writer tells apart who wrote
   * @throws DataError for a file that is no journal, or one of other trials.
   */
  constructor(path: string, trials: Trials, study: string, writer: string) {
    [this.#trials, this.#writer] = [trials, writer];
    this.#file = new JournalFile(path);
    const lines = this.#file.lines.map((text, i) => parsed(text, `${path}, line ${i + 1}`));
    const [first, second] = lines;
    if (!first) this.#write(OPERATION.createStudy, { study_name: study, directions: [DIRECTION[trials.direction]] });
    if (second) checkDescription(path, second, trials.description);
    else this.#write(OPERATION.setStudyAttribute, { study_id: 0, user_attr: { [DESCRIPTION]: trials.description } });
    lines.forEach((line, i) => this.#read(line, `${path}, line ${i + 1}`));
  }

  /** Forgets what failed, so that it is run again. */
  forgetFailures(): void {
    for (const [id, { error }] of this.outcomes) if (error) this.outcomes.delete(id);
  }

  /** A job is about to be run. */
  begin(job: Job): void {
    const name = folderNameOf(job);
    const known = this.#entryOf.get(name);
    if (known && !known.finished) return;
    const { distributions, params } = parametersOf(this.#trials.space, job.configuration);
    const attributes = { [NAME]: name, trial: job.trial, seed: job.seed, ...(job.fold !== undefined && { fold: job.fold }) };
    this.#write(OPERATION.createTrial, {
      study_id: 0,
      datetime_start: now(),
      state: STATE.running,
      value: null,
      values: null,
      distributions,
      params,
      user_attrs: attributes,
      system_attrs: {},
      intermediate_values: {},
    });
    this.#enter(name);
  }

  /** A value on the way. What is not finite is left out, since JSON has no word for it. */
  report(job: Job, step: number, value: number): void {
    const entry = this.#entryOf.get(folderNameOf(job))!;
    entry.reported = true;
    if (Number.isFinite(value))
      this.#file.append(this.#line(OPERATION.setIntermediateValue, { trial_id: entry.id, step, intermediate_value: value }));
  }

  /** What became of a job. */
  end(job: Job, outcome: Outcome): void {
    const entry = this.#entryOf.get(folderNameOf(job))!;
    const value = outcome.values?.[this.#trials.objective];
    if (job.epochs !== undefined && !entry.reported && Number.isFinite(value)) {
      this.report(job, job.epochs, value!);
      entry.reported = false;
    }
    this.#write(OPERATION.setAttribute, { trial_id: entry.id, user_attr: { [job.id]: JSON.parse(writeOutcome(outcome)) } });
    this.outcomes.set(job.id, outcome);
    entry.last = job.id;
  }

  /** Says the state of all trials of which it is known, or of that of one job. */
  settle(job?: Job): void {
    for (const entry of job ? [this.#entryOf.get(folderNameOf(job))!] : this.#entryOf.values()) {
      if (entry.last === undefined || entry.finished) continue;
      const state = this.#trials.stateOf(entry.last);
      if (state === 'open') continue;
      const value = this.#trials.outcome(entry.last)?.values?.[this.#trials.objective];
      const fields = { trial_id: entry.id, state: STATE[state], values: state === 'fail' ? null : [value], datetime_complete: now() };
      this.#write(OPERATION.setState, fields);
      entry.finished = true;
    }
  }

  close(): void {
    this.#file.close();
  }

  #enter(name: string): void {
    const entry = { id: this.#entries.length };
    this.#entries.push(entry);
    this.#entryOf.set(name, entry);
  }

  #read(line: Line, where: string): void {
    if (line['op_code'] === OPERATION.createTrial) this.#enter(String(line['user_attrs']?.[NAME]));
    const entry = this.#entries[line['trial_id']];
    if (!entry) return;
    if (line['op_code'] === OPERATION.setState) entry.finished = true;
    if (line['op_code'] === OPERATION.setIntermediateValue) entry.reported = true;
    if (line['op_code'] !== OPERATION.setAttribute) return;
    for (const [id, outcome] of Object.entries<unknown>(line['user_attr'] ?? {})) {
      this.outcomes.set(id, readOutcome(JSON.stringify(outcome), where));
      entry.last = id;
    }
  }

  #line(operation: number, fields: object): string {
    return JSON.stringify({ op_code: operation, worker_id: this.#writer, ...fields });
  }

  /** Writes what has to last. */
  #write(operation: number, fields: object): void {
    this.#file.append(this.#line(operation, fields));
    this.#file.sync();
  }
}

/** The attribute of a study that says what it consists of, and that of a trial that is the name of its folder. */
const DESCRIPTION = 'tapegrad';
const NAME = 'job';

function parsed(text: string, where: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    // What is no JSON is no line either.
  }
  if (!isPlainObject(line) || typeof line['op_code'] !== 'number')
    throw new DataError(`${where}: expected a line of a journal, got ${quote(text)}`);
  return line;
}

/** Refuses a journal of other trials. */
function checkDescription(path: string, second: Line, description: Readonly<Record<string, unknown>>): void {
  const begun = second['user_attr']?.[DESCRIPTION];
  if (!isPlainObject(begun)) throw new DataError(`${path}: expected a journal that sweep began, got one of another program`);
  const other = [...new Set([...Object.keys(begun), ...Object.keys(description)])].find(
    (name) => JSON.stringify(begun[name]) !== JSON.stringify(description[name]),
  );
  if (other === undefined) return;
  throw new DataError(
    `${path}: was begun with other trials: ${other} was ${quote(begun[other])} and is ${quote(description[other])}; give another folder, or the same trials`,
  );
}

/** The time, as Python writes it. */
const now = (): string => new Date().toISOString().replace('Z', '000+00:00');

/** The values of a configuration as Optuna keeps them: numbers as they are, choices by their places. */
function parametersOf(space: Space, configuration: object): { distributions: Record<string, string>; params: Record<string, number> } {
  const [distributions, params]: [Record<string, string>, Record<string, number>] = [{}, {}];
  for (const [name, value] of Object.entries<any>(configuration)) {
    const values = space[name];
    const internal = values instanceof Range ? value : (values?.indexOf(value) ?? -1);
    if (!values || typeof internal !== 'number' || (internal < 0 && !(values instanceof Range))) continue;
    distributions[name] = JSON.stringify(distributionOf(values));
    params[name] = internal;
  }
  return { distributions, params };
}

function distributionOf(values: Space[string]): object {
  if (!(values instanceof Range)) return { name: 'CategoricalDistribution', attributes: { choices: values } };
  const { low, high, log, step } = values;
  if (values.integer) return { name: 'IntDistribution', attributes: { log, step: step ?? 1, low, high } };
  return { name: 'FloatDistribution', attributes: { step: step ?? null, low, high, log } };
}
