/** tapegrad, as it is published. `plain` as second argument: without kernels. */

import { Linear, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tanh, Tape, Tensor, useBackend } from '../../dist/index.js';
import { serve } from './serve.mjs';

if (process.argv[3] === 'plain') useBackend('plain');
const criterion = new SoftmaxCrossEntropy();
const activations = { sigmoid: Sigmoid, tanh: Tanh };
const matrix = (data, rows, columns) => new Tensor([rows, columns], data);
const [a, b] = [Tensor.of([1, 2, 3, 4]), Tensor.of([5, 6, 7, 8])];

await serve({
  network({ sizes, activations: between, rate }, parameters) {
    const layers = sizes.slice(1).flatMap((size, i) => {
      const linear = new Linear(sizes[i], size);
      linear.weight.assign(matrix(parameters[2 * i], sizes[i], size));
      linear.bias.assign(new Tensor([size], parameters[2 * i + 1]));
      return between[i] ? [linear, new activations[between[i]]()] : [linear];
    });
    const model = new Sequential(...layers);
    const optimizer = new SGD(model, { learningRate: rate });
    return (x, y, rows) => optimizer.minimize(() => criterion.forward(model.forward(matrix(x, rows, sizes[0])), new Tensor([rows], y)));
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
    })[name],
});
