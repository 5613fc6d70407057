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

// Made by NumPy's array2string(x, separator=', ', floatmode='maxprec_equal'), with "1." written as "1" and lines as long as they are.
test.each([
  [
    'a normal sample of float64',
    Tensor.of(
      [
        [1.764052345967664, 0.4001572083672233, 0.9787379841057392],
        [2.240893199201458, 1.8675579901499675, -0.977277879876411],
      ],
      'float64',
    ),
    '[[ 1.76405235,  0.40015721,  0.97873798],\n [ 2.24089320,  1.86755799, -0.97727788]]',
  ],
  [
    'the same in float32',
    Tensor.of(
      [
        [1.764052391052246, 0.40015721321105957, 0.978738009929657],
        [2.2408931255340576, 1.8675580024719238, -0.9772778749465942],
      ],
      'float32',
    ),
    '[[ 1.7640524,  0.4001572,  0.9787380],\n [ 2.2408931,  1.8675580, -0.9772779]]',
  ],
  ['fractions beside nan', Tensor.of([NaN, 100.5, -2000.25], 'float64'), '[     nan,   100.50, -2000.25]'],
  ['a single column', Tensor.of([[0.5], [-1.25], [10]], 'float64'), '[[ 0.50],\n [-1.25],\n [10.00]]'],
  [
    'three axes of int32',
    Tensor.arange(-6, 6, 1, 'int32').reshape([2, 3, 2]),
    '[[[-6, -5],\n  [-4, -3],\n  [-2, -1]],\n\n [[ 0,  1],\n  [ 2,  3],\n  [ 4,  5]]]',
  ],
  ['the smallest that needs no exponent', Tensor.of([0.0001, 0.0002], 'float64'), '[0.0001, 0.0002]'],
  ['one below it', Tensor.of([9e-5, 0.0002], 'float64'), '[9e-05, 2e-04]'],
  ['the largest that needs no exponent', Tensor.of([99999999, 100000], 'float64'), '[99999999,   100000]'],
  ['one beyond it', Tensor.of([100000000, 100000], 'float64'), '[1e+08, 1e+05]'],
  ['a ratio of a thousand', Tensor.of([0.5, 500], 'float64'), '[  0.5, 500.0]'],
  ['a ratio above a thousand', Tensor.of([0.5, 500.5], 'float64'), '[5.000e-01, 5.005e+02]'],
  ['the largest float32', Tensor.of([3.4028234663852886e38, 1], 'float32'), '[3.4028235e+38, 1.0000000e+00]'],
  ['exponents of three digits', Tensor.of([1e300, 1e-300], 'float64'), '[1e+300, 1e-300]'],
  ['infinities alone', Tensor.of([Infinity, -Infinity], 'float64'), '[ inf, -inf]'],
  ['a scalar with an exponent', Tensor.of(1.5e-9, 'float64'), '1.5e-09'],
  [
    'a long matrix, cut in the middle',
    Tensor.arange(0, 1200, 1, 'int32').reshape([400, 3]),
    '[[   0,    1,    2],\n [   3,    4,    5],\n [   6,    7,    8],\n ...,\n [1191, 1192, 1193],\n [1194, 1195, 1196],\n [1197, 1198, 1199]]',
  ],
  [
    'a wide matrix, cut in the middle',
    Tensor.arange(0, 1200, 1, 'int32').reshape([2, 600]),
    '[[   0,    1,    2, ...,  597,  598,  599],\n [ 600,  601,  602, ..., 1197, 1198, 1199]]',
  ],
])('NumPy prints %s', (_, x, text) => {
  expect(String(x).replace(/^Tensor \S+ \[.*?\]\s/, '')).toBe(text);
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

test('a tensor may have more axes than a call stack is deep', () => {
  const rank = 5000;
  const text = String(Tensor.ones(Array(rank).fill(1), 'int32'));
  expect(text).toBe(`Tensor int32 [${Array(rank).fill(1).join(', ')}] ${'['.repeat(rank)}1${']'.repeat(rank)}`);
});
