/** Smooth activations, one number at a time: their values, and their slopes where formulas meet. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, grad, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes, sigmoid, slopes, takesValues } from '../../lib/scalars.ts';

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
/** `½ (1 + tanh √(2/π) (x + 0.044715 x³))` */
const share = (x: number) => sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));

describe('a value', () => {
  takesValues({
    elu: [(x) => tapegrad.elu(x, 2), (x) => (x > 0 ? x : 2 * Math.expm1(x))],
    celu: [(x) => tapegrad.celu(x, 2), (x) => (x > 0 ? x : 2 * Math.expm1(x / 2))],
    selu: [tapegrad.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
    softplus: [tapegrad.softplus, softplus],
    'softplus, sharper': [(x) => tapegrad.softplus(x, { beta: 2 }), (x) => softplus(2 * x) / 2],
    'softplus, straight from a threshold': [(x) => tapegrad.softplus(x, { threshold: 1 }), (x) => (x > 1 ? x : softplus(x))],
    logSigmoid: [tapegrad.logSigmoid, (x) => -softplus(-x)],
    'gelu, by tanh': [(x) => tapegrad.gelu(x, { approximate: 'tanh' }), (x) => x * share(x)],
    tanhshrink: [tapegrad.tanhshrink, (x) => x - Math.tanh(x)],
    softsign: [tapegrad.softsign, (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)))],
    silu: [tapegrad.silu, (x) => (x === -Infinity ? 0 : x * sigmoid(x))],
    mish: [tapegrad.mish, (x) => (x === -Infinity ? 0 : x * Math.tanh(softplus(x)))],
  });

  test('of gelu is the share of the normal distribution below x, times x', () => {
    // Φ(1), Φ(−2)
    expect(tapegrad.gelu(Tensor.of(1, 'float64')).item()).toBeCloseTo(0.8413447460685429, 15);
    expect(tapegrad.gelu(Tensor.of(-2, 'float64')).item()).toBeCloseTo(-2 * 0.02275013194817921, 15);
  });

  test('of softplus is x itself where x is large, also where its multiple is too large for a number', () => {
    for (const x of [600, 1e308, Number.MAX_VALUE, Infinity]) {
      const sharp = (x: Tensor) => tapegrad.softplus(x, { beta: 3 });
      expect([sharp, grad(sharp), grad(grad(sharp))].map((f) => f(Tensor.of(x, 'float64')).item() + 0)).toEqual([x, 1, 0]);
    }
    expect(tapegrad.softplus(Tensor.of(1e308, 'float64'), { beta: 3, threshold: 5000 }).item()).toBe(1e308);
  });

  test('of softplus as it is by default takes one operation', () => {
    const x = Tensor.of([1]);
    const tape = new tapegrad.Tape({ x });
    tape.record(() => tapegrad.softplus(x));
    expect(String(tape)).toBe('%0 : [1] = softplus(x)');
  });

  test('of tanhshrink keeps its digits near 0, where x and tanh x are nearly alike', () => {
    for (const x of [1e-5, 0.01, 0.3, 0.62]) {
      const [a, b] = [
        x ** 3 / 3 - (2 * x ** 5) / 15 + (17 * x ** 7) / 315 - (62 * x ** 9) / 2835 + (1382 * x ** 11) / 155925,
        tapegrad.tanhshrink(Tensor.of(x, 'float64')).item(),
      ];
      expect(Math.abs(b / a - 1)).toBeLessThan(x < 0.1 ? 1e-13 : 2e-3);
    }
  });
});

describe('a slope', () => {
  hasSlopes([
    ['elu, at 0', (x, a) => tapegrad.elu(x!, a), [0, 3], [3, 0]],
    ['elu, above', (x, a) => tapegrad.elu(x!, a), [0.5, 3], [1, 0]],
    ['elu, far above, where the exponential would be infinite', (x, a) => tapegrad.elu(x!, a), [1000, 3], [1, 0]],
    ['celu, above', (x, a) => tapegrad.celu(x!, a), [0.5, 3], [1, 0]],
    ['celu, far below', (x, a) => tapegrad.celu(x!, a), [-1e9, 3], [0, -1]],
    ['celu, infinitely far below', (x, a) => tapegrad.celu(x!, a), [-Infinity, 3], [0, -1]],
    ['softsign, at infinity', (x) => tapegrad.softsign(x!), [Infinity], [0]],
  ]);

  const gates = {
    silu: tapegrad.silu,
    mish: tapegrad.mish,
    gelu: tapegrad.gelu,
    'gelu, by tanh': (x: Tensor) => tapegrad.gelu(x, { approximate: 'tanh' }),
    hardswish: tapegrad.hardswish,
  };
  test.each(Object.entries(gates))('of %s is 0 far below and 1 far above, and flat, as its value says', (_, f) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const largest = dtype === 'float32' ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
      for (const [x, y, slope] of [
        [-largest, 0, 0],
        [largest, largest, 1],
        [-1e14, 0, 0],
        [-1e30, 0, 0],
        [-Infinity, 0, 0],
        [-1000, 0, 0],
        [1000, 1000, 1],
        [1e30, 1e30, 1],
        [Infinity, Infinity, 1],
      ] as const) {
        const at = Tensor.of(x, dtype);
        const second = grad(grad(f))(at).item() + 0;
        expect([f(at).item() + 0, grad(f)(at).item() + 0, second], `${dtype} ${x}`).toEqual([y === 1e30 ? at.item() : y, slope, 0]);
      }
      expect([f, grad(f)].map((g) => g(Tensor.of(NaN, dtype)).item())).toEqual([NaN, NaN]);
    }
  });

  test('of celu is that of its definition on both sides, by both of its arguments', () => {
    const [x, alpha] = [-1.5, 2];
    const [byX, byAlpha] = slopes((x, alpha) => tapegrad.celu(x!, alpha), x, alpha);
    expect([byX, byAlpha]).toEqual([
      expect.closeTo(Math.exp(x / alpha), 14),
      expect.closeTo(Math.expm1(x / alpha) - (x / alpha) * Math.exp(x / alpha), 14),
    ]);
    expect(tapegrad.celu(Tensor.of([-1, 1]), Tensor.of(0)).toArray()).toEqual([NaN, 1]);
  });
});

describe('glu', () => {
  test('gates the first half of an axis with the second', () => {
    const x = Tensor.of(
      [
        [1, 2, 5, 1],
        [3, 4, -1, 1000],
      ],
      'float64',
    );
    const found = tapegrad.glu(x).toArray();
    [
      [sigmoid(5), 2 * sigmoid(1)],
      [3 * sigmoid(-1), 4],
    ].forEach((row, i) => row.forEach((y, j) => expect(found[i][j]).toBeCloseTo(y, 14)));
    expect(
      tapegrad
        .glu(x, 0)
        .toArray()[0]
        .map((y: number, j: number) => y / x.slice([0, j]).item()),
    ).toEqual([3, 4, -1, 1000].map((y) => expect.closeTo(sigmoid(y), 14)));
    expect(() => tapegrad.glu(Tensor.zeros([2, 3]))).toThrow(/^glu: expected an even size along axis 1 of shape \[2, 3\], got 3/);
  });

  test('takes a single vector', () => {
    expect(tapegrad.glu(Tensor.of([3, 0])).toArray()).toEqual([1.5]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['gelu', () => tapegrad.gelu(x, { approximate: 'erf' as never }), ValueError, /^gelu: expected approximate/],
    ['softplus', () => tapegrad.softplus(x, { beta: 0 }), ValueError, /^softplus: expected beta to be a finite number above 0, got 0/],
    [
      'a threshold that is NaN',
      () => tapegrad.softplus(x, { threshold: NaN }),
      ValueError,
      /^softplus: expected threshold to be a number, got NaN/,
    ],
    ['celu', () => tapegrad.celu(x, 0), ValueError, /^celu: expected alpha to be a number other than 0, got 0/],
    [
      'int32',
      () => tapegrad.selu(x.cast('int32')),
      DtypeError,
      /^selu: expected float32 or float64, got int32 of shape \[2, 3\] for x; convert it with cast\('float32'\)/,
    ],
  ]);
});
