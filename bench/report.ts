/** The results as a page: the targets first, then everything. */

import { availableParallelism, cpus } from 'node:os';
import { BATCHES, jobs, PRODUCTS } from './jobs.ts';
import type { Program } from './program.ts';

export interface Results extends Program {
  readonly rounds: number;
  readonly milliseconds: number;
  /** The contenders that did not take part, in all jobs or in one, and why. */
  readonly absent: Record<string, string>;
  /** Milliseconds a call, one number a round, by job and contender. */
  readonly perCall: Record<string, Record<string, number[]>>;
  /** The largest relative difference between the losses of the first steps and tapegrad's. */
  readonly losses: Record<string, Record<string, number>>;
  readonly versions: Record<string, string>;
}

interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean | undefined;
}

export function report(results: Results): string {
  const { perCall, absent, versions, losses, rounds, milliseconds } = results;
  const names = Object.keys(versions);
  const rows = jobs
    .filter(({ name }) => perCall[name])
    .map(({ name, show }) => [name, ...names.map((peer) => told(perCall[name]![peer], show))]);
  const worst = Math.max(...Object.values(losses).flatMap((found) => Object.values(found)));
  return `# tapegrad beside its peers

Measured by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]!.model.trim()}, ${availableParallelism()} cores shared with other work, one thread each. ${rounds} rounds of bursts of ${milliseconds} ms,
in which all take turns; a cell is the median of the rounds and, in brackets, the best and the worst of them. Ratios are of medians.

*The step* trains 784-300-10 (sigmoid, softmax cross-entropy, plain SGD, float32): forward, backward and update, the batch gathered from a shuffled order, in thousands of
examples a second. *tiny* is one step of 2-16-16-2 (sigmoid, tanh) on 32 examples. Whoever trains starts from the same weights; the losses of the first five steps differ from
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

const sorted = (times: readonly number[]) => [...times].sort((a, b) => a - b);
const median = (times: readonly number[]) => sorted(times)[times.length >> 1]!;

function told(times: readonly number[] | undefined, show: (milliseconds: number) => string): string {
  if (!times) return '';
  const [best, worst] = [sorted(times)[0]!, sorted(times).at(-1)!];
  return `${show(median(times))} (${number(show(best))}–${number(show(worst))})`;
}

const number = (shown: string) => shown.split(' ')[0]!;

function targets({ perCall, size, importing, firstStep }: Results): readonly Target[] {
  const time = (job: string, who: string) => (perCall[job]?.[who] ? median(perCall[job][who]) : undefined);
  /** How many times faster `who` is than a peer. */
  const faster = (what: string, job: string, peer: string, least: number, who = 'tapegrad'): Target => {
    const [own, other] = [time(job, who), time(job, peer)];
    const ratio = own && other ? other / own : undefined;
    return {
      what,
      wanted: `≥ ${least} ×`,
      found: ratio ? `${ratio.toFixed(2)} ×` : '',
      met: ratio === undefined ? undefined : ratio >= least,
    };
  };
  const within = (what: string, value: number | undefined, most: number, unit: string): Target => ({
    what,
    wanted: `≤ ${most} ${unit}`,
    found: value === undefined ? '' : `${value.toPrecision(3)} ${unit}`,
    met: value === undefined ? undefined : value <= most,
  });
  const rate = (job: string, who: string, [m, k, n]: readonly [number, number, number]) => {
    const found = time(job, who);
    return found && (2e-6 * m * k * n) / found;
  };
  const least = (what: string, value: number | undefined, wanted: number, unit: string): Target => ({
    what,
    wanted: `≥ ${wanted} ${unit}`,
    found: value === undefined ? '' : `${value.toFixed(1)} ${unit}`,
    met: value === undefined ? undefined : value >= wanted,
  });
  const jax = { 1: 8, 8: 3.5, 64: 2, 256: 1.8 };
  const torch = { 1: 2.5, 8: 1.2, 64: 0.5, 256: 0.45 };
  const micro = (job: string) => {
    const found = time(job, 'tapegrad');
    return found && 1000 * found;
  };
  const revectorized = 'tapegrad 26 revectorized';
  return [
    ...BATCHES.map((batch) => faster(`the step at batch ${batch}, against jax-js`, `step ${batch}`, 'jax-js', jax[batch])),
    ...BATCHES.map((batch) => faster(`the step at batch ${batch}, against PyTorch`, `step ${batch}`, 'torch', torch[batch])),
    ...([64, 256] as const).map((batch) =>
      faster(`… revectorized on Node 26, at batch ${batch}`, `step ${batch}`, 'torch', 0.7, revectorized),
    ),
    within('tiny network, a step', time('tiny', 'tapegrad'), 0.045, 'ms'),
    ...['numpy', 'arrays'].map((peer) => faster(`tiny network, against ${peer}`, 'tiny', peer, 1)),
    ...['jax-js', 'tfjs', 'deepbox'].map((peer) => faster(`tiny network, against ${peer}`, 'tiny', peer, 5)),
    ...PRODUCTS.flatMap((sizes) => {
      const [name, job] = [sizes.join('×'), (form: string) => `product ${form} ${sizes.join('×')}`];
      return [
        least(`product ${name}`, rate(job('a b'), 'tapegrad', sizes), 42, 'GFLOP/s'),
        faster('… against tfjs', job('a b'), 'tfjs', 1.35),
        ...['a bT', 'aT b'].map((form): Target => {
          const [turned, upright] = [time(job(form), 'tapegrad'), time(job('a b'), 'tapegrad')];
          const ratio = turned && upright && upright / turned;
          return {
            what: `… ${form}, against a b`,
            wanted: '≥ 0.9 ×',
            found: ratio ? `${ratio.toFixed(2)} ×` : '',
            met: ratio === undefined ? undefined : ratio >= 0.9,
          };
        }),
        least('… revectorized on Node 26', rate(job('a b'), revectorized, sizes), 62, 'GFLOP/s'),
      ];
    }),
    within('sigmoid of 10⁶', time('sigmoid of 10⁶', 'tapegrad'), 1.7, 'ms'),
    within('… revectorized on Node 26', time('sigmoid of 10⁶', revectorized), 1.2, 'ms'),
    within('add of 4 numbers, recorded', micro('small: add, recorded'), 0.5, 'µs'),
    within('add of 4 numbers, sum and backward', micro('small: add, sum and backward'), 1.5, 'µs'),
    {
      ...faster('plain definitions: so many times slower, at batch 64', 'step 64', 'tapegrad plain', 0),
      ...slower(time('step 64', 'tapegrad plain'), time('step 64', 'tapegrad')),
    },
    within('import of the package', importing, 25, 'ms'),
    within('first step', firstStep, 60, 'ms'),
    within('a program that trains on MNIST, minified and compressed', size / 1000, 25, 'KB'),
  ];
}

function slower(plain: number | undefined, own: number | undefined): Pick<Target, 'wanted' | 'found' | 'met'> {
  const ratio = plain && own && plain / own;
  return { wanted: '≤ 25 ×', found: ratio ? `${ratio.toFixed(1)} ×` : '', met: ratio === undefined ? undefined : ratio <= 25 };
}
