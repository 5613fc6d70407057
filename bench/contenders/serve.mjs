/**
 * What all JavaScript contenders have in common: they read the same numbers from a folder, and answer requests, one a line on stdin, with one line
 * on stdout. `{ job, milliseconds }` asks how long a call takes, `{ job, losses }` for the losses of the first steps of a new network, and
 * `{ job, calls }`, in a fresh process, for the memory that so many calls take.
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

/** Batches of a model, one after another, over and over. */
function* modelBatches(name, { batch, words }) {
  const x = words ? integers(`${name}-x`) : floats(`${name}-x`);
  const y = integers(`${name}-y`);
  const count = 8;
  const part = (data, i) => data.slice((i * data.length) / count, ((i + 1) * data.length) / count);
  for (let i = 0; ; i = (i + 1) % count) yield [part(x, i), part(y, i), batch];
}

/** The images and the filters of the large convolution: [16, 64, 128, 128] and [8, 64, 7, 7]. */
function large() {
  const numbers = floats('numbers');
  const x = new Float32Array(16 * 64 * 128 * 128);
  for (let at = 0; at < x.length; at += 2 ** 20) x.set(numbers.subarray(0, Math.min(2 ** 20, x.length - at)), at);
  return [x, numbers.slice(7, 7 + 8 * 64 * 7 * 7)];
}

/**
 * @param contender which jobs it has: `network(spec, parameters)` returns `(x, y, rows) => loss`, one step; so does
 * `models[name](spec, parameters)`; `convolution(x, w)`, `product(form, a, b, [m, k, n])`, `unaryOp(name, x)` and `small(name)` return a function that
 * does it once. What it does not have it does not answer.
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
    if (kind === 'model') {
      const spec = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
      const parameters = Object.fromEntries(Object.keys(spec.parameters).map((key, i) => [key, floats(`${name}-p${i}`)]));
      const step = contender.models?.[name]?.(spec, parameters);
      const source = modelBatches(name, spec);
      return step && (() => step(...source.next().value));
    }
    if (kind === 'convolution') return contender.convolution?.(...large());
    if (kind === 'product') {
      const [m, k, n] = sizes;
      const numbers = floats('numbers');
      return contender.product?.(name, numbers.slice(0, name === 'aT b' ? k * m : m * k), numbers.slice(5, 5 + k * n), [m, k, n]);
    }
    if (kind === 'unary') return contender.unaryOp?.(name, floats('numbers').slice(0, sizes[0]));
    return contender.small?.(name);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const { job, milliseconds, losses, calls } = JSON.parse(line);
    try {
      if (calls) {
        const run = make(job);
        for (let i = 0; run && i < calls; i++) run();
        // In bytes; the host counts in KiB.
        console.log(JSON.stringify(run ? { peak: 1024 * process.resourceUsage().maxRSS } : {}));
        continue;
      }
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
  const first = timed(1);
  if (first > milliseconds) return first;
  const calls = Math.max(1, Math.round(4 / timed(2)));
  const times = [];
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    times.push(timed(calls));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}
