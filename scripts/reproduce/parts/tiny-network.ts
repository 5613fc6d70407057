import { type FloatDtype, Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, stateDict, Tanh, Tensor } from 'tapegrad';
import { DataLoader, synthetic } from 'tapegrad/datasets';
import { inBoth, type Part } from './part.ts';

/** Trains a network of two hidden layers on points of the plane. */
export function* trainTiny(dtype: FloatDtype, epochs: number): Generator<Tensor> {
  const random = new Random(5);
  const options = { random, dtype };
  const model = new Sequential(
    new Linear(2, 16, options),
    new Sigmoid(),
    new Linear(16, 16, options),
    new Tanh(),
    new Linear(16, 2, options),
  );
  const criterion = new SoftmaxCrossEntropy();
  const optimizer = new SGD(model, { learningRate: 0.3, momentum: 0.9, weightDecay: 1e-4 });
  const { train, validation } = synthetic({ trainSize: 1000, validationSize: 201, dtype });
  const loader = new DataLoader(train, { batchSize: 33, shuffle: true, seed: 6 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, y] of loader) losses.push(optimizer.minimize(() => criterion.forward(model.forward(x), y)));
  }
  yield Tensor.of(losses, dtype);
  yield* Object.values(stateDict(model));
  yield model.forward(validation.x);
}

/** A few hundred steps: 31 batches an epoch. */
export const tinyNetworks: readonly Part[] = inBoth('tiny network', (dtype) => trainTiny(dtype, 15));
