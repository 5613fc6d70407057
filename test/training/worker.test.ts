/** A training in a thread. */

import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import {
  Linear,
  loadStateDict,
  ShapeError,
  serveTraining,
  Tensor as T,
  type Tensor,
  type TrainingStep,
  trainInWorker,
} from '../../src/index.ts';

const [x, y] = [T.normal([8, 2], { seed: 1 }), T.normal([8, 1], { seed: 2 })];
// A thread of Node 20 reads TypeScript only with a hook, which it sets up itself.
const module = new URL('../lib/training-worker.ts', import.meta.url).href;
const code = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${module}', '${import.meta.url}'))`;
const spawn = () => new Worker(code, { eval: true });

test('steps come back while it trains, and tensors in its result', async () => {
  const steps: TrainingStep[] = [];
  const found = await trainInWorker<{ weights: Record<string, Tensor>; list: Tensor[] }>(
    spawn(),
    { epochs: 3, x, y },
    { onStep: (at) => steps.push(at) },
  );
  expect(steps.map(({ step }) => step)).toEqual([0, 1, 2]);
  expect(steps[2]!.loss).toBeLessThan(steps[0]!.loss);
  const model = new Linear(2, 1);
  loadStateDict(model, found.weights);
  expect(found.list[0]!.toArray()).toEqual([1]);
}, 60_000);

test('a signal cancels it there, and its reason is thrown here', async () => {
  const controller = new AbortController();
  const training = trainInWorker(
    spawn(),
    { x, y, hang: true },
    { signal: controller.signal, onStep: ({ step }) => step === 5 && controller.abort(new Error('enough')) },
  );
  await expect(training).rejects.toThrow('enough');
}, 60_000);

test('what cannot be copied is refused here, and what a listener throws is thrown to the one who waits', async () => {
  const model = new Linear(2, 1);
  for (const input of [model, { model }, { parts: [new Set([x])] }])
    expect(() => trainInWorker(new URL('file:///x.js'), input)).toThrow(
      /^trainInWorker: expected tensors in plain objects and arrays, got .*send stateDict\(model\)/,
    );
  await expect(trainInWorker(spawn(), { epochs: 1, x, y, f: () => 1 })).rejects.toThrow(
    /^trainInWorker: the input cannot be copied to another thread: /,
  );
  await expect(trainInWorker(spawn(), { epochs: 1, x, y, f: () => 1 })).rejects.toHaveProperty('cause.name', 'DataCloneError');
  const onStep = () => {
    throw new RangeError('no more');
  };
  await expect(trainInWorker(spawn(), { epochs: 3, x, y }, { onStep })).rejects.toThrow('no more');
}, 60_000);

test('an error there is one of the same class here', async () => {
  const failing = trainInWorker(spawn(), { x, y, fail: true });
  await expect(failing).rejects.toThrow(ShapeError);
  await expect(failing).rejects.toThrow('no such shape');
}, 60_000);

test('a module that serves no training, or that cannot be run, is told', async () => {
  await expect(trainInWorker(new Worker('', { eval: true }), {})).rejects.toThrow(
    /ended with code 0 before the training did; does its module call serveTraining/,
  );
  await expect(trainInWorker(new URL('file:///nowhere/at-all.js'))).rejects.toThrow(/at-all/);
}, 60_000);

test('what is no worker, no function and no option is refused, and nothing starts for a signal that is over', async () => {
  expect(() => trainInWorker('./training.js' as never)).toThrow(/expected a worker, or the URL of its module/);
  expect(() => trainInWorker(new URL('file:///x.js'), {}, { onstep: 1 } as never)).toThrow(/did you mean onStep/);
  expect(() => trainInWorker(new URL('file:///x.js'), {}, { signal: AbortSignal.abort(new Error('over')) })).toThrow('over');
  expect(() => serveTraining(3 as never)).toThrow(/expected a function of the input/);
});
