/** The list of what a sweep runs: asked what to run next, told what became of it. */

import { ValueError } from '../base/errors.ts';
import {
  check,
  insteadOf,
  isPlainObject,
  type OptionTable,
  oneOf,
  optional,
  quote,
  type Requirement,
  readOptions,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { seedOption } from '../base/random.ts';
import { checkSpace, plainSpace, type Space } from './space.ts';
import { type Direction, SweepResult, type TrialResult, trialResultOf } from './sweep-result.ts';
import { checkOutcome, failure, idOf, type Job, type Outcome } from './trial.ts';

/** How trials are repeated and compared. */
export interface TrialsOptions {
  /** Each trial is run once from each of these seeds. Default [0]. */
  readonly seeds?: readonly number[];
  /** Each trial is run once for each fold, from each seed: a trial is handed the number of the fold that is held out. Default none. */
  readonly folds?: number | undefined;
  /** Which number decides, of a trial that gives several by name. Default 'value', the name of a single number. */
  readonly objective?: string;
  /** Whether it should be small or large. Default 'minimize'. */
  readonly direction?: Direction;
}

/** What a search wants to have run. */
export interface Proposal<C = any> {
  /** The number of the trial: a new one, from 0 on, or that of an earlier trial that is to be run for more epochs. */
  readonly trial: number;
  readonly configuration: C;
  /** For how many epochs in all. Default whatever the trial does. */
  readonly epochs?: number | undefined;
}

/**
 * A way to search: what to try next, given all that was tried. It may depend on nothing else: then a sweep finds the same with any number of workers, and
 * after any crash.
 */
export interface Search<C = any> {
  /** What configurations are made of. */
  readonly space: Space;
  /** All that the search depends on, as plain data. What was begun with another description is not gone on with. */
  readonly description: Readonly<Record<string, unknown>>;
  /** How many rungs there are at most. Default unknown. */
  readonly rungs?: number;
  /** The next rung, given the results of all rungs before, each in the order that it was asked in. None when all is done. */
  next(rungs: readonly (readonly TrialResult<C>[])[]): readonly Proposal<C>[];
}

const seedList: Requirement = {
  words: 'a list of different seeds, each a whole number from 0 to 2³² − 1',
  holds: (x) => Array.isArray(x) && x.length > 0 && new Set(x).size === x.length && x.every((seed) => seedOption.holds(seed)),
};
const text: Requirement = { words: 'a name', holds: (x) => typeof x === 'string' && x !== '' };

export const trialsOptions: OptionTable<TrialsOptions> = {
  seeds: /* @__PURE__ */ optional(seedList, [0]),
  folds: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ wholeNumberFrom(2)),
  objective: /* @__PURE__ */ optional(text, 'value'),
  direction: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('minimize', 'maximize'), 'minimize'),
};

/**
 * The trials of a search, each from every seed and for every fold: `ask` says which jobs may be run now, `tell` takes what became of them, in any order.
 * Which jobs come next depends on the rungs that are complete, and on nothing else.
 *
 * `gridSearch`, `randomSearch`, `quasiRandomSearch` and `successiveHalving` make one; of a search of your own `new Trials(search)` does.
 * @param options `seeds`, default [0]; `folds`, default none; `objective`, default 'value'; `direction`, default 'minimize'
 * @throws ValueError for what is no search, and for options that are not known.
 * @example
 * import type { TrialResult } from 'tapegrad/sweep';
 * const halfway = { // from two ends to the middle of the better half, three times
 *   space: { x: between(0, 1) },
 *   description: { search: 'halfway' },
 *   next: (rungs: readonly (readonly TrialResult<{ x: number }>[])[]) => {
 *     const [a, b] = rungs.flat().toSorted((a, b) => a.value - b.value);
 *     if (!a || !b) return [0, 1].map((x, trial) => ({ trial, configuration: { x } }));
 *     return rungs.length > 3 ? [] : [{ trial: rungs.flat().length, configuration: { x: (a.configuration.x + b.configuration.x) / 2 } }];
 *   },
 * };
 * const trials = new Trials(halfway, { seeds: [0, 1] });
 * trials.ask().map(({ id }) => id) // => ['trial-0000-seed-0', 'trial-0000-seed-1', 'trial-0001-seed-0', 'trial-0001-seed-1']
 * while (!trials.finished)
 *   for (const { id, configuration, seed } of trials.ask()) trials.tell(id, { values: { value: Math.abs(configuration.x - 0.7) + seed } });
 * trials.result.best!.configuration // => { x: 0.75 }
 */
export class Trials<C = any> {
  /** All that decides about the results, as plain data: the search, the space, seeds, folds, objective and direction. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly space: Space;
  readonly objective: string;
  readonly direction: Direction;
  readonly #search: Search<C>;
  readonly #repeats: readonly Pick<Job, 'seed' | 'fold' | 'folds'>[];
  readonly #rungs: Job<C>[][] = [];
  readonly #jobs = new Map<string, { readonly job: Job<C>; readonly rung: number }>();
  readonly #outcomes = new Map<string, Outcome>();
  /** The jobs of the last rung of which nothing was told yet. */
  readonly #open = new Map<string, Job<C>>();
  readonly #completed: TrialResult<C>[][] = [];
  #finished = false;

  constructor(search: Search<C>, options?: TrialsOptions) {
    if (typeof search?.next !== 'function' || !isPlainObject(search.description))
      throw new ValueError(`Trials: expected a search, { space, description, next }, got ${quote(search)}`);
    checkSpace('Trials', search.space, true);
    const { seeds, folds, objective, direction } = readOptions<TrialsOptions>('Trials', options, trialsOptions);
    this.#search = search;
    this.space = search.space;
    this.objective = objective;
    this.direction = direction;
    this.#repeats = seeds.flatMap((seed) =>
      folds === undefined ? [{ seed }] : Array.from({ length: folds }, (_, fold) => ({ seed, fold, folds })),
    );
    this.description = {
      ...search.description,
      space: plainSpace(search.space),
      seeds: [...seeds],
      folds: folds ?? null,
      objective,
      direction,
    };
    this.#advance();
  }

  /** The jobs that can be run now and of which nothing was told yet, in their order. None when all is done. */
  ask(): readonly Job<C>[] {
    return [...this.#open.values()];
  }

  /**
   * All jobs of a rung, told or not: those that are asked for together. Only a search in rungs, such as `successiveHalving`, has more than one, 0.
   * @throws ValueError for a rung that depends on jobs that were not told yet, and for one that there is not.
   */
  rung(index: number = 0): readonly Job<C>[] {
    check('Trials.rung', { index }, wholeNumberFrom(0));
    const rung = this.#rungs[index];
    if (rung) return [...rung];
    throw new ValueError(
      this.#finished
        ? `Trials.rung: expected one of ${this.#rungs.length} rungs, from 0, got ${index}`
        : `Trials.rung: rung ${index} depends on ${this.#open.size} jobs of rung ${this.#rungs.length - 1} that were not told yet`,
    );
  }

  /**
   * Takes what became of a job. Where that was told before, the first outcome stays, since the second is the same.
   *
   * Numbers without the objective are a failure.
   * @throws ValueError for a job that nobody could have asked for, and for what is no outcome.
   */
  tell(id: string, outcome: Outcome): void {
    checkOutcome('Trials.tell', outcome);
    if (!this.#jobs.has(id)) throw new ValueError(`Trials.tell: expected the id of a job that was asked for, got ${quote(id)}`);
    if (!this.#open.delete(id)) return;
    this.#outcomes.set(id, this.#withObjective(outcome));
    this.#advance();
  }

  /** What was told of a job, if anything was. */
  outcome(id: string): Outcome | undefined {
    return this.#outcomes.get(id);
  }

  /** How many rungs are known. */
  get rungs(): number {
    return this.#rungs.length;
  }

  /**
   * Whether more may come of the trial of a job that was told: open; or what is its last word.
   * @internal
   */
  stateOf(id: string): 'open' | 'complete' | 'pruned' | 'fail' {
    const [known, outcome] = [this.#jobs.get(id), this.#outcomes.get(id)];
    if (!known || !outcome) return 'open';
    if (!Number.isFinite(outcome.values?.[this.objective])) return 'fail';
    const { epochs, trial } = known.job;
    if (epochs === undefined || known.rung + 1 === this.#search.rungs) return 'complete';
    const last = this.#rungs.at(-1)!;
    const isOver = this.#finished || known.rung < this.#rungs.length - 1;
    if (!isOver || (!this.#finished && last.some((job) => job.trial === trial))) return 'open';
    return last.some((job) => job.epochs! > epochs) ? 'pruned' : 'complete';
  }

  /** Whether nothing is left to run. */
  get finished(): boolean {
    return this.#finished;
  }

  /** The results so far: of all trials whose jobs have all been told. */
  get result(): SweepResult<C> {
    const rungs = this.#finished ? this.#completed : [...this.#completed, this.#resultsOf(this.#rungs.length - 1)];
    const latest = new Map(rungs.flat().map((result) => [result.trial, result]));
    return new SweepResult(
      [...latest.values()].toSorted((a, b) => a.trial - b.trial),
      this.objective,
      this.direction,
    );
  }

  /** Asks the search for the next rung as soon as the last one is complete. */
  #advance(): void {
    while (!this.#finished && this.#open.size === 0) {
      if (this.#rungs.length > 0) this.#completed.push(this.#resultsOf(this.#rungs.length - 1));
      const proposals = this.#search.next(this.#completed);
      if (proposals.length === 0) this.#finished = true;
      else this.#begin(proposals);
    }
  }

  #begin(proposals: readonly Proposal<C>[]): void {
    const jobs = proposals.flatMap(({ trial, configuration, epochs }) => {
      check('Trials', { trial, ...(epochs !== undefined && { epochs }) }, wholeNumberFrom(0));
      return this.#repeats.map((repeat) => {
        const named = { trial, ...repeat, ...(epochs !== undefined && { epochs }) };
        return { id: idOf(named), ...named, configuration };
      });
    });
    for (const job of jobs) {
      if (this.#jobs.has(job.id))
        throw new ValueError(`Trials: expected the search to propose a trial once for as many epochs, got ${job.id} again`);
      this.#jobs.set(job.id, { job, rung: this.#rungs.length });
      this.#open.set(job.id, job);
    }
    this.#rungs.push(jobs);
  }

  /** The trials of a rung whose jobs have all been told, in its order. */
  #resultsOf(rung: number): TrialResult<C>[] {
    const told = this.#rungs[rung]!.map((job) => ({ job, outcome: this.#outcomes.get(job.id) }));
    const results: TrialResult<C>[] = [];
    for (let start = 0; start < told.length; start += this.#repeats.length) {
      const jobs = told.slice(start, start + this.#repeats.length).flatMap(({ job, outcome }) => (outcome ? { ...job, ...outcome } : []));
      if (jobs.length === this.#repeats.length) results.push(trialResultOf(jobs, rung, this.objective));
    }
    return results;
  }

  #withObjective(outcome: Outcome): Outcome {
    if (!outcome.values || Object.hasOwn(outcome.values, this.objective)) return outcome;
    const names = Object.keys(outcome.values).map(quote).join(', ');
    const advice = this.objective === 'value' ? '; say which decides by the option objective' : '';
    return failure(new ValueError(`expected the trial to give a number called ${quote(this.objective)}, got ${names}${advice}`));
  }
}

/** Refuses what are no trials. */
export function checkTrials(where: string, trials: unknown): void {
  if (!(trials instanceof Trials))
    throw new ValueError(`${where}: expected trials, such as gridSearch({ x: [1, 2] }), got ${insteadOf(Trials, trials)}`);
}
