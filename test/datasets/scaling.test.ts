/** There and back on another scale. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minMaxScaling, standardization, wine } from '../../src/datasets/index.ts';
import { DtypeError, ShapeError, Tensor } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

test('standardized features have mean 0 and variance 1, and those between two bounds go from 0 to 1', () => {
  const { x } = wine({ dtype: 'float64' }).data;
  const standard = standardization(x).apply(x);
  for (const mean of standard.mean(0).toArray()) expect(mean).toBeCloseTo(0, 12);
  for (const variance of standard.var(0, { correction: 0 }).toArray()) expect(variance).toBeCloseTo(1, 12);
  const unit = minMaxScaling(x).apply(x);
  expect([new Set(unit.min(0).toArray()), new Set(unit.max(0).toArray())]).toEqual([new Set([0]), new Set([1])]);
});

test('what is undone is as before, also where a feature never varies, and other data is on the same scale', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.constant(5)), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(rows, fc.constantFrom(standardization, minMaxScaling), (values, learn) => {
      const x = Tensor.of(values.map((row) => [...row]), 'float64'); // biome-ignore format: one line
      const { apply, undo, scale } = learn(x);
      undo(apply(x)).data.forEach((value, i) => expect(value).toBeCloseTo(x.data[i]!, 10));
      expect(scale.data[1]).toBe(1);
      expect(apply(Tensor.of([[0, 6]], 'float64')).data[1]).toBe(1);
    }),
  );
});

test('scales are of the dtype of the features', () => {
  expect([standardization(Tensor.ones([2, 2])).scale.dtype, minMaxScaling(Tensor.ones([2], 'float64')).shift.dtype]).toEqual([
    'float32',
    'float64',
  ]);
});

refuses('%s is refused', [
  ['a list', () => standardization([1] as never), DtypeError, /^standardization: expected a tensor for x, got an array/],
  ['classes', () => minMaxScaling(Tensor.of([1], 'int32')), DtypeError, /^minMaxScaling: expected x in float32 or float64, got int32 \[1\]/],
  ['no rows', () => standardization(Tensor.zeros([0, 2])), ShapeError, /^standardization: expected x of shape \[rows, …\], with at least one row, got \[0, 2\]/],
  ['a list to scale', () => standardization(Tensor.ones([2])).apply([1] as never), DtypeError, /^standardization\.apply: expected a tensor for x/],
]); // biome-ignore format: one line a case
