/** What a tape and a sweep hold, and for how long: the rest is garbage, and goes. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import {
  Linear,
  onGradient,
  Parameter,
  Random,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxCrossEntropy,
  Tanh,
  Tape,
  Tensor,
} from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes that are in use after all garbage has gone. */
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

test('a sweep lets go of each gradient once it has been passed on', () => {
  const [layers, size] = [60, 2 ** 18];
  const w = new Parameter(Tensor.ones([size]));
  const held: number[] = [];
  const tape = new Tape();
  const loss = tape.record(() => {
    let h: Tensor = w;
    for (let i = 0; i < layers; i++) {
      h = onGradient(h.mul(0.99), () => {
        collect();
        return void held.push(process.memoryUsage().arrayBuffers);
      });
    }
    return h.sum();
  });
  tape.backward(loss);
  expect(held.length).toBe(layers);
  // All gradients together would be 120 megabytes.
  expect((Math.max(...held) - held[0]!) / 2 ** 20).toBeLessThan(8);
});

test('a tape that was swept holds no tensor, and can still be read', () => {
  const w = new Parameter(Tensor.of([1, 2]), 'w');
  const tape = new Tape();
  const loss = tape.record(() => w.mul(w).sum());
  const text = String(tape);
  tape.backward(loss);
  expect(tape.values.every(({ tensor }) => tensor === undefined)).toBe(true);
  expect(String(tape)).toBe(text);
});
