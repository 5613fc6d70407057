/** One training of the third experiment of question 7, on raw pixels and from weights N(0, 1), as in the report: a trial of a sweep. */

import type { TrialContext } from 'tapegrad/sweep';
import { mnistFromFiles } from './mnist-files.ts';
import { network, train } from './training.ts';

/** What a training is made of. */
export interface RateTrial {
  readonly batchSize: number;
  readonly learningRate: number;
  /** How many of the images are trained on. */
  readonly images: number;
}

/** Reports the training loss of each epoch, and gives that of the last. */
export default async function trial({ batchSize, learningRate, images }: RateTrial, { seed, epochs, report }: TrialContext) {
  const { train: training } = await mnistFromFiles({ scale: 'raw' });
  const losses: number[] = [];
  const afterEpoch = (epoch: number, loss: number) => {
    losses.push(loss);
    report(epoch, loss);
    return '';
  };
  const model = network(seed, { initialization: 'standardNormal' });
  train(model, training.slice(0, images), { batchSize, learningRate, epochs: epochs!, seed, afterEpoch, quiet: true });
  return losses.at(-1)!;
}
