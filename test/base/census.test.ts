import fc from 'fast-check';
import { expect, test } from 'vitest';
import { censusOf } from '../../src/base/census.ts';

const numbers = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(NaN, Infinity, -Infinity, -0)), { maxLength: 8 });

test('a census counts what is NaN and what is infinite, and knows the range and the sum of all else', () => {
  fc.assert(
    fc.property(numbers, (list) => {
      const finite = list.filter(Number.isFinite);
      expect(censusOf(Float64Array.from(list))).toEqual({
        nan: list.filter(Number.isNaN).length,
        infinite: list.filter((x) => Math.abs(x) === Infinity).length,
        first: list.findIndex((x) => !Number.isFinite(x)),
        min: expect.toSatisfy((min) => min === Math.min(...finite)),
        max: expect.toSatisfy((max) => max === Math.max(...finite)),
        sum: expect.toSatisfy((sum) => sum === finite.reduce((total, x) => total + x, 0)),
      });
    }),
  );
});
