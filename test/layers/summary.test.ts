/** What a model is made of, and what one call of it costs. */

import { describe, expect, test } from 'vitest';
import {
  AlphaDropout,
  BatchNorm,
  conv2d,
  defaultRandom,
  Linear,
  MultiHeadAttention,
  Parameter,
  relu,
  Sequential,
  ShapeError,
  stateDict,
  summary,
  Tape,
  Tensor,
  TransformerEncoder,
  tanh,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const model = () =>
  new Sequential(new Linear(4, 8), relu, new Sequential(new BatchNorm(8), new AlphaDropout(0.5)), new Linear(8, 2, { bias: false }));
const x = Tensor.ones([16, 4]);

test('it tells of every layer, functions among them, in their order', () => {
  const { layers } = summary(model(), x);
  expect(layers.map(({ path, name, depth, outputs }) => [path, name, depth, ...outputs])).toEqual([
    ['', 'Sequential', 0, [16, 2]],
    ['layers.0', 'Linear', 1, [16, 8]],
    ['layers.1', 'relu', 1, [16, 8]],
    ['layers.2', 'Sequential', 1, [16, 8]],
    ['layers.2.layers.0', 'BatchNorm', 2, [16, 8]],
    ['layers.2.layers.1', 'AlphaDropout', 2, [16, 8]],
    ['layers.3', 'Linear', 1, [16, 2]],
  ]);
});

test('it counts parameters, buffers and their bytes, of each layer and of all', () => {
  const { layers, parameters, buffers, bytes } = summary(model(), x);
  expect(layers.map((layer) => [layer.parameters, layer.buffers])).toEqual([[72, 17], [40, 0], [0, 0], [16, 17], [16, 17], [0, 0], [16, 0]]); // biome-ignore format: a list
  expect({ parameters, buffers, bytes }).toEqual({ parameters: 72, buffers: 17, bytes: 4 * 89 });
  expect(summary(new Linear(2, 3, { dtype: 'float64' }), Tensor.ones([1, 2], 'float64')).bytes).toBe(72);
});

test('it counts the multiplications of products and convolutions', () => {
  const { layers, multiplications } = summary(model(), x);
  expect(layers.map((layer) => layer.multiplications)).toEqual([16 * 4 * 8 + 16 * 8 * 2, 16 * 4 * 8, 0, 0, 0, 0, 16 * 8 * 2]);
  expect(multiplications).toBe(768);
  const kernel = Tensor.ones([5, 3, 2, 2]);
  const images = summary((x: Tensor) => conv2d(x, kernel), Tensor.ones([2, 3, 4, 4]));
  expect(images.multiplications).toBe(2 * 5 * 9 * 3 * 4);
  const attention = summary(new MultiHeadAttention(8, 2), Tensor.ones([3, 5, 8]));
  expect(attention.multiplications).toBe(4 * 3 * 5 * 8 * 8 + 2 * 3 * 5 * 5 * 8);
});

test('a layer at two places is one line, its calls and multiplications counted twice, its parameters once', () => {
  const shared = new Linear(4, 4);
  const { layers, parameters } = summary(new Sequential(shared, tanh, shared, tanh), x);
  expect(layers.map(({ path, calls, multiplications }) => [path, calls, multiplications])).toEqual([
    ['', 1, 512],
    ['layers.0', 2, 512],
    ['layers.1', 1, 0],
    ['layers.3', 1, 0],
  ]);
  expect(parameters).toBe(20);
});

test('models of any form are looked through, and what is not called is told', () => {
  class Model {
    readonly parts = new Map([['first', new Linear(4, 3)]]);
    readonly unused = new Linear(2, 2);
    readonly table = new Parameter(Tensor.zeros([5]));
    readonly activation = relu;
    readonly helper = (a: number, b: number) => a + b;
    readonly kind = Linear;
    #secret = 2;
    forward(x: Tensor, scale: number): readonly [Tensor, { readonly last: Tensor }] {
      const y = this.activation(this.parts.get('first')!.forward(x)).mul(this.helper(scale, this.#secret));
      return [y, { last: y.slice([0]) }];
    }
  }
  const made = new Model();
  const found = summary(made, x, 3);
  expect(found.layers.map(({ path, name, calls, outputs }) => [path, name, calls, outputs])).toEqual([
    ['', 'Model', 1, [[16, 3], [3]]],
    ['parts.first', 'Linear', 1, [[16, 3]]],
    ['unused', 'Linear', 0, []],
    ['activation', 'relu', 1, [[16, 3]]],
  ]);
  expect(found.parameters).toBe(15 + 6 + 5);
  expect(String(found)).toMatch(/unused Linear +not called/);
});

describe('nothing changes', () => {
  test('no property, no buffer, no generator, no tape; where a layer throws neither', () => {
    const layers = model();
    const [before, random] = [JSON.stringify(stateDict(layers)), defaultRandom().state];
    const own = () => [layers, ...layers.layers].flatMap((layer) => Reflect.ownKeys(layer).map((key) => (layer as any)[key]));
    const properties = own();
    const tape = new Tape();
    tape.record(() => summary(layers, x));
    expect(tape.entries).toEqual([]);
    expect(() => summary(layers, Tensor.ones([16, 5]))).toThrow(ShapeError);
    expect(own()).toEqual(properties);
    own().forEach((value, i) => expect(value).toBe(properties[i]));
    expect(JSON.stringify(stateDict(layers))).toBe(before);
    expect(defaultRandom().state).toEqual(random);
    expect(() => layers.forward(x)).toThrow(/has seen no batch/);
  });

  test('layers that are frozen objects keep their one method, and count within the others', () => {
    const layers = new Sequential(Object.freeze(new Linear(4, 2)));
    const found = summary(layers, x);
    expect(found.layers.map(({ calls, parameters }) => [calls, parameters])).toEqual([[1, 10], [0, 10]]); // biome-ignore format: a list
    expect(found.multiplications).toBe(128);
  });
});

test('as text it is a table', () => {
  expect(String(summary(model(), x)).split('\n')).toEqual([
    'layer                      output   parameters  buffers  bytes  multiplications',
    'Sequential                 [16, 2]          72       17    356              768',
    '  layers.0 Linear          [16, 8]          40        0    160              512',
    '  layers.1 relu            [16, 8]           0        0      0                0',
    '  layers.2 Sequential      [16, 8]          16       17    132                0',
    '    layers.0 BatchNorm     [16, 8]          16       17    132                0',
    '    layers.1 AlphaDropout  [16, 8]           0        0      0                0',
    '  layers.3 Linear          [16, 2]          16        0     64              256',
  ]);
});

test('a deep model is no deeper than the call stack', () => {
  const encoder = new TransformerEncoder(3, 8, 2);
  const { layers, parameters } = summary(encoder, Tensor.ones([1, 4, 8]), { causal: true });
  expect(layers.filter(({ name }) => name === 'TransformerEncoderLayer').length).toBe(3);
  expect(parameters).toBe(3 * layers[1]!.parameters);
});

refuses('%s is refused', [
  [
    'what is no layer',
    () => summary({ w: new Linear(2, 2) }, x),
    ValueError,
    /^summary: expected a layer, with a forward method, or a function/,
  ],
  ['a class', () => summary(Linear, x), ValueError, /the class Linear/],
  ['nothing', () => summary(undefined as never), ValueError],
]);
