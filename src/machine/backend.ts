/** Which machine does the arithmetic: all of the library asks `machine()`, and `useBackend` alone changes the answer. */

import { StateError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import type { Machine } from './machine.ts';
import { plain } from './plain.ts';
import { WasmMachine } from './wasm/wasm-machine.ts';

/** What can do the arithmetic: kernels in WebAssembly, or plain loops, which are slower. Both give the same bits. */
export type BackendName = 'wasm' | 'plain';

/** What does the arithmetic. */
export interface Backend {
  readonly name: BackendName;
  /** Why it is `'plain'`: because `useBackend` said so, or because the host has no WebAssembly with SIMD. */
  readonly reason: string | undefined;
  /** How many threads compute: 1, unless `useThreads` asked for more. Results do not depend on it. */
  readonly threads: number;
}

interface InUse extends Omit<Backend, 'threads'> {
  readonly machine: Machine;
}

let inUse: InUse | undefined;
let wasm: WasmMachine | undefined;

/** The machine in use: WebAssembly by default, or `plain` where that is missing, forbidden or without SIMD. */
export const machine = (): Machine => (inUse ??= byDefault()).machine;

function byDefault(): InUse {
  try {
    return { name: 'wasm', reason: undefined, machine: (wasm ??= start()) };
  } catch (error) {
    return { name: 'plain', reason: `WebAssembly with SIMD is not available here: ${error}`, machine: plain };
  }
}

/** Compiles and runs one kernel, to find out whether the host supports it. */
function start(): WasmMachine {
  const candidate = new WasmMachine();
  candidate.sum(new Float32Array(40), { before: 1, count: 40, after: 1 });
  return candidate;
}

/**
 * What does the arithmetic on this host: kernels in WebAssembly, or plain loops where that is missing, forbidden or switched off.
 * @example backend() // => { name: 'wasm', reason: undefined, threads: 1 }
 */
export function backend(): Backend {
  const { name, reason, machine } = (inUse ??= byDefault());
  return { name, reason, threads: machine.host?.memory.team?.count ?? 1 };
}

/**
 * Chooses what does the arithmetic: to find out whether a result depends on it, which it should not, or how much faster kernels are.
 * @throws StateError for `'wasm'` where the host has no WebAssembly with SIMD, ValueError for any other name.
 * @example
 * useBackend('plain');
 * backend().name // => 'plain'
 * useBackend('wasm');
 * backend().name // => 'wasm'
 */
export function useBackend(name: BackendName): void {
  if (name === 'plain') inUse = { name, reason: "chosen by useBackend('plain')", machine: plain };
  else if (name === 'wasm') {
    const found = byDefault();
    if (found.name !== 'wasm') throw new StateError(`useBackend: ${found.reason}; plain loops give the same bits: useBackend('plain')`);
    inUse = found;
  } else throw new ValueError(`useBackend: expected 'wasm' or 'plain', got ${quote(name)}`);
}

/** Calls a function while another machine does the arithmetic, such as one that counts what it is asked for. */
export function withMachine<T>(other: Machine, f: () => T): T {
  const before = (inUse ??= byDefault());
  inUse = { ...before, machine: other };
  try {
    return f();
  } finally {
    inUse = before;
  }
}
