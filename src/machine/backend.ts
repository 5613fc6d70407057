/** The front door of the kernels: which machine does the arithmetic here. */

import { type Machine, plain } from './machine.ts';
import { WasmMachine } from './wasm/wasm-machine.ts';

/** What does the arithmetic. */
export interface KernelsReport {
  /** Whether it is done by kernels, in WebAssembly. Else plain loops do it: slower, and to the same bits. */
  readonly inUse: boolean;
  /** Why not, where they are not. */
  readonly reason: string | undefined;
}

/** The machine this host allows: the fast one, or `plain` where WebAssembly is missing, forbidden or without vectors. */
export const machine = (): Machine => (chosen ??= choose());
let chosen: Machine | undefined;
let reason: string | undefined;
let fast: Machine | undefined;

function choose(): Machine {
  reason = undefined;
  try {
    if (!fast) {
      const candidate = new WasmMachine();
      candidate.sum(new Float32Array(40), 1, 40, 1);
      fast = candidate;
    }
    return fast;
  } catch (error) {
    reason = `WebAssembly with vectors is not to be had here: ${error}`;
    return plain;
  }
}

/**
 * What does the arithmetic on this host: kernels in WebAssembly, or plain loops where it is missing, forbidden or switched off.
 * @example kernels().inUse // => true
 */
export function kernels(): KernelsReport {
  return { inUse: machine() !== plain, reason };
}

/**
 * Switches the kernels off, or on again where the host has them: to find out whether a result depends on them, which it should not.
 * @example
 * useKernels(false);
 * kernels().inUse // => false
 * useKernels(true);
 * kernels().inUse // => true
 */
export function useKernels(on: boolean): void {
  if (on) chosen = undefined;
  else [chosen, reason] = [plain, 'switched off'];
}
