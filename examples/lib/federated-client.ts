/** A client of `federated.ts`, a process: first its examples come, which never leave it; then models come and go, all as the bytes of safetensors files. */

import { crossEntropy, loadStateDict, SGD, stateDict, type Tensor } from 'tapegrad';
import { DataLoader, Dataset } from 'tapegrad/datasets';
import { readSafetensors, writeSafetensors } from 'tapegrad/io';
import { network } from './training.ts';

/** The tensors in the bytes of a file, by name. */
export const tensorsIn = (bytes: Uint8Array): Record<string, Tensor> => Object.fromEntries(readSafetensors(bytes).tensors);

/** The model of a client after an epoch on its own examples, beginning with a model of all. The same bits wherever it is computed. */
export function trained(model: Uint8Array, examples: Dataset, seed: number): Uint8Array {
  const own = network(0);
  loadStateDict(own, tensorsIn(model));
  const optimizer = new SGD(own, { learningRate: 0.5 });
  for (const [x, y] of new DataLoader(examples, { batchSize: 32, shuffle: true, seed }))
    optimizer.minimize(() => crossEntropy(own.forward(x), y));
  return writeSafetensors(stateDict(own));
}

let [examples, round]: [Dataset | undefined, number] = [undefined, 0];
process.on('message', (bytes: Uint8Array) => {
  if (examples) {
    process.send!(trained(bytes, examples, round++));
  } else {
    const { x, y } = tensorsIn(bytes);
    examples = new Dataset(x!, y as Tensor<[number]>);
  }
});
