/** Comparisons at ties, at infinity, and for NaN. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../../src/index.ts';

const special = fc.constantFrom(0, -0, 1, -1, 0.5, 2, Infinity, -Infinity, NaN);

describe('comparisons', () => {
  const meanings = {
    less: (a: number, b: number) => a < b,
    lessEqual: (a: number, b: number) => a <= b,
    greater: (a: number, b: number) => a > b,
    greaterEqual: (a: number, b: number) => a >= b,
    equal: (a: number, b: number) => a === b,
    notEqual: (a: number, b: number) => a !== b,
  } as const;
  const names = Object.keys(meanings) as (keyof typeof meanings)[];

  test.each(names)('%s agrees with JavaScript, also at ties and for NaN, in every dtype', (name) => {
    fc.assert(
      fc.property(special, special, fc.constantFrom('float32' as const, 'float64' as const), (a, b, dtype) => {
        expect(Tensor.of(a, dtype)[name](Tensor.of(b, dtype)).item()).toBe(Number(meanings[name](a, b)));
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.boolean(), (a, b, alike) => {
        const [x, y] = [Tensor.of(a, 'int32'), Tensor.of(alike ? a : b, 'int32')];
        expect(x[name](y).item()).toBe(Number(meanings[name](a, alike ? a : b)));
        expect(x[name](y).dtype).toBe('int32');
      }),
    );
  });

  test('where takes the first value where the condition is not 0, and numbers take the dtype of the tensor beside them', () => {
    const condition = Tensor.of([1, 0, -2, 0], 'int32');
    expect(condition.where(Tensor.of([1, 2, 3, 4]), 9).toArray()).toEqual([1, 9, 3, 9]);
    expect(condition.where(7, Tensor.of([1, 2, 3, 4], 'float64')).dtype).toBe('float64');
    expect(condition.where(1, 0).toArray()).toEqual([1, 0, 1, 0]);
    // Whatever their dtype: a number that is 0 in another dtype is not 0, nor is what int32 cannot hold.
    const dtype = fc.constantFrom('float32' as const, 'float64' as const, 'int32' as const);
    fc.assert(
      fc.property(fc.double(), fc.constantFrom('float32' as const, 'float64' as const), dtype, (x, from, to) => {
        const asked = Tensor.of([x], from);
        const chosen = asked.where(Tensor.of([1], to), 0);
        expect([chosen.item(), chosen.dtype]).toEqual([Number(asked.item() !== 0), to]);
      }),
      { examples: [[0.5, 'float32', 'int32'], [1e-200, 'float64', 'float32'], [NaN, 'float64', 'int32'], [-0, 'float32', 'int32']] }, // biome-ignore format: a table
    );
  });
});
