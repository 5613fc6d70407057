/**
 * Is a penguin male or female, and how heavy is it? Two answers from one table: a class and a number.
 *
 * `data/penguins.csv` has 344 penguins of the Palmer Archipelago, three species on three islands, as they were measured by K. Gorman and the Palmer Station
 * LTER (Gorman, Williams & Fraser 2014, doi 10.1371/journal.pone.0090081), in the form of A. Horst's palmerpenguins, under CC0. A few measurements are missing.
 *
 * The steps are those of every such task: read the table, leave out rows with gaps, divide it at random with the same share of each species in each
 * part, learn the scale of the features from the training part, and stop when the validation loss no longer falls. The test part is looked at once, at the end.
 * Islands, sexes and species become a column for each category. A model that is only linear stands beside each network: what does the hidden layer add?
 *
 * Run with `npm run example tabular`. It takes seconds.
 */

import { readFile } from 'node:fs/promises';
import {
  Adam,
  accuracy,
  classificationReport,
  crossEntropy,
  EarlyStopping,
  fit,
  Linear,
  meanAbsoluteError,
  mseLoss,
  Random,
  r2Score,
  relu,
  Sequential,
  type Tensor,
} from 'tapegrad';
import { DataLoader, Dataset, randomSplit, readCSV, standardization, type TableDataset } from 'tapegrad/datasets';
import { table as asTable } from './lib/compare.ts';
import { curves, type Point } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';

const EPOCHS = wanted ?? (quick ? 10 : 300);
const BODY = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm'];

const all = readCSV(await readFile(new URL('./data/penguins.csv', import.meta.url), 'utf8'));
const table = all.complete();
console.log(`${all.size} penguins, of which ${table.size} have no gaps: ${all.names.join(', ')}\n`);
const species = table.categories('species');

type Part = Dataset<[Tensor, Tensor]>;

/** Parts to train with, to validate and to test, in the ratio 3 : 1 : 1, with features of mean 0 and deviation 1 in the first. */
function divided({ data }: TableDataset): { training: Part; validation: Part; test: Part } {
  const [training, validation, test] = randomSplit(data, [0.6, 0.2, 0.2], { seed, stratify: species.codes }) as [Part, Part, Part];
  const scale = standardization(training.x);
  const scaled = (part: Part): Part => new Dataset(scale.apply(part.x), part.y);
  return { training: scaled(training), validation: scaled(validation), test: scaled(test) };
}

const batches = (part: Part) => new DataLoader(part, { batchSize: 16, shuffle: true, seed });

/** Trains a model until the validation loss has not fallen for 20 epochs, and puts back the weights with which it was lowest. */
async function learn(
  name: string,
  model: Sequential,
  { training, validation }: ReturnType<typeof divided>,
  loss: (y: Tensor, t: Tensor) => Tensor,
) {
  const stopping = new EarlyStopping(model, { patience: 20 });
  const { history, stopped } = await fit(model, batches(training), {
    optimizer: new Adam(model, { learningRate: 3e-3 }),
    loss,
    validation: batches(validation),
    stopping,
    epochs: EPOCHS,
    progress: false,
  });
  console.log(
    `${name}: ${history.length} epochs, ended by ${stopped}; lowest validation loss ${stopping.best!.toFixed(4)} in epoch ${stopping.bestEpoch! + 1}`,
  );
  return { name, model, history };
}

/** A network with a hidden layer, and a model without. */
function models(inputs: number, outputs: number): { network: Sequential; linear: Sequential } {
  const random = new Random(seed);
  const network = new Sequential(new Linear(inputs, 32, { random }), relu, new Linear(32, outputs, { random }));
  return { network, linear: new Sequential(new Linear(inputs, outputs, { random })) };
}

// Male or female?
const classes = table.dataset({ x: [...BODY, 'body_mass_g', 'species'], y: 'sex' });
const kinds = divided(classes);
const classifiers = models(classes.features.length, classes.classes.length);
console.log('Sex');
const bySex = [
  await learn('network', classifiers.network, kinds, crossEntropy),
  await learn('linear model', classifiers.linear, kinds, crossEntropy),
];
console.log(`\n${classificationReport(bySex[0]!.model.forward(kinds.test.x), kinds.test.y, { labels: classes.classes })}`);

// How heavy? In kilograms, so that losses are about 1.
const numbers = table.dataset({ x: [...BODY, 'sex', 'species', 'island'], y: 'body_mass_g' });
const kilograms = { ...numbers, data: new Dataset(numbers.data.x, numbers.data.y.div(1000).unsqueeze(1)) };
const weights = divided(kilograms);
const regressors = models(numbers.features.length, 1);
console.log('\nWeight');
const byWeight = [
  await learn('network', regressors.network, weights, mseLoss),
  await learn('linear model', regressors.linear, weights, mseLoss),
];

const scores = bySex.map(({ name, model }, i) => {
  const predicted = byWeight[i]!.model.forward(weights.test.x);
  return {
    name,
    accuracy: accuracy(model.forward(kinds.test.x), kinds.test.y),
    meanAbsoluteError: meanAbsoluteError(predicted, weights.test.y),
    r2: r2Score(predicted, weights.test.y),
  };
});
console.log(`\nOn the ${weights.test.size} penguins of the test part\n`);
console.log(
  asTable(
    ['', 'accuracy of the sex', 'mean error of the weight (kg)', 'R²'],
    scores.map(({ name, accuracy, meanAbsoluteError, r2 }) => [name, accuracy, meanAbsoluteError, r2]),
    3,
  ),
);

saveFigures('tabular', {
  seed,
  sizes: { all: all.size, complete: table.size, training: kinds.training.size, validation: kinds.validation.size, test: kinds.test.size },
  features: { sex: classes.features, weight: numbers.features },
  test: scores,
  epochs: { sex: bySex.map(({ history }) => history.length), weight: byWeight.map(({ history }) => history.length) },
});
const losses = ({ history }: (typeof byWeight)[number]) => [
  { name: 'training', points: history.map(({ loss }, i): Point => [i + 1, loss]) },
  { name: 'validation', points: history.map(({ validationLoss }, i): Point => [i + 1, validationLoss!]) },
];
const predicted = byWeight[0]!.model.forward(weights.test.x);
const ends: Point[] = [
  [2.7, 2.7],
  [6.3, 6.3],
];
savePicture(
  'tabular',
  curves(losses(bySex[0]!), { title: 'Sex: loss by epoch', x: 'epoch', y: 'cross-entropy (nats)', width: 480, log: true }),
  curves(losses(byWeight[0]!), { title: 'Weight: loss by epoch', x: 'epoch', y: 'squared error (kg²)', width: 480, log: true }),
  curves([{ name: 'equal', points: ends, dashed: true }], {
    title: 'Weight: predicted against measured',
    x: 'measured (kg)',
    y: 'predicted (kg)',
    width: 440,
    dots: Array.from(weights.test.y.data, (measured, i): Point => [measured, predicted.data[i]!]),
  }),
);
