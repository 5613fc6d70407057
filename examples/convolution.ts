/**
 * How few weights does it take to read 99 digits out of 100?
 *
 * The network of the course, 784-300-10, has 238,510 weights and is right in 98.1 % of the test images. It has to learn the same stroke anew for every place
 * where it may lie. A convolution learns it once: its filter of 5 × 5 weights goes over the whole image. Two such layers, each followed by the maximum of
 * every 2 × 2 results, and one linear layer at the end have 5,994 weights.
 *
 * The pooling comes before the rectifier: the larger of two numbers stays the larger when both are rectified, so the result is the same, and a quarter of the
 * numbers is left to be rectified.
 *
 * The recipe: Adam, with a rate that climbs for the first quarter of the steps and then comes down to 0; in training each batch is shifted by up to a pixel in
 * each direction, and a quarter of the last layer's inputs is dropped. 2,000 images, held out at random, say after each epoch how far it has come. The test
 * images are looked at once, at the end.
 *
 * Run with `npm run example convolution`. It takes a few minutes.
 */

import {
  Adam,
  accuracy,
  Conv2d,
  concat,
  crossEntropy,
  Dropout,
  Flatten,
  fit,
  Linear,
  MaxPool2d,
  oneCycle,
  Random,
  relu,
  roll,
  Sequential,
  summary,
  Tensor,
  Unflatten,
} from 'tapegrad';
import { DataLoader, randomSplit, transformed } from 'tapegrad/datasets';
import { curves, gallery } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import './lib/revectorize.ts';

const EPOCHS = wanted ?? (quick ? 1 : 4);
const BATCH = 64;
const HELD = quick ? 500 : 2000;

const { trainAndValidation, test } = await load();
const [training, held] = randomSplit(trainAndValidation, [trainAndValidation.size - HELD, HELD], { seed });

const random = new Random(seed);
const model = new Sequential(
  new Unflatten(1, [1, 28, 28]),
  new Conv2d(1, 8, 5, { random }), // [batch, 8, 24, 24]
  new MaxPool2d(2),
  relu,
  new Conv2d(8, 16, 5, { random }), // [batch, 16, 8, 8]
  new MaxPool2d(2),
  relu,
  new Flatten(),
  new Dropout(0.25),
  new Linear(256, 10, { random }),
);
const cost = summary(model, Tensor.zeros([1, 784]));
console.log(`${cost}\n`);

// The four outermost pixels of every side are empty, so what leaves the image on one side and comes back on the other is nothing.
const shift = () => random.integer(3) - 1;
const shifted = transformed(training!, ([x, y]) => {
  const images = x.reshape([-1, 28, 28]);
  return [roll(images, [shift(), shift()], [1, 2]).reshape([-1, 784]), y] as const;
});
const loader = new DataLoader(shifted, { batchSize: BATCH, shuffle: true, seed });
const { learningRate } = oneCycle({ max: 0.01, steps: EPOCHS * loader.length, warmupFraction: 0.25 });

const start = performance.now();
const { history } = await fit(model, loader, {
  optimizer: new Adam(model, { learningRate }),
  loss: crossEntropy,
  validation: new DataLoader(held!, { batchSize: 500 }),
  metrics: { accuracy },
  epochs: EPOCHS,
  random,
});
console.log(`\nTrained in ${((performance.now() - start) / 1000).toFixed(0)} s.`);

const logits: Tensor = concat([...new DataLoader(test, { batchSize: 500 })].map(([x]) => model.forward(x)));
const right = accuracy(logits, test.y);
const predicted = logits.argmax(1);
const mistakes = Array.from({ length: test.size }, (_, i) => i).filter((i) => predicted.data[i] !== test.y.data[i]);
console.log(
  `Of the ${test.size.toLocaleString('en')} test images ${mistakes.length} are misread: test accuracy ${right.toFixed(4)}. The course's network, with forty times as many weights, misreads 194 of 10,000.`,
);

saveFigures('convolution', {
  seed,
  parameters: cost.parameters,
  multiplications: cost.multiplications,
  epochs: history.map(({ loss, validationLoss, accuracy }) => ({ loss, heldLoss: validationLoss, heldAccuracy: accuracy })),
  testAccuracy: right,
  mistakes: mistakes.map((i) => ({ image: i, digit: test.y.data[i], taken: predicted.data[i] })),
});

// What the first layer has learned: its filters, and what they find in one image.
const [, convolution] = model.layers as unknown as [unknown, Conv2d];
const part = (x: Tensor, i: number): Tensor => x.slice([i]).div(x.slice([i]).abs().max());
/** A small image with each pixel `times` as wide and high. */
const enlarged = (x: Tensor, times: number): Tensor => {
  const [rows, columns] = x.shape as [number, number];
  return x
    .reshape([rows, 1, columns, 1])
    .broadcastTo([rows, times, columns, times])
    .reshape([rows * times, columns * times]);
};
const filters = convolution.weight.reshape([8, 5, 5]);
const image = test.x.slice([[0, 1]]).reshape([1, 1, 28, 28]);
const found = convolution.forward(image).reshape([8, 24, 24]);
const each = (f: (i: number) => Tensor) => Array.from({ length: 8 }, (_, i) => ({ pixels: f(i).data, caption: '', colour: '#444444' }));
savePicture(
  'convolution-filters',
  gallery(
    each((i) => enlarged(part(filters, i), 5)),
    { title: 'The eight filters: blue is below 0', columns: 4, side: 25 },
  ),
  gallery(
    each((i) => part(found, i)),
    { title: 'What they find in a 7', columns: 4, side: 24 },
  ),
);
const probabilities = logits.softmax();
savePicture(
  'convolution-mistakes',
  gallery(
    mistakes.slice(0, 48).map((i) => ({
      pixels: test.x.data.subarray(784 * i, 784 * (i + 1)),
      caption: `${test.y.data[i]}, not ${predicted.data[i]} (${Math.round(100 * probabilities.data[10 * i + predicted.data[i]!]!)}%)`,
      colour: '#B00020',
    })),
    { title: `The first misread test images: the true digit, not the predicted one`, columns: 12 },
  ),
);
savePicture(
  'convolution-loss',
  curves(
    [
      { name: 'training', points: history.map(({ loss }, i) => [i + 1, loss] as const) },
      { name: 'held out', points: history.map(({ validationLoss }, i) => [i + 1, validationLoss!] as const) },
    ],
    { title: 'Mean loss by epoch', x: 'epoch', y: 'cross-entropy (nats)', width: 480, log: true },
  ),
  curves([{ name: 'held out', points: history.map(({ accuracy }, i) => [i + 1, accuracy] as const) }], {
    title: 'Share of the images held out that is read rightly',
    x: 'epoch',
    y: 'accuracy',
    width: 480,
  }),
);
