/**
 * What a worker does with a job. BullMQ runs this module in a process of its own, since a training occupies a thread: one that also had to say that it still has its job would lose it.
 */

import type { SandboxedJob } from 'bullmq';
import { type Job, runTrial, writeOutcome } from 'tapegrad/sweep';
import trial from '../lib/spirals.ts';

// A worker that is killed leaves this process behind: it would go on with what another worker is given.
process.once('disconnect', () => process.exit());

/** The outcome as text: of an object, NaN and infinities would become null on their way through Redis. */
export default async function run({ data }: SandboxedJob<Job>, _token?: string, signal?: AbortSignal): Promise<string> {
  return writeOutcome(await runTrial(data, trial, { folder: process.env['FOLDER']!, signal }));
}
