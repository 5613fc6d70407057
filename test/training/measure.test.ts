/** Means over examples, in evaluation. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accuracy,
  Collected,
  crossEntropy,
  Dropout,
  defaultRandom,
  evaluate,
  isTraining,
  Linear,
  meanAbsoluteError,
  mseLoss,
  RunningMean,
  r2Score,
  rocAUC,
  Sequential,
  Tensor,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const batch = (rows: number, y: number) => [Tensor.ones([rows, 2]), Tensor.full([rows], y, 'int32')] as const;
const model = new Sequential(new Linear(2, 2, { seed: 1 }), new Dropout(0.5));

test('means are weighed by examples, and nothing is drawn', async () => {
  const { state } = defaultRandom();
  const predicted = model
    .forward(Tensor.ones([1, 2]))
    .argmax(1)
    .item();
  const found = await evaluate(model, [batch(64, 1 - predicted), batch(36, predicted)], { loss: crossEntropy, metrics: { accuracy } });
  const losses = [1 - predicted, predicted].map((y) => crossEntropy(model.forward(Tensor.ones([1, 2])), Tensor.of([y], 'int32')).item());
  expect(found['accuracy']).toBeCloseTo(0.36, 12);
  expect(found['loss']).toBeCloseTo(0.64 * losses[0]! + 0.36 * losses[1]!, 6);
  expect(found['examples']).toBe(100);
  expect(defaultRandom().state).toEqual(state);
});

test('whole batches and streams are measured, in evaluation', async () => {
  const seen: boolean[] = [];
  const stream = async function* () {
    yield batch(2, 0);
    yield batch(1, 1);
  };
  const lossOf = ([x]: readonly [Tensor, Tensor]) => {
    seen.push(isTraining());
    return { sum: x.sum(), count: x.size };
  };
  expect(await evaluate({}, { epoch: stream }, { lossOf })).toEqual({ examples: 3, loss: 1 });
  expect(seen).toEqual([false, false]);
});

test('what is no model, no data and no option is refused', async () => {
  await expect(evaluate({}, [batch(1, 0)], { loss: crossEntropy })).rejects.toThrow(/expected a model with forward\(x\)/);
  await expect(evaluate(model, [], { metrics: { accuracy } })).rejects.toThrow('evaluate: expected at least one example, got none');
  await expect(evaluate(model, 3 as never, { metrics: { accuracy } })).rejects.toThrow(/expected batches/);
  await expect(evaluate(model, [Tensor.ones([1, 2])], { metrics: { accuracy } })).rejects.toThrow(/expected batches \[x, y\]/);
  await expect(evaluate(model, [batch(1, 0)], { metric: accuracy } as never)).rejects.toThrow(/metric/);
  await expect(evaluate(model, [batch(1, 0)], { metrics: accuracy } as never)).rejects.toThrow(/metrics/);
});

const identity = { forward: (x: Tensor) => x };
const numbersIn = (...columns: number[][]) => columns.map((column) => Tensor.of(column, 'float64')) as [Tensor, Tensor];

test('however examples are cut into batches, means and what is collected are those of all at once', async () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, fc.array(fc.nat({ max: 12 }), { maxLength: 5 }), async (rows, cuts) => {
      const given = (some: typeof rows) => numbersIn(some.map(([a]) => a), some.map(([, b]) => b)); // biome-ignore format: one line
      const places = [...new Set([0, ...cuts.map((cut) => cut % rows.length), rows.length])].sort((a, b) => a - b);
      // An empty batch among them changes nothing.
      const cut = [...places.slice(1).map((end, i) => given(rows.slice(places[i], end))), [Tensor.zeros([0], 'float64'), Tensor.zeros([0], 'float64')]] as const; // biome-ignore format: one line
      const all = given(rows);
      const r2 = new Collected(r2Score);
      const metrics = { meanAbsoluteError, mean: new RunningMean(meanAbsoluteError), squared: mseLoss, r2 };
      for (let again = 0; again < 2; again++) {
        const found = await evaluate(identity, cut, { loss: mseLoss, metrics });
        expect(found.examples).toBe(rows.length);
        expect(found.loss).toBeCloseTo(mseLoss(...all).item(), 9);
        expect(found.squared).toBe(found.loss);
        expect(found.meanAbsoluteError).toBeCloseTo(meanAbsoluteError(...all), 9);
        expect(found.mean).toBeCloseTo(found.meanAbsoluteError, 9);
        expect(found.r2).toBe(r2Score(...all));
      }
      expect(r2.examples).toBe(0);
    }),
    { numRuns: runs(50) },
  );
});

test('an area that each batch has differently, or not at all, is that of all batches', async () => {
  const data = [[Tensor.of([0.5, 0.9]), Tensor.of([0, 1], 'int32')], [Tensor.of([0.5, 0.5]), Tensor.of([1, 0], 'int32')]] as const; // biome-ignore format: one line
  const oneClass = data.flatMap(([x, y]) => [0, 1].map((i) => [x.slice([[i, i + 1]]), y.slice([[i, i + 1]])] as const));
  for (const batches of [data, oneClass]) {
    const { auc } = await evaluate(identity, batches, { metrics: { auc: new Collected(rocAUC) } });
    expect(auc).toBe(0.75);
  }
  const { auc } = await evaluate(identity, oneClass, { metrics: { auc: rocAUC } });
  expect(auc).toBeNaN();
});

test('metrics under the names of other numbers, that give no number, or that are none are refused', async () => {
  const measure = (metrics: object) => evaluate(model, [batch(1, 0)], { metrics } as never);
  for (const name of ['loss', 'examples', 'epoch', 'seconds'])
    await expect(measure({ [name]: accuracy })).rejects.toThrow(`evaluate: a metric cannot be called ${name}`);
  await expect(measure({ mean: () => {} })).rejects.toThrow('evaluate: expected the metric mean to give a number, got undefined');
  await expect(measure({ wide: (x: Tensor) => x })).rejects.toThrow(/expected the metric wide to give a number/);
  await expect(measure({ late: async () => 1 })).rejects.toThrow(/expected the metric late to give a number/);
  await expect(measure({ all: new Collected(() => 'much') })).rejects.toThrow(
    "evaluate: expected the metric all to give a number, got 'much'",
  );
  for (const metrics of [[accuracy], { accuracy: 1 }, { accuracy: null }, null, 'accuracy'])
    await expect(measure(metrics as never)).rejects.toThrow(/evaluate/);
});

test('what is measured a second time though it can be gone through once is told', async () => {
  const once = (function* () {
    yield batch(2, 0);
  })();
  expect((await evaluate(model, once, { metrics: { accuracy } })).examples).toBe(2);
  await expect(evaluate(model, once, { metrics: { accuracy } })).rejects.toThrow(/such as a generator, are measured once: give an array/);
  await expect(evaluate(model, [batch(1, 0)], { lossOf: () => ({ sum: Tensor.of(0), count: 0 }) })).rejects.toThrow(/counts of 0 alone/);
});
