/** Machines that divide everything, however small, among threads or in any order. */

import { Crew, THRESHOLDS } from '../../src/machine/threads/crew.ts';
import type { Host } from '../../src/machine/threads/helper.ts';
import { makeSharedMemory } from '../../src/machine/threads/shared-memory.ts';
import { startThreads } from '../../src/machine/threads/start.ts';
import type { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';

/** Nothing is too small to be divided. */
const EAGER = { ...THRESHOLDS, least: 0, wake: 0, chunk: 0, judges: false };

/** A machine whose chunks are performed by this many threads. */
export function together(machine: WasmMachine, count: number): WasmMachine {
  const reason = startThreads(machine, count, globalThis as Host, (memory) => new Crew(memory, EAGER));
  if (reason) throw new Error(reason);
  return machine;
}

/** A machine whose chunks are performed in another order each time, on one thread: where one needs another, that shows at once. */
export function inAnyOrder(machine: WasmMachine, seed = 1): WasmMachine {
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const order = (count: number): number[] => {
    const chunks = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = below(i + 1);
      [chunks[i], chunks[j]] = [chunks[j]!, chunks[i]!];
    }
    return chunks;
  };
  const memory = makeSharedMemory(machine.bytes);
  if (typeof memory === 'string') throw new Error(memory);
  machine.share(memory, new Crew(memory, { ...EAGER, chunksEach: 5 }, order));
  return machine;
}
