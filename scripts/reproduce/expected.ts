/** The committed hashes, and how others differ from them. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Report } from './entry.ts';
import type { Hashes } from './program.ts';

const file = new URL('expected.json', import.meta.url);

export const readExpected = (): Hashes => JSON.parse(readFileSync(file, 'utf8')) as Hashes;

export const writeExpected = ({ all, parts }: Hashes): void => writeFileSync(file, `${JSON.stringify({ all, parts }, null, 2)}\n`);

/** The names of the parts that are not as expected. */
export function differences(expected: Hashes, { parts }: Hashes): string[] {
  const names = [...new Set([...Object.keys(expected.parts), ...Object.keys(parts)])];
  return names.filter((name) => expected.parts[name] !== parts[name]);
}

/** What an engine was asked for. */
export interface Asked {
  readonly kernels: boolean;
  /** Among how many threads; 1 by default. */
  readonly threads?: number;
  /** Whether it asked for threads where it cannot have any. */
  readonly refused?: boolean;
}

/** What is wrong with a report, in a sentence; undefined if nothing is. */
export function complaint(expected: Hashes, report: Report, { kernels, threads = 1, refused = false }: Asked): string | undefined {
  if (report.kernels !== kernels) return kernels ? 'the kernels are not available there' : 'the kernels were not switched off';
  if (report.ready !== threads) return `${report.ready} of ${threads} threads were ready`;
  if (refused && !report.reason?.includes('cross-origin isolated'))
    return `threads() does not say why there are none, but: ${report.reason}`;
  const differing = differences(expected, report);
  return differing.length === 0 ? undefined : `not the expected bits in: ${differing.join('; ')}`;
}
