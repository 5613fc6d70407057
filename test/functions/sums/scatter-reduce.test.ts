/** Elements combined by index: PyTorch's numbers, derivatives where factors are 0 and where elements tie, refusals. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, gradcheck, gradgradcheck, type ScatterReduction, scatterReduce, Tensor, vjp, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const { scatter: golden } = JSON.parse(readFileSync('test/golden/sets-and-bins.json', 'utf8')) as {
  scatter: Record<string, readonly [number[][], number[][], number[][]]>;
};
const x = float64([[1, 2, 2], [0, -3, 4]]); // biome-ignore format: a matrix
const indices = int32([[0, 0, 1], [0, 1, 1]]); // biome-ignore format: a matrix
const source = float64([[2, 0, 3], [-1, 5, 2]]); // biome-ignore format: a matrix
const weights = float64([[0.5, -1, 2], [3, 0.25, -2]]); // biome-ignore format: a matrix
const reductions: readonly ScatterReduction[] = ['sum', 'prod', 'mean', 'amax', 'amin'];
const cases = reductions.flatMap((reduction) => [true, false].map((includeSelf) => [reduction, includeSelf] as const));

const close = (found: Tensor, wanted: readonly number[][]) => {
  expect(found.shape).toEqual([wanted.length, wanted[0]!.length]);
  wanted.flat().forEach((number, i) => expect(Math.abs(found.data[i]! - number)).toBeLessThan(1e-14));
};

describe.each(cases)('%s, includeSelf %s', (reduction, includeSelf) => {
  const f = (x: Tensor, source: Tensor) => scatterReduce(x, 1, indices, source, reduction, { includeSelf });

  test('value and gradients are those of PyTorch 2.13, with a factor 0 and ties', () => {
    const [value, byX, bySource] = golden[`${reduction} ${includeSelf ? 'True' : 'False'}`]!;
    const [y, pullback] = vjp(f, x, source);
    close(y, value);
    const [dx, dsource] = pullback(weights);
    close(dx!, byX);
    close(dsource!, bySource);
  });

  test('first and second derivatives are those of small differences', () => {
    const [a, b] = [Tensor.normal([2, 3], { seed: 1, dtype: 'float64' }), Tensor.normal([2, 3], { seed: 2, dtype: 'float64' })];
    gradcheck(f, [a, b]);
    gradgradcheck(f, [a, b]);
  });

  test('of each place it is the reduction of the elements for it', () => {
    const places = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(places, fc.array(fc.tuple(fc.nat(), fc.integer({ min: -3, max: 3 })), { maxLength: 8 }), (size, pairs) => {
        const given = Tensor.arange(1, size + 1, { dtype: 'int32' }) as Tensor;
        const list = (numbers: number[]) => new Tensor([pairs.length], Int32Array.from(numbers));
        const [index, numbers] = [list(pairs.map(([i]) => i % size)), list(pairs.map(([, value]) => value))];
        const wanted = Array.from({ length: size }, (_, place) => {
          const own = pairs.filter(([i]) => i % size === place).map(([, value]) => value);
          const all = includeSelf || own.length === 0 ? [place + 1, ...own] : own;
          const sum = all.reduce((a, b) => a + b);
          const product = all.reduce((a, b) => a * b);
          return { sum, prod: product, mean: Math.floor(sum / all.length), amax: Math.max(...all), amin: Math.min(...all) }[reduction] + 0;
        });
        expect(scatterReduce(given, 0, index, numbers, reduction, { includeSelf }).toArray()).toEqual(wanted);
      }),
      { numRuns: runs(50) },
    );
  });

  test('mapped over examples it is each by itself, indices of their own among them', () => {
    const all = Tensor.normal([3, 2, 3], { seed: 3, dtype: 'float64' });
    const own = new Tensor(
      [3, 2, 3],
      Int32Array.from({ length: 18 }, (_, i) => (i * i) % 3),
    );
    const g = (x: Tensor, indices: Tensor) => scatterReduce(x, 1, indices, source, reduction, { includeSelf });
    const mapped = vmap(g)(all, own);
    for (let i = 0; i < 3; i++) expect(mapped.slice([i]).toArray()).toEqual(g(all.slice([i]), own.slice([i])).toArray());
  });
});

test('NaN is the largest and the smallest', () => {
  for (const reduction of ['amax', 'amin'] as const) {
    expect(scatterReduce(Tensor.of([1, NaN]), 0, int32([0, 0, 1]), Tensor.of([NaN, 1, 2]), reduction).toArray()).toEqual([NaN, NaN]);
  }
});

const wrong = (...given: unknown[]) => (scatterReduce as (...given: unknown[]) => unknown)(...given);
test('a product takes no more memory where one place has most of the elements, and an infinity stays in its own', () => {
  const count = 100_000;
  const [x, source] = [Tensor.ones([count]), Tensor.ones([count])];
  expect(scatterReduce(x, 0, Tensor.zeros([count], 'int32'), source, 'prod').data[0]).toBe(1);
  const y = scatterReduce(Tensor.of([1, 2, 3]), 0, int32([0, 1, 0, 2]), Tensor.of([Infinity, 2, 3, 4]), 'prod');
  expect(y.toArray()).toEqual([Infinity, 4, 12]);
  const dy = grad((s: Tensor) => scatterReduce(Tensor.ones([1]), 0, int32([0, 0, 0, 0, 0]), s, 'prod').sum())(
    Tensor.of([Infinity, 2, 3, 2, 1]),
  );
  expect(dy.toArray()).toEqual([12, Infinity, Infinity, Infinity, Infinity]);
});

refuses('%s is refused, by the name that was called', [
  ['another reduction', () => wrong(x, 1, indices, source, 'max'), /^scatterReduce: expected reduction to be 'sum'.*got 'max'/],
  ['a misspelt option', () => wrong(x, 1, indices, source, 'sum', { include_self: false }), /did you mean includeSelf/],
  [
    'an index beyond the end',
    () => scatterReduce(Tensor.of([1]), 0, int32([3]), Tensor.of([1]), 'prod'),
    /^scatterReduce: index 3 at place 0/,
  ],
  ['an index beyond the end', () => scatterReduce(Tensor.of([1]), 0, int32([-1]), Tensor.of([1]), 'amax'), /^scatterReduce: index -1/],
  ['a source of another shape', () => scatterReduce(x, 1, indices, x.slice([0]), 'mean'), /^scatterReduce: expected/],
  ['a product that int32 cannot hold', () => scatterReduce(int32([2 ** 30]), 0, int32([0]), int32([4]), 'prod'), /^scatterReduce: .*int32/],
]);
