/** The training loop that the larger examples share. */

import {
  accuracy,
  type Layer,
  Linear,
  type LinearOptions,
  Random,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxCrossEntropy,
  type Tensor,
} from 'tapegrad';
import { DataLoader, type Dataset } from 'tapegrad/datasets';
import { progress } from './progress.ts';
import './revectorize.ts';

/** The assignment's network: 784 pixels, 300 hidden units with a sigmoid, 10 classes. */
export function network(seed: number, options: LinearOptions = {}): Sequential {
  const random = new Random(seed);
  return new Sequential(new Linear(784, 300, { ...options, random }), new Sigmoid(), new Linear(300, 10, { ...options, random }));
}

/** How a model does on a dataset: the mean loss and the part that is right. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
}

const criterion = new SoftmaxCrossEntropy();

/** Evaluates in batches, so that the activations of 60,000 images never have to exist at once. */
export function evaluate(model: Layer, dataset: Dataset): Evaluation {
  let [loss, right] = [0, 0];
  for (const [x, y] of new DataLoader(dataset, { batchSize: 1000 })) {
    const logits = model.forward(x);
    loss += criterion.forward(logits, y).item() * y.size;
    right += accuracy(logits, y) * y.size;
  }
  return { loss: loss / dataset.size, accuracy: right / dataset.size };
}

export interface Training {
  readonly label?: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** The rate, or the rate for each epoch, counted from 0. */
  readonly learningRate: number | ((epoch: number) => number);
  /** Of the order of the examples. */
  readonly seed: number;
  /** Told after each epoch, with the mean loss over it; what it returns is shown. */
  readonly afterEpoch?: (epoch: number, meanLoss: number) => string;
  /** One step on a batch, if it is to be another than the usual: records the loss, sweeps, steps, and returns the mean loss. */
  readonly step?: (model: Layer, optimizer: SGD, x: Tensor, y: Tensor<[number]>) => number;
}

/** Trains a model, and returns the loss of every batch. */
export function train(
  model: Layer,
  dataset: Dataset,
  { label = '', epochs, batchSize, learningRate, seed, afterEpoch, step }: Training,
): number[] {
  const rateIn = typeof learningRate === 'number' ? () => learningRate : learningRate;
  const optimizer = new SGD(model, { learningRate: rateIn(0) });
  const usual = (model: Layer, optimizer: SGD, x: Tensor, y: Tensor<[number]>) =>
    optimizer.minimize(() => criterion.forward(model.forward(x), y));
  const loader = new DataLoader(dataset, { batchSize, shuffle: true, seed });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    optimizer.learningRate = rateIn(epoch);
    const start = performance.now();
    const watching = progress(`${label}epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`, dataset.size);
    let [seen, total] = [0, 0];
    for (const [x, y] of loader) {
      const loss = (step ?? usual)(model, optimizer, x, y);
      losses.push(loss);
      seen += y.size;
      total += loss * y.size;
      watching.advance(seen, total / seen);
    }
    const seconds = (performance.now() - start) / 1000;
    const told = afterEpoch?.(epoch, total / seen);
    watching.finish(
      `loss ${(total / seen).toFixed(4)}${told ? `, ${told}` : ''} (${Math.round(seen / seconds).toLocaleString('en')} samples/s)`,
    );
  }
  return losses;
}
