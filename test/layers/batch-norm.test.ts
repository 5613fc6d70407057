/** Statistics that are taken in by training, and used in evaluation. */

import { expect, test } from 'vitest';
import {
  Adam,
  BatchNorm,
  checkpoint,
  evaluation,
  Linear,
  loadStateDict,
  mseLoss,
  perExampleGradients,
  Sequential,
  SGD,
  stateDict,
  Tape,
  Tensor,
  training,
} from '../../src/index.ts';

const rounded = (x: Tensor) => (x.toArray() as number[]).map((y) => Number(y.toFixed(6)));

test('running mean and variance are those of PyTorch 2.13, also within a checkpoint', () => {
  const x = Tensor.of([
    [1, 2],
    [3, 6],
  ]);
  for (const wrap of [(f: (x: Tensor) => Tensor) => f, checkpoint]) {
    const norm = new BatchNorm(2, { momentum: 0.1 });
    const tape = new Tape();
    tape.backward(tape.record(() => wrap((x: Tensor) => norm.forward(x))(x).sum()));
    expect(rounded(norm.runningMean.value)).toEqual([0.2, 0.4]);
    expect(rounded(norm.runningVariance.value)).toEqual([1.1, 1.7]);
  }
});

test('an average of all batches weighs them alike', () => {
  const norm = new BatchNorm(1, { momentum: 'average', dtype: 'float64' });
  const batches = [0, 1, 2].map((seed) => Tensor.normal([4, 1], { seed, dtype: 'float64' }));
  for (const x of batches) training(() => norm.forward(x));
  const mean = batches.reduce((sum, x) => sum + x.mean().item(), 0) / 3;
  expect(norm.runningMean.value.item()).toBeCloseTo(mean, 14);
});

test('in evaluation the result for an example does not depend on the others', () => {
  const norm = new BatchNorm(3);
  const x = Tensor.normal([5, 3, 2, 2], { seed: 1 });
  training(() => norm.forward(x));
  expect(
    norm
      .forward(x)
      .slice([[2, 3]])
      .toArray(),
  ).toEqual(norm.forward(x.slice([[2, 3]])).toArray());
});

test('to evaluate before any batch was seen is refused, with the place of the layer', () => {
  const model = { body: { norm: new BatchNorm(2) }, chain: new Sequential(new Linear(2, 2), new BatchNorm(2)) };
  const x = Tensor.ones([3, 2]);
  expect(() => model.body.norm.forward(x)).toThrow(/^BatchNorm: has seen no batch.* train it/);
  new SGD(model, { learningRate: 1 });
  expect(() => model.body.norm.forward(x)).toThrow(/^BatchNorm body\.norm: has seen no batch/);
  expect(() => model.chain.forward(x)).toThrow(/layers\.1/);
  expect(() => evaluation(() => new Tape().record(() => model.body.norm.forward(x)))).toThrow(/has seen no batch/);
});

test('a last batch of one example is refused with the remedy, and changes nothing', () => {
  const norm = new BatchNorm(2);
  expect(() => training(() => norm.forward(Tensor.ones([1, 2])))).toThrow(/more than one number for each channel.*dropLast: true/);
  expect(norm.batches.value.item()).toBe(0);
  expect(training(() => norm.forward(Tensor.normal([1, 2, 3]))).shape).toEqual([1, 2, 3]);
});

test('examples mapped one by one are refused in training, and allowed in evaluation', () => {
  const norm = new BatchNorm(2);
  const x = Tensor.normal([4, 2], { seed: 1 });
  training(() => norm.forward(x));
  const gradients = () => perExampleGradients((x: Tensor) => norm.forward(x).pow(2).sum(), x);
  expect(gradients).toThrow(/^BatchNorm: normalizes by its batch in training/);
  expect(evaluation(gradients).get(norm.weight!).shape).toEqual([4, 2]);
  expect(norm.batches.value.item()).toBe(1);
});

test('statistics are part of the state, no optimizer moves them, and tapes print their paths', () => {
  const make = () => new Sequential(new Linear(2, 3, { seed: 1 }), new BatchNorm(3), new Linear(3, 1, { seed: 2 }));
  const [model, other] = [make(), make()];
  const x = Tensor.normal([8, 2], { seed: 3 });
  const optimizer = new Adam(model, { learningRate: 0.01 });
  for (let i = 0; i < 3; i++) optimizer.minimize(() => mseLoss(model.forward(x), Tensor.ones([8, 1])));
  expect(Object.keys(stateDict(model))).toContain('layers.1.runningVariance');
  loadStateDict(other, stateDict(model));
  expect(other.forward(x).toArray()).toEqual(model.forward(x).toArray());
  const tape = new Tape({ model });
  tape.record(() => model.forward(x), { training: false });
  expect(String(tape)).toContain('layers.1.runningMean');
  expect(() => loadStateDict(other, { ...stateDict(model), 'layers.1.batches': Tensor.of(1) })).toThrow(
    /layers\.1\.batches, expected int32/,
  );
});

test('large means keep their digits', () => {
  const norm = new BatchNorm(1);
  const x = Tensor.of([[10_000_000], [10_000_002]]);
  const y = training(() => norm.forward(x));
  expect(rounded(y.reshape([2]))).toEqual([-0.999995, 0.999995]);
});

test('an empty batch has no statistics, and counts as none', () => {
  const norm = new BatchNorm(2);
  expect(training(() => norm.forward(Tensor.zeros([0, 2, 3]))).shape).toEqual([0, 2, 3]);
  expect(rounded(norm.runningMean.value)).toEqual([0, 0]);
  expect(rounded(norm.runningVariance.value)).toEqual([1, 1]);
  expect(() => norm.forward(Tensor.ones([3, 2]))).toThrow(/seen no batch/);
});

test('shapes and options are checked', () => {
  for (const channels of [0, 1.5, '3', undefined]) expect(() => new BatchNorm(channels as number)).toThrow(/whole number of channels/);
  expect(() => new BatchNorm(2, { eps: 1 } as never)).toThrow(/epsilon/);
  expect(() => new BatchNorm(2, { momentum: 2 })).toThrow(/momentum/);
  expect(() => new BatchNorm(2).forward(Tensor.ones([3]))).toThrow('BatchNorm: expected [n, 2, …], got [3]');
  expect(() => new BatchNorm(2).forward(Tensor.ones([3, 4]))).toThrow('BatchNorm: expected [n, 2, …], got [3, 4]');
  expect(() => training(() => new BatchNorm(2, { affine: false }).forward(Tensor.ones([3, 2], 'float64')))).toThrow(
    "BatchNorm: expected x in float32, as the layer is, got float64; convert it with cast('float32')",
  );
});
