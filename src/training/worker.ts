/** A training in a thread of its own: steps come back, what cancels it goes there. */

import { errorNamed, TapegradError, ValueError } from '../base/errors.ts';
import { aFunction, isPlainObject, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';
import type { TrainingStep } from './train.ts';

/** How to train in a worker. */
export interface WorkerTrainingOptions {
  /** Is called with each step that the worker reports. Default none. */
  readonly onStep?: ((at: TrainingStep) => void) | undefined;
  /** Aborts the signal in the worker, and throws its reason when the worker has stopped. Default none. */
  readonly signal?: AbortSignal | undefined;
}

/** What a training in a worker is handed besides its input. */
export interface WorkerContext {
  /** Sends a step to whoever waits for the training. */
  readonly report: (at: TrainingStep) => void;
  /** Is aborted when the one who waits aborts. For `train`. */
  readonly signal: AbortSignal;
}

/** A worker of a browser, or of Node's threads. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** What goes through a port. */
type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start'; readonly input: unknown }
  | { readonly kind: 'abort' }
  | { readonly kind: 'step'; readonly at: TrainingStep }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly stack: string | undefined };

interface Port {
  postMessage(message: unknown): void;
  on?(event: string, listener: (value: any) => void): unknown;
  addEventListener?(event: string, listener: (event: any) => void): unknown;
}

interface Threads {
  readonly Worker: new (file: URL) => WorkerLike & Port;
  readonly parentPort: (Port & { unref?(): void }) | null;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (file: URL, options: { type: 'module' }) => WorkerLike & Port;
}

const host = globalThis as unknown as Host;
const threads = () => host.process?.getBuiltinModule?.('node:worker_threads') as Threads | undefined;

/** Listens to one event of a port, as browsers or as Node name it. */
function listen(port: Port, event: string, listener: (value: any) => void): void {
  if (port.on) port.on(event, listener);
  else port.addEventListener?.(event, (found) => listener(event === 'message' ? found.data : found));
}

/**
 * Trains in a worker: calls the function that the worker's own module gave to `serveTraining`, and waits for what it returns. The page, or the event loop,
 * stays free meanwhile.
 *
 * The module is yours, so that every bundler sees it: with a bundler write `new Worker(new URL('./training.ts', import.meta.url), { type: 'module' })`, else
 * the URL is enough. Input and result are copied as `structuredClone` does; tensors within plain objects and arrays, such as a state dict, stay tensors.
 * @param worker a worker, or the URL of its module. It is ended at the end
 * @throws the error of the training, by its class where it is one of tapegrad's; what `onStep` throws; the reason of the signal; ValueError for what is no
 *   worker, and for input that cannot be copied.
 * @example
 * const signal = AbortSignal.abort(new RangeError('not today'));
 * trainInWorker(new URL('file:///training.js'), { seed: 1 }, { onStep: ({ loss }) => console.log(loss), signal }) // throws RangeError
 */
export function trainInWorker<Result = unknown>(
  worker: URL | WorkerLike,
  input?: unknown,
  options?: WorkerTrainingOptions,
): Promise<Result> {
  const { onStep, signal } = readOptions<WorkerTrainingOptions>('trainInWorker', options, {
    onStep: withoutDefault(aFunction),
    signal: withoutDefault(aSignal),
  }) as WorkerTrainingOptions;
  const packed = pack('trainInWorker', 'the input', input);
  signal?.throwIfAborted();
  const port = workerOf(worker);
  return new Promise<Result>((resolve, reject) => {
    const send = (message: Message) => port.postMessage(message);
    const abort = () => send({ kind: 'abort' });
    const end = (finish: () => void) => {
      signal?.removeEventListener('abort', abort);
      port.terminate();
      if (signal?.aborted) reject(signal.reason);
      else finish();
    };
    const fail = (error: unknown) => end(() => reject(error));
    signal?.addEventListener('abort', abort);
    listen(port, 'message', (message: Message) => {
      // What is thrown in a listener would end the program, and nobody would hear of the training.
      try {
        if (message?.kind === 'ready') copied('the input', () => send({ kind: 'start', input: packed }));
        else if (message?.kind === 'step') onStep?.(message.at);
      } catch (error) {
        fail(error);
      }
      if (message?.kind === 'done') end(() => resolve(unpack(message.result) as Result));
      else if (message?.kind === 'failed') fail(errorOf(message));
    });
    listen(port, 'error', (event: { message?: string; error?: unknown }) =>
      fail(
        event instanceof Error
          ? event
          : (event.error ?? new TapegradError(`trainInWorker: the worker failed: ${event.message ?? 'no reason given'}`)),
      ),
    );
    listen(port, 'exit', (code: unknown) =>
      fail(
        new TapegradError(
          `trainInWorker: the worker ended with code ${String(code)} before the training did; does its module call serveTraining?`,
        ),
      ),
    );
  });
}

/**
 * Says, in the module of a worker, how it trains: the function is called with the input that `trainInWorker` was given, and its result goes back.
 *
 * In `training.ts`, beside a page that calls `trainInWorker(new URL('./training.ts', import.meta.url), { seed: 1 }, { onStep, signal })`:
 * `serveTraining(async ({ seed }, { report, signal }) => { …; for await (const at of train(run, { epochs: 5, signal })) report(at); return stateDict(model); })`.
 * @throws ValueError for what is no function, and where it is called outside of a worker.
 * @example serveTraining(async ({ seed }) => stateDict(new Linear(2, 1, { seed }))) // throws ValueError, since this is no worker
 */
export function serveTraining<Input = any>(f: (input: Input, context: WorkerContext) => unknown): void {
  if (typeof f !== 'function') throw new ValueError(`serveTraining: expected a function of the input, got ${quote(f)}`);
  const port = threads()?.parentPort ?? (isWorkerScope() ? (globalThis as unknown as Port) : undefined);
  if (!port)
    throw new ValueError(
      'serveTraining: is for the module of a worker; call the function itself, or trainInWorker with the URL of this module',
    );
  const send = (message: Message) => port.postMessage(message);
  const controller = new AbortController();
  const start = async (input: unknown) => {
    try {
      const result = await f(unpack(input) as Input, { signal: controller.signal, report: (at) => send({ kind: 'step', at }) });
      const packed = pack('serveTraining', 'the result', result);
      copied('the result', () => send({ kind: 'done', result: packed }));
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      send({ kind: 'failed', name, message, stack });
    }
  };
  listen(port, 'message', (message: Message) => {
    if (message?.kind === 'start') void start(message.input);
    else if (message?.kind === 'abort') controller.abort();
  });
  send({ kind: 'ready' });
}

/** What the option `signal` must be. */
export const aSignal: Requirement = { words: 'an AbortSignal', holds: (x) => typeof x === 'object' && x !== null && 'aborted' in x };

/** Whether this is the global scope of a worker, which no page has. */
const isWorkerScope = (): boolean =>
  typeof document === 'undefined' && typeof (globalThis as { postMessage?: unknown }).postMessage === 'function';

function workerOf(worker: URL | WorkerLike): WorkerLike & Port {
  if (worker instanceof URL) {
    const node = threads();
    if (host.Worker) return new host.Worker(worker, { type: 'module' });
    if (node) return new node.Worker(worker);
  } else if (typeof worker?.postMessage === 'function' && typeof worker.terminate === 'function') return worker;
  throw new ValueError(
    `trainInWorker: expected a worker, or the URL of its module, new URL('./training.js', import.meta.url), got ${quote(worker)}`,
  );
}

/** What a tensor is in a message. */
interface Packed {
  readonly tensorOf: Tensor['data'];
  readonly shape: readonly number[];
}

/** Plain data, in which tensors are their numbers and shapes. Of an object of a class only its public numbers would arrive, so tensors in it are refused. */
function pack(where: string, what: string, value: unknown): unknown {
  if (value instanceof Tensor) return { tensorOf: value.data, shape: [...value.sizes] } satisfies Packed;
  if (Array.isArray(value)) return value.map((part, i) => pack(where, `${what}[${i}]`, part));
  if (isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pack(where, `${what}.${key}`, part)]));
  if (tensorsOf(value).next().done) return value;
  throw new ValueError(
    `${where}: expected tensors in plain objects and arrays, got ${quote(value)} as ${what}; of a model send stateDict(model)`,
  );
}

/** Sends what has to be copied. */
function copied(what: string, send: () => void): void {
  try {
    send();
  } catch (error) {
    const reason = error instanceof Error ? error.message : quote(error);
    throw new ValueError(`trainInWorker: ${what} cannot be copied to another thread: ${reason}`, { cause: error });
  }
}

function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack);
  if (!isPlainObject(value)) return value;
  const { tensorOf, shape } = value as Partial<Packed>;
  if (ArrayBuffer.isView(tensorOf) && shape) return Tensor.fromTypedArray(tensorOf, [...shape]);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpack(part)]));
}

/** An error as it was thrown in the worker. */
function errorOf({ name, message, stack }: Extract<Message, { kind: 'failed' }>): Error {
  const error = errorNamed(name, message);
  if (stack) error.stack = stack;
  return error;
}
