/** Two threads against one, each time in a fresh process: what another job has left behind is no part of it. */

import { spawn } from 'node:child_process';
import { type Contender, start } from './contenders.ts';
import { type Job, jobs } from './jobs.ts';
import { median, sorted } from './results.ts';

/** How many times as fast two threads are to be on free cores. */
export const TWO_THREADS: Readonly<Record<string, number>> = {
  'step 64': 1.5,
  'step 256': 1.6,
  'step 1024': 1.6,
  '784-1024-10': 1.65,
  cnn: 1.5,
  transformer: 1.4,
};

/** What is also measured beside a program that takes a core: there, at least so many times as fast. */
export const BESIDE_OTHERS: Readonly<Record<string, number>> = { 'step 256': 0.9, cnn: 0.9 };

/** Milliseconds a call, one number a process. */
export interface ThreadTimes {
  readonly one: readonly number[];
  readonly two: readonly number[];
}

/** By how much two threads are faster, in the median and in the best of the processes. */
export const gain = ({ one, two }: ThreadTimes): { readonly median: number; readonly best: number } => ({
  median: median(one) / median(two),
  best: sorted(one)[0]! / sorted(two)[0]!,
});

/** Each job by one thread and by two, in turns. */
export async function measureThreads(
  contenders: { readonly one: Contender; readonly two: Contender },
  wanted: (job: string) => boolean,
  { folder, rounds, milliseconds }: { readonly folder: string; readonly rounds: number; readonly milliseconds: number },
): Promise<Record<string, ThreadTimes>> {
  const found: Record<string, ThreadTimes> = {};
  const measure = async (title: string, { request }: Job) => {
    const times: Record<'one' | 'two', number[]> = { one: [], two: [] };
    for (let round = 0; round < rounds; round++) {
      for (const who of ['one', 'two'] as const) {
        const process = start(contenders[who], folder);
        const { perCall } = await process.ask({ job: request, milliseconds });
        process.end();
        if (perCall !== undefined) times[who].push(perCall);
      }
    }
    if (times.one.length === 0 || times.two.length === 0) return;
    found[title] = times;
    console.log(`two threads against one, ${title}: ${gain(times).median.toFixed(2)} × (best ${gain(times).best.toFixed(2)} ×)`);
  };
  for (const job of jobs) if (job.name in TWO_THREADS && wanted(job.name)) await measure(job.name, job);
  const other = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  try {
    for (const job of jobs) if (job.name in BESIDE_OTHERS && wanted(job.name)) await measure(besideOthers(job.name), job);
  } finally {
    other.kill();
  }
  return found;
}

/** What a job is called where a core is taken. */
export const besideOthers = (job: string): string => `${job}, one core taken`;
