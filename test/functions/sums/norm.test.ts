/** Lengths and variances, held against their formulas. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { type Dtype, DtypeError, gradcheck, hessian, ShapeError, Tensor, ValueError, vjp } from '../../../src/index.ts';
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

describe('lengths of any order', () => {
  const slopes = (order: number, values: number[]) => {
    const [, pullback] = vjp((x: Tensor) => tapegrad.norm(x, 0, { order }), Tensor.of(values, 'float64'));
    return pullback(Tensor.of(1, 'float64'))[0]!.add(0).toArray();
  };

  test('follow their formula, and their slopes the differences, below 1 and below 0 too', () => {
    const orders = fc.constantFrom(-3, -1, -0.5, 0.25, 0.5, 0.9, 1.5, 2.5, 3, 7);
    const elements = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(orders, elements, fc.boolean(), (order, elements, negative) => {
        const values = elements.map((v) => (negative ? -v : v) / 8);
        const wanted = values.reduce((sum, v) => sum + Math.abs(v) ** order, 0) ** (1 / order);
        const x = Tensor.of(values, 'float64');
        expect(Math.abs(tapegrad.norm(x, 0, { order }).item() - wanted)).toBeLessThanOrEqual(1e-12 * wanted);
        gradcheck((x) => tapegrad.norm(x, 0, { order }), [x]);
      }),
    );
  });

  test('slope by 0 where an element is 0 and the true slope would be infinite', () => {
    expect(slopes(0.5, [0, 3])).toEqual([0, 1]);
    expect(slopes(0.5, [4, 0])).toEqual([1, 0]);
    expect(slopes(0.25, [0, 0])).toEqual([0, 0]);
    for (const order of [-0.5, -1, -2]) {
      expect(tapegrad.norm(Tensor.of([0, 4]), 0, { order }).item()).toBe(0);
      expect(slopes(order, [0, 4])).toEqual([0, 0]);
    }
    for (const order of [1.5, 2.5, 3]) {
      const [first, second] = slopes(order, [0, -3]) as [number, number];
      expect(first).toBe(0);
      expect(second).toBeCloseTo(-1, 14);
    }
  });

  test('below 0 are 0 where an element is, however small others are', () => {
    expect(slopes(-1, [2 ** -1074, 0, 1e6])).toEqual([0, 0, 0]);
  });

  test('neither overflow nor vanish', () => {
    for (const order of [-2, -0.5, 0.5, 1.5, 3, 10])
      for (const [scale, dtype] of [
        [1e30, 'float32'],
        [1e-30, 'float32'],
        [1e300, 'float64'],
        [1e-300, 'float64'],
      ] as const) {
        // biome-ignore format: pairs
        const x = Tensor.of([3, 4], dtype);
        const wanted = tapegrad.norm(x, 0, { order }).item();
        expect(Math.abs(tapegrad.norm(x.mul(scale), 0, { order }).item() / scale / wanted - 1)).toBeLessThan(1e-6);
      }
    expect(tapegrad.norm(Tensor.of([Infinity, 1]), 0, { order: 3 }).item()).toBe(Infinity);
    expect(tapegrad.norm(Tensor.of([Infinity, 2]), 0, { order: -1 }).item()).toBe(2);
    expect(tapegrad.norm(Tensor.of([NaN, 2]), 0, { order: 3 }).item()).toBe(NaN);
  });

  test('of zeros have no second derivative where the gradient vanishes with them', () => {
    const squared = hessian((x: Tensor) => tapegrad.norm(x, 0, { order: 3 }).pow(2))(Tensor.zeros([2], 'float64'));
    expect(squared.data.every(Number.isNaN)).toBe(true);
  });

  test('of nothing are 0, and keep axes', () => {
    for (const order of [0, 0.5, 1, 3, Infinity])
      expect(tapegrad.norm(Tensor.zeros([2, 0]), 1, { order, keepDims: true }).toArray()).toEqual([[0], [0]]);
    expect(tapegrad.norm(counted(2, 3), 1, { order: 3, keepDims: true }).shape).toEqual([2, 1]);
    expect(tapegrad.norm(counted(2, 3), 1, { order: 2, keepDims: true }).shape).toEqual([2, 1]);
  });
});

describe('lengths of nothing', () => {
  test('are flat, to the second derivative', () => {
    const second = tapegrad.hessian((x: Tensor) => tapegrad.norm(x))(Tensor.zeros([2], 'float64'));
    expect([...second.data]).toEqual([0, 0, 0, 0]);
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
      expect(() => tapegrad.norm(Tensor.ones([2]), 0, { order: order as never })).toThrow(
        /^norm: expected order to be a number, got ('2'|null|NaN)/,
      );
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
  const any = (value: unknown): any => value;
  refuses('%s', [
    ['norm of NaN', () => tapegrad.norm(x, 0, { order: NaN }), ValueError, /^norm: expected order to be a number, got NaN/],
    [
      'norm with an order for options',
      () => tapegrad.norm(x, 1, any(3)),
      ValueError,
      /^norm: expected options, such as \{ order: … \}, got 3/,
    ],
    ['norm with another name', () => tapegrad.norm(x, 1, any({ ord: 1 })), ValueError, /^norm: there is no option ord; did you mean order/],
    ['norm with options for axes', () => tapegrad.norm(x, any({ order: 1 })), ShapeError, /^norm: expected an axis or a list of axes/],
    ['norm of int32', () => tapegrad.norm(x.cast('int32')), DtypeError, /^norm: expected float32 or float64, got int32/],
    ['norm of an array', () => tapegrad.norm(any([1])), DtypeError, /^norm: expected a tensor for x, got an array/],
    [
      'the smallest of nothing',
      () => tapegrad.norm(Tensor.zeros([2, 0]), 1, { order: -1 }),
      ShapeError,
      /^norm: there is no smallest element along an axis of size 0, in shape \[2, 0\]/,
    ],
    [
      'normalize with another name',
      () => tapegrad.normalize(x, 0, any({ eps: 1 })),
      ValueError,
      /^normalize: there is no option eps; did you mean epsilon/,
    ],
    [
      'normalize by epsilon below 0',
      () => tapegrad.normalize(x, 0, { epsilon: -1 }),
      ValueError,
      /^normalize: expected epsilon to be a finite number from 0, got -1/,
    ],
    ['normalize of int32', () => tapegrad.normalize(x.cast('int32')), DtypeError, /^normalize: expected float32 or float64, got int32/],
    ['normalize by NaN', () => tapegrad.normalize(x, 0, { order: NaN }), ValueError, /^normalize: expected order to be a number, got NaN/],
  ]);
});

describe('normalized vectors', () => {
  test('of zeros stay zeros, divided by epsilon, without a second derivative', () => {
    const f = (x: Tensor) => tapegrad.normalize(x, 1, { epsilon: 0.5 }).sum();
    const x = Tensor.of([[0, 0], [3, 4]], 'float64'); // biome-ignore format: a matrix
    expect(tapegrad.normalize(x, 1).toArray()).toEqual([[0, 0], [0.6, 0.8]]); // biome-ignore format: a matrix
    expect(tapegrad.grad(f)(x).slice([0]).toArray()).toEqual([2, 2]);
    expect(
      hessian(f)(x)
        .slice([0])
        .data.every((second) => second === 0),
    ).toBe(true);
    expect(hessian(f)(x).data.every(Number.isFinite)).toBe(true);
    expect(tapegrad.normalize(Tensor.of([NaN, 1])).toArray()).toEqual([NaN, NaN]);
    expect(tapegrad.normalize(Tensor.zeros([2, 0])).shape).toEqual([2, 0]);
    gradcheck((x) => tapegrad.normalize(x, 0, { order: 3 }), [Tensor.of([1, -2, 0.5])]);
  });
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
