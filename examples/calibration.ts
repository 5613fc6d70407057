/**
 * When the network says 95 %, is it right 95 times out of 100, and what did it look at?
 *
 * A network that is trained until it classifies every training image correctly goes on making its logits larger, since that still lowers the loss. On new
 * images it is then surer than it should be. Dividing the logits by a temperature T > 1 repairs this (Guo, Pleiss, Sun & Weinberger 2017). T is one number,
 * fitted by L-BFGS on images that were held out, and changes no answer: the largest logit stays the largest.
 *
 * The reliability diagram puts the answers in bins by their probability, and compares with how many of each bin are right; the expected calibration error is
 * the mean distance. All is measured on the 10,000 test images, which neither the weights nor T have seen.
 *
 * What the network looks at is the gradient of a logit by the pixels: where it is positive, a brighter pixel speaks for the answer. Such a gradient is
 * recorded, but not to train with: `evaluation` keeps dropout out of it. Two things make it readable: the mean over noisy copies of an image (SmoothGrad,
 * Smilkov et al. 2017), and units of what is usual for each pixel, since pixels at the margin hardly ever change, and their weights are still random.
 *
 * Run with `npm run example calibration`. It takes about a minute.
 */

import {
  Adam,
  accuracy,
  brierScore,
  calibration,
  crossEntropy,
  Dropout,
  evaluation,
  fit,
  grad,
  indexSelect,
  LBFGS,
  Linear,
  Parameter,
  Random,
  relu,
  Sequential,
  Tensor,
} from 'tapegrad';
import { DataLoader, randomSplit } from 'tapegrad/datasets';
import { table } from './lib/compare.ts';
import { curves, gallery } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import './lib/revectorize.ts';

const EPOCHS = wanted ?? (quick ? 3 : 25);
const TRAINING = quick ? 4000 : 20_000;
const HELD = quick ? 1000 : 5000;
const BINS = 10;

const { trainAndValidation, test } = await load();
const [training, held] = randomSplit(trainAndValidation, [TRAINING, HELD, trainAndValidation.size - TRAINING - HELD], { seed });

const random = new Random(seed);
const model = new Sequential(new Linear(784, 300, { random }), relu, new Dropout(0.2), new Linear(300, 10, { random }));
console.log(
  `${TRAINING.toLocaleString('en')} images to train on, ${HELD.toLocaleString('en')} held out, ${test.size.toLocaleString('en')} to test on\n`,
);
const { history } = await fit(model, new DataLoader(training!, { batchSize: 64, shuffle: true, seed }), {
  optimizer: new Adam(model, { learningRate: 1e-3 }),
  loss: crossEntropy,
  validation: new DataLoader(held!, { batchSize: 1000 }),
  metrics: { accuracy },
  epochs: EPOCHS,
  random,
});

// The temperature: its logarithm is what moves, so that it stays positive.
const logits = { held: model.forward(held!.x), test: model.forward(test.x) };
const log = new Parameter(Tensor.of(0));
const temperature = () => log.exp();
new LBFGS({ log }).minimize(() => crossEntropy(logits.held.div(temperature()), held!.y));
const T = temperature().item();

const measure = (name: string, logits: Tensor) => {
  const probabilities = logits.softmax();
  return {
    name,
    bins: calibration(probabilities, test.y, { bins: BINS }),
    crossEntropy: crossEntropy(logits, test.y).item(),
    brier: brierScore(probabilities, test.y),
    accuracy: accuracy(logits, test.y),
  };
};
const measured = [measure('as trained', logits.test), measure(`T = ${T.toFixed(2)}`, logits.test.div(T))];
console.log(`\nOn the test images, as trained and with the temperature that the images held out call for, ${T.toFixed(3)}\n`);
console.log(
  table(
    ['', 'calibration error', 'cross-entropy', 'Brier score', 'accuracy'],
    measured.map(({ name, bins, crossEntropy, brier, accuracy }) => [name, bins.expectedError, crossEntropy, brier, accuracy]),
    4,
  ),
);

/** The gradient by the pixels of the logits of classes `[images]`, for `x : [images, 784]`. */
const saliency = (x: Tensor, classes: Tensor): Tensor => grad((x: Tensor) => model.forward(x).gather(1, classes.unsqueeze(1)).sum())(x);

const COPIES = 64;
/** The mean gradient over noisy copies of each image, times the deviation of each pixel among the training images, scaled to −1 … 1. */
function smooth(x: Tensor, classes: Tensor): Tensor {
  const gradients = Array.from({ length: COPIES }, () =>
    evaluation(() => saliency(x.add(Tensor.normal([x.shape[0]!, 784], { random, standardDeviation: 0.3 })), classes)),
  );
  const mean: Tensor = gradients
    .reduce((a, b) => a.add(b))
    .div(COPIES)
    .mul(training!.x.std(0));
  return mean.div(mean.abs().max(1, { keepDims: true }));
}

// The first image of each digit that is classified correctly.
const predicted = logits.test.argmax(1);
const first = Array.from({ length: 10 }, (_, digit) => test.y.data.findIndex((label, i) => label === digit && predicted.data[i] === digit));
const shown = Tensor.of(first, 'int32');
const [images, digits] = [indexSelect(test.x, 0, shown), Tensor.arange(10, { dtype: 'int32' })];
const found = smooth(images, digits);
const differs = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
console.log(
  `\nThe same gradient twice: as trained it differs by ${differs(saliency(images, digits), saliency(images, digits)).toFixed(2)}, since dropout is drawn anew; in evaluation by ${differs(
    evaluation(() => saliency(images, digits)),
    evaluation(() => saliency(images, digits)),
  )}.`,
);

saveFigures('calibration', {
  network: '784-300-10, rectifier, dropout of a fifth',
  seed,
  trainingImages: TRAINING,
  heldImages: HELD,
  epochs: history.map(({ loss, validationLoss, accuracy }) => ({ loss, heldLoss: validationLoss, heldAccuracy: accuracy })),
  temperature: T,
  test: measured.map(({ name, bins, ...scores }) => ({
    name,
    expectedCalibrationError: bins.expectedError,
    maximumCalibrationError: bins.maximumError,
    ...scores,
    predicted: bins.predicted.toArray(),
    observed: bins.observed.toArray(),
    counts: bins.counts.toArray(),
  })),
});
savePicture(
  'calibration',
  curves(
    [
      ...measured.map(({ name, bins }) => ({
        name,
        points: Array.from(bins.predicted.data, (predicted, i) => [predicted, bins.observed.data[i]!] as const),
      })),
      {
        name: 'ideal',
        points: [
          [0.3, 0.3],
          [1, 1],
        ],
        dashed: true,
      },
    ],
    {
      title: 'Reliability: what was said, and what came true',
      x: 'probability of the answer',
      y: 'share that is right',
      width: 560,
      domain: [0, 1],
    },
  ),
  curves(
    [
      { name: 'training', points: history.map(({ loss }, i) => [i + 1, loss] as const) },
      { name: 'held out', points: history.map(({ validationLoss }, i) => [i + 1, validationLoss!] as const) },
    ],
    { title: 'Loss by epoch', x: 'epoch', y: 'cross-entropy (nats)', width: 560, log: true },
  ),
);
const part = (x: Tensor, i: number) => x.data.subarray(784 * i, 784 * (i + 1));
savePicture(
  'calibration-saliency',
  gallery(
    [images, found].flatMap((of, row) =>
      first.map((_, i) => ({ pixels: part(of, i), caption: row === 0 ? '' : `for ${i}`, colour: '#444444' })),
    ),
    { title: 'Ten digits, and what speaks for the answer (red) and against it (blue)', columns: 10 },
  ),
);
