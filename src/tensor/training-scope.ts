/** Whether what is computed now is in training, and what takes effect only when it has succeeded. */

import { TapeError } from '../base/errors.ts';
import { anything, boolean, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { drawingFrom, drawnAgain, generatorOf, type Random } from '../base/random.ts';

/** How to be in training. */
export interface TrainingOptions {
  /** The generator that all draws within come from, unless they name another. Default the default generator. */
  readonly random?: Random;
  /** Whether buffers, such as running statistics, are replaced at the end. Default true. */
  readonly statistics?: boolean;
}

interface Scope {
  /** `undefined`: nothing was said, so what is recorded is in training, all else is not. */
  readonly training: boolean | undefined;
  readonly statistics: boolean;
  readonly outer: Scope | undefined;
  /** What takes effect at the end, by what it concerns. */
  later: Map<object, () => void> | undefined;
}

/** The innermost scope that is open. */
let scope: Scope | undefined;

/**
 * Whether what is computed now is in training: inside of a recording or of `training`, but not of `evaluation`. For layers of one's own that draw
 * numbers or take statistics in; no layer has a mode to be switched.
 *
 * @example [isTraining(), training(() => isTraining()), new Tape().record(() => isTraining())] // => [false, true, true]
 */
export const isTraining = (): boolean => scope?.training ?? false;

/**
 * Calls a function in training without recording it: masks are drawn, batch statistics are used and taken in. Samples of a network with dropout
 * (Gal & Ghahramani 2016) leave the statistics alone: `{ statistics: false }`.
 *
 * The scope is synchronous. Within another one it holds until it ends; buffers are replaced when the outermost ends without an exception.
 * @throws TapeError for an asynchronous function; what the function throws.
 * @example
 * const layer = new Dropout(0.5);
 * const x = Tensor.ones([4]);
 * training(() => layer.forward(x), { random: new Random(1) }).toArray() // => [2, 0, 0, 0]
 * layer.forward(x).toArray() // => [1, 1, 1, 1]
 */
export function training<T>(f: () => T, options?: TrainingOptions): T {
  const { random, statistics } = readOptions<TrainingOptions>('training', options, {
    random: withoutDefault(anything),
    statistics: optional(boolean, true),
  });
  checkCallable('training', f);
  return drawingFrom(generatorOf('training', { random }), () => within('training', { training: true, statistics }, f));
}

/**
 * Calls a function in evaluation, where nothing is drawn and no statistics are taken in: what is recorded within, too, unless the recording says
 * `{ training: true }`. Outside of recordings that is so anyway.
 *
 * @throws TapeError for an asynchronous function; what the function throws.
 * @example training(() => evaluation(() => new Dropout(0.5).forward(Tensor.ones([2])))).toArray() // => [1, 1]
 */
export function evaluation<T>(f: () => T): T {
  checkCallable('evaluation', f);
  return within('evaluation', { training: false, statistics: true }, f);
}

/** Calls a function that is recorded: in training, unless it or the scope around it says otherwise. */
export const recording = <T>(training: boolean | undefined, f: () => T): T =>
  within('record', { training: training ?? scope?.training ?? true, statistics: true }, f);

/**
 * How to compute once more what is about to be computed now: in training if that is, with the same random numbers, and buffers left alone.
 * @param training what to be in where no scope says it
 */
export function computingAgain(training?: boolean): <T>(f: () => T) => T {
  const mode = { training: scope?.training ?? training, statistics: false };
  const again = drawnAgain();
  return (f) => again(() => within('', mode, f));
}

/** Has an effect take place when the outermost scope ends without an exception, or at once outside of any. Of several for one owner the first counts. */
export function atEndOfScope(owner: object, effect: () => void): void {
  if (!scope) effect();
  else if (isAwaited(owner)) (scope.later ??= new Map()).set(owner, effect);
}

/** Whether an effect for this owner would take place: none does yet, and statistics are taken in. */
export function isAwaited(owner: object): boolean {
  if (scope?.statistics === false) return false;
  for (let open = scope; open; open = open.outer) if (open.later?.has(owner)) return false;
  return true;
}

function within<T>(where: string, { training, statistics }: Pick<Scope, 'training' | 'statistics'>, f: () => T): T {
  const outer = scope;
  const own: Scope = { training, statistics: statistics && outer?.statistics !== false, outer, later: undefined };
  scope = own;
  let result: T;
  try {
    result = f();
    if (where) refuseLater(where, result);
  } finally {
    scope = outer;
  }
  own.later?.forEach((effect, owner) => atEndOfScope(owner, effect));
  return result;
}

function checkCallable(where: string, f: unknown): void {
  if (typeof f !== 'function') throw new TapeError(`${where}: expected a function, got ${quote(f)}`);
}

/** Whether something is what a generator function returns, synchronous or not: nothing in it has happened yet. */
export const isGenerator = (y: unknown): boolean =>
  // Asked after every recording, whose result is mostly a tensor.
  typeof (y as Iterator<unknown> | null | undefined)?.next === 'function' &&
  /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(y));

/** Refuses what a function returns that computes later, when the scope has ended. */
function refuseLater(where: string, result: unknown): void {
  if (typeof result !== 'object' || result === null) return;
  if (typeof (result as unknown as PromiseLike<unknown>).then === 'function')
    throw new TapeError(`${where}: expected a synchronous function, got one that returns a promise; await the data first`);
  if (isGenerator(result))
    throw new TapeError(
      `${where}: expected a function, got a generator function, whose operations would happen after the ${where === 'record' ? 'recording' : where}`,
    );
}
