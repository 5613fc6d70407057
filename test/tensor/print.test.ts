/** Tensors print as NumPy's arrays do: aligned, with as many decimals as the number that needs most, the middle of large ones left out. */

import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tensor } from '../../src/index.ts';

test.each([
  ['fractions', Tensor.of([1, 2.5]), 'Tensor float32 [2] [1.0, 2.5]'],
  ['whole numbers of float32', Tensor.arange(6).reshape([2, 3]), 'Tensor float32 [2, 3]\n[[0, 1, 2],\n [3, 4, 5]]'],
  [
    'three axes, with a line between the blocks',
    Tensor.arange(8).reshape([2, 2, 2]),
    'Tensor float32 [2, 2, 2]\n[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]',
  ],
  ['int32', Tensor.of([1, -2, 30], 'int32'), 'Tensor int32 [3] [ 1, -2, 30]'],
  ['the shortest decimals of float32', Tensor.of([0.1, 1 / 3]), 'Tensor float32 [2] [0.10000000, 0.33333334]'],
  [
    'eight decimals of float64',
    Tensor.of([0.1, -20.25, 1 / 3], 'float64'),
    'Tensor float64 [3] [  0.10000000, -20.25000000,   0.33333333]',
  ],
  [
    'sizes that differ more than a thousandfold',
    Tensor.of([0.1, -20.25, 300], 'float64'),
    'Tensor float64 [3] [ 1.000e-01, -2.025e+01,  3.000e+02]',
  ],
  ['numbers of very different sizes, with exponents', Tensor.of([1e-9, 1, 1000]), 'Tensor float32 [3] [1e-09, 1e+00, 1e+03]'],
  ['what is no number', Tensor.of([NaN, Infinity, -Infinity, 1.5]), 'Tensor float32 [4] [ nan,  inf, -inf,  1.5]'],
  ['a negative zero', Tensor.of([-0, 1.5]), 'Tensor float32 [2] [-0.0,  1.5]'],
  ['a scalar', Tensor.of(3.5), 'Tensor float32 [] 3.5'],
  ['nothing', Tensor.zeros([0, 3]), 'Tensor float32 [0, 3] []'],
])('%s', (_, x, text) => {
  expect(String(x)).toBe(text);
  expect(inspect(x)).toBe(text);
});

test('of more than a thousand elements only the edges are shown', () => {
  expect(String(Tensor.arange(0, 2000, 1, 'int32'))).toBe('Tensor int32 [2000] [   0,    1,    2, ..., 1997, 1998, 1999]');
  const square = String(Tensor.zeros([100, 100])).split('\n');
  expect(square).toHaveLength(8);
  expect(square[4]).toBe(' ...,');
});

test('what is printed of float32 reads back as the same number, where eight decimals are enough', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 4 }), (digits, decimals) => {
      const x = Tensor.of([digits / 10 ** decimals]);
      expect(Math.fround(Number(/\[([^\]]*)\]$/.exec(String(x))![1]))).toBe(x.data[0]);
    }),
  );
});
