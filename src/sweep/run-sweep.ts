/** A sweep: all jobs of some trials, several at once, and what came of them. */

import { TapegradError, ValueError } from '../base/errors.ts';
import {
  aFunction,
  boolean,
  type OptionTable,
  optional,
  quote,
  type Requirement,
  readOptions,
  type WithDefaults,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { aSignal } from '../training/worker.ts';
import { folderOption, madeFolder, needed, processId } from './host.ts';
import { Journal } from './journal.ts';
import { outcomeHere } from './run-trial.ts';
import type { SweepResult } from './sweep-result.ts';
import { folderNameOf, type Job, type Outcome, type TrialError, type TrialFunction } from './trial.ts';
import { defaultWorkers, type RunningTask, startInThread } from './trial-thread.ts';
import { checkTrials, type Trials } from './trials.ts';

/** How a sweep is run. None of it changes the result. */
export interface SweepOptions {
  /** How many jobs run at once, each in a thread of its own. Default half of the cores that there are. A function runs here, one job after another. */
  readonly workers?: number | undefined;
  /** Where the journal and the checkpoints are, so that the sweep can be gone on with. Default none: nothing is kept. */
  readonly folder?: string | URL | undefined;
  /** The name of the study in the journal. Default 'sweep'. */
  readonly name?: string;
  /** How often a job is run again whose thread has ended without a word, before that is recorded as its failure. Default 2. */
  readonly retries?: number;
  /** Whether jobs that the journal knows to have failed are run again. Default false. */
  readonly retryFailures?: boolean;
  /** Ends the sweep: the signal of the trials is aborted, and its reason thrown when their threads have ended. Default none. */
  readonly signal?: AbortSignal | undefined;
  /** Is called with what trials report on the way. Default none. */
  readonly onReport?: ((job: Job, step: number, value: number) => void) | undefined;
  /** Is called with what became of each job, in the order in which they end. Default none. */
  readonly onOutcome?: ((job: Job, outcome: Outcome) => void) | undefined;
}

const text: Requirement = { words: 'a name', holds: (x) => typeof x === 'string' && x !== '' };

const sweepOptions: OptionTable<SweepOptions> = {
  workers: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ wholeNumberFrom(1)),
  folder: /* @__PURE__ */ withoutDefault(folderOption),
  name: /* @__PURE__ */ optional(text, 'sweep'),
  retries: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(0), 2),
  retryFailures: /* @__PURE__ */ optional(boolean, false),
  signal: /* @__PURE__ */ withoutDefault(aSignal),
  onReport: /* @__PURE__ */ withoutDefault(aFunction),
  onOutcome: /* @__PURE__ */ withoutDefault(aFunction),
};

/** How long threads may take to end by themselves when a sweep is aborted, in milliseconds. */
const PATIENCE = 5000;

/**
 * Runs all jobs of trials, and gives the table of what came of them: the same for any number of workers, whoever came first, whatever crashed on the way.
 *
 * The trial is the default export of a module, given by its URL, `new URL('./trial.ts', import.meta.url)`, or by its path from the current folder; each job
 * has a thread to itself, which computes on one core. (TypeScript needs Node 22.18 or newer, or a program that was started with `--import tsx`.) Given as a
 * function it runs here, one job after another, in every engine. A trial is a function of its configuration and what it is handed; the default generator
 * stands at its beginning for every job, so give what draws the seed: `manualSeed(seed)`, `new Linear(2, 1, { seed })`.
 *
 * With a `folder` there is a journal, `journal.log`, in the form of Optuna's: `optuna-dashboard journal.log` shows it live. A sweep with the same folder and
 * the same trials goes on where one was ended, by whatever; trials find their own checkpoints in `folder/trial-0007-seed-1`.
 *
 * What a trial throws is recorded with its message and its stack, and the sweep goes on, since it would throw again. A thread that ends without a word, out of
 * memory or by `process.exit`, is started again up to `retries` times. A module that cannot be loaded ends the sweep.
 * @param trials of `gridSearch`, `randomSearch`, `quasiRandomSearch`, `successiveHalving`, or of a search of your own. They are told all outcomes
 * @param options `workers`, default half of the cores; `folder`, default none; `name`, default 'sweep'; `retries`, default 2; `retryFailures`, default
 *   false; `signal`, `onReport(job, step, value)`, `onOutcome(job, outcome)`, default none
 * @throws the reason of the signal; TapegradError for a module that cannot be loaded; DataError for a journal of other trials, and one that cannot be written;
 *   what `onReport` and `onOutcome` throw; ValueError for what are no trials or no trial, and for options that are not known.
 * @example
 * const result = await sweep(gridSearch({ x: [1, 2, 3] }, { seeds: [0, 1] }), ({ x }, { seed }) => (x - 2.2) ** 2 + seed);
 * result.best!.configuration // => { x: 2 }
 * String(result).split('\n')[1] // => '1      2  0.54 ± 0.71'
 */
export async function sweep<C>(trials: Trials<C>, trial: TrialFunction<C> | string | URL, options?: SweepOptions): Promise<SweepResult<C>> {
  const read = readOptions<SweepOptions>('sweep', options, sweepOptions);
  checkTrials('sweep', trials);
  const start = starterOf(trial, read.workers);
  const workers = typeof trial === 'function' ? 1 : (read.workers ?? defaultWorkers());
  read.signal?.throwIfAborted();
  const folder = read.folder === undefined ? undefined : madeFolder('sweep', read.folder);
  const journal = folder === undefined ? undefined : new Journal(`${folder}/journal.log`, trials, read.name, `tapegrad-${processId()}`);
  try {
    if (read.retryFailures) journal?.forgetFailures();
    await new RunningSweep(trials, { ...read, workers, start, folder, journal }).run();
    return trials.result;
  } finally {
    journal?.close();
  }
}

/** Starts a job. */
type Start = (job: Job, folder: string | undefined, onReport: (step: number, value: number) => void) => RunningTask;

function starterOf(trial: unknown, workers: number | undefined): Start {
  if (typeof trial === 'function') {
    if (workers !== undefined && workers > 1)
      throw new ValueError(
        'sweep: a function runs here, one job after another; for workers give the URL of a module whose default export it is',
      );
    return (job, folder, onReport) => startHere(job, trial as TrialFunction, folder, onReport);
  }
  const module = moduleOf(trial);
  return (job, folder, onReport) => startInThread({ job, module, folder, onReport });
}

/** The URL of a module. */
function moduleOf(trial: unknown): string {
  if (trial instanceof URL) return trial.href;
  if (typeof trial !== 'string' || trial === '')
    throw new ValueError(
      `sweep: expected a trial: a function, or the URL of a module whose default export it is, new URL('./trial.ts', import.meta.url), got ${quote(trial)}`,
    );
  if (/^(file|data):/.test(trial)) return trial;
  return needed('sweep', 'the path of a trial', 'node:url').pathToFileURL(
    needed('sweep', 'the path of a trial', 'node:path').resolve(trial),
  ).href;
}

/** A job in this thread. */
function startHere(
  job: Job,
  trial: TrialFunction,
  folder: string | undefined,
  onReport: (step: number, value: number) => void,
): RunningTask {
  const controller = new AbortController();
  const ended = outcomeHere(job, trial, { folder, onReport, signal: controller.signal }).then((outcome) => ({ outcome }));
  return { ended, abort: () => controller.abort(), terminate: async () => {} };
}

interface SweepParts extends WithDefaults<Omit<SweepOptions, 'folder' | 'workers'>> {
  readonly workers: number;
  readonly start: Start;
  readonly folder: string | undefined;
  readonly journal: Journal | undefined;
}

/** The jobs that are being run, until all are. */
class RunningSweep {
  readonly #trials: Trials;
  readonly #parts: SweepParts;
  /** Until each of them is over, by the ids of jobs. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #tasks = new Map<string, RunningTask>();
  #stopped = false;
  /** Ends the sweep with an error. */
  #fail: (error: unknown) => void = () => {};

  constructor(trials: Trials, parts: SweepParts) {
    [this.#trials, this.#parts] = [trials, parts];
  }

  /** Runs all jobs; where anything is thrown, all that run are ended first. */
  async run(): Promise<void> {
    const { signal } = this.#parts;
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    failed.catch(() => {});
    const abort = () => this.#fail(signal!.reason);
    signal?.addEventListener('abort', abort);
    try {
      while (!this.#trials.finished) {
        if (this.#startMore()) continue;
        await Promise.race([failed, ...this.#running.values()]);
        signal?.throwIfAborted();
      }
    } catch (error) {
      this.#stopped = true;
      if (signal?.aborted) await this.#askToEnd();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      await Promise.all([...this.#tasks.values()].map((task) => task.terminate()));
    }
  }

  /** Starts as many jobs as there may be. Whether a job was told whose outcome is known. */
  #startMore(): boolean {
    const { workers, journal } = this.#parts;
    for (const job of this.#trials.ask()) {
      const known = journal?.outcomes.get(job.id);
      if (known) {
        this.#tell(job, known);
        return true;
      }
      if (this.#running.size >= workers) return false;
      if (this.#running.has(job.id)) continue;
      this.#running.set(job.id, this.#run(job).finally(() => this.#running.delete(job.id))); // biome-ignore format: one thing
    }
    return false;
  }

  async #run(job: Job): Promise<void> {
    const { folder, journal, retries, start, onReport } = this.#parts;
    const own = folder === undefined ? undefined : madeFolder('sweep', folder, folderNameOf(job));
    journal?.begin(job);
    const report = (step: number, value: number) => {
      if (this.#stopped) return;
      // What goes wrong here is no failure of the trial.
      try {
        journal?.report(job, step, value);
        onReport?.(job, step, value);
      } catch (error) {
        this.#fail(error);
      }
    };
    for (let attempt = 0; ; attempt++) {
      const task = start(job, own, report);
      this.#tasks.set(job.id, task);
      const ended = await task.ended;
      await task.terminate();
      this.#tasks.delete(job.id);
      if (this.#stopped) return;
      if ('unloadable' in ended) throw unloadable(ended.unloadable);
      if ('crash' in ended && attempt < retries) continue;
      const outcome = 'crash' in ended ? { error: ended.crash } : ended.outcome;
      journal?.end(job, outcome);
      return this.#tell(job, outcome);
    }
  }

  #tell(job: Job, outcome: Outcome): void {
    const { journal, onOutcome } = this.#parts;
    const { rungs } = this.#trials;
    this.#trials.tell(job.id, outcome);
    // With a rung it is known of all trials whether they go on.
    journal?.settle(this.#trials.rungs > rungs || this.#trials.finished ? undefined : job);
    onOutcome?.(job, this.#trials.outcome(job.id)!);
  }

  /** Asks trials to end, and gives them a while. */
  async #askToEnd(): Promise<void> {
    for (const task of this.#tasks.values()) task.abort();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([Promise.allSettled(this.#running.values()), late]);
    clearTimeout(timer);
  }
}

function unloadable({ name, message, stack }: TrialError): TapegradError {
  const advice = /Unknown file extension "\.[cm]?tsx?"/.test(message)
    ? '; this engine reads no TypeScript: start the program with --import tsx, or give a module in JavaScript'
    : '';
  const error = new TapegradError(`sweep: the module of the trial cannot be loaded: ${name}: ${message}${advice}`);
  if (stack !== undefined) error.stack += `\n${stack}`;
  return error;
}
