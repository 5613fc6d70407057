/** Deepbox. */

import { serve } from './serve.mjs';

const path = '../peers/node_modules/deepbox/dist';
const [{ parameter, tensor }, { crossEntropyLoss, Linear, Sequential, Sigmoid, Tanh }, { SGD }] = await Promise.all([
  import(`${path}/ndarray/index.js`),
  import(`${path}/nn/index.js`),
  import(`${path}/optim/index.js`),
]);
const activations = { sigmoid: Sigmoid, tanh: Tanh };
const rowsOf = (data, rows, columns) =>
  Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));

await serve({
  network({ sizes, activations: between, optimizer: kind, rate }, parameters) {
    if (kind !== 'SGD') return undefined;
    const layers = sizes
      .slice(1)
      .flatMap((size, i) => (between[i] ? [new Linear(sizes[i], size), new activations[between[i]]()] : [new Linear(sizes[i], size)]));
    const model = new Sequential(...layers);
    // Its weights are [outputs, inputs].
    [...model.parameters()].forEach((p, i) => {
      const { data } = p.tensor ?? p;
      const [inputs, outputs] = [sizes[i >> 1], sizes[(i >> 1) + 1]];
      parameters[i].forEach((x, at) => (data[i % 2 ? at : (at % outputs) * inputs + Math.floor(at / outputs)] = x));
    });
    const optimizer = new SGD(model.parameters(), { lr: rate });
    return (x, y, rows) => {
      optimizer.zeroGrad();
      const loss = crossEntropyLoss(
        model.forward(parameter(tensor(rowsOf(x, rows, sizes[0])), { requiresGrad: false })),
        tensor(Array.from(y), { dtype: 'int32' }),
      );
      loss.backward();
      optimizer.step();
      return Number((loss.tensor ?? loss).data[0]);
    };
  },
  small(name) {
    const make = () => [parameter([1, 2, 3, 4]), parameter([5, 6, 7, 8])];
    const [a, b] = make();
    return {
      add: () => a.tensor && a.add(b),
      'add, sum and backward'() {
        a.zeroGrad();
        b.zeroGrad();
        a.add(b).sum().backward();
      },
    }[name];
  },
});
