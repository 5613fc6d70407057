/**
 * Question 7. Train the network on MNIST, plot its loss, and experiment:
 *
 * 1. Compare the training loss per epoch to the validation loss per epoch. What does the difference tell you?
 *    In the first epochs the validation loss is lower than the training loss, as the report found. That says something about the images, not about the
 *    model: the course's split holds back the last 5,000, which are easier than any other 5,000. A model trained on all 60,000 and evaluated on each
 *    twelfth of them shows it. Later the training loss falls below the validation loss: the model begins to overfit.
 * 2. Run SGD several times, and plot the average and the standard deviation of the loss. What does this tell you?
 *    How much of a difference between two curves is chance.
 * 3. Run SGD with learning rates .001, .003, .01 and .03. How does the rate influence the final performance?
 *    The report finds .003 best and .03 worst: that is so one image at a time on raw pixels. In minibatches of 8, all else the same, the largest of the four
 *    is best, since a mean of 8 gradients is less noisy and allows larger steps. Which rate is best depends on the other settings. And one run for each
 *    rate, as in the report and here, distinguishes .001 from .03, but not rates whose losses end close together.
 * 4. Choose hyperparameters, load the full training data with the canonical test set, train, and report the accuracy.
 *
 * Run with `npm run example q7`. It takes several minutes, most of them for one image at a time.
 */

import { classificationReport, concat } from 'tapegrad';
import { DataLoader } from 'tapegrad/datasets';
import { gridSearch, type Job, sweep } from 'tapegrad/sweep';
import { curves, heatMap, type Point, type Series, smooth } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { type Evaluation, evaluate, network, train } from './lib/training.ts';

const EPOCHS = wanted ?? (quick ? 2 : 10);
const RUNS = 3;
const RATES = [0.001, 0.003, 0.01, 0.03];
const SOUND = { batchSize: 64, learningRate: 0.5 };
/** Large steps first, small ones at the end: chosen by the experiments before. */
const FINAL = { batchSize: 32, learningRate: (epoch: number) => (epoch < EPOCHS - Math.floor(EPOCHS / 5) ? 0.5 : 0.05) };

const { train: training, validation, trainAndValidation, test } = await load();
const held = validation.size;
/** The points of a curve: a value for each epoch, counted from 1. */
const byEpoch = (values: readonly number[]): Point[] => values.map((value, i) => [i + 1, value]);

// 1. Training and validation.

console.log(`1. Training and validation, the last ${held.toLocaleString('en')} images held back, as in the course\n`);
const learner = network(seed);
const followed: { train: Evaluation; validation: Evaluation }[] = [];
train(learner, training, {
  ...SOUND,
  epochs: EPOCHS,
  seed,
  afterEpoch() {
    // The loss while learning is a mean over models that were still worse; to compare like with like, both are measured after the epoch.
    const now = { train: evaluate(learner, training), validation: evaluate(learner, validation) };
    followed.push(now);
    return `training accuracy ${now.train.accuracy.toFixed(4)}, validation ${now.validation.accuracy.toFixed(4)}`;
  },
});
const gap = ({ train, validation }: (typeof followed)[number]) => (train.loss - validation.loss).toFixed(4);
console.log(
  `\n   Training loss minus validation loss: ${gap(followed[0]!)} after the first epoch, ${gap(followed.at(-1)!)} after the last\n`,
);

// Are the images that are held back as hard as the others? This model is trained on all of them, so a difference can only come from the images.
const knowing = network(seed);
train(knowing, trainAndValidation, { ...SOUND, label: 'trained on all images, ', epochs: Math.ceil(EPOCHS / 5), seed });
const parts = Array.from({ length: trainAndValidation.size / held }, (_, i) =>
  evaluate(knowing, trainAndValidation.slice(held * i, held * (i + 1))),
);
console.log(`
   The loss of this model on each ${held.toLocaleString('en')} of them, in order:
   ${parts.map(({ loss }) => loss.toFixed(3)).join(' ')}
   The last ones, which the course holds back, are the easiest. A fair validation set is drawn at random.`);
const followedBy = (what: 'loss' | 'accuracy'): Series[] => [
  { name: 'training', points: byEpoch(followed.map(({ train }) => train[what])) },
  { name: 'validation', points: byEpoch(followed.map(({ validation }) => validation[what])) },
];
savePicture(
  'q7-validation',
  curves(followedBy('loss'), { title: 'Loss', x: 'epoch', y: 'cross-entropy (nats)', width: 520, log: true }),
  curves(followedBy('accuracy'), { title: 'Accuracy', x: 'epoch', y: 'accuracy', width: 520 }),
);
savePicture(
  'q7-parts',
  curves([{ name: 'loss', points: byEpoch(parts.map(({ loss }) => loss)) }], {
    title: `A model trained on all images: its loss on each ${held.toLocaleString('en')} of them`,
    x: 'part of the training images; the last is held back',
    y: 'cross-entropy (nats)',
  }),
);

// 2. The same training from several seeds, each in a thread of its own.

console.log(`\n2. ${RUNS} runs from different initial weights and orders\n`);
/** Keeps the losses that trials report, by their jobs. */
function keeping(losses: Map<string, number[]>): (job: Job, step: number, loss: number) => void {
  return ({ id }, step, loss) => {
    losses.set(id, losses.get(id) ?? []);
    losses.get(id)![step] = loss;
  };
}
const lossesOf = new Map<string, number[]>();
const batches = Math.ceil(training.size / SOUND.batchSize);
const repeated = await sweep(
  gridSearch(
    { batchSize: [SOUND.batchSize], learningRate: [SOUND.learningRate], images: [training.size], held: [held] },
    {
      seeds: Array.from({ length: RUNS }, (_, run) => seed + run),
      epochs: Math.ceil(EPOCHS / 2),
      objective: 'accuracy',
      direction: 'maximize',
    },
  ),
  new URL('./lib/q7-seed.ts', import.meta.url),
  { onReport: keeping(lossesOf) },
);
const { jobs } = repeated.best!;
const runs = jobs.map(({ id }) => smooth(lossesOf.get(id)!, batches / 8, Math.ceil(batches / 16)));
const spread = runs[0]!.map(([step], i) => {
  const values = runs.map((losses) => losses[i]![1]);
  const mean = values.reduce((a, b) => a + b) / RUNS;
  return { step: step / batches, mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (RUNS - 1)) };
});
const accuracies = jobs.map(({ values }) => values!['accuracy']!);
console.log(
  `   validation accuracies ${accuracies.map((x) => x.toFixed(4)).join(', ')}; standard deviation of the loss at the end ${spread.at(-1)!.deviation.toFixed(4)}`,
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
      title: `Training loss of ${RUNS} runs: mean, and one standard deviation on both sides`,
      x: 'epoch',
      y: 'cross-entropy (nats)',
      log: true,
    },
  ),
);

// 3. Four learning rates, twice.

console.log('\n3. Learning rates, raw pixels and weights N(0, 1) as in the report\n');
// All the same but the size of the minibatch. A quick run trains on fewer images one at a time, since that is slow.
const settings = [
  { name: 'minibatches of 8', batchSize: 8, images: training.size },
  { name: 'one image at a time', batchSize: 1, images: quick ? 2000 : training.size },
];
const epochLossesOf = new Map<string, number[]>();
const tried = await sweep(
  gridSearch(
    settings.map(({ batchSize, images }) => ({ batchSize: [batchSize], images: [images], learningRate: RATES })),
    { seeds: [seed], epochs: wanted ?? (quick ? 1 : 3) },
  ),
  new URL('./lib/q7-rate.ts', import.meta.url),
  { onReport: keeping(epochLossesOf) },
);
console.log(`   training loss of the last epoch\n${String(tried).replaceAll(/^/gm, '   ')}`);
const rates = settings.map(({ name, batchSize }) => ({
  name,
  tried: tried.trials
    .filter(({ configuration }) => configuration.batchSize === batchSize)
    .map(({ configuration, jobs }) => ({
      learningRate: configuration.learningRate,
      losses: epochLossesOf.get(jobs[0]!.id)!,
    })),
}));
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
  heatMap(report.confusion.toArray(), { title: `${test.size.toLocaleString('en')} test images`, x: 'predicted', y: 'true digit' }),
);

saveFigures('q7', {
  seed,
  validation: { epochs: followed, parts },
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
