/**
 * What does it take to make up digits that nobody wrote?
 *
 * An autoencoder squeezes an image through two numbers, and makes it again from these. That does not make it an author: it knows what to do with the places of
 * the plane that images were squeezed into, and nobody told it to use the places in between.
 *
 * The variational autoencoder (Kingma & Welling 2014) adds two things. In training the two numbers are not taken as they are: the encoder gives a mean and a
 * variance, and what is decoded is drawn from there, so that neighbouring places have to mean similar images. And the divergence of these distributions from
 * the standard normal distribution is added to the loss, ½ Σ (μ² + σ² − log σ² − 1), so that the images gather where one will draw from.
 *
 * Both networks are 784-256-64-2-64-256-784 with rectifiers, and both have the same loss of the pixels, the cross-entropy of each as the probability of ink.
 * The noise is drawn where `isTraining()`; so a model that is evaluated, also within `fit`, has none.
 *
 * Run with `npm run example autoencoder`. It takes a few minutes.
 */

import * as Plot from '@observablehq/plot';
import {
  Adam,
  binaryCrossEntropyWithLogits,
  EarlyStopping,
  fit,
  indexSelect,
  isTraining,
  Linear,
  meshgrid,
  ndtri,
  Random,
  relu,
  Sequential,
  sigmoid,
  stack,
  Tensor,
} from 'tapegrad';
import { DataLoader, type Dataset, randomSplit } from 'tapegrad/datasets';
import { COLOURS, curves } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { mosaic } from './lib/mosaic.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import './lib/revectorize.ts';

const EPOCHS = wanted ?? (quick ? 1 : 15);
const TRAINING = quick ? 2000 : 20_000;
const HELD = quick ? 500 : 2000;
/** How many images are shown in the plane. */
const SHOWN = quick ? 200 : 1000;

const { trainAndValidation, test } = await load();
const [training, held] = randomSplit(trainAndValidation, [TRAINING, HELD, trainAndValidation.size - TRAINING - HELD], { seed }) as [
  Dataset,
  Dataset,
  Dataset,
];

/** Of an image: the loss of its pixels, and the divergence, both in nats, as means over the images. */
interface Losses {
  readonly pixels: Tensor;
  readonly divergence: Tensor;
}

class Autoencoder {
  readonly encoder: Sequential;
  readonly decoder: Sequential;

  constructor(
    readonly isVariational: boolean,
    random: Random,
  ) {
    // The variational one has two means and the logarithms of two variances.
    const ends = isVariational ? 4 : 2;
    const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, { random });
    this.encoder = new Sequential(linear(784, 256), relu, linear(256, 64), relu, linear(64, ends));
    this.decoder = new Sequential(linear(2, 64), relu, linear(64, 256), relu, linear(256, 784));
  }

  /** Where images lie in the plane, `[images, 2]`. */
  encode(x: Tensor): Tensor {
    return this.encoder.forward(x).slice([null, [0, 2]]);
  }

  /** The probability of ink in each pixel, `[places, 784]`. */
  decode(places: Tensor): Tensor {
    return sigmoid(this.decoder.forward(places));
  }

  losses(x: Tensor): Losses {
    const encoded = this.encoder.forward(x);
    const mean = encoded.slice([null, [0, 2]]);
    const logVariance = this.isVariational ? encoded.slice([null, [2, 4]]) : undefined;
    const noisy = logVariance && isTraining() ? mean.add(Tensor.normal(mean.shape).mul(logVariance.mul(0.5).exp())) : mean;
    const of = (perImage: Tensor) => perImage.sum(1).mean();
    return {
      pixels: of(binaryCrossEntropyWithLogits(this.decoder.forward(noisy), x, { reduction: 'none' })),
      divergence: logVariance ? of(mean.pow(2).add(logVariance.exp()).sub(logVariance).sub(1).div(2)) : Tensor.of(0),
    };
  }
}

async function learned(isVariational: boolean) {
  console.log(`\n${isVariational ? 'Variational autoencoder' : 'Autoencoder'}`);
  const random = new Random(seed);
  const model = new Autoencoder(isVariational, random);
  const stopping = new EarlyStopping(model, { patience: 3 });
  const { history } = await fit(model, new DataLoader(training, { batchSize: 64, shuffle: true, seed }), {
    optimizer: new Adam(model, { learningRate: 1e-3 }),
    lossOf([x]) {
      const { pixels, divergence } = model.losses(x);
      return pixels.add(divergence);
    },
    validation: new DataLoader(held, { batchSize: 500 }),
    stopping,
    epochs: EPOCHS,
    random,
  });
  const { pixels, divergence } = model.losses(test.x);
  const places = model.encode(test.x);
  const best = stopping.bestEpoch! + 1;
  console.log(
    `Best after epoch ${best}. Test images: ${pixels.item().toFixed(1)} nats for the pixels, ${divergence.item().toFixed(1)} for the divergence; places have mean (${rounded(places.mean(0))}) and standard deviation (${rounded(places.std(0))}).`,
  );
  return { model, history, best, places, pixels: pixels.item(), divergence: divergence.item() };
}

const rounded = (x: Tensor): string => [...x.data].map((value) => value.toFixed(2)).join(', ');

const [plain, variational] = [await learned(false), await learned(true)];
const both = [
  { name: 'autoencoder', ...plain },
  { name: 'variational', ...variational },
];

// The same 40 pairs of standard normal numbers for both. For the autoencoder they are moved and stretched to where its images lie: it shall have every chance.
const drawn = Tensor.normal([40, 2], { seed });
const madeUp = {
  plain: plain.model.decode(drawn.mul(plain.places.std(0)).add(plain.places.mean(0))),
  variational: variational.model.decode(drawn),
};

saveFigures('autoencoder', {
  seed,
  images: TRAINING,
  models: both.map(({ name, history, best, places, pixels, divergence }) => ({
    name,
    bestEpoch: best,
    epochs: history.map(({ loss, validationLoss }) => ({ loss, heldLoss: validationLoss })),
    test: { pixels, divergence },
    places: { mean: places.mean(0).toArray(), standardDeviation: places.std(0).toArray() },
  })),
});

const imagesIn = (x: Tensor): Float32Array[] =>
  Array.from({ length: x.shape[0]! }, (_, i) => Float32Array.from(x.data.subarray(784 * i, 784 * (i + 1))));

/** The test images in the plane, each drawn as its digit. */
function plane(title: string, places: Tensor): Plot.PlotOptions {
  const shown = Array.from({ length: SHOWN }, (_, i) => ({ x: places.data[2 * i]!, y: places.data[2 * i + 1]!, digit: test.y.data[i]! }));
  return {
    width: 520,
    height: 520,
    marginTop: 44,
    grid: true,
    x: { label: null, ticks: 6 },
    y: { label: null, ticks: 6 },
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dx: -30, dy: -36, fontSize: 14, fontWeight: 'bold' }),
      Plot.text(shown, {
        x: 'x',
        y: 'y',
        text: ({ digit }: { digit: number }) => String(digit),
        fill: ({ digit }: { digit: number }) => [...COLOURS, '#000000', '#999999', '#7B3F00', '#6A3D9A'][digit]!,
        fontSize: 9,
      }),
    ],
  };
}

savePicture(
  'autoencoder-plane',
  plane('Autoencoder: test images by the two numbers they become', plain.places),
  plane('Variational autoencoder: their means', variational.places),
);
// The first test image of each digit.
const places = Array.from({ length: 10 }, (_, digit) => test.y.data.indexOf(digit));
const originals = indexSelect(test.x, 0, Tensor.of(places, 'int32'));
savePicture(
  'autoencoder-made-again',
  mosaic([originals, ...both.map(({ model }) => model.decode(model.encode(originals)))].flatMap(imagesIn), {
    title: 'Ten test images, each made again from two numbers',
    columns: 10,
    rows: ['image', ...both.map(({ name }) => name)],
  }),
);
savePicture(
  'autoencoder-made-up',
  mosaic(imagesIn(madeUp.plain), { title: 'Made up by the autoencoder', columns: 10 }),
  mosaic(imagesIn(madeUp.variational), { title: 'Made up by the variational one', columns: 10 }),
);
// Places that cut the normal distribution into parts of the same probability, so that as much is shown of each.
const SIDE = 16;
const quantiles = ndtri(Tensor.arange(SIDE).add(0.5).div(SIDE));
const [down, right] = meshgrid([quantiles.neg(), quantiles]) as [Tensor, Tensor];
const grid = stack([right, down], 2).reshape([SIDE * SIDE, 2]);
savePicture(
  'autoencoder-map',
  mosaic(imagesIn(variational.model.decode(grid)), {
    title: 'The plane of the variational autoencoder, decoded place by place',
    columns: SIDE,
    gap: 0,
  }),
);
savePicture(
  'autoencoder-loss',
  curves(
    both.flatMap(({ name, history }) => [
      { name: `${name}, training`, points: history.map(({ loss }, i) => [i + 1, loss] as const) },
      { name: `${name}, held out`, points: history.map(({ validationLoss }, i) => [i + 1, validationLoss!] as const) },
    ]),
    { title: 'Loss by epoch; for the variational one with the divergence', x: 'epoch', y: 'nats an image', width: 760 },
  ),
);
