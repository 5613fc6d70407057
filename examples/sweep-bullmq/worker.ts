/** A worker of the queue: `REDIS=redis://localhost:6379 FOLDER=… node --import tsx worker.ts`, on any machine that sees both. */

import { Worker } from 'bullmq';
import { connectionTo, LOCK, QUEUE } from './queue.ts';

const worker = new Worker(QUEUE, new URL('./processor.ts', import.meta.url), {
  connection: connectionTo(process.env['REDIS'] ?? 'redis://localhost:6379'),
  lockDuration: LOCK,
  stalledInterval: LOCK,
  // By default a job whose worker is killed twice has failed.
  maxStalledCount: 1000,
});
worker.on('error', (error) => console.error(error.message));
process.once('SIGTERM', () => worker.close(true));
