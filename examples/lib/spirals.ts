/**
 * A trial that sweeps over machines share: two spirals are told apart, with a rate and a width to be found. The same module is run by threads (`sweep`), by workers of a queue
 * (`examples/sweep-bullmq`), and by the pods of a Kubernetes Job (`examples/sweep-kubernetes`).
 *
 * After each epoch it saves the whole training into the folder that is its own, and begins with what is there. So whoever is killed loses less than an epoch, and whoever goes
 * on comes to the same numbers.
 */

import { accuracy, crossEntropy, Linear, Random, Run, Sequential, SGD, Tanh, type Tensor, train } from 'tapegrad';
import { DataLoader, randomSplit, spirals } from 'tapegrad/datasets';
import { loadRun, saveRun } from 'tapegrad/io';
import { gridSearch, type TrialContext, type Trials } from 'tapegrad/sweep';

interface Configuration {
  readonly learningRate: number;
  readonly hidden: number;
}

/** Three rates, of which one is far too large, so that the loss is not finite and `train` throws, and two widths, each from two seeds: twelve jobs. */
export const makeTrials = (): Trials<Configuration> =>
  gridSearch(
    { learningRate: [0.1, 0.3, 1e38], hidden: [8, 32] },
    { seeds: [1, 2], epochs: Number(process.env['EPOCHS'] ?? 60), objective: 'loss' },
  );

/** The loss and the accuracy on points that were held out. */
export default async function trial(
  { learningRate, hidden }: Configuration,
  { seed, epochs = 1, folder, report, signal }: TrialContext,
): Promise<{ loss: number; accuracy: number }> {
  const [training, held] = randomSplit(spirals(1000, { noise: 0.1, seed: 0 }), [0.8, 0.2], { seed: 0 });
  const random = new Random(seed);
  const model = new Sequential(new Linear(2, hidden, { random }), new Tanh(), new Linear(hidden, hidden, { random }), new Tanh(), new Linear(hidden, 2, { random })); // biome-ignore format: one line
  const optimizer = new SGD(model, { learningRate, momentum: 0.9 });
  const data = new DataLoader(training!, { batchSize: 32, shuffle: true, seed });
  const run = new Run({ model, optimizer, data, loss: ([x, y]: [Tensor, Tensor]) => crossEntropy(model.forward(x), y) });
  const checkpoint = folder && `${folder}/run.safetensors`;
  if (checkpoint) await loadRun(run, checkpoint, { ifThere: true });
  for await (const { epoch, epochLoss, endOfEpoch } of train(run, { epochs, signal })) {
    if (!endOfEpoch) continue;
    report(epoch, epochLoss);
    if (checkpoint) await saveRun(run, checkpoint);
  }
  const logits = model.forward(held!.x);
  return { loss: crossEntropy(logits, held!.y).item(), accuracy: accuracy(logits, held!.y) };
}
