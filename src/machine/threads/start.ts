/** The start of threads: nothing has changed until it is known that there can be some. */

import { TOTALS_BYTES } from '../wasm/memory.ts';
import type { WasmMachine } from '../wasm/wasm-machine.ts';
import { Crew } from './crew.ts';
import { type Host, makeHelper } from './helper.ts';
import { makeSharedMemory } from './shared-memory.ts';

/** Has so many threads compute what a machine does. The reason, if they cannot be had. */
export function startThreads(
  on: WasmMachine,
  count: number,
  host: Host = globalThis as Host,
  crewOf = (memory: WebAssembly.Memory): Crew => new Crew(memory),
): string | undefined {
  const crew = (on.host.memory.team as Crew | undefined) ?? (count === 1 ? undefined : share(on, host, crewOf));
  if (typeof crew === 'string' || !crew) return crew;
  let reason: string | undefined;
  while (!reason && crew.helpers.length < count - 1) reason = hire(crew, host);
  crew.count = Math.min(count, crew.helpers.length + 1);
  return reason;
}

/** Moves all that a machine keeps to a memory that can be shared. */
function share(on: WasmMachine, host: Host, crewOf: (memory: WebAssembly.Memory) => Crew): Crew | string {
  // A memory may be called shared and yet nobody may be sent it.
  if (!host.SharedArrayBuffer || host.crossOriginIsolated === false) return 'a page that is not cross-origin isolated cannot share memory';
  const memory = makeSharedMemory(on.bytes);
  if (typeof memory === 'string') return memory;
  const crew = crewOf(memory);
  const reason = hire(crew, host);
  if (reason) return reason;
  on.share(memory, crew);
  return crew;
}

/** Adds a helper. */
function hire(crew: Crew, host: Host): string | undefined {
  const index = crew.helpers.length;
  try {
    const helper = makeHelper(host, (reason) => crew.fail(reason));
    helper.postMessage({ words: crew.board.words, memory: crew.memory, totals: (index + 1) * TOTALS_BYTES, index });
    crew.helpers.push(helper);
    return undefined;
  } catch (error) {
    return `no worker can be started: ${error}`;
  }
}
