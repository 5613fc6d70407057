/** What a layer adds to what it takes. */

import { expect, test } from 'vitest';
import { DtypeError, Linear, parameters, Residual, relu, Sequential, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { expectSameBits } from '../lib/same.ts';

const x = Tensor.of([[1, -2], [3, 4]]); // biome-ignore format: a matrix

test('it is x + f(x), of layers and of functions', () => {
  const linear = new Linear(2, 2, { seed: 1 });
  expectSameBits(new Residual(linear).forward(x).data, x.add(linear.forward(x)).data);
  expect(new Residual(relu).forward(x).toArray()).toEqual([[2, -2], [6, 8]]); // biome-ignore format: a matrix
});

test('a projection stands beside the layer where widths differ, and its parameters are found', () => {
  const [layer, projection] = [new Linear(2, 3, { seed: 1 }), new Linear(2, 3, { bias: false, seed: 2 })];
  const residual = new Residual(layer, { projection });
  expectSameBits(residual.forward(x).data, projection.forward(x).add(layer.forward(x)).data);
  expect(parameters(residual)).toEqual([layer.weight, layer.bias, projection.weight]);
  expect(new Sequential(residual, new Linear(3, 1)).forward(x).shape).toEqual([2, 1]);
});

refuses('%s is refused', [
  [
    'another width',
    () => new Residual(new Linear(2, 3)).forward(x),
    ShapeError,
    /give \[2, 2\], as x has, got \[2, 3\]; give a projection/,
  ],
  ['what would broadcast', () => new Residual((x) => x.sum(1, { keepDims: true })).forward(x), ShapeError, /got \[2, 1\]/],
  ['another projection', () => new Residual(new Linear(2, 3), { projection: relu }).forward(x), ShapeError, /as the projection does, got/],
  ['what is no layer', () => new Residual(3 as never), ValueError, /^Residual: expected a layer/],
  [
    'a projection that is none',
    () => new Residual(relu, { projection: 3 as never }),
    ValueError,
    /^Residual: projection: expected a layer/,
  ],
  ['a function that gives no tensor', () => new Residual((() => 3) as never).forward(x), DtypeError, /^Residual: expected this layer/],
  ['an array', () => new Residual(relu).forward([1] as never), DtypeError],
]);
