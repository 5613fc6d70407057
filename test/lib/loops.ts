/** Definitions in plain loops, to hold operations against. */

import fc from 'fast-check';
import { Tensor } from '../../src/index.ts';
import { size, tensor } from '../book/lib.ts';

/** A float64 tensor, each element by a rule from its indices. */
export const made = (shape: readonly number[], rule: (...at: number[]) => number): Tensor => {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    const at = shape.toReversed().map((n) => {
      const index = rest % n;
      rest = Math.floor(rest / n);
      return index;
    });
    data[i] = rule(...at.reverse());
  }
  return new Tensor(shape, data);
};

/** The element at some indices; 0 beyond the edges, or another number. */
export const at = (x: Tensor, indices: readonly number[], beyond = 0): number =>
  indices.every((index, axis) => index >= 0 && index < x.shape[axis]!) ? x.slice([...indices]).item() : beyond;

/** 0, 1, … n − 1. */
export const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** The sum of `f` at all indices below these counts. */
export const sumOver = (counts: readonly number[], f: (...at: number[]) => number): number => {
  const [n, ...rest] = counts;
  return n === undefined ? f() : range(n).reduce((sum, i) => sum + sumOver(rest, (...others) => f(i, ...others)), 0);
};

/** Matrices of small sizes. */
export const matrix = fc.array(size, { minLength: 2, maxLength: 2 }).chain((shape) => tensor(shape));
