/** Whether any, whether all, how many, and sums without NaN. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, any, countNonzero, DtypeError, grad, nanmean, nansum, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const elements = fc.constantFrom(0, -0, 1, -3, 0.5, NaN, Infinity, -Infinity);
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([m, n]) => fc.array(fc.array(elements, { minLength: n, maxLength: n }), { minLength: m, maxLength: m }));
const truth = (x: number) => x !== 0;

describe('questions about elements', () => {
  test('are answered as JavaScript does of its arrays, NaN being something', () => {
    fc.assert(
      fc.property(matrices, fc.constantFrom('float32', 'float64'), (rows, dtype) => {
        const x = Tensor.of(rows, dtype);
        expect(any(x, 1).toArray()).toEqual(rows.map((row) => Number(row.some(truth))));
        expect(all(x, 1).toArray()).toEqual(rows.map((row) => Number(row.every(truth))));
        expect(countNonzero(x, 1).toArray()).toEqual(rows.map((row) => row.filter(truth).length));
        expect([any(x).item(), all(x).item()]).toEqual([Number(rows.flat().some(truth)), Number(rows.flat().every(truth))]);
        expect([any(x).dtype, all(x, 0).dtype, countNonzero(x).dtype]).toEqual([dtype, dtype, 'int32']);
      }),
    );
  });

  test('of nothing: not any, yet all, and none', () => {
    const none = Tensor.zeros([2, 0]);
    expect([any(none, 1).toArray(), all(none, 1).toArray(), countNonzero(none, 1).toArray()]).toEqual([[0, 0], [1, 1], [0, 0]]); // biome-ignore format: pairs
  });

  test('may be asked of int32, and keep axes', () => {
    const x = int32([[0, 2], [0, 0]]); // biome-ignore format: a matrix
    for (const f of [any, all, countNonzero]) {
      expect(f(x, 1, { keepDims: true }).shape).toEqual([2, 1]);
      expect(f(x, [0, 1]).shape).toEqual([]);
      expect(f(x).dtype).toBe('int32');
    }
  });
});

describe('sums and means without NaN', () => {
  test('are those of the numbers, and no gradient goes to NaN', () => {
    const rows = matrices.map((rows) => rows.map((row) => row.map((x) => (Number.isFinite(x) ? x : NaN))));
    fc.assert(
      fc.property(rows, (rows) => {
        const x = float64(rows);
        const numbers = rows.map((row) => row.filter((v) => !Number.isNaN(v)));
        const sums = numbers.map((row) => row.reduce((a, b) => a + b, 0));
        expect(nansum(x, 1).add(0).toArray()).toEqual(sums);
        expect(nanmean(x, 1).add(0).toArray()).toEqual(sums.map((sum, i) => sum / numbers[i]!.length));
        expect(grad((x: Tensor) => nansum(x))(x).toArray()).toEqual(rows.map((row) => row.map((v) => (Number.isNaN(v) ? 0 : 1))));
      }),
    );
    expect(nanmean(float64([NaN])).item()).toBe(NaN);
    expect(nansum(float64([NaN])).item()).toBe(0);
    expect(grad((x: Tensor) => nanmean(x))(float64([2, NaN, 4])).toArray()).toEqual([0.5, 0, 0.5]);
    expect(nansum(int32([2, 3])).item()).toBe(5);
    expect(nanmean(float64([[1, NaN]]), 1, { keepDims: true }).toArray()).toEqual([[1]]);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2]);
  refuses(
    '%s',
    Object.entries({ any, all, countNonzero, nansum, nanmean }).flatMap(([name, f]) => [
      [`${name} of an array`, () => f([1] as never), DtypeError, new RegExp(`^${name}: expected a tensor for x, got an array`)] as const,
      [`${name} along axis 1`, () => f(x, 1), ShapeError, new RegExp(`^${name}: there is no axis 1`)] as const,
      [`${name} with a truth value`, () => f(x, 0, true as never), ValueError, new RegExp(`^${name}: expected options`)] as const,
    ]),
  );
  refuses('%s', [['nanmean of int32', () => nanmean(int32([1])), DtypeError, /^nanmean: expected float32 or float64, got int32/]]);
});
