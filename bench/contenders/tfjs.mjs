/** TensorFlow.js with its WebAssembly backend; updates by hand, which is faster here than its optimizer. */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { serve } from './serve.mjs';

const require = createRequire(new URL('../peers/package.json', import.meta.url));
console.warn = () => {};
const log = console.log;
console.log = () => {};
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
// The path needs the separator at its end.
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
wasm.setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();
console.log = log;

/** Steps of plain gradient descent. */
const descent =
  (lossOf, weights, { shape, classes, rate }) =>
  (x, y, rows) =>
    tf.tidy(() => {
      const [batch, target] = [tf.tensor(x, [rows, ...shape]), tf.oneHot(tf.tensor1d(y, 'int32'), classes).toFloat()];
      const { value, grads } = tf.variableGrads(() => lossOf(batch, target), weights);
      for (const weight of weights) weight.assign(weight.sub(grads[weight.name].mul(rate)));
      return value.dataSync()[0];
    });

await serve({
  network({ sizes, activations, optimizer, rate }, parameters) {
    if (optimizer !== 'SGD') return undefined;
    const weights = parameters.map((data, i) =>
      tf.variable(i % 2 ? tf.tensor1d(data) : tf.tensor2d(data, [sizes[i / 2], sizes[i / 2 + 1]])),
    );
    const lossOf = (x, y) => {
      let h = x;
      for (let i = 0; i + 1 < sizes.length; i++) {
        h = tf.matMul(h, weights[2 * i]).add(weights[2 * i + 1]);
        if (activations[i]) h = tf[activations[i]](h);
      }
      return tf.losses.softmaxCrossEntropy(y, h);
    };
    return descent(lossOf, weights, { shape: [sizes[0]], classes: sizes.at(-1), rate });
  },
  models: {
    // Its wasm has no kernel for the gradient of a convolution's filters, so it tells that.
    cnn(spec, parameters) {
      const weights = Object.entries(spec.parameters).map(([name, shape]) => tf.variable(tf.tensor(parameters[name], shape)));
      const [w1, b1, w2, b2, w3, b3] = weights;
      // Channels last, as its kernels want them: filters [rows, columns, in, out].
      const convolved = (x, w, b) => tf.conv2d(x, tf.transpose(w, [2, 3, 1, 0]), 1, 'valid').add(b);
      const pooled = (x) => tf.maxPool(tf.relu(x), 2, 2, 'valid');
      const lossOf = (x, y) => {
        const h = pooled(convolved(pooled(convolved(tf.transpose(x, [0, 2, 3, 1]), w1, b1)), w2, b2));
        return tf.losses.softmaxCrossEntropy(y, tf.matMul(tf.transpose(h, [0, 3, 1, 2]).reshape([-1, 256]), w3).add(b3));
      };
      return descent(lossOf, weights, { shape: spec.example, classes: spec.classes, rate: spec.rate });
    },
  },
  product(form, left, right, [m, k, n]) {
    if (form !== 'a b') return undefined;
    const [a, b] = [tf.tensor2d(left, [m, k]), tf.tensor2d(right, [k, n])];
    return () => tf.tidy(() => void tf.matMul(a, b).dataSync());
  },
  unaryOp(name, data) {
    const x = tf.tensor1d(data);
    return () => tf.tidy(() => void (name === 'add' ? x.add(x) : tf[name](x)).dataSync());
  },
  small(name) {
    const [a, b] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([5, 6, 7, 8])];
    if (name === 'add') return () => tf.tidy(() => void a.add(b));
    const gradient = tf.grads((a, b) => a.add(b).sum());
    return name === 'add, sum and backward' ? () => tf.tidy(() => void gradient([a, b])) : undefined;
  },
});
