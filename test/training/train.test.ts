/** A training as a loop over its steps. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import {
  Adam,
  BatchNorm,
  crossEntropy,
  Dropout,
  LBFGS,
  Linear,
  loadStateDict,
  manualSeed,
  mseLoss,
  NonFiniteError,
  Parameter,
  parameters,
  Random,
  Run,
  relu,
  Sequential,
  SGD,
  sigmoid,
  stateDict,
  Tensor,
  type TrainingStep,
  type TrainOptions,
  train,
  training,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const x = Tensor.normal([10, 3], { seed: 1 });
const y = Tensor.normal([10, 2], { seed: 2 });
const dataset = new Dataset(x, y);

/** A run with all that chance touches. */
function regression({ batchSize = 4, shuffle = true, seed = 5 } = {}) {
  const model = new Sequential(new Linear(3, 8, { seed: 3 }), new BatchNorm(8), relu, new Dropout(0.3), new Linear(8, 2, { seed: 4 }));
  const optimizer = new Adam(model, { learningRate: 0.01 });
  const data = new DataLoader(dataset, { batchSize, shuffle, seed: 6 });
  return new Run<[Tensor, Tensor]>({ model, optimizer, data, loss: ([x, y]) => mseLoss(model.forward(x), y), random: new Random(seed) });
}

async function all(run: Run, options: TrainOptions): Promise<TrainingStep[]> {
  const found: TrainingStep[] = [];
  for await (const at of train(run, options)) found.push(at);
  return found;
}
const weights = (run: Run) => Object.values(stateDict(run.model)).map(({ data }) => [...data]);

describe('train', () => {
  test('is the loop over batches that one would write', async () => {
    const run = regression();
    const steps = await all(run, { epochs: 2 });
    const other = regression();
    const losses: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++)
      for (const batch of other.data as DataLoader) {
        losses.push(
          training(() => other.optimizer.minimize(() => other.loss(batch as [Tensor, Tensor]) as Tensor), { random: other.random! }),
        );
      }
    expect(steps.map(({ loss }) => loss)).toEqual(losses);
    expect(weights(run)).toEqual(weights(other));
  });

  test('says of each step what happened', async () => {
    const steps = await all(regression(), { epochs: 2 });
    expect(steps.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(steps.map(({ examples }) => examples)).toEqual([4, 4, 2, 4, 4, 2]);
    expect(steps.map(({ batch, batches }) => [batch, batches])).toEqual([1, 2, 3, 1, 2, 3].map((batch) => [batch, 3]));
    expect(steps.map(({ endOfEpoch }) => endOfEpoch)).toEqual([false, false, true, false, false, true]);
    expect(steps.every(({ learningRate }) => learningRate === 0.01)).toBe(true);
  });

  test('weighs the mean of an epoch by examples', async () => {
    const w = new Parameter(Tensor.of(0));
    const losses = [1, 2];
    let next = 0;
    const data = [Tensor.zeros([64]), Tensor.zeros([36])];
    const optimizer = new SGD({ w }, { learningRate: 0.1 });
    const steps = await all(new Run({ model: { w }, optimizer, data, loss: () => w.mul(0).add(losses[next++]!) }), { epochs: 1 });
    expect(steps.at(-1)!.epochLoss).toBeCloseTo(1.36, 6);
  });

  test('goes on where a loop was left, at any step, to the same bits', async () => {
    const whole = regression();
    const expected = await all(whole, { epochs: 3 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 8 }), async (stop) => {
        const run = regression();
        const seen: TrainingStep[] = [];
        for await (const at of train(run, { epochs: 3 })) {
          seen.push(at);
          if (at.step === stop) break;
        }
        for await (const at of train(run, { epochs: 3 })) seen.push(at);
        expect(seen).toEqual(expected);
        expect(weights(run)).toEqual(weights(whole));
      }),
      { numRuns: runs(9) },
    );
  });

  test('is stopped by a signal between steps, with its reason, and goes on', async () => {
    const whole = regression();
    await all(whole, { epochs: 2 });
    for (let stop = 0; stop < 6; stop++) {
      const run = regression();
      const controller = new AbortController();
      const loop = async () => {
        for await (const at of train(run, { epochs: 2, signal: controller.signal }))
          if (at.step === stop) controller.abort(new Error('enough'));
      };
      if (stop < 5) await expect(loop()).rejects.toThrow('enough');
      else await loop();
      expect(run.steps).toBe(stop + 1);
      await all(run, { epochs: 2 });
      expect(weights(run)).toEqual(weights(whole));
    }
  });

  test('takes several batches a step, the last with what is left, each example counting once', async () => {
    const make = (batchSize: number) => {
      const model = new Linear(3, 2, { seed: 1, dtype: 'float64' });
      const data = new DataLoader(new Dataset(x.cast('float64'), y.cast('float64')), { batchSize });
      return new Run<[Tensor, Tensor]>({
        model,
        optimizer: new SGD(model, { learningRate: 0.1 }),
        data,
        loss: ([x, y]) => mseLoss(model.forward(x), y),
      });
    };
    const small = make(2);
    const steps = await all(small, { epochs: 2, accumulate: 2 });
    expect(steps.map(({ examples }) => examples)).toEqual([4, 4, 2, 4, 4, 2]);
    expect(steps.map(({ endOfEpoch }) => endOfEpoch)).toEqual([false, false, true, false, false, true]);
    const large = make(4);
    await all(large, { epochs: 2 });
    weights(small).forEach((w, i) => w.forEach((wi, j) => expect(wi).toBeCloseTo(weights(large)[i]![j]!, 12)));
  });

  test('takes sums with their counts, such as of tokens', async () => {
    const w = new Parameter(Tensor.of(1, 'float64'));
    const data = [Tensor.of([1, 2, 0], 'float64'), Tensor.of([5, 0, 0], 'float64')];
    const run = new Run({
      model: { w },
      optimizer: new SGD({ w }, { learningRate: 1 }),
      data,
      loss: (x) => ({ sum: x.mul(w).sum(), count: x.data.filter((xi) => xi > 0).length }),
    });
    const [step] = await all(run, { epochs: 1, accumulate: 2 });
    expect([step!.loss, step!.examples, w.item()]).toEqual([8 / 3, 3, 1 - 8 / 3]);
  });

  test('clips the norm of all gradients', async () => {
    const w = new Parameter(Tensor.of([0, 0], 'float64'));
    const run = new Run({
      model: { w },
      optimizer: new SGD({ w }, { learningRate: 1 }),
      data: [Tensor.of([[3, 4]], 'float64')],
      loss: (x) => x.mul(w).sum(),
    });
    await all(run, { epochs: 1, clipNorm: 1 });
    expect([...w.data].map((wi) => wi.toFixed(6))).toEqual(['-0.600000', '-0.800000']);
  });

  test('takes batches of any iterable, also of promises, whose end shows only at the end', async () => {
    const w = new Parameter(Tensor.of(0));
    const run = new Run({
      model: { w },
      optimizer: new SGD({ w }, { learningRate: 0.1 }),
      data: {
        async *epoch(number: number) {
          for (let i = 0; i < 2 + number; i++) yield Tensor.of([i]);
        },
      },
      loss: (x: Tensor) => w.sub(x).pow(2).mean(),
    });
    const steps = await all(run, { epochs: 2 });
    expect(steps.map(({ endOfEpoch }) => endOfEpoch)).toEqual([false, true, false, false, true]);
    expect(steps[0]!.batches).toBe(undefined);
  });

  test('ends the source of batches when the loop is left', async () => {
    let ended = false;
    const w = new Parameter(Tensor.of(0));
    function* batches() {
      try {
        for (;;) yield Tensor.of([1]);
      } finally {
        ended = true;
      }
    }
    const run = new Run({
      model: { w },
      optimizer: new SGD({ w }, { learningRate: 0.1 }),
      data: batches(),
      loss: (x: Tensor) => w.mul(x).sum(),
    });
    for await (const { step } of train(run, { epochs: 1 })) if (step === 3) break;
    expect(ended).toBe(true);
  });

  test('follows line searches, which evaluate a batch several times', async () => {
    const model = new Linear(3, 2, { seed: 1 });
    const run = new Run({ model, optimizer: new LBFGS(model), data: [[x, y] as const], loss: ([x, y]) => mseLoss(model.forward(x), y) });
    const steps = await all(run, { epochs: 3 });
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss);
  });

  test('gives way to the event loop', async () => {
    const w = new Parameter(Tensor.of(0));
    const data = Array.from({ length: 8 }, () => Tensor.of([1]));
    const slow = (x: Tensor) => {
      const until = performance.now() + 60;
      while (performance.now() < until);
      return w.mul(x).sum();
    };
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await all(new Run({ model: { w }, optimizer: new SGD({ w }, { learningRate: 0.1 }), data, loss: slow }), { epochs: 1 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
  });
});

describe('a loss that is not finite', () => {
  test('stops the training before anything moves, and names the layer where it arose', async () => {
    const model = { body: new Sequential(new Linear(2, 2, { seed: 1 }), sigmoid), head: new Linear(2, 2, { seed: 2 }) };
    model.head.weight.assign(Tensor.full([2, 2], 3e38));
    const before = parameters(model).map((w) => w.toArray());
    const random = new Random(1);
    const run = new Run({
      model,
      optimizer: new SGD(model, { learningRate: 1 }),
      data: [[Tensor.ones([3, 2]), Tensor.of([0, 1, 1], 'int32')] as const],
      loss: ([x, y]) => crossEntropy(model.head.forward(model.body.forward(x)).mul(10), y),
      random,
    });
    const failing = all(run, { epochs: 1 });
    await expect(failing).rejects.toThrow(NonFiniteError);
    await expect(failing).rejects.toThrow(/^train: the loss of step 0 \(epoch 0, batch 0\) is (NaN|Infinity): .*head/);
    expect(parameters(model).map((w) => w.toArray())).toEqual(before);
    expect([run.steps, run.batch]).toEqual([0, 0]);
  });

  test('of data that holds a NaN says so', async () => {
    const model = new Linear(1, 1, { seed: 1 });
    const run = new Run({
      model,
      optimizer: new SGD(model, { learningRate: 1 }),
      data: [Tensor.of([[Number.NaN]])],
      loss: (x) => model.forward(x).mean(),
    });
    await expect(all(run, { epochs: 1 })).rejects.toThrow(/is NaN/);
  });
});

describe('refused', () => {
  const w = new Parameter(Tensor.of(0));
  const parts = {
    model: { w },
    optimizer: new SGD({ w }, { learningRate: 0.1 }),
    data: [Tensor.of([1])],
    loss: (x: Tensor) => w.mul(x).sum(),
  };
  const wrong = (change: object) => () => new Run({ ...parts, ...change } as never);

  test('are parts that are missing or none', () => {
    expect(wrong({ model: undefined })).toThrow(/Run: expected model to be an object/);
    expect(wrong({ optimizer: 'adam' })).toThrow(/expected optimizer to be an optimizer/);
    expect(wrong({ data: 3 })).toThrow(/expected data to be batches/);
    expect(wrong({ data: Tensor.zeros([2, 2]) })).toThrow(/expected data to be batches/);
    expect(wrong({ loss: 'mse' })).toThrow(/expected loss to be a function of a batch, .*, got 'mse'$/);
    expect(wrong({ loss: mseLoss })).toThrow(/expected loss to be a function of a batch, .*, got one of \d arguments$/);
    expect(wrong({ random: 3 })).toThrow(/expected random to be a generator/);
    expect(wrong({ optimiser: 1 })).toThrow(/did you mean optimizer/);
    expect(() => new Run(3 as never)).toThrow(/Run/);
  });

  test('are options that are unknown or out of range', () => {
    for (const options of [
      {},
      { epochs: -1 },
      { epochs: 1, accumulate: 0 },
      { epochs: 1, clipNorm: 0 },
      { epochs: 1, signal: 3 },
      { epochs: 1, clip: 1 },
    ])
      expect(() => train(parts, options as never)).toThrow(/^train: /);
  });

  test('are epochs without batches, and batches without tensors', async () => {
    await expect(all(new Run({ ...parts, data: [] }), { epochs: 1 })).rejects.toThrow('train: epoch 0 has no batch');
    const once = [Tensor.of([1])][Symbol.iterator]();
    await expect(all(new Run({ ...parts, data: once }), { epochs: 2 })).rejects.toThrow(
      /epoch 1 has no batch; data that can be gone through once/,
    );
    await expect(all(new Run({ ...parts, data: [3 as never] }), { epochs: 1 })).rejects.toThrow();
    await expect(all(new Run({ ...parts, loss: () => undefined as never }), { epochs: 1 })).rejects.toThrow(/is there a return\?/);
  });

  test('the default generator stays the source of chance where no other is given', async () => {
    manualSeed(4);
    const model = new Sequential(new Linear(3, 4, { seed: 1 }), new Dropout(0.5));
    const run = () =>
      new Run({ model, optimizer: new SGD(model, { learningRate: 0.1 }), data: [x], loss: (x) => model.forward(x).pow(2).mean() });
    const before = stateDict(model);
    const [first] = await all(run(), { epochs: 1 });
    manualSeed(4);
    loadStateDict(model, before);
    expect((await all(run(), { epochs: 1 }))[0]!.loss).toBe(first!.loss);
  });
});
