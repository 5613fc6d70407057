/** tapegrad, as it is published. As second argument JSON: `dist`, where the build is, `plain`, without kernels, and `threads`, how many. */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from './serve.mjs';
import { models } from './tapegrad-models.mjs';

const { dist = 'dist', plain, threads } = JSON.parse(process.argv[3] ?? '{}');
const t = await import(pathToFileURL(resolve(dist, 'index.js')).href);
const { Linear, Sequential, Sigmoid, SoftmaxCrossEntropy, Tanh, Tape, Tensor } = t;
if (plain) t.useBackend('plain');
if (threads) t.useThreads(threads);
const criterion = new SoftmaxCrossEntropy();
const activations = { sigmoid: Sigmoid, tanh: Tanh };
const matrix = (data, rows, columns) => new Tensor([rows, columns], data);
const [a, b] = [Tensor.of([1, 2, 3, 4]), Tensor.of([5, 6, 7, 8])];
const numbers = [1, 2, 3].map((i) => Tensor.of(Array.from({ length: 16 }, (_, k) => Math.sin(i + k))));

await serve({
  network({ sizes, activations: between, optimizer: name, rate }, parameters) {
    const layers = sizes.slice(1).flatMap((size, i) => {
      const linear = new Linear(sizes[i], size);
      linear.weight.assign(matrix(parameters[2 * i], sizes[i], size));
      linear.bias.assign(new Tensor([size], parameters[2 * i + 1]));
      return between[i] ? [linear, new activations[between[i]]()] : [linear];
    });
    const model = new Sequential(...layers);
    const optimizer = new t[name](model, { learningRate: rate, ...(name === 'AdamW' && { weightDecay: 0.01 }) });
    return (x, y, rows) => optimizer.minimize(() => criterion.forward(model.forward(matrix(x, rows, sizes[0])), new Tensor([rows], y)));
  },
  models: models(t),
  convolution(x, w) {
    const [images, filters] = [new Tensor([16, 64, 128, 128], x), new Tensor([8, 64, 7, 7], w)];
    return () => void t.conv2d(images, filters);
  },
  product(form, left, right, [m, k, n]) {
    const [x, y] = [form === 'aT b' ? matrix(left, k, m) : matrix(left, m, k), form === 'a bT' ? matrix(right, n, k) : matrix(right, k, n)];
    return form === 'aT b' ? () => x.transposedTimes(y) : form === 'a bT' ? () => x.timesTransposed(y) : () => x.matmul(y);
  },
  unaryOp(name, data) {
    const x = new Tensor([data.length], data);
    return name === 'add' ? () => x.add(x) : () => x[name]();
  },
  small: (name) =>
    ({
      add: () => a.add(b),
      'add, recorded': () => new Tape().record(() => a.add(b)),
      'add, sum and backward'() {
        const tape = new Tape();
        const y = tape.record(() => a.add(b).sum());
        tape.backward(y, [a, b]);
      },
      '30 operations on 16 numbers, backward'() {
        const tape = new Tape();
        const y = tape.record(() => {
          let h = numbers[0];
          for (let i = 0; i < 10; i++) h = h.mul(numbers[1]).add(numbers[2]).tanh();
          return h.sum();
        });
        tape.backward(y, numbers);
      },
    })[name],
});
