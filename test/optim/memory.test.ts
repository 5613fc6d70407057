/** A long training needs no more memory than a short one. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tanh, Tensor } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in use after garbage collection. */
async function inUse(): Promise<number> {
  // Buffers go in a job of their own, after what held them.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('a training of 100 000 steps uses no more memory at its end than after its beginning', { timeout: 300_000 }, async () => {
  const random = new Random(1);
  const model = new Sequential(
    new Linear(2, 16, { random }),
    new Sigmoid(),
    new Linear(16, 16, { random }),
    new Tanh(),
    new Linear(16, 2, { random }),
  );
  const criterion = new SoftmaxCrossEntropy();
  const optimizer = new SGD(model, { learningRate: 0.05, momentum: 0.9 });
  const [x, y] = [Tensor.normal([8, 2], { random }), Tensor.of([0, 1, 0, 1, 1, 0, 1, 0], 'int32')];
  const train = async (steps: number) => {
    for (let i = 0; i < steps; i++) optimizer.minimize(() => criterion.forward(model.forward(x), y));
    return inUse();
  };
  const early = await train(20_000);
  const late = await train(80_000);
  // A tensor that stayed at every tenth step would be a megabyte and more.
  expect((late - early) / 2 ** 20).toBeLessThan(0.5);
});
