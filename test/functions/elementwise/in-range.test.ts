/** The identity that refuses numbers out of range. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inRange } from '../../../src/functions/elementwise/in-range.ts';
import { grad, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { float64, int32 } from '../../lib/tensors.ts';

test('is the identity within the bounds, both included, and refuses what is outside', () => {
  const whole = fc.integer({ min: -3, max: 3 });
  fc.assert(
    fc.property(fc.array(whole, { minLength: 1 }), whole, whole, (values, from, to) => {
      const out = values.findIndex((x) => x < from || x > to);
      const call = () => inRange('f', 'numbers', float64(values), from, to);
      if (out < 0) expect(call().toArray()).toEqual(values);
      else
        expect(call).toThrow(
          new ValueError(`f: expected numbers from ${from} to ${to}, got ${values[out]} at place ${out} of [${values.length}]`),
        );
    }),
  );
});

test('passes NaN and gradients, and any dtype, and may have no upper bound', () => {
  expect(inRange('f', 'numbers', float64([NaN, 1e300]), 0).toArray()).toEqual([NaN, 1e300]);
  expect(() => inRange('f', 'numbers', float64(-1), 0)).toThrow(/^f: expected numbers from 0, got -1 at place 0 of \[\]$/);
  expect(inRange('f', 'classes', int32([2]), 0, 2).dtype).toBe('int32');
  expect(grad((x: Tensor) => inRange('f', 'numbers', x.mul(3), 0))(float64(1)).item()).toBe(3);
});

test('looks at every example that is mapped', () => {
  const f = vmap((x: Tensor) => inRange('f', 'numbers', x, 0));
  expect(f(float64([1, 2, 3])).toArray()).toEqual([1, 2, 3]);
  expect(() => f(Tensor.of([1, -2, 3]))).toThrow(/got -2 at place 1/);
});
