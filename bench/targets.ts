/** What was wanted, and whether it was found. */

import { BATCHES, PRODUCTS } from './jobs.ts';
import { median, type Results } from './results.ts';
import { BESIDE_OTHERS, besideOthers, gain, type ThreadTimes, TWO_THREADS } from './threads.ts';

/** Something measured, and what was wanted of it. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean | undefined;
}

export function targets({ perCall, threads = {}, peaks, size, importing, firstStep }: Results): readonly Target[] {
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
  const torch = { 1: 2.5, 8: 1.2, 64: 0.6, 256: 0.55 };
  const before = { 1: 1.1, 8: 1.2, 64: 1.2, 256: 1.15 };
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
    ...BATCHES.map((batch) => faster(`the step at batch ${batch}, against the build before`, `step ${batch}`, 'before', before[batch])),
    ...(['Adam', 'AdamW'] as const).flatMap((name) => [
      faster(`the step at batch 64 with ${name}, against PyTorch`, `step 64, ${name}`, 'torch', 0.7),
      faster('… against the build before', `step 64, ${name}`, 'before', 1.5),
    ]),
    ...MODELS.flatMap(({ job, title, torch, before, revectorized: wanted }) => [
      faster(`${title}, against PyTorch`, job, 'torch', torch),
      faster('… against the build before', job, 'before', before),
      ...(wanted ? [faster('… revectorized on Node 26, against PyTorch', job, 'torch', wanted, revectorized)] : []),
    ]),
    ...Object.entries(TWO_THREADS).map(([job, least]) => byThreads(job, threads[job], least)),
    ...Object.entries(BESIDE_OTHERS).map(([job, least]) => byThreads(besideOthers(job), threads[besideOthers(job)], least)),
    ...memoryTargets(peaks),
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
    ...['tiny', 'small: add, sum and backward', 'small: 30 operations on 16 numbers, backward'].flatMap((job) => [
      faster(`${job}, against PyTorch`, job, 'torch', 5),
      faster('… against the build before', job, 'before', 1.3),
    ]),
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

/** How many times as fast as PyTorch and as the build before the models are to be. */
const MODELS = [
  { job: 'cnn', title: 'convolutional network', torch: 0.7, before: 7, revectorized: 1 },
  { job: 'transformer', title: 'Transformer', torch: 0.75, before: 3, revectorized: 1 },
  { job: 'gru', title: 'gated recurrent unit', torch: 0.7, before: 3.5, revectorized: undefined },
];

function byThreads(job: string, times: ThreadTimes | undefined, least: number): Target {
  const found = times && gain(times);
  return {
    what: `two threads against one: ${job}`,
    wanted: `≥ ${least} ×`,
    found: found ? `${found.median.toFixed(2)} × (best ${found.best.toFixed(2)} ×)` : '',
    met: found && found.median >= least,
  };
}

/** What the large convolution reads and writes. */
const LARGE_BYTES = 4 * (16 * 64 * 128 * 128 + 16 * 8 * 122 * 122);

function memoryTargets(peaks: Results['peaks']): readonly Target[] {
  const most = (what: string, used: number | undefined, other: number | undefined, wanted: number): Target => {
    const ratio = used && other && used / other;
    return {
      what,
      wanted: `≤ ${wanted} ×`,
      found: ratio ? `${ratio.toFixed(2)} ×` : '',
      met: ratio === undefined || ratio === 0 ? undefined : ratio <= wanted,
    };
  };
  const [network, large] = [peaks['cnn'], peaks['large convolution']];
  return [
    most('peak memory of the convolutional network, against the build before', network?.['tapegrad'], network?.['before'], 0.6),
    most('… against PyTorch', network?.['tapegrad'], network?.['torch'], 1.2),
    most('peak memory of the large convolution, against its images and results', large?.['tapegrad'], LARGE_BYTES, 4),
    most('… against PyTorch', large?.['tapegrad'], large?.['torch'], 1.2),
  ];
}
