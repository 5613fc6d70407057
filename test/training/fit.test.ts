/** A training with all that goes with it. */

import { expect, test, vi } from 'vitest';
import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import {
  Adam,
  accuracy,
  Collected,
  crossEntropy,
  EarlyStopping,
  evaluate,
  fit,
  Linear,
  mseLoss,
  Parameter,
  relu,
  rocAUC,
  Sequential,
  SGD,
  Tensor,
  train,
} from '../../src/index.ts';

const points = (n: number, seed: number) => {
  const x = Tensor.normal([n, 2], { seed });
  return new Dataset(x, x.mul(x).sum(1).greater(1.4).cast('int32'));
};
const make = () => new Sequential(new Linear(2, 16, { seed: 1 }), relu, new Linear(16, 2, { seed: 2 }));

test('a classifier is fitted, with a record of each epoch', async () => {
  const model = make();
  const seen: number[] = [];
  const { history, stopped, run } = await fit(model, new DataLoader(points(400, 1), { batchSize: 32, shuffle: true }), {
    optimizer: new Adam(model, { learningRate: 0.02 }),
    loss: crossEntropy,
    epochs: 15,
    validation: new DataLoader(points(200, 2), { batchSize: 64 }),
    metrics: { accuracy },
    progress: ({ step }) => seen.push(step),
  });
  expect(seen).toEqual(Array.from({ length: 15 * 13 }, (_, i) => i));
  expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 15 }, (_, i) => i));
  expect(Object.keys(history[0]!)).toEqual(['epoch', 'step', 'loss', 'validationLoss', 'accuracy', 'learningRate', 'seconds']);
  expect(history.at(-1)!['accuracy']).toBeGreaterThan(0.9);
  expect(history.at(-1)!['validationLoss']!).toBeLessThan(history[0]!['validationLoss']!);
  expect([stopped, run.epoch, run.steps]).toEqual(['epochs', 15, 195]);
});

test('true shows the progress of all epochs, in the standard output', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    const model = new Linear(2, 2, { seed: 1 });
    const data = [[Tensor.ones([4, 2]), Tensor.of([0, 1, 0, 1], 'int32')]];
    await fit(model, data as never, { optimizer: new SGD(model, { learningRate: 0.1 }), loss: crossEntropy, epochs: 2, progress: true });
    const written = write.mock.calls.map(([text]) => String(text)).join('');
    for (const epoch of ['epoch 1/2', 'epoch 2/2']) expect(written).toContain(epoch);
  } finally {
    write.mockRestore();
  }
});

test('it is the loop of train', async () => {
  const [one, other] = [make(), make()];
  const data = () => new DataLoader(points(100, 1), { batchSize: 32, shuffle: true });
  const { history } = await fit(one, data(), {
    optimizer: new SGD(one, { learningRate: 0.1 }),
    loss: crossEntropy,
    epochs: 2,
    progress: false,
  });
  const losses: number[] = [];
  const parts = {
    model: other,
    optimizer: new SGD(other, { learningRate: 0.1 }),
    data: data(),
    loss: ([x, y]: readonly [Tensor, Tensor]) => crossEntropy(other.forward(x), y as never),
  };
  for await (const at of train(parts as never, { epochs: 2 })) if (at.endOfEpoch) losses.push(at.epochLoss);
  expect(history.map(({ loss }) => loss)).toEqual(losses);
});

test('the best weights are restored, whether the patience or the epochs run out first', async () => {
  for (const [patience, epochs, stopped] of [
    [2, 20, 'patience'],
    [20, 5, 'epochs'],
  ] as const) {
    // The parameter walks from 0 past 3, where validation is best.
    const w = new Parameter(Tensor.of(0));
    const stopping = new EarlyStopping({ w }, { patience });
    const result = await fit({ w }, [Tensor.of([1])], {
      optimizer: new SGD({ w }, { learningRate: 1 }),
      lossOf: (x: Tensor) => (x.data[0] === 1 ? w.neg() : w.sub(3).pow(2)).mean(),
      validation: [Tensor.of([0])],
      epochs,
      stopping,
      progress: false,
    });
    expect(result.stopped).toBe(stopped);
    expect(w.item()).toBe(3);
    expect(stopping.bestEpoch).toBe(2);
    expect(result.history.length).toBe(5);
  }
});

test('a signal ends it between two steps', async () => {
  const model = make();
  const controller = new AbortController();
  const fitting = fit(model, new DataLoader(points(100, 1), { batchSize: 10 }), {
    optimizer: new SGD(model, { learningRate: 0.1 }),
    loss: crossEntropy,
    epochs: 5,
    signal: controller.signal,
    progress: ({ step }) => step === 12 && controller.abort(new Error('enough')),
  });
  await expect(fitting).rejects.toThrow('enough');
});

test('what does not go together is refused before anything moves', async () => {
  const model = make();
  const optimizer = new SGD(model, { learningRate: 0.1 });
  const data = new DataLoader(points(10, 1), { batchSize: 5 });
  const wrong = (options: object) => fit(model, data, { optimizer, loss: crossEntropy, epochs: 1, progress: false, ...options } as never);
  await expect(wrong({ loss: undefined })).rejects.toThrow(/expected a loss of predictions and targets.*got neither/);
  await expect(wrong({ lossOf: () => 1 })).rejects.toThrow(/got both/);
  await expect(wrong({ metrics: { accuracy } })).rejects.toThrow(/metrics are measured on validation data/);
  await expect(wrong({ epoch: 3 })).rejects.toThrow(/did you mean epochs/);
  await expect(wrong({ epochs: undefined })).rejects.toThrow(/epochs/);
  await expect(wrong({ stopping: { patience: 3 } })).rejects.toThrow(/new EarlyStopping\(model\)/);
  await expect(wrong({ optimizer: 'sgd' })).rejects.toThrow(/optimizer/);
  await expect(fit({} as never, data, { optimizer, loss: mseLoss, epochs: 1 })).rejects.toThrow(/model with forward/);
  await expect(fit(model, points(10, 1) as never, { optimizer, loss: crossEntropy, epochs: 1 })).rejects.toThrow(
    /expected data to be batches/,
  );
});

test('a number of all validation data together can be watched, and is in the history', async () => {
  const model = make();
  const auc = new Collected((logits: Tensor, y: Tensor) => rocAUC(logits.softmax().slice([null, 1]), y));
  const validation = new DataLoader(points(100, 2), { batchSize: 7 });
  const stopping = new EarlyStopping(model, { monitor: 'auc', mode: 'max', patience: 2 });
  const { history } = await fit(model, new DataLoader(points(200, 1), { batchSize: 50 }), {
    optimizer: new Adam(model, { learningRate: 0.02 }),
    loss: crossEntropy,
    epochs: 5,
    validation,
    metrics: { auc, accuracy },
    stopping,
    progress: false,
  });
  expect(stopping.best).toBe(Math.max(...history.map(({ auc }) => auc)));
  const { x, y } = points(100, 2);
  expect(rocAUC(model.forward(x).softmax().slice([null, 1]), y)).toBe(stopping.best);
});

test('a function of progress that gives promises is waited for, and what it throws ends the training', async () => {
  const model = make();
  const seen: string[] = [];
  const fitting = fit(model, [[Tensor.zeros([1, 2]), Tensor.of([0], 'int32')]] as const, {
    optimizer: new SGD(model, { learningRate: 0.1 }),
    loss: crossEntropy,
    epochs: 3,
    progress: async ({ step }) => {
      seen.push(`begin ${step}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(`end ${step}`);
      if (step === 1) throw new RangeError('enough');
    },
  });
  await expect(fitting).rejects.toThrow('enough');
  expect(seen).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1']);
});

test('nothing that is given is passed over because it is null, 0 or false', async () => {
  const model = make();
  const data = new DataLoader(points(10, 1), { batchSize: 5 });
  const before = model.forward(Tensor.ones([1, 2])).toArray();
  for (const [name, values] of Object.entries({
    clipNorm: [0, null, false],
    signal: [0, null, {}],
    validation: [0, null, false, 'all', Tensor.zeros([1])],
    random: [0, null],
    metrics: [0, null, []],
    stopping: [0, null],
    accumulate: [0, null],
    epochs: [null, -1, 'ten'],
    progress: [0, null],
  }))
    for (const value of values) {
      const options = { optimizer: new SGD(model, { learningRate: 0.1 }), loss: crossEntropy, epochs: 1, progress: false, [name]: value };
      await expect(fit(model, data, options as never), `${name}: ${String(value)}`).rejects.toThrow(/^(fit|train|Run): /);
    }
  expect(model.forward(Tensor.ones([1, 2])).toArray()).toEqual(before);
});

test('a number to watch that no epoch has is refused before anything moves', async () => {
  const model = make();
  const data = new DataLoader(points(10, 1), { batchSize: 5 });
  const watch = (monitor: string | undefined, more: object) =>
    fit(model, data, {
      optimizer: new SGD(model, { learningRate: 0.1 }),
      loss: crossEntropy,
      epochs: 1,
      progress: () => expect.unreachable(),
      stopping: new EarlyStopping(model, monitor === undefined ? {} : { monitor }),
      ...more,
    } as never);
  await expect(watch(undefined, {})).rejects.toThrow(
    'fit: stopping watches validationLoss, which no epoch has; give { validation: batches }',
  );
  await expect(watch('acuracy', { validation: data, metrics: { accuracy } })).rejects.toThrow(
    /the numbers are loss, validationLoss, accuracy/,
  );
  await expect(watch('loss', { validation: data, metrics: { loss: accuracy } })).rejects.toThrow('fit: a metric cannot be called loss');
});

test('errors of what fit is given are in its name, and say what to write', async () => {
  const model = make();
  const given = (more: object) =>
    fit(model, new DataLoader(points(8, 1), { batchSize: 4 }), {
      optimizer: new SGD(model, { learningRate: 0.1 }),
      loss: crossEntropy,
      epochs: 1,
      progress: false,
      ...more,
    } as never);
  await expect(
    fit(model, points(8, 1) as never, { optimizer: new SGD(model, { learningRate: 0.1 }), loss: crossEntropy, epochs: 1 }),
  ).rejects.toThrow(/^fit: expected data to be batches: new DataLoader\(dataset\), .*, got an object of class Dataset$/);
  await expect(given({ validation: points(8, 1) })).rejects.toThrow(
    /^fit: expected validation to be batches, such as new DataLoader\(dataset\), got/,
  );
  await expect(given({ optimizer: undefined })).rejects.toThrow(/^fit: expected optimizer to be an optimizer of the model/);
  await expect(given({ loss: undefined, lossOf: crossEntropy })).rejects.toThrow(
    /^fit: expected lossOf to be a function of a batch, .*, got one of \d arguments$/,
  );
  await expect(evaluate(model, points(8, 1) as never, { loss: crossEntropy })).rejects.toThrow(
    /^evaluate: expected batches, such as new DataLoader/,
  );
  await expect(evaluate(model, [], { lossOf: crossEntropy as never })).rejects.toThrow(
    /^evaluate: expected lossOf to be a function of a batch/,
  );
});
