/** Means over examples, in evaluation. */

import { expect, test } from 'vitest';
import { accuracy, crossEntropy, Dropout, defaultRandom, evaluate, isTraining, Linear, Sequential, Tensor } from '../../src/index.ts';

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
  await expect(evaluate(model, [], { metrics: { accuracy } })).rejects.toThrow('evaluate: expected at least one example, got no batch');
  await expect(evaluate(model, 3 as never, { metrics: { accuracy } })).rejects.toThrow(/expected batches/);
  await expect(evaluate(model, [Tensor.ones([1, 2])], { metrics: { accuracy } })).rejects.toThrow(/expected batches \[x, y\]/);
  await expect(evaluate(model, [batch(1, 0)], { metric: accuracy } as never)).rejects.toThrow(/metric/);
  await expect(evaluate(model, [batch(1, 0)], { metrics: accuracy } as never)).rejects.toThrow(/metrics/);
});
