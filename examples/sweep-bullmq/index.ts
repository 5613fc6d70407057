/**
 * A sweep by workers of a queue: starts Redis, the queue and workers, runs the trials of `../lib/spirals.ts` and prints what they found, the same as one process would.
 *
 * `npm start -- --workers 4`, default 2. `--folder path`, where Redis and the trials keep what they have: default `build`. Whatever is killed, started again with the same folder it
 * goes on. `--kill 3` kills a worker so many times at random moments, to show it. With `REDIS`, a URL, it uses that Redis and starts none.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Queue, QueueEvents } from 'bullmq';
import { type Job, type Outcome, readOutcome } from 'tapegrad/sweep';
import { makeTrials } from '../lib/spirals.ts';
import { connectionTo, QUEUE } from './queue.ts';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2' },
    folder: { type: 'string', default: 'build' },
    kill: { type: 'string', default: '0' },
  },
});
const folder = resolve(values.folder);
mkdirSync(folder, { recursive: true });

/** A Redis that writes down what it has, and throws nothing away. */
async function redis(): Promise<{ readonly url: string; readonly server?: ChildProcess }> {
  const given = process.env['REDIS'];
  if (given) return { url: given };
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as { port: number };
  await new Promise((closed) => socket.close(closed));
  const options = { port, bind: '127.0.0.1', dir: folder, appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  await once(server, 'spawn');
  return { url: `redis://127.0.0.1:${port}`, server };
}

const { url, server } = await redis();
const connection = connectionTo(url);
const queue = new Queue<Job>(QUEUE, { connection });
// Each job that is waited for adds one.
queue.setMaxListeners(0);
const events = new QueueEvents(QUEUE, { connection });
events.on('stalled', ({ jobId }) => console.log(`${jobId}: its worker is gone; another one takes it`));
events.on('completed', ({ jobId }) => console.log(`${jobId}: done`));

const start = () =>
  spawn(process.execPath, ['--import', 'tsx', new URL('./worker.ts', import.meta.url).pathname], {
    env: { ...process.env, REDIS: url, FOLDER: folder },
    stdio: 'inherit',
  });
const workers = Array.from({ length: Number(values.workers) }, start);

/** Kills workers, one after another, each in the middle of something, and starts others. */
async function kill(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    while (!trials.finished && (await queue.getActiveCount()) < workers.length) await sleep(50);
    if (trials.finished) return;
    await sleep(1000 * Math.random());
    const place = i % workers.length;
    workers[place]!.kill('SIGKILL');
    workers[place] = start();
    console.log(`worker ${place} is killed`);
  }
}

/** Hands out a job, once whatever happens, and waits for what becomes of it. */
async function outcomeOf(job: Job): Promise<Outcome> {
  // A trial that throws has an outcome. What is tried again is a process that dies: out of memory, say.
  const handedOut = await queue.add('trial', job, { jobId: job.id, attempts: 5, backoff: { type: 'exponential', delay: 1000 } });
  try {
    return readOutcome(await handedOut.waitUntilFinished(events), job.id);
  } catch (error) {
    return { error: { name: 'Error', message: String(error) } };
  }
}

const trials = makeTrials();
const killing = kill(Number(values.kill));
while (!trials.finished) {
  const jobs = trials.ask();
  const outcomes = await Promise.all(jobs.map(outcomeOf));
  for (const [i, job] of jobs.entries()) trials.tell(job.id, outcomes[i]!);
}
await killing;
console.log(`\n${trials.result}\n\nbest: ${JSON.stringify(trials.result.best?.configuration)}`);

for (const worker of workers) worker.kill();
await Promise.all(workers.map((worker) => worker.exitCode ?? once(worker, 'exit')));
await Promise.all([queue.close(), events.close()]);
server?.kill();
