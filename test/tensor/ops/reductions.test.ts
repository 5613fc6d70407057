/** Reductions: default axes, kept axes, ties, and special values. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, hessian, jacobian, jvp, median, norm, prod, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

/** Small integers, so that many elements tie. */
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 999 }))
  .map(([m, n, seed]) => Tensor.uniform([m, n], { high: 3, seed, dtype: 'float64' }).floor());

describe('the largest and the smallest', () => {
  test('share the gradient evenly among those that tie, whatever the axes', () => {
    fc.assert(
      fc.property(matrices, fc.constantFrom<[number | number[] | undefined]>([0], [1], [-1], [[0, 1]], [undefined], [[]]), (x, [axes]) => {
        for (const name of ['max', 'min'] as const) {
          const attained = x.equal(x[name](axes, { keepDims: true })) as Tensor;
          const shares = attained.div(attained.sum(axes, { keepDims: true }));
          expect(grad((x: Tensor) => x[name](axes).sum())(x).toArray()).toEqual(shares.toArray());
        }
      }),
    );
  });

  test('that are gathered by argmax get the whole gradient', () => {
    const first = (x: Tensor) => x.gather(0, x.argmax(0, { keepDims: true })).sum();
    expect(grad(first)(Tensor.of([3, 1, 3])).toArray()).toEqual([1, 0, 0]);
  });

  test('name the method in the error where there are no elements', () => {
    for (const name of ['max', 'min', 'argmax', 'argmin'] as const) {
      const reduce = (x: Tensor, axis?: number): Tensor => (x[name] as Tensor['max']).call(x, axis);
      expect(() => reduce(Tensor.zeros([0]))).toThrow(`${name}: nothing to choose from`);
      expect(() => reduce(Tensor.zeros([2, 0]), 1)).toThrow(`${name}: nothing to choose from`);
    }
  });
});

describe('over all axes by default', () => {
  const x = Tensor.of([[4, 1, 2], [0, 5, 3]], 'float64'); // biome-ignore format: a matrix
  const all: Record<string, (keepDims: boolean) => Tensor> = {
    sum: (keepDims) => x.sum(undefined, { keepDims }),
    mean: (keepDims) => x.mean(undefined, { keepDims }),
    var: (keepDims) => x.var(undefined, { keepDims }),
    std: (keepDims) => x.std(undefined, { keepDims }),
    max: (keepDims) => x.max(undefined, { keepDims }),
    min: (keepDims) => x.min(undefined, { keepDims }),
    argmax: (keepDims) => x.argmax(undefined, { keepDims }),
    argmin: (keepDims) => x.argmin(undefined, { keepDims }),
    logSumExp: (keepDims) => x.logSumExp(undefined, { keepDims }),
    prod: (keepDims) => prod(x, undefined, { keepDims }),
    norm: (keepDims) => norm(x, undefined, { keepDims }),
    'median, its value': (keepDims) => median(x, undefined, { keepDims }).values,
    'median, its index': (keepDims) => median(x, undefined, { keepDims }).indices,
  };

  test.each(Object.entries(all))('%s drops them, or keeps them with size 1', (_, f) => {
    expect(f(false).shape).toEqual([]);
    expect(f(true).shape).toEqual([1, 1]);
    expect(f(true).item()).toBe(f(false).item());
  });

  test('indices are counted in row-major order', () => {
    expect([x.argmax().item(), x.argmin().item(), median(x).indices.item()]).toEqual([4, 3, 2]);
    expect(median(x).values.item()).toBe(2);
    expect(median(x, 1, { keepDims: true }).values.toArray()).toEqual([[2], [3]]);
  });

  test('an empty list of axes reduces nothing', () => {
    expect(x.sum([]).toArray()).toEqual(x.toArray());
  });
});

describe('the largest and the smallest, and their indices', () => {
  test('are NaN where one is NaN, and their index is that of the first NaN', () => {
    const x = float64([3, NaN, 5, NaN]);
    expect([x.max().item(), x.min().item(), x.max(0).item()]).toEqual([NaN, NaN, NaN]);
    expect([x.argmax().item(), x.argmin().item()]).toEqual([1, 1]);
  });

  test('have the index of the first of those that tie', () => {
    const x = float64([1, 4, 4, 0, 0]);
    expect([x.argmax(0).item(), x.argmin(0).item()]).toEqual([1, 3]);
  });

  test('of int32 are int32', () => {
    const x = Tensor.of(
      [
        [3, 1],
        [2, 5],
      ],
      'int32',
    );
    expect([x.max(0).toArray(), x.min(0).toArray(), x.max(1).toArray(), x.max().dtype]).toEqual([[3, 5], [2, 1], [3, 5], 'int32']);
  });
});

describe('log Σ eˣ', () => {
  test.each([
    [[-Infinity, -Infinity], -Infinity],
    [[-Infinity, 3], 3],
    [[Infinity, 1], Infinity],
    [[0, 1000], 1000],
    [[1000, 0], 1000],
    [[-2000, -1000], -1000],
    [[NaN, 1], NaN],
  ])('of %j is %d', (values, wanted) => expect(float64(values).logSumExp().item()).toBe(wanted));

  test('of nothing is −∞, the logarithm of 0', () => {
    expect(Tensor.zeros([2, 0]).logSumExp(1).toArray()).toEqual([-Infinity, -Infinity]);
    expect(Tensor.zeros([0, 2]).logSumExp(1).shape).toEqual([0]);
  });

  test('slopes by the softmax, and by 0 where nothing is possible', () => {
    const slopes = (values: number[]) => grad((x: Tensor) => x.logSumExp())(float64(values)).toArray();
    expect(slopes([0, 1000])).toEqual([0, 1]);
    expect(slopes([-Infinity, 3])).toEqual([0, 1]);
    expect(slopes([-Infinity, -Infinity])).toEqual([0, 0]);
    expect(slopes([Infinity, 1])).toEqual([1, 0]);
    expect(slopes([Infinity, -Infinity, Infinity, 0])).toEqual([0.5, 0, 0.5, 0]);
    expect(slopes([NaN, 1])).toEqual([NaN, NaN]);
  });

  test('has these slopes by every way, and is flat at infinities to the second', () => {
    const f = (x: Tensor) => x.logSumExp();
    for (const [values, slopes] of [
      [
        [Infinity, 1],
        [1, 0],
      ],
      [
        [-Infinity, -Infinity],
        [0, 0],
      ],
      [
        [3, -Infinity],
        [1, 0],
      ],
    ] as const) {
      const x = float64(values);
      expect(jacobian(f)(x).toArray()).toEqual(slopes);
      expect(jvp(f, [x], [float64([1, 0])])[1].item()).toBe(slopes[0]);
      expect(vmap(grad(f))(float64([values, values])).toArray()).toEqual([slopes, slopes]);
      expect(hessian(f)(x).data.every((second) => second === 0)).toBe(true);
    }
  });

  test('slopes exactly where the result is too large to tell its elements apart', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const x = Tensor.of([1e17, 1e17], dtype);
      expect(grad((x: Tensor) => x.logSumExp())(x).toArray()).toEqual([0.5, 0.5]);
    }
  });
});

describe('sums of int32', () => {
  const whole = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 65535, -65536));
  test('are exact, whatever the order, or refused where int32 cannot hold them', () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 30 }), (values) => {
        const wanted = values.reduce((a, b) => a + b);
        const found = () => int32(values).sum();
        if ((wanted | 0) === wanted) expect([found().item(), found().dtype]).toEqual([wanted, 'int32']);
        else expect(found).toThrow(ValueError);
      }),
      { numRuns: runs(200) },
    );
  });

  test('run along some axes, as those of floats do, and to a shape', () => {
    fc.assert(
      fc.property(
        matrices,
        fc.constantFrom<number | number[] | undefined>(0, 1, [], [0, 1], undefined),
        fc.boolean(),
        (x, axes, keepDims) => {
          expect(x.cast('int32').sum(axes, { keepDims }).toArray()).toEqual(x.sum(axes, { keepDims }).toArray());
          expect(x.cast('int32').sumTo([1, x.shape[1]!]).toArray()).toEqual(x.sumTo([1, x.shape[1]!]).toArray());
        },
      ),
    );
    expect(Tensor.zeros([2, 0], 'int32').sum(1).toArray()).toEqual([0, 0]);
    expect(() => int32([2 ** 31 - 1, 1]).sumTo([1])).toThrow(/^sumTo: element 0 is 2147483648, which int32 cannot hold/);
  });

  test('count what is equal', () => {
    expect(
      int32([1, 2, 3])
        .equal(int32([1, 0, 3]))
        .sum()
        .item(),
    ).toBe(2);
  });
});
