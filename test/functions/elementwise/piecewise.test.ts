/** Activations of straight pieces, one number at a time: their values, and their slopes at the kinks, which no small step can measure. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes, takesValues } from '../../lib/scalars.ts';

const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

describe('a value', () => {
  takesValues({
    relu6: [tapegrad.relu6, (x) => clamp(x, 0, 6)],
    hardtanh: [tapegrad.hardtanh, (x) => clamp(x, -1, 1)],
    hardsigmoid: [tapegrad.hardsigmoid, (x) => clamp((x + 3) / 6, 0, 1)],
    hardswish: [tapegrad.hardswish, (x) => (x === -Infinity ? 0 : x * clamp((x + 3) / 6, 0, 1))],
    leakyRelu: [tapegrad.leakyRelu, (x) => (x > 0 ? x : 0.01 * x)],
    softshrink: [tapegrad.softshrink, (x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : x * 0)],
    hardshrink: [tapegrad.hardshrink, (x) => (Math.abs(x) <= 0.5 ? 0 : x)],
    threshold: [(x) => tapegrad.threshold(x, 0.5, 9), (x) => (x <= 0.5 ? 9 : x)],
    'hardtanh by NaN': [(x) => tapegrad.hardtanh(x, { low: NaN }), () => NaN],
    'softshrink by NaN': [(x) => tapegrad.softshrink(x, Tensor.of(NaN, 'float64')), () => NaN],
    'softshrink by less than 0': [(x) => tapegrad.softshrink(x, Tensor.of(-0.5, 'float64')), () => NaN],
  });

  test('of softshrink that is 0 keeps the sign of x, also at the edges', () => {
    const signs = [-0.5, -0.25, -0, 0, 0.25, 0.5].map((x) => Object.is(tapegrad.softshrink(Tensor.of(x, 'float64')).item(), -0));
    expect(signs).toEqual([true, true, true, false, false, false]);
  });
});

describe('a slope', () => {
  hasSlopes([
    ['hardtanh, at the lower bound', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [-1, -1, 1], [0, 1, 0]],
    ['hardtanh, at the upper bound', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [1, -1, 1], [0, 0, 1]],
    ['hardtanh, between bounds that are exchanged', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [0, 1, -1], [0, 0, 1]],
    ['hardtanh, beyond bounds that are exchanged', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [-2, 1, -1], [0, 0, 1]],
    ['hardtanh, between bounds that are one', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [0, 1, 1], [0, 0, 0]],
    ['leakyRelu, at 0', (x, a) => tapegrad.leakyRelu(x!, a), [0, 0.25], [0.25, 0]],
    ['hardswish, at −3 (2.13)', (x) => tapegrad.hardswish(x!), [-3], [0]],
    ['hardswish, at 3 (2.13)', (x) => tapegrad.hardswish(x!), [3], [1]],
    ['hardswish, between', (x) => tapegrad.hardswish(x!), [1.5], [1]],
    ['leakyRelu, above', (x, a) => tapegrad.leakyRelu(x!, a), [2, 0.25], [1, 0]],
    ['leakyRelu, below', (x, a) => tapegrad.leakyRelu(x!, a), [-2, 0.25], [0.25, -2]],
    ['hardsigmoid, at −3', (x) => tapegrad.hardsigmoid(x!), [-3], [0]],
    ['hardsigmoid, at 3', (x) => tapegrad.hardsigmoid(x!), [3], [0]],
    ['softshrink, at the edge', (x, a) => tapegrad.softshrink(x!, a), [0.5, 0.5], [0, 0]],
    ['softshrink, at the other edge', (x, a) => tapegrad.softshrink(x!, a), [-0.5, 0.5], [0, 0]],
    ['softshrink, beyond', (x, a) => tapegrad.softshrink(x!, a), [-2, 0.5], [1, 1]],
    ['hardshrink, at the edge', (x) => tapegrad.hardshrink(x!), [0.5], [0]],
    ['threshold, at the limit', (x) => tapegrad.threshold(x!, 1, 2), [1], [0]],
  ]);
});

test('a slope at NaN passes', () => {
  for (const f of [tapegrad.hardsigmoid, tapegrad.hardtanh, tapegrad.relu6, tapegrad.hardshrink])
    expect(
      tapegrad
        .grad(f as (x: Tensor) => Tensor)(Tensor.of(NaN))
        .item(),
    ).toBeGreaterThan(0);
});

describe('prelu', () => {
  test('has one slope for all, or one for each channel', () => {
    const x = Tensor.of(
      [
        [
          [-1, 2],
          [-4, -8],
        ],
      ],
      'float64',
    );
    expect(tapegrad.prelu(x, Tensor.of([0.5], 'float64')).toArray()).toEqual([
      [
        [-0.5, 2],
        [-2, -4],
      ],
    ]);
    expect(tapegrad.prelu(x, Tensor.of([0.5, 0.25], 'float64')).toArray()).toEqual([
      [
        [-0.5, 2],
        [-1, -2],
      ],
    ]);
    expect(tapegrad.prelu(Tensor.of([[-1, -4]], 'float64'), Tensor.of([0.5, 0.25], 'float64')).toArray()).toEqual([[-0.5, -1]]);
    for (const weight of [[2, 1], [3], [2, 2]])
      expect(() => tapegrad.prelu(x, Tensor.ones(weight, 'float64'))).toThrow(/^prelu: expected a weight/);
    expect(() => tapegrad.prelu(Tensor.ones([2], 'float64'), Tensor.ones([2], 'float64'))).toThrow(/^prelu: expected a weight/);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['softshrink', () => tapegrad.softshrink(x, -0.5), ValueError, /^softshrink: expected size to be a number from 0, got -0.5/],
    ['hardshrink', () => tapegrad.hardshrink(x, NaN), ValueError, /^hardshrink: expected size to be a number from 0, got NaN/],
    ['threshold', () => tapegrad.threshold(x, NaN, 0), ValueError, /^threshold: expected limit to be a number, got NaN/],
    ['threshold by text', () => tapegrad.threshold(x, 0, '1' as never), ValueError, /^threshold: expected value to be a number, got '1'/],
    ['prelu', () => tapegrad.prelu(x, Tensor.zeros([2])), ShapeError, /^prelu: expected a weight of shape \[1\], or \[channels\]/],
  ]);
});
