/** One run of the second experiment of question 7: a trial of a sweep. */

import type { TrialContext } from 'tapegrad/sweep';
import { mnistFromFiles } from './mnist-files.ts';
import { evaluate, network, train } from './training.ts';

/** What a run is made of. */
export interface SeedTrial {
  readonly batchSize: number;
  readonly learningRate: number;
  /** How many of the images are trained on, and on how many of those held back it is evaluated. */
  readonly images: number;
  readonly held: number;
}

/** Reports the loss of every batch, and gives loss and accuracy on images that were held back. */
export default async function trial({ batchSize, learningRate, images, held }: SeedTrial, { seed, epochs, report }: TrialContext) {
  const { train: training, validation } = await mnistFromFiles();
  const model = network(seed);
  train(model, training.slice(0, images), { batchSize, learningRate, epochs: epochs!, seed, quiet: true }).forEach((loss, step) =>
    report(step, loss),
  );
  return { ...evaluate(model, validation.slice(0, held)) };
}
