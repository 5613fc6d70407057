/** jax-js, its WebAssembly backend, the whole step one jitted function. */

globalThis.navigator ??= {};
const { defaultDevice, init, jit, nn, numpy: np, valueAndGrad } = await import('../peers/node_modules/@jax-js/jax/dist/index.js');
const { serve } = await import('./serve.mjs');

await init('wasm');
defaultDevice('wasm');
const activations = { sigmoid: (x) => nn.sigmoid(x), tanh: (x) => np.tanh(x) };

await serve({
  network({ sizes, activations: between, rate }, parameters) {
    const classes = sizes.at(-1);
    const lossOf = (weights, x, y) => {
      let h = x;
      for (let i = 0; i + 1 < sizes.length; i++) {
        h = np.matmul(h, weights[2 * i]).add(weights[2 * i + 1]);
        if (between[i]) h = activations[between[i]](h);
      }
      return np.mean(np.sum(nn.logSoftmax(h, -1).mul(y), -1)).mul(-1);
    };
    const step = jit((weights, x, y) => {
      const [loss, gradients] = valueAndGrad(lossOf)(
        weights.map((w) => w.ref),
        x,
        y,
      );
      return [loss, weights.map((w, i) => w.sub(gradients[i].mul(rate)))];
    });
    let weights = parameters.map((data, i) => np.array(data, { shape: i % 2 ? [data.length] : [sizes[i / 2], sizes[i / 2 + 1]] }));
    return (x, y, rows) => {
      const target = new Float32Array(rows * classes);
      y.forEach((label, row) => (target[row * classes + label] = 1));
      const [loss, after] = step(weights, np.array(x, { shape: [rows, sizes[0]] }), np.array(target, { shape: [rows, classes] }));
      weights = after;
      return loss.dataSync()[0];
    };
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
