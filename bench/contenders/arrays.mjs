/** Loops over typed arrays, written by hand for these networks: what one writes without any library. */

import { serve } from './serve.mjs';

await serve({
  network({ sizes, activations, optimizer, rate }, parameters) {
    if (optimizer !== 'SGD') return undefined;
    const layers = sizes
      .slice(1)
      .map((size, i) => ({ inputs: sizes[i], outputs: size, w: parameters[2 * i], b: parameters[2 * i + 1], f: activations[i] }));
    return (x, y, rows) => {
      const values = [x];
      for (const layer of layers) values.push(forward(layer, values.at(-1), rows));
      let loss = 0;
      let gradient = values.at(-1);
      const classes = sizes.at(-1);
      for (let row = 0; row < rows; row++) {
        const at = row * classes;
        let [most, total] = [-Infinity, 0];
        for (let j = 0; j < classes; j++) most = Math.max(most, gradient[at + j]);
        for (let j = 0; j < classes; j++) total += Math.exp(gradient[at + j] - most);
        loss += (Math.log(total) + most - gradient[at + y[row]]) / rows;
        for (let j = 0; j < classes; j++) gradient[at + j] = (Math.exp(gradient[at + j] - most) / total - (j === y[row] ? 1 : 0)) / rows;
      }
      for (let i = layers.length - 1; i >= 0; i--) gradient = backward(layers[i], values[i], values[i + 1], gradient, rows, rate, i > 0);
      return loss;
    };
  },
  unaryOp(name, x) {
    const f = { sigmoid: (x) => 1 / (1 + Math.exp(-x)), exp: Math.exp, tanh: Math.tanh }[name];
    return () => {
      const y = new Float32Array(x.length);
      if (f) for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
      else for (let i = 0; i < x.length; i++) y[i] = x[i] + x[i];
      return y;
    };
  },
});

function forward({ inputs, outputs, w, b, f }, x, rows) {
  const y = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const at = row * outputs;
    for (let j = 0; j < outputs; j++) y[at + j] = b[j];
    for (let i = 0; i < inputs; i++) {
      const value = x[row * inputs + i];
      for (let j = 0; j < outputs; j++) y[at + j] += value * w[i * outputs + j];
    }
  }
  if (f === 'sigmoid') for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-y[i]));
  if (f === 'tanh') for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]);
  return y;
}

function backward({ inputs, outputs, w, b, f }, x, y, dy, rows, rate, further) {
  if (f === 'sigmoid') for (let i = 0; i < dy.length; i++) dy[i] *= y[i] * (1 - y[i]);
  if (f === 'tanh') for (let i = 0; i < dy.length; i++) dy[i] *= 1 - y[i] * y[i];
  const dx = new Float32Array(further ? rows * inputs : 0);
  for (let row = 0; further && row < rows; row++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += dy[row * outputs + j] * w[i * outputs + j];
      dx[row * inputs + i] = sum;
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inputs; i++) {
      const value = rate * x[row * inputs + i];
      for (let j = 0; j < outputs; j++) w[i * outputs + j] -= value * dy[row * outputs + j];
    }
    for (let j = 0; j < outputs; j++) b[j] -= rate * dy[row * outputs + j];
  }
  return dx;
}
