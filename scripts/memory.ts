/**
 * How much memory programs need that make and drop much: `npm run memory` measures, prints megabytes, and fails beyond the bounds that are stated here.
 * It takes some minutes; `--quick` makes a tenth of the models and steps. Each case is a process of its own.
 */

import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  Adam,
  Conv2d,
  crossEntropy,
  Linear,
  maxPool2d,
  Parameter,
  relu,
  Sequential,
  SGD,
  SoftmaxCrossEntropy,
  Tanh,
  Tape,
  Tensor,
} from '../src/index.ts';

const quick = process.argv.includes('--quick');
const few = quick ? 10 : 1;

/** A program, what it holds at its end, and how many megabytes more than before may be resident while it runs, and alive at its end. */
interface Case {
  readonly title: string;
  readonly run: (look: () => void) => unknown;
  readonly most: number;
  readonly left: number;
}

const cases: readonly Case[] = [
  {
    title: '10,000 models in a synchronous loop, one after another',
    run(look) {
      for (let i = 0; i < 10_000 / few; i++) {
        const model = new Linear(784, 300, { initialization: 'zeros' });
        new Adam(model).minimize(() => model.forward(Tensor.ones([1, 784])).sum());
        if (i % 100 === 0) look();
      }
    },
    most: 400,
    left: 250,
  },
  {
    title: '1,000,000 steps of a small network',
    run(look) {
      const model = new Sequential(new Linear(2, 16, { seed: 1 }), new Tanh(), new Linear(16, 2, { seed: 2 }));
      const [optimizer, loss] = [new SGD(model, { learningRate: 0.01, momentum: 0.9 }), new SoftmaxCrossEntropy()];
      const [x, y] = [Tensor.normal([8, 2], { seed: 3 }), Tensor.zeros([8], 'int32')];
      for (let i = 0; i < 1_000_000 / few; i++) {
        optimizer.minimize(() => loss.forward(model.forward(x), y));
        if (i % 10_000 === 0) look();
      }
      return model;
    },
    most: 150,
    left: 60,
  },
  {
    title: '100,000 steps of a small convolutional network',
    run(look) {
      const [convolution, head] = [new Conv2d(1, 4, 3, { seed: 1 }), new Linear(36, 3, { seed: 2 })];
      const model = { convolution, head };
      const optimizer = new SGD(model, { learningRate: 0.01 });
      const [x, y] = [Tensor.normal([4, 1, 8, 8], { seed: 3 }), Tensor.zeros([4], 'int32')];
      for (let i = 0; i < 100_000 / few; i++) {
        optimizer.minimize(() => crossEntropy(head.forward(maxPool2d(relu(convolution.forward(x)), 2).flatten(1)), y));
        if (i % 1000 === 0) look();
      }
      return model;
    },
    most: 150,
    left: 60,
  },
  {
    title: '12,000 tensors of 128 bytes, kept among others that are not',
    run: () =>
      Array.from({ length: 12_000 }, () => {
        for (const size of [30, 512, 2000]) Tensor.ones([size]).neg();
        return Tensor.ones([32]).neg();
      }),
    most: 150,
    left: 20,
  },
  {
    title: '30 gradients of 31 KB, kept unread, of batches of 13 MB',
    run(look) {
      const layer = new Linear(784, 10);
      return Array.from({ length: 30 }, () => {
        const tape = new Tape();
        const gradients = tape.backward(tape.record(() => layer.forward(Tensor.zeros([4096, 784])).sum()));
        look();
        return gradients;
      });
    },
    most: 400,
    left: 100,
  },
  {
    title: 'an operation on 2²⁶ numbers, then none',
    run: (look) => {
      Tensor.ones([2 ** 26])
        .neg()
        .sum();
      look();
    },
    most: 700,
    left: 60,
  },
  {
    title: '20,000 parameters dropped beside as many that are kept',
    run: () => Array.from({ length: 40_000 }, () => new Parameter(Tensor.ones([8]))).filter((_, i) => i % 2 === 0),
    most: 150,
    left: 80,
  },
];

const resident = (): number => process.memoryUsage().rss / 2 ** 20;

/** What is alive: objects, buffers, and the memory of the kernels. */
async function settled(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Runs one case in this process, and prints what it needed. */
async function measure({ title, run, most, left }: Case): Promise<void> {
  Tensor.ones([100]).neg().sum();
  const [alive, before] = [await settled(), resident()];
  let peak = before;
  const look = () => (peak = Math.max(peak, resident()));
  const start = performance.now();
  const held = run(look);
  look();
  const seconds = (performance.now() - start) / 1000;
  const [highest, after] = [peak - before, (await settled()) - alive];
  const fails = highest > most || after > left;
  console.log(
    `${title}: ${highest.toFixed(0)} MB more at most (bound ${most}), ${after.toFixed(0)} MB alive at the end (bound ${left}), ${seconds.toFixed(1)} s${fails ? ': TOO MUCH' : ''}`,
  );
  if (fails) process.exitCode = 1;
  // Alive until here.
  if (Array.isArray(held) && held.length === 0) console.log('nothing was held');
}

const which = process.argv.indexOf('--case');
if (which >= 0) await measure(cases[Number(process.argv[which + 1])]!);
else
  cases.forEach((_, i) => {
    try {
      execFileSync(process.execPath, ['--import', 'tsx', 'scripts/memory.ts', '--case', `${i}`, ...(quick ? ['--quick'] : [])], {
        stdio: 'inherit',
      });
    } catch {
      process.exitCode = 1;
    }
  });
