/**
 * What a pod does: runs one job of a sweep, whose number is the index of the pod, and keeps its outcome in `FOLDER`, where `collect.ts` finds it. Without a cluster: `JOB_COMPLETION_INDEX=0
 * npm run trial`, for each index.
 *
 * It ends with 0 when there is an outcome, with 42 where the outcome is an error of the trial, which another pod would only repeat, and with anything else when it was interrupted. A pod
 * that is started again finds the outcome, or goes on with the training that is saved.
 */

import { collectTrials, runTrial, writeOutcome } from 'tapegrad/sweep';
import trial, { makeTrials } from '../lib/spirals.ts';

const { JOB_COMPLETION_INDEX: index, FOLDER: folder = 'build', RUNG: rung = '0' } = process.env;
const trials = makeTrials();
// A rung of a search such as `successiveHalving` follows from the outcomes of those before: it is a Job of its own.
await collectTrials(trials, folder);
const job = trials.rung(Number(rung))[Number(index)];
if (!job) throw new Error(`expected JOB_COMPLETION_INDEX from 0 to ${trials.rung(Number(rung)).length - 1}, got ${index}`);

const interruption = new AbortController();
process.once('SIGTERM', () => interruption.abort(new Error('the pod is to end')));
const outcome = await runTrial(job, trial, { folder, signal: interruption.signal });
console.log(job.id, writeOutcome(outcome));
process.exitCode = outcome.error ? 42 : 0;
