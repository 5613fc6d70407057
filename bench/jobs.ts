/** The jobs that are measured, and the data that all contenders get. */

import { writeFileSync } from 'node:fs';
import { Random } from 'tapegrad';
import { models, writeModels } from './models.ts';

/** One thing to measure: its name, the request to the contenders, and how its time, in milliseconds, is shown. */
export interface Job {
  readonly name: string;
  readonly request: readonly [kind: 'network' | 'model' | 'convolution' | 'product' | 'unary' | 'small', name: string, ...sizes: number[]];
  readonly show: (milliseconds: number) => string;
}

export const BATCHES = [1, 8, 64, 256] as const;
/** A batch that is worth two threads. */
const LARGE = 1024;
export const PRODUCTS = [
  [64, 784, 300],
  [256, 256, 256],
  [1024, 1024, 1024],
] as const;

const microseconds = (time: number) => `${(1000 * time).toPrecision(3)} µs`;
const inMilliseconds = (time: number) => `${time.toPrecision(3)} ms`;
export const flops =
  ([m, k, n]: readonly [number, number, number]) =>
  (time: number) =>
    `${((2e-6 * m * k * n) / time).toFixed(1)} GFLOP/s`;
const samples = (batch: number) => (time: number) => `${(batch / time).toPrecision(3)} k/s`;

export const jobs: readonly Job[] = [
  ...BATCHES.map((batch): Job => ({ name: `step ${batch}`, request: ['network', 'step', batch], show: samples(batch) })),
  { name: `step ${LARGE}`, request: ['network', 'step', LARGE], show: samples(LARGE) },
  ...['Adam', 'AdamW'].map((name): Job => ({ name: `step 64, ${name}`, request: ['network', `step${name}`, 64], show: samples(64) })),
  { name: '784-1024-10', request: ['network', 'wide', 64], show: samples(64) },
  { name: 'tiny', request: ['network', 'tiny', 32], show: microseconds },
  ...Object.keys(models).map((name): Job => ({ name, request: ['model', name], show: inMilliseconds })),
  { name: 'large convolution', request: ['convolution', 'large'], show: inMilliseconds },
  ...PRODUCTS.flatMap((sizes) =>
    ['a b', 'a bT', 'aT b'].map(
      (form): Job => ({ name: `product ${form} ${sizes.join('×')}`, request: ['product', form, ...sizes], show: flops(sizes) }),
    ),
  ),
  ...['sigmoid', 'exp', 'tanh', 'add'].map(
    (name): Job => ({ name: `${name} of 10⁶`, request: ['unary', name, 1_000_000], show: inMilliseconds }),
  ),
  ...['add', 'add, recorded', 'add, sum and backward', '30 operations on 16 numbers, backward'].map(
    (name): Job => ({ name: `small: ${name}`, request: ['small', name], show: microseconds }),
  ),
];

/** What is measured by the memory that a fresh process takes for some calls of it. */
export const memoryJobs: readonly { readonly name: string; readonly request: Job['request']; readonly calls: number }[] = [
  { name: 'cnn', request: ['model', 'cnn'], calls: 300 },
  { name: 'large convolution', request: ['convolution', 'large'], calls: 3 },
];

const step = { sizes: [784, 300, 10], activations: ['sigmoid'], optimizer: 'SGD', rate: 0.1, examples: 2048, zeros: 0.81 };
const networks = {
  step,
  stepAdam: { ...step, optimizer: 'Adam', rate: 0.001 },
  stepAdamW: { ...step, optimizer: 'AdamW', rate: 0.001 },
  wide: { ...step, sizes: [784, 1024, 10] },
  tiny: { sizes: [2, 16, 16, 2], activations: ['sigmoid', 'tanh'], optimizer: 'SGD', rate: 0.1, examples: 2048, zeros: 0 },
};

/** Writes data, order and initial weights of the networks, and some numbers. Images are mostly zeros, as those of MNIST. */
export function writeNumbers(folder: string): void {
  const random = new Random(1);
  const write = (name: string, data: Float32Array | Int32Array) => writeFileSync(`${folder}/${name}.bin`, data);
  for (const [name, { examples, zeros, ...spec }] of Object.entries(networks)) {
    const [inputs, classes] = [spec.sizes[0]!, spec.sizes.at(-1)!];
    writeFileSync(`${folder}/${name}.json`, JSON.stringify(spec));
    write(
      `${name}-x`,
      Float32Array.from({ length: examples * inputs }, () => (random.uniform(0, 1) < zeros ? 0 : random.uniform(0, 1))),
    );
    write(
      `${name}-y`,
      Int32Array.from({ length: examples }, () => Math.floor(random.uniform(0, classes))),
    );
    write(`${name}-order`, random.permutation(examples));
    spec.sizes.slice(1).forEach((outputs, i) => {
      const bound = 1 / Math.sqrt(spec.sizes[i]!);
      write(
        `${name}-w${i}`,
        Float32Array.from({ length: spec.sizes[i]! * outputs }, () => random.uniform(-bound, bound)),
      );
      write(`${name}-b${i}`, new Float32Array(outputs));
    });
  }
  writeModels(folder);
  write(
    'numbers',
    Float32Array.from({ length: 1_100_000 }, () => random.uniform(-4, 4)),
  );
}
