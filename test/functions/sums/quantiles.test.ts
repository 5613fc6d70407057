/** Quantiles: PyTorch's numbers for every interpolation, and what holds for any numbers. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, gradcheck, median, nanquantile, type QuantileOptions, quantile, Tensor, vmap } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const { quantile: golden } = JSON.parse(readFileSync('test/golden/sets-and-bins.json', 'utf8')) as {
  quantile: Record<string, (number | string)[][]>;
};
const x = float64([[4, 1, 3, 2, 9], [7, NaN, 5, Infinity, -2]]); // biome-ignore format: a matrix
const shares = float64([0, 0.1, 0.25, 0.375, 0.5, 0.8, 1]);

const interpolations: readonly Required<QuantileOptions>['interpolation'][] = ['linear', 'lower', 'higher', 'nearest', 'midpoint'];
describe.each(interpolations)('%s', (interpolation) => {
  test.each([
    ['quantile', quantile],
    ['nanquantile', nanquantile],
  ] as const)('%s has the numbers of PyTorch 2.13', (name, f) => {
    // biome-ignore format: one line
    const found = f(x, shares, 1, { interpolation });
    expect(found.shape).toEqual([7, 2]);
    golden[`${name} ${interpolation}`]!.flat().forEach((wanted, i) => {
      // Between a number and infinity lies infinity, and so it does between two infinities; PyTorch has NaN there in places.
      if (wanted === 'NaN') expect(found.data[i]).toBe(name === 'quantile' ? NaN : Infinity);
      else expect(found.data[i]).toBeCloseTo(Number(wanted), 14);
    });
    const slope = grad((x: Tensor) => f(x, float64([0.1, 0.6]), 1, { interpolation }).sum())(x.slice([[0, 1]]));
    golden[`${name} ${interpolation} grad`]!.flat().forEach((wanted, i) => expect(slope.data[i]).toBeCloseTo(Number(wanted), 14));
  });

  test('a quantile lies between the two elements of its rank, whatever they are', () => {
    const numbers = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e150, max: 1e150 }), fc.constantFrom(Infinity, -Infinity, 0)), { minLength: 1, maxLength: 9 }); // biome-ignore format: one line
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, q) => {
        const found = quantile(float64(numbers), q, 0, { interpolation }).item();
        const sorted = numbers.toSorted((a, b) => a - b);
        const rank = q * (numbers.length - 1);
        const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
        if (low === -Infinity && high === Infinity) return;
        const near = (bound: number) => found === bound || Math.abs(found - bound) < 1e-12 * Math.abs(bound);
        expect((found > low && found < high) || near(low) || near(high)).toBe(true);
        expect(nanquantile(float64([NaN, ...numbers, NaN]), q, 0, { interpolation }).item()).toBe(found);
        expect(quantile(float64([...numbers, NaN]), q, 0, { interpolation }).item()).toBeNaN();
      }),
      { numRuns: runs(100) },
    );
  });
});

test('the lower quantile of a half is the median', () => {
  const x = Tensor.normal([4, 7], { seed: 1 });
  expect(quantile(x, 0.5, 1, { interpolation: 'lower' }).toArray()).toEqual(median(x, 1).values.toArray());
});

test('shapes: several shares are stacked in front, and an axis may be kept', () => {
  const x = Tensor.zeros([2, 3, 4]);
  const q = Tensor.of([0.5, 1]);
  expect(quantile(x, 0.5).shape).toEqual([]);
  expect(quantile(x, 0.5, 1).shape).toEqual([2, 4]);
  expect(quantile(x, q).shape).toEqual([2]);
  expect(quantile(x, q, -1).shape).toEqual([2, 2, 3]);
  expect(quantile(x, q, 1, { keepDims: true }).shape).toEqual([2, 2, 1, 4]);
  expect(quantile(x, 0.5, undefined, { keepDims: true }).shape).toEqual([1, 1, 1]);
});

test('where all are NaN, so is the quantile of the others', () => {
  expect(nanquantile(float64([NaN, NaN]), 0.5).item()).toBeNaN();
});

test('the gradient goes to the numbers and to the shares', () => {
  gradcheck((x: Tensor, q: Tensor) => quantile(x, q, 0), [float64([3, 1, 7, 2.5]), float64([0.2, 0.7])]);
  const rows = Tensor.normal([3, 4], { seed: 2, dtype: 'float64' });
  expect(vmap((row: Tensor) => quantile(row, 0.3))(rows).toArray()).toEqual(quantile(rows, 0.3, 1).toArray());
});

refuses('%s is refused', [
  ['a share above 1', () => quantile(x, 1.5), /^quantile: expected q to be from 0 to 1, got 1.5/],
  ['a share that is NaN', () => nanquantile(x, NaN), /^nanquantile: expected q to be from 0 to 1, got NaN/],
  ['no element', () => quantile(Tensor.zeros([0]), 0.5), /^quantile: there are no elements along axis 0 of shape \[0\]/],
  ['int32', () => quantile(int32([1]), 0.5), /^quantile: expected float32 or float64/],
  ['a matrix of shares', () => quantile(x, x), /^quantile: expected q to be a number or a vector/],
  ['another interpolation', () => quantile(x, 0, 0, { interpolation: 'cubic' as never }), /^quantile: expected interpolation to be/],
]);
