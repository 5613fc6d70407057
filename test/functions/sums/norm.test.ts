/** Lengths and variances, held against their formulas. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { type Dtype, Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose } from '../../book/lib.ts';
import { at, made, matrix, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes } from '../../lib/scalars.ts';
import { counted } from '../../lib/tensors.ts';

describe('variance and lengths', () => {
  test('follow their formulas', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1), fc.constantFrom(1, 1.5, 2, 3), (x, correction, order) => {
        const [m, n] = x.shape as [number, number];
        const mean = (i: number) => sumOver([n], (j) => at(x, [i, j])) / n;
        const variance = made([m], (i) => sumOver([n], (j) => (at(x, [i, j]) - mean(i)) ** 2) / Math.max(0, n - correction));
        if (n > correction) {
          expectClose(x.var(1, { correction }), variance);
          expectClose(x.std(1, { correction }).pow(2), variance);
        } else expect(x.var(1, { correction }).data.every(Number.isNaN)).toBe(true);
        expectClose(
          tapegrad.norm(x, 1, { order }),
          made([m], (i) => sumOver([n], (j) => Math.abs(at(x, [i, j])) ** order) ** (1 / order)),
          1e-9,
        );
        expectClose(tapegrad.norm(x, 1, { order: Infinity }), x.abs().max(1));
        expectClose(tapegrad.norm(x, 0, { order: -Infinity, keepDims: true }), x.abs().min(0, { keepDims: true }));
        expectClose(tapegrad.norm(x, 0, { order: 0 }), x.notEqual(0).sum(0));
      }),
    );
  });

  test('neither overflow nor vanish, and are flat at 0', () => {
    for (const [scale, dtype] of [
      [1e300, 'float64'],
      [1e-300, 'float64'],
      [1e30, 'float32'],
      [1e-30, 'float32'],
    ] as [number, Dtype][])
      expect(tapegrad.norm(Tensor.of([3, 4], dtype).mul(scale)).item() / scale).toBeCloseTo(5, 5);
    expect(tapegrad.norm(Tensor.of([Infinity, 1])).item()).toBe(Infinity);
    expect(tapegrad.norm(Tensor.of([NaN, 1])).item()).toBe(NaN);
    for (const order of [1, 2, 3, Infinity]) {
      const [, pullback] = vjp((x: Tensor) => tapegrad.norm(x, [], { order }).sum(), Tensor.zeros([1, 3], 'float64'));
      expect(pullback(Tensor.of(1, 'float64'))[0]!.data.every((g) => g === 0)).toBe(true);
    }
  });
});

describe('lengths of nothing', () => {
  test('are flat, to the second derivative', () => {
    const length = (x: Tensor) => tapegrad.hypot(x.slice([0]), x.slice([1]));
    for (const f of [length, (x: Tensor) => tapegrad.norm(x)])
      expect(
        tapegrad
          .hessian(f)(Tensor.zeros([2], 'float64'))
          .toArray(),
      ).toEqual([
        [0, 0],
        [0, 0],
      ]);
  });

  test('of order 1 are sums of absolute values, in two operations', () => {
    const tape = new tapegrad.Tape();
    tape.record(() => tapegrad.norm(Tensor.of([1, -2]), 0, { order: 1 }));
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['abs', 'sum']);
  });

  test('are 0, and orders must be numbers', () => {
    expect(tapegrad.norm(Tensor.zeros([2, 0]), 1).toArray()).toEqual([0, 0]);
    expect(tapegrad.norm(Tensor.zeros([0])).item()).toBe(0);
    for (const order of ['2', null, NaN])
      expect(() => tapegrad.norm(Tensor.ones([2]), 0, { order: order as never })).toThrow(/^norm: expected an order/);
    expect(tapegrad.norm(Tensor.of([0.5, 0])).item()).toBe(0.5);
    expect(
      tapegrad
        .norm(
          Tensor.of([
            [1, -2],
            [3, 4],
          ]),
          1,
          { order: 1 },
        )
        .toArray(),
    ).toEqual([3, 7]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [['norm', () => tapegrad.norm(x, 0, { order: NaN }), ValueError, /^norm: expected an order/]]);
});

describe('a single vector', () => {
  test('has distances and norms without further axes', () => {
    expect(tapegrad.pairwiseDistance(Tensor.of([3, 4]), Tensor.of([0, 0])).item()).toBe(5);
    expect(tapegrad.pairwiseDistance(counted(2, 2, 2), Tensor.zeros([2, 2, 2])).shape).toEqual([2, 2]);
  });
});

describe('a slope', () => {
  hasSlopes([['norm, at 0', (x) => tapegrad.norm(x!), [0], [0]]]);
});
