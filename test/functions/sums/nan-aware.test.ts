/** What is NaN takes no part: extremes and spreads are those of the others. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, gradcheck, gradgradcheck, nanmax, nanmin, nanstd, nanvar, Tensor } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const numbers = fc.array(fc.oneof(fc.constant(NaN), fc.double({ min: -100, max: 100, noNaN: true })), { minLength: 1, maxLength: 8 });

test('they are what the functions of the same name without nan are of the numbers alone', () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom(0, 1), (values, correction) => {
      const x = float64(values);
      const alone = values.filter((value) => !Number.isNaN(value));
      const pairs: [Tensor, (x: Tensor) => Tensor][] = [
        [nanmax(x), (x) => x.max()],
        [nanmin(x), (x) => x.min()],
        [nanvar(x, 0, { correction }), (x) => x.var(0, { correction })],
        [nanstd(x, 0, { correction }), (x) => x.std(0, { correction })],
      ];
      for (const [found, f] of pairs) {
        const wanted = alone.length === 0 ? NaN : f(float64(alone)).item();
        if (Number.isFinite(wanted)) expect(Math.abs(found.item() - wanted)).toBeLessThan(1e-11 * (1 + Math.abs(wanted)));
        else expect(found.item()).toBeNaN();
      }
    }),
    { numRuns: runs(100) },
  );
});

test('along axes, kept or not', () => {
  const x = float64([[1, NaN, 5], [NaN, NaN, NaN]]); // biome-ignore format: a matrix
  expect(nanmax(x, 1).toArray()).toEqual([5, NaN]);
  expect(nanmin(x, 0, { keepDims: true }).toArray()).toEqual([[1, NaN, 5]]);
  expect(nanvar(x, 1).toArray()).toEqual([8, NaN]);
  expect(nanstd(x, [0, 1], { keepDims: true, correction: 0 }).toArray()).toEqual([[2]]);
  expect(nanvar(x, 1, { keepDims: true }).shape).toEqual([2, 1]);
  expect(nanmax(int32([[1, 2]]), 1).toArray()).toEqual([2]);
});

test('no gradient goes to NaN, and derivatives are right to the second order', () => {
  expect(grad((x: Tensor) => nanmax(x))(float64([3, NaN, 3])).toArray()).toEqual([0.5, 0, 0.5]);
  expect(grad((x: Tensor) => nanmin(x))(float64([3, NaN, 1])).toArray()).toEqual([0, 0, 1]);
  const hole = float64([0, NaN, 0, 0]);
  for (const f of [nanvar, nanstd]) {
    const g = (x: Tensor) => f(x.add(hole));
    expect(Number.isFinite(grad(g)(float64([1, 2, 4, 3])).data[0])).toBe(true);
    const part = (x: Tensor) =>
      f(
        x
          .mul(float64([1, 1, 2]))
          .unslice([4], [0], [1])
          .add(float64([0, 0, 0, NaN])),
      );
    gradcheck(part, [float64([1, 2.5, -1])]);
    gradgradcheck(part, [float64([1, 2.5, -1])]);
  }
  expect(grad((x: Tensor) => nanstd(x))(float64([2, NaN, 2])).toArray()).toEqual([0, 0, 0]);
});

test('a large mean costs no digits', () => {
  expect(nanvar(Tensor.of([1e6, 1e6 + 1, NaN, 1e6 + 2])).item()).toBe(1);
  expect(nanstd(Tensor.of([1e6, 1e6 + 1, NaN, 1e6 + 2])).item()).toBe(1);
});

refuses('%s is refused, by the name that was called', [
  ['no element', () => nanmax(Tensor.zeros([0])), /^nanmax: /],
  ['int32', () => nanvar(int32([1])), /^nanvar: expected float32 or float64/],
  ['a misspelt option', () => nanstd(Tensor.of([1]), 0, { corection: 1 } as never), /^nanstd: .*did you mean correction/],
  ['an axis that is not there', () => nanmin(Tensor.of([1]), 3), /^nanmin: /],
]);
