/** One job in this process: what queues and clusters call, with the list of trials elsewhere. */

import { DataError } from '../base/errors.ts';
import { aFunction, check, type OptionTable, readOptions, withoutDefault } from '../base/options.ts';
import { defaultRandom, manualSeed } from '../base/random.ts';
import { isMissing, readWhole, writeWhole } from '../io/whole-files.ts';
import { aSignal } from '../training/worker.ts';
import { folderOption, madeFolder } from './host.ts';
import {
  checkJob,
  checkReport,
  failure,
  folderNameOf,
  type Job,
  type Outcome,
  outcomeOf,
  readOutcome,
  type TrialFunction,
  writeOutcome,
} from './trial.ts';
import { checkTrials, type Trials } from './trials.ts';

/** Options of `runTrial`. */
export interface RunTrialOptions {
  /** Where the outcome is kept, and checkpoints of the trial; Node, Bun and Deno only. Default none. */
  readonly folder?: string | URL | undefined;
  /** Is called with what the trial reports on the way. Default none. */
  readonly onReport?: ((step: number, value: number) => void) | undefined;
  /** Aborts the signal of the trial. Default none. */
  readonly signal?: AbortSignal | undefined;
}

const runTrialOptions: OptionTable<RunTrialOptions> = {
  folder: /* @__PURE__ */ withoutDefault(folderOption),
  onReport: /* @__PURE__ */ withoutDefault(aFunction),
  signal: /* @__PURE__ */ withoutDefault(aSignal),
};

/**
 * Runs one job of a sweep here, and gives what became of it; what the trial throws is an outcome too. For queues and clusters, which run the same module in
 * processes of their own.
 *
 * With a `folder` the outcome is kept in it, as `<id>.json`, whole or not at all, and a job whose outcome is there already is not run again: so it may be
 * handed out twice. `collectTrials` finds them.
 * @param options `folder`, default none; `onReport(step, value)`, default none; `signal`, default none
 * @throws the reason of the signal; DataError where the folder cannot be used; ValueError for what is no job or no trial, and for options that are not known.
 * @example
 * const [job] = gridSearch({ x: [2] }).ask();
 * await runTrial(job!, ({ x }, { seed }) => x + seed) // => { values: { value: 2 } }
 */
export async function runTrial<C>(job: Job<C>, trial: TrialFunction<C>, options?: RunTrialOptions): Promise<Outcome> {
  const { folder, onReport, signal } = readOptions<RunTrialOptions>('runTrial', options, runTrialOptions);
  checkJob('runTrial', job);
  check('runTrial', { trial }, aFunction);
  signal?.throwIfAborted();
  const kept = folder === undefined ? undefined : await keptIn(madeFolder('runTrial', folder), job.id);
  if (kept) return kept;
  const outcome = await outcomeHere(job, trial, {
    folder: folder === undefined ? undefined : madeFolder('runTrial', folder, folderNameOf(job)),
    onReport,
    signal,
  });
  signal?.throwIfAborted();
  if (folder !== undefined)
    await writeWhole(fileOf(madeFolder('runTrial', folder), job.id), new TextEncoder().encode(writeOutcome(outcome)));
  return outcome;
}

/** Calls a trial, with the default generator as it is in a new program. */
export async function outcomeHere<C>(
  { configuration, ...job }: Job<C>,
  trial: TrialFunction<C>,
  { folder, onReport, signal }: { folder: string | undefined; onReport: RunTrialOptions['onReport']; signal: AbortSignal | undefined },
): Promise<Outcome> {
  const report = (step: number, value: number) => {
    checkReport(step, value);
    onReport?.(step, value);
  };
  const context = { ...job, ...(folder !== undefined && { folder }), report, signal: signal ?? new AbortController().signal };
  const random = defaultRandom();
  const { state } = random;
  manualSeed(0);
  try {
    return outcomeOf(await trial(configuration, context));
  } catch (error) {
    return failure(error);
  } finally {
    random.restore(state);
  }
}

const fileOf = (folder: string, id: string): string => `${folder}/${id}.json`;

/** The outcome that is kept of a job. */
async function keptIn(folder: string, id: string): Promise<Outcome | undefined> {
  const file = fileOf(folder, id);
  try {
    return readOutcome(new TextDecoder().decode(await readWhole(file)), file);
  } catch (error) {
    if (error instanceof DataError && isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Tells trials all outcomes that `runTrial` kept in a folder, rung after rung.
 *
 * @returns how many jobs are known now of which nothing is told yet
 * @throws DataError for a file that is no outcome; ValueError for what are no trials.
 * @example
 * const folder = `${process.env['TMPDIR'] ?? '/tmp'}/tapegrad-sweep-${process.pid}`;
 * const make = () => gridSearch({ x: [3, 1, 2] });
 * for (const job of make().rung(0)) await runTrial(job, ({ x }) => x, { folder }); // each in a process of its own, say
 * const trials = make();
 * await collectTrials(trials, folder) // => 0
 * trials.result.best!.trial // => 1
 */
export async function collectTrials(trials: Trials, folder: string | URL): Promise<number> {
  checkTrials('collectTrials', trials);
  const path = madeFolder('collectTrials', folder);
  for (let found = true; found; ) {
    found = false;
    for (const { id } of trials.ask()) {
      const outcome = await keptIn(path, id);
      if (!outcome) continue;
      trials.tell(id, outcome);
      found = true;
    }
  }
  return trials.ask().length;
}
