/**
 * Question 6. Work out the vectorized version of a batched forward and backward: feed the network a batch of images in a single tensor, and still perform
 * each multiplication by a weight matrix, the addition of a bias vector and the computation of the loss in a single call.
 *
 *     K = X W + b      X : [B, 784], W : [784, 300], b : [300] is added to each row
 *     H = σ(K)
 *     O = H V + c      O : [B, 10]
 *     l = mean of −log softmax(O)[row, class]
 *
 *     dO = (softmax(O) − onehot) / B
 *     dV = Hᵀ dO,      dc = sum of the rows of dO
 *     dK = dO Vᵀ · H (1 − H)
 *     dW = Xᵀ dK,      db = sum of the rows of dK
 *
 * Each element of dW is a sum over the batch, dW[i, j] = Σ_b X[b, i] dK[b, j], and that is what a matrix product does. The report makes a tensor
 * [B, 784, 300] of all the terms, with `np.matmul(X[:, :, None], dZ[:, None, :])`, and then takes its mean: 940 KB for each image.
 *
 * Run with `npm run example q6`.
 */

import { type Gradients, SoftmaxCrossEntropy, Tape, Tensor } from 'tapegrad';
import { curves, smooth } from './lib/curves.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { evaluate, network, train } from './lib/training.ts';

const BATCH = 64;
const EPOCHS = wanted ?? (quick ? 1 : 3);

const { trainAndValidation, test } = await load();
const model = network(seed);
const criterion = new SoftmaxCrossEntropy();
const { x, y } = trainAndValidation.slice(0, BATCH);

// Forward and backward on a batch. A second tape watches the sweep of the first.
const tape = new Tape({ x, y, model }); // calls each parameter by its path in the model
const sweep = new Tape({ x });
const loss = tape.record(() => criterion.forward(model.forward(x), y));
const gradients: Gradients = sweep.record(() => tape.backward(loss));
console.log(`The forward pass of a batch of ${BATCH}\n\n${tape}\n`);
const products = sweep.entries.filter(({ op }) => ['matmul', 'timesTransposed', 'transposedTimes'].includes(op.name));
console.log('The products of its backward pass: dV = Hᵀ dO, dH = dO Vᵀ, dW = Xᵀ dK\n');
const shapes = products.map(({ op, inputs, output }) => {
  const [a, b, y] = [inputs['a']!, inputs['b']!, output].map((value) => `[${sweep.values[value]!.shape.join(', ')}]`);
  console.log(`  ${op.name.padEnd(16)} ${a} × ${b} → ${y}`);
  return { operation: op.name, a, b, result: y };
});
const largest = Math.max(...[...tape.values, ...sweep.values].map(({ shape }) => shape.reduce((a, b) => a * b, 1)));
console.log(
  `\nThe largest tensor of both passes has ${largest.toLocaleString('en')} elements, as many as W; a tensor [B, 784, 300] would have ${(BATCH * 784 * 300).toLocaleString('en')}.`,
);

/** Milliseconds a batch: the median of some runs. */
function time(f: () => void, runs = quick ? 3 : 15): number {
  f();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    f();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[runs >> 1]!;
}

// The gradient of a weight is a matrix product that is computed when it is first read, so it is read here: otherwise the largest product would be
// missing in the time.
const step = (x: Tensor, y: Tensor<[number]>) => {
  const tape = new Tape();
  const gradients = tape.backward(tape.record(() => criterion.forward(model.forward(x), y)));
  return [...gradients].map(([, gradient]) => gradient.data);
};
const rows = Array.from({ length: BATCH }, (_, i) => [x.slice([[i, i + 1]]), y.slice([[i, i + 1]])] as [Tensor, Tensor<[number]>]);
const dK = Tensor.normal([BATCH, 300]);
const byProduct = () => x.transposedTimes(dK).div(BATCH);
const byTerms = () =>
  x
    .reshape([BATCH, 784, 1])
    .mul(dK.reshape([BATCH, 1, 300]))
    .mean(0);
const furthest = byProduct().sub(byTerms()).abs().max().item() / byProduct().abs().max().item();
const [oneAtATime, batched, product, terms] = [() => rows.forEach(([x, y]) => step(x, y)), () => step(x, y), byProduct, byTerms].map((f) =>
  time(f),
) as [number, number, number, number];
console.log(`
Milliseconds for ${BATCH} images, on this machine
  forward and backward, one image at a time   ${oneAtATime.toFixed(2)}
  forward and backward, batched               ${batched.toFixed(2)}   ${(oneAtATime / batched).toFixed(1)} times as fast
  dW alone, as one product                    ${product.toFixed(2)}
  dW alone, by way of [${BATCH}, 784, 300]         ${terms.toFixed(2)}   ${(terms / product).toFixed(1)} times as long; the results differ by ${furthest.toExponential(0)} of the largest element
`);

// And it learns.
const epochs: { trainLoss: number; testAccuracy: number }[] = [];
const losses = train(model, trainAndValidation, {
  epochs: EPOCHS,
  batchSize: BATCH,
  learningRate: 0.5,
  seed,
  afterEpoch(_, trainLoss) {
    const { accuracy } = evaluate(model, test);
    epochs.push({ trainLoss, testAccuracy: accuracy });
    return `test accuracy ${accuracy.toFixed(4)}`;
  },
});

const gradientShapes = Object.fromEntries([...gradients].map(([w, gradient]) => [(w as { path?: string }).path ?? '', gradient.shape]));
saveFigures('q6', {
  batch: BATCH,
  tape: String(tape).split('\n'),
  products: shapes,
  gradients: gradientShapes,
  largestTensor: largest,
  termsDiffer: furthest,
  seed,
  epochs,
});
const batches = losses.length / EPOCHS;
const perEpoch = (points: readonly (readonly [number, number])[]) => points.map(([i, loss]) => [i / batches, loss] as const);
const raw = perEpoch(losses.map((loss, i) => [i + 1, loss] as const).filter(([i]) => i % Math.ceil(losses.length / 1500) === 0));
savePicture(
  'q6-loss',
  curves([{ name: 'training', points: perEpoch(smooth(losses, 100, 40)), raw }], {
    title: `Loss of each batch of ${BATCH}, and the mean of 100`,
    x: 'epoch',
    y: 'cross-entropy (nats)',
    log: true,
  }),
);
