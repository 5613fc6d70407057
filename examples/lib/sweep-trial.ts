/** The trial of the example of sweeps: a network that reads digits, with one fold held out. It goes on from its own checkpoint. */

import { Adam, accuracy, crossEntropy, Dropout, evaluate, Linear, Random, Run, relu, Sequential, type Tensor, train } from 'tapegrad';
import { DataLoader, digits, kFold } from 'tapegrad/datasets';
import { loadRun, saveRun } from 'tapegrad/io';
import type { TrialContext } from 'tapegrad/sweep';

/** What is tried. */
export interface Configuration {
  readonly learningRate: number;
  readonly hidden: number;
  readonly dropout: number;
}

export default async function trial(
  { learningRate, hidden, dropout }: Configuration,
  { seed, fold, folds, epochs, folder, report, signal }: TrialContext,
) {
  const data = digits();
  const { train: training, validation } = kFold(data, { folds: folds!, shuffle: true, stratify: data.y })[fold!]!;
  const random = new Random(seed);
  const model = new Sequential(
    new Linear(64, hidden, { random }),
    relu,
    new Dropout(dropout),
    new Linear(hidden, 10, { random }),
  ); // biome-ignore format: a layer each
  const run = new Run({
    model,
    optimizer: new Adam(model, { learningRate }),
    data: new DataLoader(training, { batchSize: 32, shuffle: true, seed }),
    loss: ([x, y]: [Tensor, Tensor<[number]>]) => crossEntropy(model.forward(x), y),
    random,
  });
  const measured = () => evaluate(model, new DataLoader(validation, { batchSize: 512 }), { loss: crossEntropy, metrics: { accuracy } });
  const checkpoint = folder && `${folder}/run.safetensors`;
  if (checkpoint) await loadRun(run, checkpoint, { ifThere: true });
  for await (const at of train(run, { epochs: epochs!, signal })) {
    if (!at.endOfEpoch) continue;
    report(at.epoch + 1, (await measured()).accuracy);
    if (checkpoint) await saveRun(run, checkpoint);
  }
  const { loss, accuracy: share } = await measured();
  return { loss, accuracy: share };
}
