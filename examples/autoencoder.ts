/**
 * What does it take to make up digits that nobody wrote?
 *
 * An autoencoder squeezes an image through a few numbers, its code, and makes it again from these. That does not make it an author: it knows what to do with
 * the codes of images, and nobody told it what to do with others, nor where the codes of images lie.
 *
 * The variational autoencoder (Kingma & Welling 2014) adds two things. In training a code is not taken as it is: the encoder gives a mean and a variance, and
 * what is decoded is drawn from there, so that neighbouring codes have to mean similar images. And the divergence of these distributions from the standard
 * normal distribution is added to the loss, ½ Σ (μ² + σ² − log σ² − 1), so that the codes of images lie where one will draw from.
 *
 * An autoencoder and a variational one have codes of 16 numbers here, and draw images from codes that nobody made. A third one, variational again, has codes of
 * 2 numbers, so that all of its codes can be looked at. All are 784-128-64-code-64-128-784 with rectifiers, and have the same loss of the pixels, the
 * cross-entropy of each as the probability of ink. The noise is drawn where `isTraining()`; so a model that is evaluated, also within `fit`, has none.
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

const EPOCHS = wanted ?? (quick ? 1 : 10);
const TRAINING = quick ? 2000 : 20_000;
const HELD = quick ? 500 : 2000;
/** How many images are shown by their codes. */
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
    readonly size: number,
    readonly isVariational: boolean,
    random: Random,
  ) {
    const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, { random });
    // The variational one has means, and the logarithms of variances.
    const ends = linear(64, isVariational ? 2 * size : size);
    this.encoder = new Sequential(linear(784, 128), relu, linear(128, 64), relu, ends);
    this.decoder = new Sequential(linear(size, 64), relu, linear(64, 128), relu, linear(128, 784));
  }

  /** The codes of images, or their means, `[images, size]`. */
  encode(x: Tensor): Tensor {
    return this.encoder.forward(x).slice([null, [0, this.size]]);
  }

  /** The probability of ink in each pixel, `[codes, 784]`. */
  decode(codes: Tensor): Tensor {
    return sigmoid(this.decoder.forward(codes));
  }

  losses(x: Tensor): Losses {
    const encoded = this.encoder.forward(x);
    const mean = encoded.slice([null, [0, this.size]]);
    const logVariance = this.isVariational ? encoded.slice([null, [this.size]]) : undefined;
    const noisy = logVariance && isTraining() ? mean.add(Tensor.normal(mean.shape).mul(logVariance.mul(0.5).exp())) : mean;
    const of = (perImage: Tensor) => perImage.sum(1).mean();
    return {
      pixels: of(binaryCrossEntropyWithLogits(this.decoder.forward(noisy), x, { reduction: 'none' })),
      divergence: logVariance ? of(mean.pow(2).add(logVariance.exp()).sub(logVariance).sub(1).div(2)) : Tensor.of(0),
    };
  }
}

async function learned(name: string, size: number, isVariational: boolean) {
  console.log(`\n${name[0]!.toUpperCase()}${name.slice(1)}`);
  const random = new Random(seed);
  const model = new Autoencoder(size, isVariational, random);
  const stopping = new EarlyStopping(model, { patience: 3 });
  const { history } = await fit(model, new DataLoader(training, { batchSize: 64, shuffle: true, seed }), {
    optimizer: new Adam(model, { learningRate: 2e-3 }),
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
  const codes = model.encode(test.x);
  const spread = codes.std(0);
  const best = stopping.bestEpoch! + 1;
  console.log(
    `Best after epoch ${best}. Test images: ${pixels.item().toFixed(1)} nats for the pixels, ${divergence.item().toFixed(1)} for the divergence; the numbers of their codes have standard deviations from ${spread.min().item().toFixed(2)} to ${spread.max().item().toFixed(2)}.`,
  );
  return { name, model, history, best, codes, pixels: pixels.item(), divergence: divergence.item() };
}

const plain = await learned('autoencoder', 16, false);
const variational = await learned('variational', 16, true);
const flat = await learned('variational, 2 numbers', 2, true);
const models = [plain, variational, flat];

// The same 40 codes for both. For the autoencoder they are moved and stretched to where the codes of images lie: it shall have every chance.
const drawn = Tensor.normal([40, 16], { seed });
const madeUp = {
  plain: plain.model.decode(drawn.mul(plain.codes.std(0)).add(plain.codes.mean(0))),
  variational: variational.model.decode(drawn),
};

saveFigures('autoencoder', {
  seed,
  images: TRAINING,
  models: models.map(({ name, history, best, codes, pixels, divergence }) => ({
    name,
    bestEpoch: best,
    epochs: history.map(({ loss, validationLoss }) => ({ loss, heldLoss: validationLoss })),
    test: { pixels, divergence },
    codes: { mean: codes.mean(0).toArray(), standardDeviation: codes.std(0).toArray() },
  })),
});

const imagesIn = (x: Tensor): Float32Array[] =>
  Array.from({ length: x.shape[0]! }, (_, i) => Float32Array.from(x.data.subarray(784 * i, 784 * (i + 1))));

/** Test images by their codes of two numbers, each drawn as its digit. */
function plane(title: string, codes: Tensor): Plot.PlotOptions {
  const shown = Array.from({ length: SHOWN }, (_, i) => ({ x: codes.data[2 * i]!, y: codes.data[2 * i + 1]!, digit: test.y.data[i]! }));
  return {
    width: 560,
    height: 560,
    marginTop: 44,
    marginLeft: 56,
    grid: true,
    x: { label: null, ticks: 6 },
    y: { label: null, ticks: 6 },
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dx: -46, dy: -36, fontSize: 14, fontWeight: 'bold' }),
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

// The first test image of each digit.
const firsts = Array.from({ length: 10 }, (_, digit) => test.y.data.indexOf(digit));
const originals = indexSelect(test.x, 0, Tensor.of(firsts, 'int32'));
savePicture(
  'autoencoder-made-again',
  mosaic([originals, ...models.map(({ model }) => model.decode(model.encode(originals)))].flatMap(imagesIn), {
    title: 'Ten test images, each made again from its code',
    columns: 10,
    rows: ['image', ...models.map(({ name }) => name)],
  }),
);
savePicture(
  'autoencoder-made-up',
  mosaic(imagesIn(madeUp.plain), { title: 'Made up by the autoencoder', columns: 10 }),
  mosaic(imagesIn(madeUp.variational), { title: 'Made up by the variational one', columns: 10 }),
);
// Codes that cut the normal distribution into parts of the same probability, so that as much is shown of each.
const SIDE = 12;
const quantiles = ndtri(Tensor.arange(SIDE).add(0.5).div(SIDE));
const [down, right] = meshgrid([quantiles.neg(), quantiles]) as [Tensor, Tensor];
const grid = stack([right, down], 2).reshape([SIDE * SIDE, 2]);
savePicture(
  'autoencoder-plane',
  plane('Codes of two numbers: those of test images', flat.codes),
  mosaic(imagesIn(flat.model.decode(grid)), { title: 'The same plane, decoded', columns: SIDE, gap: 0 }),
);
savePicture(
  'autoencoder-loss',
  curves(
    models.map(({ name, history }) => ({ name, points: history.map(({ validationLoss }, i) => [i + 1, validationLoss!] as const) })),
    { title: 'Loss on images held out; for the variational ones with the divergence', x: 'epoch', y: 'nats an image', width: 760 },
  ),
);
