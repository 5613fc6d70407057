/**
 * Question 4. Implement a training loop for your network and show that the training loss drops as training progresses.
 *
 * The network of question 3, two inputs, three hidden units, two outputs, learns which points of the plane lie inside an ellipse and which outside. One
 * point at a time: forward pass, backward pass, one small step against the gradient. An epoch goes through all 60,000 points; there are five epochs.
 *
 * The initial weights are drawn from N(0, 1) as in the report (Python's `random.seed(0)`), and written down here so that the losses can be compared
 * to the last digit. From the same weights the report's code learns more slowly, .683 .622 .426 .271 .222: each of its outputs leaves out the third
 * hidden unit.
 *
 * Run with `npm run example q4`; with `-- --quick` it trains on a twentieth of the points, with steps twenty times as large.
 */

import { accuracy, Linear, loadStateDict, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tensor } from 'tapegrad';
import { DataLoader, synthetic } from 'tapegrad/datasets';
import { boundary } from './lib/boundary.ts';
import { curves } from './lib/curves.ts';
import { quick, saveFigures, savePicture, epochs as wanted } from './lib/output.ts';

const EPOCHS = wanted ?? 5;
const LEARNING_RATE = quick ? 0.02 : 0.001;

const { train, validation } = quick ? synthetic({ trainSize: 3000, validationSize: 1000 }) : synthetic();

const model = new Sequential(new Linear(2, 3, { dtype: 'float64' }), new Sigmoid(), new Linear(3, 2, { dtype: 'float64' }));
loadStateDict(model, {
  'layers.0.weight': Tensor.of(
    [
      [0.9417154046806644, -1.3965781047011498, -0.6797144480784211],
      [0.3705035674606598, -1.016348894188071, -0.07212002278507135],
    ],
    'float64',
  ),
  'layers.0.bias': Tensor.zeros([3], 'float64'),
  'layers.2.weight': Tensor.of(
    [
      [0.17919648727485687, -0.8310992152709882],
      [-1.3090373644593587, 0.1938877412491041],
      [0.9932497035351971, -0.6469816305475048],
    ],
    'float64',
  ),
  'layers.2.bias': Tensor.zeros([2], 'float64'),
});
const criterion = new SoftmaxCrossEntropy();
const optimizer = new SGD(model, { learningRate: LEARNING_RATE });

/** Mean loss and accuracy on the validation points. */
function evaluate(): { loss: number; accuracy: number } {
  const logits = model.forward(validation.x);
  return { loss: criterion.forward(logits, validation.y).item(), accuracy: accuracy(logits, validation.y) };
}

console.log(`${train.size} points to train on, ${validation.size} to validate on, learning rate ${LEARNING_RATE}\n`);
const trainLosses: number[] = [];
const validations: ReturnType<typeof evaluate>[] = [];
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  let total = 0;
  for (const [x, y] of new DataLoader(train, { batchSize: 1 })) {
    total += optimizer.minimize(() => criterion.forward(model.forward(x), y));
  }
  trainLosses.push(total / train.size);
  validations.push(evaluate());
  const { loss, accuracy } = validations.at(-1)!;
  console.log(
    `epoch ${epoch}: training loss ${trainLosses.at(-1)!.toFixed(4)}, validation loss ${loss.toFixed(4)}, validation accuracy ${accuracy.toFixed(4)}`,
  );
}

const epochs = trainLosses.map((loss, i) => ({
  epoch: i + 1,
  trainLoss: loss,
  validationLoss: validations[i]!.loss,
  validationAccuracy: validations[i]!.accuracy,
}));
const probability = (x: Tensor) => model.forward(x).softmax().slice([null, 1]);
/** The course's ellipse: 0 where `xᵀ A x = 0.6`, with `A = [[1, −0.05], [1, 0.4]]`. */
const truth = (x: number, y: number) => x * x + 0.95 * x * y + 0.4 * y * y - 0.6;

saveFigures('q4', { trainSize: train.size, validationSize: validation.size, learningRate: LEARNING_RATE, epochs });
savePicture('q4-data', boundary(train, { title: 'The first 2,000 points of the training set' }));
savePicture(
  'q4-boundary',
  boundary(train, { title: `After ${EPOCHS} epochs: learned boundary, and the true one (dashed)`, probability, truth }),
);
savePicture('q4-loss', {
  ...curves([{ name: 'training', points: epochs.map(({ epoch, trainLoss }) => [epoch, trainLoss]) }], {
    title: 'Mean training loss by epoch',
    x: 'epoch',
    y: 'cross-entropy (nats)',
  }),
  x: { label: 'epoch', ticks: EPOCHS, tickFormat: 'd' },
});
