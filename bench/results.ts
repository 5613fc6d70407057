/** What a run of the benchmark finds. */

import type { Program } from './program.ts';
import type { ThreadTimes } from './threads.ts';

export interface Results extends Program {
  readonly rounds: number;
  readonly milliseconds: number;
  /** The contenders that did not take part, in all jobs or in one, and why. */
  readonly absent: Record<string, string>;
  /** Milliseconds a call, one number a round, by job and contender. */
  readonly perCall: Record<string, Record<string, number[]>>;
  /** Two threads against one, by job. */
  threads?: Record<string, ThreadTimes>;
  /** The bytes that a fresh process has taken, by job and contender. */
  readonly peaks: Record<string, Record<string, number>>;
  /** The largest relative difference between the losses of the first steps and tapegrad's. */
  readonly losses: Record<string, Record<string, number>>;
  readonly versions: Record<string, string>;
}

export const sorted = (times: readonly number[]) => [...times].sort((a, b) => a - b);
export const median = (times: readonly number[]) => sorted(times)[times.length >> 1]!;
export const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
