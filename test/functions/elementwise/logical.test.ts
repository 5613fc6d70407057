/** Conditions put together, of numbers of every kind. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logicalAnd, logicalNot, logicalOr, logicalXor, Tensor } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const special = fc.constantFrom(0, -0, 1, -1, 0.5, 5e-324, Infinity, -Infinity, NaN);
/** Whatever is not 0 is true, NaN too. */
const isTrue = (x: number) => x !== 0;

describe('logical operations', () => {
  const meanings = [
    ['logicalAnd', logicalAnd, (a: boolean, b: boolean) => a && b],
    ['logicalOr', logicalOr, (a: boolean, b: boolean) => a || b],
    ['logicalXor', logicalXor, (a: boolean, b: boolean) => a !== b],
  ] as const;

  test.each(meanings)('%s is what it says of two conditions, in every dtype, and broadcasts', (_, f, meaning) => {
    fc.assert(
      fc.property(special, special, (a, b) => void expect(f(float64(a), float64(b)).item()).toBe(Number(meaning(isTrue(a), isTrue(b))))),
      { numRuns: runs(100) },
    );
    for (const dtype of ['float32', 'int32'] as const) {
      const found = f(Tensor.of([[0], [2]], dtype), Tensor.of([0, -3], dtype));
      expect(found.toArray()).toEqual([0, 2].map((a) => [0, -3].map((b) => Number(meaning(isTrue(a), isTrue(b))))));
      expect(found.dtype).toBe(dtype);
    }
    expect(f(int32([0, 1]), 1).toArray()).toEqual([false, true].map((a) => Number(meaning(a, true))));
  });

  test('logicalNot is 1 for zeros alone', () => {
    expect(logicalNot(float64([0, -0, 1, NaN, Infinity])).toArray()).toEqual([1, 1, 0, 0, 0]);
    expect(logicalNot(int32([0, 7])).dtype).toBe('int32');
  });
});
