/** How many threads compute: the program's own, until it asks for more. */

import { ValueError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { backend, machine } from '../backend.ts';
import { WasmMachine } from '../wasm/wasm-machine.ts';
import type { Crew } from './crew.ts';
import { coresOf, type Host } from './helper.ts';
import { startThreads } from './start.ts';

/** More threads than this have nothing to do. */
const MOST = 64;

/** For so many milliseconds `threadsReady` waits. */
const PATIENCE = 10_000;

/** How many threads compute. */
export interface Threads {
  /** How many there are, with the program's own. */
  readonly count: number;
  /** How many of them are ready: a helper takes a few milliseconds to start. */
  readonly ready: number;
  /** Why there are not as many as were asked for. */
  readonly reason: string | undefined;
}

/** Why there are fewer than were asked for last. */
let reason: string | undefined;

/**
 * Computes with so many threads, with the program's own: products, convolutions, updates and long formulas are divided among them, from sizes on where
 * that pays. Results are the same to the bit for any number.
 *
 * Default as many as the processor has cores, and never more. The first call that asks for more than one moves the numbers of parameters into memory that
 * threads share; `useThreads(1)` sends the helpers to sleep. Where threads cannot be had, the program goes on with one, and `threads()` says why. For how
 * much it gains, and when not to use it, see docs/threads.md.
 * @throws ValueError for what is no whole number of threads.
 * @example
 * useThreads(1);
 * threads().count // => 1
 */
export function useThreads(count?: number): void {
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1))
    throw new ValueError(`useThreads: expected how many threads, 1, 2, …, got ${quote(count)}`);
  const cores = coresOf(globalThis as Host);
  const wanted = Math.min(count ?? cores, cores, MOST);
  const on = machine();
  if (!(on instanceof WasmMachine)) reason = count === 1 ? undefined : `kernels are not in use: ${backend().reason}`;
  else {
    const isLess = wanted < (count ?? 2);
    reason =
      startThreads(on, wanted) ?? (isLess ? `the host runs ${cores === 1 ? 'one thread' : `${cores} threads`} at a time` : undefined);
  }
}

/**
 * How many threads compute: 1, unless the program asked for more with `useThreads`.
 * @example threads() // => { count: 1, ready: 1, reason: undefined }
 */
export function threads(): Threads {
  const crew = crewNow();
  return { count: crew?.count ?? 1, ready: 1 + Math.min(crew?.ready ?? 0, (crew?.count ?? 1) - 1), reason: reason ?? crew?.failure };
}

/**
 * Resolves when all threads are ready, or it is known that some never will be; `threads()` says why. Only a page needs to wait, and a benchmark: until
 * helpers are ready the program computes by itself, but on a page they start only when it yields.
 * @example
 * useThreads(1);
 * await threadsReady();
 * threads().ready // => 1
 */
export async function threadsReady(): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end && threads().ready < threads().count) await new Promise((resolve) => setTimeout(resolve, 1));
}

function crewNow(): Crew | undefined {
  const on = machine();
  return on instanceof WasmMachine ? (on.host.memory.team as Crew | undefined) : undefined;
}
