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

/** The mean loss of a model on a dataset, and the share of examples that it classifies correctly. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
}

const criterion = new SoftmaxCrossEntropy();

/** Evaluates in batches, so that the activations of 60,000 images are never in memory at once. */
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
  /** One rate for all epochs, or a function of the epoch, counted from 0. */
  readonly learningRate: number | ((epoch: number) => number);
  /** The seed of the order of the examples. */
  readonly seed: number;
  /** Whether nothing is shown, as where several trainings run at once. Default false. */
  readonly quiet?: boolean;
  /** Called after each epoch with its mean training loss; the text that it returns is shown. */
  readonly afterEpoch?: (epoch: number, meanLoss: number) => string;
  /** Replaces the usual step on a batch: records the loss, sweeps, steps, and returns the mean loss. */
  readonly step?: (model: Layer, optimizer: SGD, x: Tensor, y: Tensor<[number]>) => number;
}

/** Trains a model, and returns the loss of every batch. */
export function train(
  model: Layer,
  dataset: Dataset,
  { label = '', epochs, batchSize, learningRate, seed, quiet, afterEpoch, step }: Training,
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
    const watching = quiet
      ? undefined
      : progress(`${label}epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`, dataset.size);
    let [seen, total] = [0, 0];
    for (const [x, y] of loader) {
      const loss = (step ?? usual)(model, optimizer, x, y);
      losses.push(loss);
      seen += y.size;
      total += loss * y.size;
      watching?.advance(seen, total / seen);
    }
    const seconds = (performance.now() - start) / 1000;
    const text = afterEpoch?.(epoch, total / seen);
    watching?.finish(
      `loss ${(total / seen).toFixed(4)}${text ? `, ${text}` : ''} (${Math.round(seen / seconds).toLocaleString('en')} samples/s)`,
    );
  }
  return losses;
}
