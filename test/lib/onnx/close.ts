import { expect } from 'vitest';
import type { Tensor } from '../../../src/index.ts';

/** Numbers of the same shape and dtype that differ by some units in the last place of 1, or of the number where that is larger. */
export function expectClose(found: Tensor | undefined, wanted: Tensor, units: number): void {
  expect([found?.dtype, ...(found?.shape ?? [])]).toEqual([wanted.dtype, ...wanted.shape]);
  const epsilon = wanted.dtype === 'float64' ? 2 ** -52 : 2 ** -23;
  wanted.data.forEach((x, i) => {
    const y = found!.data[i]!;
    if (Object.is(x, y)) return;
    expect(Math.abs(x - y) / Math.max(1, Math.abs(x)), `place ${i}: ${y} instead of ${x}`).toBeLessThanOrEqual(units * epsilon);
  });
}
