/** Functions of numbers, element by element: their values and slopes at special numbers. */

import { expect, test } from 'vitest';
import { Tensor, vjp } from '../../src/index.ts';

const numbers = [
  -Infinity,
  -1000,
  -7,
  -3,
  -2.5,
  -1.5,
  -1,
  -0.625,
  -0.5,
  -0.25,
  -1e-5,
  -0,
  0,
  1e-5,
  0.25,
  0.5,
  0.625,
  1,
  1.5,
  2.5,
  3,
  4,
  6,
  7,
  1000,
  Infinity,
  NaN,
];

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

type Elementwise = (x: Tensor) => Tensor;

/** One test for each function by name: in float64 it has the values of its definition at kinks, at infinity, and for NaN. */
export function takesValues(functions: Record<string, readonly [f: Elementwise, definition: (x: number) => number]>): void {
  test.each(Object.entries(functions))('of %s is what its definition says, at kinks, at infinity, and for NaN', (_, [f, definition]) => {
    for (const x of numbers) {
      const wanted = definition(x);
      const found = f(Tensor.of(x, 'float64')).item();
      if (Number.isFinite(wanted))
        expect(Math.abs(found - wanted), `at ${x}: ${found}, not ${wanted}`).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(wanted)));
      else if (!(Number.isNaN(wanted) && Math.abs(x) === Infinity)) expect(found, `at ${x}`).toBe(wanted);
    }
  });
}

/** The derivatives by each argument at some numbers. */
export const slopes = (f: (...xs: Tensor[]) => Tensor, ...at: number[]): number[] =>
  vjp(f, ...at.map((x) => Tensor.of(x, 'float64')))[1](Tensor.of(1, 'float64')).map((dx) => dx.item() + 0);

/** One test for each function and place by name: the derivatives there are those of PyTorch. */
export function hasSlopes(cases: readonly [where: string, f: (...xs: Tensor[]) => Tensor, at: number[], wanted: number[]][]): void {
  test.each(cases)('of %s is PyTorch’s', (_, f, at, wanted) => expect(slopes(f, ...at)).toEqual(wanted));
}
