/** A job in a thread of its own, so that nothing that one trial leaves behind can change another, and nothing that ends it ends the sweep. */

import { needed, nodeModule } from './host.ts';
import { failure, folderNameOf, type Job, type Outcome, outcomeOf, strange, type TrialError } from './trial.ts';

/** How a job in a thread can end: with an outcome; with the thread; or before it began, since its module cannot be loaded. */
export type Ended = { readonly outcome: Outcome } | { readonly crash: TrialError } | { readonly unloadable: TrialError };

/** What is to be run in a thread. */
export interface ThreadTask {
  readonly job: Job;
  /** The URL of the module whose default export is the trial. */
  readonly module: string;
  readonly folder: string | undefined;
  readonly onReport: (step: number, value: number) => void;
}

/** A job that is being run. */
export interface RunningTask {
  readonly ended: Promise<Ended>;
  /** Aborts the signal of the trial. */
  abort(): void;
  /** Ends the thread. */
  terminate(): Promise<unknown>;
}

/** What comes from the thread, under a name of its own: a trial may send messages too, to nobody. */
type Message =
  | { readonly tapegrad: 'report'; readonly step: number; readonly value: number }
  | { readonly tapegrad: 'done'; readonly returned: unknown }
  | { readonly tapegrad: 'strange'; readonly words: string }
  | { readonly tapegrad: 'failed'; readonly error: TrialError }
  | { readonly tapegrad: 'unloadable'; readonly error: TrialError };

/**
 * What runs in the thread: text, since the package has no file for it that every bundler would find. The port keeps nothing alive: a trial that waits for
 * what never comes ends its thread. All of it is in a function: engines differ in the names that are taken outside of one, such as `module`.
 */
export const CODE = `
(async () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { parentPort, workerData: { module, configuration, context } } = threads;
  const controller = new AbortController();
  parentPort.on('message', () => controller.abort());
  parentPort.unref();
  const send = (tapegrad, content) => parentPort.postMessage({ tapegrad, ...content });
  const tell = (kind, thrown) => {
    const { name, message, stack } = thrown instanceof Error ? thrown : { name: 'Error', message: String(thrown) };
    send(kind, { error: stack === undefined ? { name, message } : { name, message, stack } });
  };
  const report = (step, value) => {
    if (!Number.isInteger(step) || step < 0) throw new TypeError('report: expected step to be a whole number from 0, got ' + step);
    if (typeof value !== 'number') throw new TypeError('report: expected value to be a number, got ' + value);
    send('report', { step, value });
  };
  // On its way an object loses its class, and some things cannot be sent at all.
  const give = (returned) => {
    const kind = typeof returned;
    const from = kind === 'object' && returned !== null && !Array.isArray(returned) ? Object.getPrototypeOf(returned) : null;
    if (kind === 'function' || kind === 'symbol') return send('strange', { words: kind === 'symbol' ? String(returned) : 'a function' });
    if (Array.isArray(returned?.shape) && returned.dtype !== undefined) return send('strange', { words: 'a tensor of shape [' + returned.shape.join(', ') + ']' });
    if (from !== null && Object.getPrototypeOf(from) !== null) return send('strange', { words: 'an object of class ' + returned.constructor?.name });
    send('done', { returned });
  };
  // A program that was started with tsx reads TypeScript by it; before Node 22.14 tsx does not reach threads by itself.
  const readTypeScript = async () => {
    const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')].map((argument) => argument.replace('--import=', ''));
    const tsx = given.find((argument) => argument === 'tsx' || argument.endsWith('/tsx/dist/loader.mjs'));
    if (!tsx || 'isInternalThread' in threads) return;
    for (const kind of ['cjs', 'esm'])
      (await import(tsx === 'tsx' ? 'tsx/' + kind + '/api' : new URL(kind + '/api/index.mjs', tsx).href)).register();
  };
  let trial;
  try {
    await readTypeScript();
    const { default: found } = await import(module);
    trial = typeof found === 'function' ? found : found?.default;
    if (typeof trial !== 'function') throw new TypeError('expected the trial as its default export, export default function trial(configuration, { seed }) { … }');
  } catch (error) {
    return tell('unloadable', error);
  }
  try {
    give(await trial(configuration, { ...context, report, signal: controller.signal }));
  } catch (error) {
    tell('failed', error);
  }
})();
`;

interface Thread {
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  on(event: string, listener: (value: any) => void): void;
}

interface Threads {
  readonly Worker: new (code: string, options: { eval: true; workerData: unknown }) => Thread;
}

/** Starts a job in a thread of its own. */
export function startInThread({ job, module, folder, onReport }: ThreadTask): RunningTask {
  const { Worker } = needed('sweep', 'the module of a trial', 'node:worker_threads') as Threads;
  const { configuration, ...rest } = job;
  const context = folder === undefined ? rest : { ...rest, folder };
  const thread = new Worker(CODE, { eval: true, workerData: { module, configuration, context } });
  const ended = new Promise<Ended>((resolve) => {
    thread.on('message', (message: Message | null | undefined) => {
      if (message?.tapegrad === 'report') onReport(message.step, message.value);
      else if (message?.tapegrad === 'done') resolve({ outcome: outcomeOf(message.returned) });
      else if (message?.tapegrad === 'strange') resolve({ outcome: failure(strange(message.words)) });
      else if (message?.tapegrad === 'failed') resolve({ outcome: { error: message.error } });
      else if (message?.tapegrad === 'unloadable') resolve({ unloadable: message.error });
    });
    // What the trial throws where nobody awaits it. Out of memory is no word of the trial.
    thread.on('error', (error: Error & { readonly code?: string }) => {
      const told = plainError(error);
      resolve(error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { crash: told } : { outcome: { error: told } });
    });
    thread.on('exit', (code: number) => {
      const advice = code === 0 || code === 13 ? '; does it wait for what never comes, or call process.exit?' : '';
      resolve({
        crash: { name: 'Error', message: `the thread of ${folderNameOf(job)} ended with code ${code} before the trial did${advice}` },
      });
    });
  });
  return { ended, abort: () => thread.postMessage('abort'), terminate: () => thread.terminate() };
}

function plainError(thrown: unknown): TrialError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  const { name, message, stack } = thrown;
  return stack === undefined ? { name, message } : { name, message, stack };
}

/** How many jobs run at once by default: half of the cores, since those of most machines share their units for arithmetic in pairs. */
export const defaultWorkers = (): number => Math.max(1, Math.floor((nodeModule('node:os')?.availableParallelism() ?? 1) / 2));
