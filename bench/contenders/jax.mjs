/** jax-js, its WebAssembly backend, the whole step one jitted function. */

globalThis.navigator ??= {};
const { defaultDevice, init, jit, lax, nn, numpy: np, valueAndGrad } = await import('../peers/node_modules/@jax-js/jax/dist/index.js');
const { serve } = await import('./serve.mjs');

await init('wasm');
defaultDevice('wasm');
const activations = { sigmoid: (x) => nn.sigmoid(x), tanh: (x) => np.tanh(x) };

/** Steps of plain gradient descent, each one jitted function. */
function descent(lossOf, initial, { shape, classes, rate }) {
  const step = jit((weights, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(
      weights.map((w) => w.ref),
      x,
      y,
    );
    return [loss, weights.map((w, i) => w.sub(gradients[i].mul(rate)))];
  });
  let weights = initial;
  return (x, y, rows) => {
    const target = new Float32Array(rows * classes);
    y.forEach((label, row) => (target[row * classes + label] = 1));
    const [loss, after] = step(weights, np.array(x, { shape: [rows, ...shape] }), np.array(target, { shape: [rows, classes] }));
    weights = after;
    return loss.dataSync()[0];
  };
}

const crossEntropy = (logits, y) => np.mean(np.sum(nn.logSoftmax(logits, -1).mul(y), -1)).mul(-1);

await serve({
  network({ sizes, activations: between, optimizer, rate }, parameters) {
    if (optimizer !== 'SGD') return undefined;
    const lossOf = (weights, x, y) => {
      let h = x;
      for (let i = 0; i + 1 < sizes.length; i++) {
        h = np.matmul(h, weights[2 * i]).add(weights[2 * i + 1]);
        if (between[i]) h = activations[between[i]](h);
      }
      return crossEntropy(h, y);
    };
    const weights = parameters.map((data, i) => np.array(data, { shape: i % 2 ? [data.length] : [sizes[i / 2], sizes[i / 2 + 1]] }));
    return descent(lossOf, weights, { shape: [sizes[0]], classes: sizes.at(-1), rate });
  },
  models: {
    cnn(spec, parameters) {
      // Windows that do not overlap are axes of their own.
      const pooled = (x) => {
        const [n, c, h, w] = x.shape;
        return np.max(nn.relu(x).reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
      };
      const convolved = (x, w, b) => lax.convGeneralDilated(x, w, [1, 1], 'VALID').add(b.reshape([1, b.shape[0], 1, 1]));
      const lossOf = ([w1, b1, w2, b2, w3, b3], x, y) => {
        const h = pooled(convolved(pooled(convolved(x, w1, b1)), w2, b2));
        return crossEntropy(np.matmul(h.reshape([h.shape[0], 256]), w3).add(b3), y);
      };
      const weights = Object.entries(spec.parameters).map(([name, shape]) => np.array(parameters[name], { shape }));
      return descent(lossOf, weights, { shape: spec.example, classes: spec.classes, rate: spec.rate });
    },
  },
  product(form, left, right, [m, k, n]) {
    if (form !== 'a b') return undefined;
    const [a, b] = [np.array(left, { shape: [m, k] }), np.array(right, { shape: [k, n] })];
    const multiply = jit((a, b) => np.matmul(a, b));
    return () => multiply(a.ref, b.ref).dataSync();
  },
  unaryOp(name, data) {
    const x = np.array(data);
    const f = jit({ sigmoid: (x) => nn.sigmoid(x), exp: (x) => np.exp(x), tanh: (x) => np.tanh(x), add: (x) => x.ref.add(x) }[name]);
    return () => f(x.ref).dataSync();
  },
});
