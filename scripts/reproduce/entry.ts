/** What the bundle does on whatever engine runs it: read the images, run the program, report the result. `--plain` or `?plain` switches the kernels off. */

import { backend, useBackend } from 'tapegrad';
import { type Hashes, reproduce } from './program.ts';

/** The report of an engine. */
export interface Report extends Hashes {
  readonly kernels: boolean;
  readonly seconds: number;
}

const inBrowser = typeof document !== 'undefined';
const plain = inBrowser ? location.search === '?plain' : process.argv.includes('--plain');

async function readImages(): Promise<Uint8Array> {
  const url = new URL('images.bin', import.meta.url);
  if (inBrowser) return new Uint8Array(await (await fetch(url)).arrayBuffer());
  return (await import('node:fs')).readFileSync(url);
}

async function run(): Promise<Report> {
  const images = await readImages();
  useBackend(plain ? 'plain' : 'wasm');
  const start = performance.now();
  const hashes = await reproduce(images);
  return { kernels: backend().name === 'wasm', seconds: (performance.now() - start) / 1000, ...hashes };
}

const tell = (body: string): Promise<unknown> =>
  inBrowser ? fetch('report', { method: 'POST', body }) : Promise.resolve(console.log(body));

// A page cannot exit with a status, so errors are reported as well.
await tell(JSON.stringify(await run().catch((error: unknown) => ({ error: String(error) }))));
