/**
 * Question 7. Train the network on MNIST, plot its loss, and experiment:
 *
 * 1. Compare the training loss per epoch to the validation loss per epoch. What does the difference tell you?
 *    The course's split keeps the last 5,000 training images for validation, and these are easier than the rest. That is why the report sees validation
 *    better than training, and the difference tells nothing about the model. Other 5,000 images, held back in their place, show it.
 * 2. Run SGD several times, and plot the average and the standard deviation of the loss. What does this tell you?
 * 3. Run SGD with learning rates .001, .003, .01 and .03. How does the rate influence the final performance?
 *    One run for each rate tells little by itself. The report finds .003 best and .03 worst: that is so one image at a time on raw pixels. With minibatches
 *    of 8 on sound settings the largest of the four is best, and a still larger one better.
 * 4. Choose hyperparameters, load the full training data with the canonical test set, train, and report the accuracy.
 *
 * Run with `npm run example q7`.
 */

import { classificationReport, concat } from 'tapegrad';
import { DataLoader, Dataset } from 'tapegrad/datasets';
import { curves, heatMap, type Point, type Series, smooth } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { evaluate, network, type Training, train } from './lib/training.ts';

const EPOCHS = wanted ?? (quick ? 2 : 10);
const RUNS = 3;
const RATES = [0.001, 0.003, 0.01, 0.03];
const SOUND = { batchSize: 64, learningRate: 0.5 };
/** Large steps first, small ones at the end: chosen by the experiments before. */
const FINAL = { batchSize: 32, learningRate: (epoch: number) => (epoch < EPOCHS - Math.floor(EPOCHS / 5) ? 0.5 : 0.05) };

const { train: training, validation, trainAndValidation, test } = await load();
const held = validation.size;
/** Points of a line by epoch, from 1. */
const byEpoch = (values: readonly number[]): Point[] => values.map((value, i) => [i + 1, value]);

// 1. Training and validation, for the course's split and for another.

/** Everything but the images from `start` to `start + held`, to learn from. */
function without(start: number): Dataset {
  const [before, after] = [trainAndValidation.slice(0, start), trainAndValidation.slice(start + held)];
  return new Dataset(concat([before.x, after.x]), concat([before.y, after.y]));
}

function follow(label: string, learned: Dataset, held: Dataset) {
  const model = network(seed);
  const epochs: { train: ReturnType<typeof evaluate>; validation: ReturnType<typeof evaluate> }[] = [];
  train(model, learned, {
    ...SOUND,
    label,
    epochs: EPOCHS,
    seed,
    afterEpoch() {
      // The loss while learning is a mean over models that were still worse; to compare like with like, both are measured after the epoch.
      epochs.push({ train: evaluate(model, learned.slice(0, 4 * held.size)), validation: evaluate(model, held) });
      const { train, validation } = epochs.at(-1)!;
      return `training accuracy ${train.accuracy.toFixed(4)}, validation ${validation.accuracy.toFixed(4)}`;
    },
  });
  return epochs;
}

console.log(`1. Training and validation, the last ${held.toLocaleString('en')} images held back, as in the course\n`);
const last = follow('last held back, ', training, validation);
console.log(`\n   … and the first ${held.toLocaleString('en')} in their place\n`);
const first = follow('first held back, ', without(0), trainAndValidation.slice(0, held));
const gap = (epochs: typeof last) => (epochs.at(-1)!.train.loss - epochs.at(-1)!.validation.loss).toFixed(4);
console.log(`
   Training loss less validation loss, at the end: ${gap(last)} with the last images held back, ${gap(first)} with the first.
   Which images are held back decides it: the last ones are easier than the rest. A fair validation set is drawn at random.`);
const part = (epochs: typeof last, of: 'train' | 'validation', what: 'loss' | 'accuracy') =>
  byEpoch(epochs.map((epoch) => epoch[of][what]));
const split = (what: 'loss' | 'accuracy'): Series[] => [
  { name: 'training', points: part(last, 'train', what) },
  { name: 'last 5,000', points: part(last, 'validation', what) },
  { name: 'first 5,000', points: part(first, 'validation', what) },
];
savePicture(
  'q7-validation',
  curves(split('loss'), { title: 'Loss', x: 'epoch', y: 'cross-entropy (nats)', width: 520, log: true }),
  curves(split('accuracy'), { title: 'Accuracy', x: 'epoch', y: 'part that is right', width: 520 }),
);

// 2. The same training from several seeds.

console.log(`\n2. ${RUNS} runs from different initial weights and orders\n`);
const batches = Math.ceil(training.size / SOUND.batchSize);
const runs = Array.from({ length: RUNS }, (_, run) => {
  const model = network(seed + run);
  const losses = train(model, training, { ...SOUND, label: `run ${run + 1}, `, epochs: Math.ceil(EPOCHS / 2), seed: seed + run });
  return { losses: smooth(losses, batches / 8, Math.ceil(batches / 16)), validation: evaluate(model, validation) };
});
const spread = runs[0]!.losses.map(([step], i) => {
  const values = runs.map(({ losses }) => losses[i]![1]);
  const mean = values.reduce((a, b) => a + b) / RUNS;
  return { step: step / batches, mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (RUNS - 1)) };
});
const accuracies = runs.map(({ validation }) => validation.accuracy);
console.log(
  `\n   validation accuracies ${accuracies.map((x) => x.toFixed(4)).join(', ')}; standard deviation of the loss at the end ${spread.at(-1)!.deviation.toFixed(4)}`,
);
savePicture(
  'q7-runs',
  curves(
    [
      {
        name: 'mean',
        points: spread.map(({ step, mean }) => [step, mean]),
        band: spread.map(({ step, mean, deviation }) => [step, mean - deviation, mean + deviation]),
      },
    ],
    {
      title: `Training loss of ${RUNS} runs: mean, and one standard deviation either way`,
      x: 'epoch',
      y: 'cross-entropy (nats)',
      log: true,
    },
  ),
);

// 3. Four learning rates, twice.

const raw = await load({ scale: 'raw' });
type Setting = Pick<Training, 'batchSize' | 'epochs'> & {
  readonly name: string;
  readonly data: Dataset;
  readonly initialization: 'standardNormal' | 'fanIn';
};
const settings: Setting[] = [
  {
    name: 'minibatch 8, pixels 0 to 1, weights ±1/√n',
    batchSize: 8,
    epochs: Math.ceil(EPOCHS / 2),
    data: training,
    initialization: 'fanIn',
  },
  {
    name: 'one image at a time, raw pixels, weights N(0, 1)',
    batchSize: 1,
    epochs: quick ? 1 : 3,
    data: quick ? raw.train.slice(0, 2000) : raw.train,
    initialization: 'standardNormal',
  },
];
const rates = settings.map(({ name, data, initialization, ...training }) => {
  console.log(`\n3. Learning rates, ${name}\n`);
  const tried = RATES.map((learningRate) => {
    const losses: number[] = [];
    const afterEpoch = (_: number, loss: number) => {
      losses.push(loss);
      return '';
    };
    train(network(seed, { initialization }), data, { ...training, label: `rate ${learningRate}, `, learningRate, seed, afterEpoch });
    return { learningRate, losses };
  });
  return { name, tried };
});
savePicture(
  'q7-rates',
  ...rates.map(({ name, tried }) =>
    curves(
      tried.map(({ learningRate, losses }) => ({ name: String(learningRate), points: byEpoch(losses) })),
      { title: name, x: 'epoch', y: 'training loss (nats)', width: 520, log: true },
    ),
  ),
);

// 4. The final run.

console.log(
  `\n4. The final run: all ${trainAndValidation.size.toLocaleString('en')} images, batches of ${FINAL.batchSize}, rate .5 and .05 in the last epochs\n`,
);
const model = network(seed);
train(model, trainAndValidation, { ...FINAL, epochs: EPOCHS, seed, afterEpoch: () => '' });
const report = classificationReport(concat([...new DataLoader(test, { batchSize: 1000 })].map(([x]) => model.forward(x))), test.y);
console.log(`\n${report}`);
savePicture(
  'q7-confusion',
  heatMap(report.confusion.toArray(), { title: `${test.size.toLocaleString('en')} test images`, x: 'taken for', y: 'digit' }),
);

saveFigures('q7', {
  seed,
  validation: { lastHeldBack: last, firstHeldBack: first },
  runs: { accuracies, spread },
  rates,
  final: {
    accuracy: report.accuracy,
    macro: report.macro,
    weighted: report.weighted,
    classes: report.classes,
    confusion: report.confusion.toArray(),
  },
});
