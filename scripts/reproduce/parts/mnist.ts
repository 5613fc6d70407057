import { type FloatDtype, Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, stateDict, Tensor } from 'tapegrad';
import { DataLoader, Dataset } from 'tapegrad/datasets';
import type { Part } from './part.ts';

const PIXELS = 784;

/** Handwritten digits: for each a label and then its pixels, a byte each. */
export type Images = Uint8Array;

/** The number of images in the file. */
export const IMAGES = 2000;

/** How the network is trained: small batches take more steps, so they see fewer images. */
const trainings: readonly { readonly batchSize: number; readonly images: number; readonly dtype: FloatDtype }[] = [
  { batchSize: 1, images: 50, dtype: 'float32' },
  { batchSize: 7, images: 200, dtype: 'float32' },
  { batchSize: 33, images: 400, dtype: 'float64' },
  { batchSize: 64, images: IMAGES, dtype: 'float32' },
];

function datasetOf(images: Images, size: number, dtype: FloatDtype): Dataset {
  const stride = PIXELS + 1;
  if (images.length < size * stride) throw new Error(`expected ${size} images, got ${images.length / stride}`);
  const row = (i: number): number[] => Array.from(images.subarray(i * stride + 1, (i + 1) * stride), (pixel) => pixel / 255);
  return new Dataset(
    Tensor.of(
      Array.from({ length: size }, (_, i) => row(i)),
      dtype,
    ),
    Tensor.fromTypedArray(Int32Array.from({ length: size }, (_, i) => images[i * stride]!)),
  );
}

/** An epoch of the assignment's network. */
function* epoch(dataset: Dataset, batchSize: number, dtype: FloatDtype): Generator<Tensor> {
  const random = new Random(7);
  const model = new Sequential(new Linear(PIXELS, 300, { random, dtype }), new Sigmoid(), new Linear(300, 10, { random, dtype }));
  const criterion = new SoftmaxCrossEntropy();
  const optimizer = new SGD(model, { learningRate: 0.1 });
  const loader = new DataLoader(dataset, { batchSize, shuffle: true, seed: 8 });
  const losses: number[] = [];
  for (const [x, y] of loader) losses.push(optimizer.minimize(() => criterion.forward(model.forward(x), y)));
  yield Tensor.of(losses, dtype);
  yield* Object.values(stateDict(model));
}

/** Training on MNIST, with batches of several sizes. */
export const mnist = (images: Images): Part[] =>
  trainings.map(({ batchSize, images: size, dtype }) => ({
    name: `MNIST in batches of ${batchSize}, ${dtype}`,
    tensors: () => epoch(datasetOf(images, size, dtype), batchSize, dtype),
  }));
