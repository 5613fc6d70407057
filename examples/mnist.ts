/**
 * The main job, `npm start`: trains the assignment's network, 784-300-10 with a sigmoid and a softmax, on the 60,000 images of MNIST, and tests it
 * on the canonical 10,000.
 *
 * Batches of 32, learning rate .5 and in the last two epochs a tenth of it, so that the noise of the steps decreases at the end. Writes the loss curve,
 * the confusion matrix and some of its mistakes to `examples/out/`, with the figures in `mnist.json`.
 *
 * With `--resume` it saves the whole training as it goes, and goes on where it was killed: to the same weights, bit for bit.
 */

import { createHash } from 'node:crypto';
import { classificationReport, concat, parameters, Run, SGD, SoftmaxCrossEntropy, type Tensor, train } from 'tapegrad';
import { DataLoader } from 'tapegrad/datasets';
import { loadRun, saveRun } from 'tapegrad/io';
import { curves, gallery, heatMap, smooth } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { checkpointOf, quick, removeCheckpoint, resume, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { progress } from './lib/progress.ts';
import { evaluate, network } from './lib/training.ts';

const EPOCHS = wanted ?? (quick ? 3 : 10);
const SETTLING = Math.floor(EPOCHS / 5);
const BATCH = 32;
const RATE = 0.5;
/** With `--resume`: how many steps there are from one save to the next, besides that after each epoch. */
const SAVED_EVERY = 200;

console.log('tapegrad: 784-300-10 on MNIST\n');
const { trainAndValidation, test } = await load();
console.log(
  `${trainAndValidation.size.toLocaleString('en')} images to train on, ${test.size.toLocaleString('en')} to test on, seed ${seed}\n`,
);

const model = network(seed);
const data = new DataLoader(trainAndValidation, { batchSize: BATCH, shuffle: true, seed });
const settled = (EPOCHS - SETTLING) * data.length;
const optimizer = new SGD(model, { learningRate: (step) => (step < settled ? RATE : RATE / 10) });
const criterion = new SoftmaxCrossEntropy();
const losses: number[] = [];
const epochs: { meanLoss: number; testLoss: number; testAccuracy: number }[] = [];
const run = new Run<[Tensor, Tensor]>({
  model,
  optimizer,
  data,
  loss: ([x, y]) => criterion.forward(model.forward(x), y),
  keep: { losses, epochs },
});

const checkpoint = checkpointOf('mnist');
if (resume && (await loadRun(run, checkpoint, { ifThere: true }))) console.log(`Going on after step ${run.steps}, from ${checkpoint}\n`);
const start = performance.now();
let watching: ReturnType<typeof progress> | undefined;
for await (const { epoch, step, loss, epochLoss, batch, endOfEpoch } of train(run, { epochs: EPOCHS })) {
  losses.push(loss);
  watching ??= progress(`epoch ${String(epoch + 1).padStart(String(EPOCHS).length)}/${EPOCHS}`, trainAndValidation.size);
  watching.advance(Math.min(batch * BATCH, trainAndValidation.size), epochLoss);
  if (endOfEpoch) {
    const { loss, accuracy } = evaluate(model, test);
    epochs.push({ meanLoss: epochLoss, testLoss: loss, testAccuracy: accuracy });
    watching.finish(`loss ${epochLoss.toFixed(4)}, test accuracy ${accuracy.toFixed(4)}`);
    watching = undefined;
  }
  if (resume && (endOfEpoch || step % SAVED_EVERY === SAVED_EVERY - 1)) await saveRun(run, checkpoint);
}
console.log(`\nTrained in ${((performance.now() - start) / 1000).toFixed(1)} s, including the evaluation after each epoch.`);
const hash = createHash('sha256');
for (const { data } of parameters(model)) hash.update(data);
console.log(`SHA-256 of the weights: ${hash.digest('hex')}\n`);

const logits: Tensor = concat([...new DataLoader(test, { batchSize: 1000 })].map(([x]) => model.forward(x)));
const report = classificationReport(logits, test.y);
console.log(`${report}\n`);

const predicted = logits.argmax(1);
const probabilities = logits.softmax();
const surest = Array.from({ length: test.size }, (_, i) => i)
  .filter((i) => predicted.data[i] !== test.y.data[i])
  .map((i) => ({ i, digit: test.y.data[i]!, taken: predicted.data[i]!, probability: probabilities.data[10 * i + predicted.data[i]!]! }))
  .sort((a, b) => b.probability - a.probability)
  .slice(0, 24);
const batches = Math.ceil(trainAndValidation.size / BATCH);

saveFigures('mnist', {
  network: '784-300-10, sigmoid, softmax cross-entropy',
  seed,
  batchSize: BATCH,
  learningRate: RATE,
  epochs,
  report: { accuracy: report.accuracy, macro: report.macro, weighted: report.weighted, classes: report.classes },
  confusion: report.confusion.toArray(),
});
const raw = losses.flatMap((loss, i) => (i % Math.ceil(losses.length / 1500) === 0 ? [[(i + 1) / batches, loss] as const] : []));
const mean = smooth(losses, Math.ceil(batches / 4), Math.ceil(batches / 20)).map(([step, loss]) => [step / batches, loss] as const);
savePicture(
  'mnist-loss',
  curves([{ name: 'training', points: mean, raw }], {
    title: 'Loss of each batch, and their mean over a quarter of an epoch',
    x: 'epoch',
    y: 'cross-entropy (nats)',
    log: true,
  }),
);
savePicture(
  'mnist-confusion',
  heatMap(report.confusion.toArray(), { title: `${test.size.toLocaleString('en')} test images`, x: 'predicted', y: 'true digit' }),
);
savePicture(
  'mnist-mistakes',
  gallery(
    surest.map(({ i, digit, taken, probability }) => ({
      pixels: test.x.data.subarray(784 * i, 784 * (i + 1)),
      caption: `${digit}, not ${taken} (${Math.round(100 * probability)}%)`,
      colour: '#B00020',
    })),
    { title: 'The most confident mistakes: the true digit, not the predicted one', columns: 6 },
  ),
);
console.log(
  `Figures and pictures are in examples/out/${quick ? 'quick/' : ''}: mnist.json, mnist-loss, mnist-confusion and mnist-mistakes as .svg and .png.`,
);
// What is done is not gone on with: the next start begins anew.
if (resume) removeCheckpoint('mnist');
