/** The models, as tapegrad's users write them. `t` is the package. */

/** Gives the parameters of a model their first values, by name. */
function assign(t, model, spec, parameters) {
  for (const [name, parameter] of t.namedParameters(model)) parameter.assign(new t.Tensor(spec.parameters[name], parameters[name]));
}

export const models = (t) => ({
  cnn(spec, parameters) {
    const [first, second, head] = [new t.Conv2d(1, 8, 5), new t.Conv2d(8, 16, 5), new t.Linear(256, 10)];
    const pool = () => new t.MaxPool2d(2);
    const model = new t.Sequential(first, t.relu, pool(), second, t.relu, pool(), (x) => x.flatten(1), head);
    const named = { first, second, head };
    assign(t, named, spec, parameters);
    const optimizer = new t.SGD(named, { learningRate: spec.rate });
    return (x, y, batch) => {
      const [images, labels] = [new t.Tensor([batch, ...spec.example], x), new t.Tensor([batch], y)];
      return optimizer.minimize(() => t.crossEntropy(model.forward(images), labels));
    };
  },
  transformer(spec, parameters) {
    const model = {
      embedding: new t.Embedding(spec.classes, 64),
      positions: new t.LearnedEncoding(64, 64),
      encoder: new t.TransformerEncoder(2, 64, 4, { normFirst: true, activation: t.gelu, dropout: 0 }),
      head: new t.Linear(64, spec.classes),
    };
    const forward = (x) => model.head.forward(model.encoder.forward(model.positions.forward(model.embedding.forward(x)), { causal: true }));
    return language(t, model, forward, spec, parameters, new t.AdamW(model, { learningRate: spec.rate, weightDecay: 0.01 }));
  },
  gru(spec, parameters) {
    const model = { embedding: new t.Embedding(spec.classes, 32), gru: new t.GRU(32, 128), head: new t.Linear(128, spec.classes) };
    const forward = (x) => model.head.forward(model.gru.forward(model.embedding.forward(x))[0]);
    return language(t, model, forward, spec, parameters, new t.Adam(model, { learningRate: spec.rate }));
  },
});

function language(t, model, forward, spec, parameters, optimizer) {
  assign(t, model, spec, parameters);
  return (x, y, batch) => {
    const [words, next] = [new t.Tensor([batch, ...spec.example], x), new t.Tensor([y.length], y)];
    return optimizer.minimize(() => t.crossEntropy(forward(words).flatten(0, -2), next));
  };
}
