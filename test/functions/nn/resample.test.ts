/** An axis resampled: what `interpolate`, which checks its arguments, does not reach. */

import { expect, test } from 'vitest';
import { resampleOp } from '../../../src/functions/nn/resample.ts';
import { perform, Tensor } from '../../../src/index.ts';

test('positions are fractions, rounded but once: 49 · (1 / 49) would be below 1', () => {
  const x = Tensor.arange(3, { dtype: 'float64' });
  const given = { axis: 0, from: 3, method: 'nearest', aligned: false, antialias: false } as const;
  expect(perform(resampleOp, { x }, { ...given, count: 50, step: [1, 49] }).data[49]).toBe(1);
});

test('the last element may be asked for more often than there is room', () => {
  const x = Tensor.of([1, 2], 'float64');
  for (const method of ['nearest', 'nearest-exact', 'linear', 'cubic'] as const) {
    const y = perform(resampleOp, { x }, { axis: 0, from: 2, count: 9, method, step: [1, 1], aligned: true, antialias: false });
    expect(y.data[8], method).toBe(2);
  }
});
