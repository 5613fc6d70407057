/**
 * What all JavaScript contenders have in common: they read the same numbers from a folder, and answer requests, one a line on stdin, with one line
 * on stdout. `{ job, milliseconds }` asks how long a call takes, `{ job, losses }` for the losses of the first steps of a new network.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
// Node reads small files into a buffer that they share.
const read = (name) => new Uint8Array(readFileSync(`${folder}/${name}.bin`)).buffer;
export const floats = (name) => new Float32Array(read(name));
const integers = (name) => new Int32Array(read(name));

/** Batches of a dataset in a shuffled order, over and over. */
function* batches(dataset, width, rows) {
  const [x, y, order] = [floats(`${dataset}-x`), integers(`${dataset}-y`), integers(`${dataset}-order`)];
  for (let at = 0; ; at = at + 2 * rows > order.length ? 0 : at + rows) {
    const batch = new Float32Array(rows * width);
    const classes = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const from = order[at + row];
      batch.set(x.subarray(from * width, (from + 1) * width), row * width);
      classes[row] = y[from];
    }
    yield [batch, classes];
  }
}

/**
 * @param contender which jobs it has: `network(spec, parameters)` returns `(x, y, rows) => loss`, one step; `product(form, a, b, [m, k, n])`,
 * `unaryOp(name, x)` and `small(name)` return a function that does it once. What it does not have it does not answer.
 */
export async function serve(contender) {
  const running = new Map();
  const make = (job) => {
    const [kind, name, ...sizes] = job;
    if (kind === 'network') {
      const spec = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
      const parameters = spec.sizes.slice(1).flatMap((_, i) => [floats(`${name}-w${i}`), floats(`${name}-b${i}`)]);
      const step = contender.network?.(spec, parameters);
      const source = batches(name, spec.sizes[0], sizes[0]);
      return step && (() => step(...source.next().value, sizes[0]));
    }
    if (kind === 'product') {
      const [m, k, n] = sizes;
      const numbers = floats('numbers');
      return contender.product?.(name, numbers.slice(0, name === 'aT b' ? k * m : m * k), numbers.slice(5, 5 + k * n), [m, k, n]);
    }
    if (kind === 'unary') return contender.unary?.(name, floats('numbers').slice(0, sizes[0]));
    return contender.small?.(name);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const { job, milliseconds, losses } = JSON.parse(line);
    try {
      if (losses) {
        const step = make(job);
        console.log(JSON.stringify(step ? { losses: Array.from({ length: losses }, () => step()) } : {}));
        continue;
      }
      const key = JSON.stringify(job);
      if (!running.has(key)) {
        running.set(key, make(job));
        // The engine needs its time to install good code.
        if (running.get(key)) await burst(running.get(key), 1000);
      }
      const run = running.get(key);
      console.log(JSON.stringify(run ? { perCall: await burst(run, milliseconds) } : {}));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error?.message ?? error) }));
    }
  }
}

/** Calls for some milliseconds, in groups with pauses, in which the engine may install better code: the median of the groups, per call. */
async function burst(run, milliseconds) {
  const timed = (calls) => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    return (performance.now() - start) / calls;
  };
  timed(1);
  const calls = Math.max(1, Math.round(4 / timed(2)));
  const times = [];
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    times.push(timed(calls));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}
