/** Tables of rows: that the row of padding stays 0 whatever moves the others, and bags against PyTorch's numbers. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { DtypeError, Embedding, EmbeddingBag, type Optimizer, orthogonal, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { int32 } from '../lib/tensors.ts';

const indices = int32([[1, 0, 3], [0, 2, 1]]); // biome-ignore format: a matrix

test('an embedding gives the rows of its table, in the shape of the indices', () => {
  const layer = new Embedding(4, 2, { seed: 1 });
  const rows = layer.weight.toArray() as number[][];
  expect(layer.forward(indices).toArray()).toEqual([[1, 0, 3], [0, 2, 1]].map((line) => line.map((i) => rows[i]))); // biome-ignore format: rows
  expect(layer.forward(int32(2)).toArray()).toEqual(rows[2]);
});

test('a table starts from N(0, 1), from its seed', () => {
  const { weight } = new Embedding(300, 40, { seed: 7 });
  expect(weight.toArray()).toEqual(Tensor.normal([300, 40], { seed: 7 }).toArray());
  expect(weight.std().item()).toBeCloseTo(1, 1);
});

describe('the row of padding', () => {
  const initializations = ['fanIn', 'xavierUniform', 'xavierNormal', 'kaimingUniform', 'kaimingNormal', 'standardNormal', 'zeros'] as const;

  test.each([...initializations, Tensor.normal, orthogonal, (shape: readonly number[]) => Tensor.full(shape, NaN)])(
    'is 0 at first, whatever the table starts from: %s',
    (initialization) => {
      for (const layer of [Embedding, EmbeddingBag]) {
        const { weight } = new layer(5, 3, { paddingIndex: 2, initialization: initialization as never });
        expect(weight.toArray()[2]).toEqual([0, 0, 0]);
        if (initialization !== 'zeros') expect(weight.toArray()[1]).not.toEqual([0, 0, 0]);
      }
    },
  );

  const decay = { learningRate: 0.1, weightDecay: 0.1 };
  const optimizers: Readonly<Record<string, (model: object) => Optimizer<any, any>>> = {
    SGD: (model) => new tapegrad.SGD(model, { ...decay, momentum: 0.9, nesterov: true }),
    Adam: (model) => new tapegrad.Adam(model, { ...decay, amsgrad: true }),
    AdamW: (model) => new tapegrad.AdamW(model, decay),
    RMSprop: (model) => new tapegrad.RMSprop(model, { ...decay, momentum: 0.9, centered: true }),
    Adagrad: (model) => new tapegrad.Adagrad(model, decay),
    Adadelta: (model) => new tapegrad.Adadelta(model, decay),
    Adamax: (model) => new tapegrad.Adamax(model, decay),
    NAdam: (model) => new tapegrad.NAdam(model, decay),
    RAdam: (model) => new tapegrad.RAdam(model, decay),
    Rprop: (model) => new tapegrad.Rprop(model, { learningRate: 0.1 }),
    Lion: (model) => new tapegrad.Lion(model, decay),
    LBFGS: (model) => new tapegrad.LBFGS(model, { learningRate: 0.1 }),
  };

  test.each(Object.keys(optimizers))('stays 0 under %s, with moments and weight decay', (name) => {
    const layer = new Embedding(4, 3, { paddingIndex: 0, seed: 1 });
    const optimizer = optimizers[name]!(layer);
    const before = layer.weight.toArray();
    for (let step = 0; step < 5; step++) optimizer.minimize(() => layer.forward(indices).sub(1).pow(2).sum());
    expect(layer.weight.toArray()[0]!.map(Math.abs)).toEqual([0, 0, 0]);
    expect(layer.weight.toArray()[1]).not.toEqual(before[1]);
  });
});

test('gradients are dense: a row that a batch does not name is moved by moments and decay', () => {
  const layer = new Embedding(3, 1, { seed: 1 });
  const optimizer = new tapegrad.AdamW(layer, { learningRate: 0.1, weightDecay: 0.1 });
  const [unused] = layer.weight.toArray()[2]!;
  optimizer.minimize(() => layer.forward(int32([0, 1])).sum());
  expect(layer.weight.toArray()[2]![0]).toBeCloseTo(unused! * 0.99, 6);
});

test('a bag is what embeddingBag makes of its table', () => {
  for (const mode of ['sum', 'mean', 'max'] as const) {
    const layer = new EmbeddingBag(4, 2, { mode, paddingIndex: 0, seed: 1 });
    expect(layer.forward(indices).toArray()).toEqual(tapegrad.embeddingBag(layer.weight, indices, { mode, paddingIndex: 0 }).toArray());
  }
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['sizes', () => new Embedding(0, 3), ShapeError, /^Embedding: expected count to be a whole number from 1, got 0/],
    ['widths', () => new EmbeddingBag(3, '2' as never), /^EmbeddingBag: expected width to be a whole number from 1, got '2'/],
    [
      'padding beyond',
      () => new Embedding(3, 2, { paddingIndex: 3 }),
      ValueError,
      /^Embedding: expected a paddingIndex from 0 to 2, got 3/,
    ],
    ['PyTorch’s word', () => new Embedding(3, 2, { padding_idx: 0 } as never), /^Embedding: there is no option padding_idx/],
    [
      'a mode',
      () => new EmbeddingBag(3, 2, { mode: 'median' as never }),
      /^EmbeddingBag: expected mode to be 'sum', 'mean' or 'max', got 'median'/,
    ],
    ['a dtype', () => new Embedding(3, 2, { dtype: 'int32' as never }), DtypeError, /^Embedding: expected the dtype/],
    ['an initialization', () => new Embedding(3, 2, { initialization: 'he' as never }), /^Embedding: expected an initialization, one of/],
    [
      'a table of another shape',
      () => new Embedding(3, 2, { initialization: () => Tensor.zeros([2, 3]) }),
      /^Embedding: expected an initial weight of shape \[3, 2\]/,
    ],
    ['float indices', () => new Embedding(3, 2).forward(Tensor.of([1])), DtypeError, /^embedding: expected int32 indices, got float32/],
    ['an index beyond', () => new Embedding(3, 2).forward(int32([3])), ValueError, /^embedding: expected indices from 0 to 2, got 3/],
    ['no tensor', () => new Embedding(3, 2).forward([1] as never), /^Embedding: expected a tensor for the indices, got an array/],
    ['a mode in a call', () => new EmbeddingBag(3, 2).forward(indices, { mode: 'sum' } as never), /^EmbeddingBag: there is no option mode/],
  ]);
});
