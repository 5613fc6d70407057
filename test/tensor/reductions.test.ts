/** Reductions: which axes are taken by default, what is kept, and who gets the gradient of a tie. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cumprod, cumsum, grad, median, norm, prod, Tensor } from '../../src/index.ts';

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

  test('that argmax picks get all of it', () => {
    const first = (x: Tensor) => x.gather(0, x.argmax(0, { keepDims: true })).sum();
    expect(grad(first)(Tensor.of([3, 1, 3])).toArray()).toEqual([1, 0, 0]);
  });

  test('name themselves where there is nothing', () => {
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

describe('along the last axis by default', () => {
  const x = Tensor.of([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  test('are running totals', () => {
    expect(cumsum(x).toArray()).toEqual([[1, 3], [3, 7]]); // biome-ignore format: a matrix
    expect(cumprod(x).toArray()).toEqual([[1, 2], [3, 12]]); // biome-ignore format: a matrix
  });
});
