/**
 * What is done with numbers in bulk. `plain` does it in plain loops and is the definition:
 * any other machine may be faster, and must find the same bits.
 */

import { type Data, type FloatData, floatDtypeOf, newData, rounding } from './dtype.ts';
import { evaluator } from './evaluate.ts';
import type { Formula } from './formula.ts';
import { mergeAxes, sizeOf, walk } from './shape.ts';
import type { Shape } from './shape-types.ts';

/** As much of a tensor as a machine needs to know. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: Data;
}

export interface Machine {
  /** The formula at every element of `shape`, each input stretched to it. */
  map(formula: Formula, shape: Shape, inputs: readonly Numbers[]): FloatData;

  /**
   * The middle axis of `x : [before, count, after]` summed up. Element `i` is added to running sum `i mod 4`, and the four
   * are joined as `(s₀ + s₂) + (s₁ + s₃)`: an order that vectors can follow, and kinder to rounding than a single sum.
   */
  sum(x: FloatData, before: number, count: number, after: number): FloatData;

  /** The product of `a : [m, k]` and `b : [k, n]`, each as it lies; each element adds its `k` products from first to last. */
  matmul(a: FloatData, b: FloatData, m: number, k: number, n: number, lying?: Lying): FloatData;
}

/** How the factors of a product lie in memory: row after row, or column after column. */
export interface Lying {
  readonly a: Side;
  readonly b: Side;
}
export type Side = 'upright' | 'onItsSide';
export const upright: Lying = { a: 'upright', b: 'upright' };

export const plain: Machine = {
  map(formula, shape, inputs) {
    const out = newData(formula.dtype, sizeOf(shape));
    const evaluate = evaluator(formula);
    const { sizes, strides } = mergeAxes(shape, inputs);
    walk(sizes, strides, (i, at) => {
      out[i] = evaluate(inputs.map(({ data }, input) => data[at[input]!]!));
    });
    return out;
  },

  sum(x, before, count, after) {
    const out = newData(floatDtypeOf(x), before * after);
    const round = rounding[floatDtypeOf(x)];
    for (let block = 0; block < before; block++) {
      for (let column = 0; column < after; column++) {
        const sums: [number, number, number, number] = [0, 0, 0, 0];
        for (let i = 0; i < count; i++) sums[i % 4] = round(sums[i % 4]! + x[(block * count + i) * after + column]!);
        out[block * after + column] = round(sums[0] + sums[2]) + round(sums[1] + sums[3]);
      }
    }
    return out;
  },

  matmul(a, b, m, k, n, lying = upright) {
    const out = newData(floatDtypeOf(a), m * n);
    const round = rounding[floatDtypeOf(a)];
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) {
        const scale = a[lying.a === 'upright' ? i * k + p : p * m + i]!;
        for (let j = 0; j < n; j++) out[i * n + j]! += round(scale * b[lying.b === 'upright' ? p * n + j : j * k + p]!);
      }
    }
    return out;
  },
};
