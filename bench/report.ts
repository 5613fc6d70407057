/** The results as a page: the targets first, then everything. */

import { availableParallelism, cpus } from 'node:os';
import { jobs } from './jobs.ts';
import { median, megabytes, type Results, sorted } from './results.ts';
import { targets } from './targets.ts';
import { gain } from './threads.ts';

export function report(results: Results): string {
  const { perCall, threads = {}, peaks, absent, versions, losses, rounds, milliseconds } = results;
  const names = Object.keys(versions);
  const rows = jobs
    .filter(({ name }) => perCall[name])
    .map(({ name, show }) => [name, ...names.map((peer) => told(perCall[name]![peer], show))]);
  const worst = Math.max(...Object.values(losses).flatMap((found) => Object.values(found)));
  return `# tapegrad beside its peers

Measured by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]!.model.trim()}, ${availableParallelism()} cores shared with other work, one thread each. ${rounds} rounds of bursts of ${milliseconds} ms,
in which all take turns; a cell is the median of the rounds and, in brackets, the best and the worst of them. Ratios are of medians.

*The step* trains 784-300-10 (sigmoid, softmax cross-entropy, plain SGD, float32): forward, backward and update, the batch gathered from a shuffled order, in thousands of
examples a second; *Adam*, *AdamW* and *784-1024-10* are the same with that optimizer or width. *tiny* is one step of 2-16-16-2 (sigmoid, tanh) on 32 examples. *cnn* is a step of two
convolutions (1 → 8 → 16 channels, 5 × 5, relu, pooling by 2) and 256-10 on 64 images of 28 × 28, with SGD; *transformer* of two blocks (width 64, 4 heads, normalized first, causal) on 8 × 64 words
of 65, with AdamW; *gru* of a gated recurrent unit (32 → 128) along 16 × 64 words of 65, with Adam. *large convolution* is [16, 64, 128, 128] by [8, 64, 7, 7], forward. Whoever trains starts from the same weights; the losses of the first five steps differ from
tapegrad's by ${worst.toExponential(1)} of their size at most (table below).

## Targets

${table(
  ['', 'target', 'measured', ''],
  targets(results).map(({ what, wanted, found, met }) => [
    what,
    wanted,
    found,
    met === undefined ? 'not measured' : met ? 'met' : '**not met**',
  ]),
)}

## Who took part

${table(
  ['', 'version'],
  names.map((name) => [name, versions[name]!]),
)}

${
  Object.entries(absent)
    .map(([who, why]) => `- ${who} did not: ${why}`)
    .join('\n') || 'All of them.'
}

## All figures

${table(['', ...names], rows)}

## Two threads

Each number from processes of their own, one thread and two in turns: how many times as fast two are, in the median and in the best of ${rounds} processes each.

${table(
  ['', 'median', 'best'],
  Object.entries(threads).map(([job, times]) => [job, `${gain(times).median.toFixed(2)} ×`, `${gain(times).best.toFixed(2)} ×`]),
)}

## Memory

The most that a fresh process has taken after some calls, with its engine and libraries. Memory is flat: 100,000 steps of a small convolutional network take 59 MB more at most, and
3 MB are alive at the end (\`npm run memory\`, Node 20).

${table(
  ['', ...names],
  Object.entries(peaks).map(([job, found]) => [job, ...names.map((name) => (found[name] ? megabytes(found[name]) : ''))]),
)}

## The same work

The largest difference of the losses of the first five steps, as a part of them:

${table(
  ['', ...names],
  Object.entries(losses).map(([job, found]) => [job, ...names.map((name) => found[name]?.toExponential(1) ?? '')]),
)}
`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function told(times: readonly number[] | undefined, show: (milliseconds: number) => string): string {
  if (!times) return '';
  const [best, worst] = [sorted(times)[0]!, sorted(times).at(-1)!];
  return `${show(median(times))} (${number(show(best))}–${number(show(worst))})`;
}

const number = (shown: string) => shown.split(' ')[0]!;
