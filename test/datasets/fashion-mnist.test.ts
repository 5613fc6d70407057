/** Clothes in the files of MNIST. */

import { expect, test } from 'vitest';
import { fashionMnist } from '../../src/datasets/index.ts';

/** An idx file of bytes, of a step from each to the next. */
function idx(shape: readonly number[], step = 1): Uint8Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const file = new Uint8Array(4 + 4 * shape.length + size);
  const view = new DataView(file.buffer);
  file.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  for (let i = 0; i < size; i++) file[4 + 4 * shape.length + i] = (i * step) % 10;
  return file;
}

const files = (count: number, testCount: number, rows = 28) => ({
  trainImages: idx([count, rows, rows]),
  trainLabels: idx([count]),
  testImages: idx([testCount, rows, rows]),
  testLabels: idx([testCount], 3),
});

test('files are read as those of MNIST are', async () => {
  const { train, validation, test } = await fashionMnist(files(8, 4, 2), { verify: false, scale: 'raw' });
  expect([train.size, validation.size, test.y.toArray(), test.x.shape]).toEqual([4, 4, [0, 3, 6, 9], [4, 4]]);
});

test('images are known by their size, and labels by their SHA-256, which is told where it differs', async () => {
  await expect(fashionMnist(files(8, 4))).rejects.toThrow(
    /^(train|test)Images: expected the file of Fashion-MNIST with (47040016|7840016) bytes, got \d+ of its \d+ bytes; for other data say \{ verify: false \}/,
  );
  await expect(fashionMnist(files(60_000, 10_000))).rejects.toThrow(
    /^(train|test)Labels: expected the file of Fashion-MNIST with SHA-256 (bad3541b|0402a96d)\w+, got \w{64}; for other data/,
  );
});

test('what is missing is told by name, with what to do', async () => {
  await expect(fashionMnist('./nowhere')).rejects.toThrow(
    /found none; without a network, give fashionMnist a directory with the files, such as the folder data\/fashion of zalandoresearch\/fashion-mnist$/,
  );
  await expect(fashionMnist(5 as never)).rejects.toThrow(/^fashionMnist: expected a directory, a URL, or the bytes of/);
});
