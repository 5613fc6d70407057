/**
 * What the bundle does on whatever engine runs it: read the images, run the program, report the result. `--plain` or `?plain` switches the kernels off; `--threads=3` or
 * `?threads=3` divides what is large enough among threads, whether that pays or not; `?asking=3` asks for threads as programs do, and may have none.
 */

import { backend, threads, threadsReady, useBackend, useThreads } from 'tapegrad';
import { machine } from '../../src/machine/backend.ts';
import { Crew, THRESHOLDS } from '../../src/machine/threads/crew.ts';
import type { Host } from '../../src/machine/threads/helper.ts';
import { startThreads } from '../../src/machine/threads/start.ts';
import type { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import { type Hashes, reproduce } from './program.ts';

/** The report of an engine. */
export interface Report extends Hashes {
  readonly kernels: boolean;
  readonly seconds: number;
  /** How many threads were ready, and why there were not as many as were asked for. */
  readonly ready: number;
  readonly reason?: string | undefined;
}

const inBrowser = typeof document !== 'undefined';
const options = inBrowser
  ? [...new URLSearchParams(location.search)].map((pair) => pair.join('='))
  : process.argv.map((argument) => argument.replace(/^--/, ''));
const plain = options.some((option) => /^plain=?$/.test(option));
const numberOf = (name: string): number => Number(options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1) ?? 1);
const [wanted, asking] = [numberOf('threads'), numberOf('asking')];

async function divide(count: number): Promise<void> {
  const crewOf = (memory: WebAssembly.Memory) => new Crew(memory, { ...THRESHOLDS, judges: false });
  const reason = startThreads(machine() as WasmMachine, count, globalThis as Host, crewOf);
  if (reason) throw new Error(reason);
}

async function readImages(): Promise<Uint8Array> {
  const url = new URL('images.bin', import.meta.url);
  if (inBrowser) return new Uint8Array(await (await fetch(url)).arrayBuffer());
  return (await import('node:fs')).readFileSync(url);
}

async function run(): Promise<Report> {
  const images = await readImages();
  useBackend(plain ? 'plain' : 'wasm');
  if (wanted > 1) await divide(wanted);
  if (asking > 1) useThreads(asking);
  await threadsReady();
  const start = performance.now();
  const hashes = await reproduce(images);
  const { ready, reason } = threads();
  return { kernels: backend().name === 'wasm', seconds: (performance.now() - start) / 1000, ready, reason, ...hashes };
}

const tell = (body: string): Promise<unknown> =>
  inBrowser ? fetch('report', { method: 'POST', body }) : Promise.resolve(console.log(body));

// A page cannot exit with a status, so errors are reported as well.
await tell(JSON.stringify(await run().catch((error: unknown) => ({ error: String(error) }))));
