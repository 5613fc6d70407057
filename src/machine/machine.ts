/**
 * Arithmetic on whole arrays. One machine may be faster than another, but all give the same bits: `plain.ts` is the definition.
 */

import type { FloatData } from '../base/dtype.ts';
import type { Shape } from '../base/shape-types.ts';
import type { Formula } from '../formula/formula.ts';
import type { MatmulTask, Operand, Storage } from './storage.ts';

export interface Machine {
  /** The formula at every element of `shape`, to which each input is broadcast. */
  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData;

  /** Writes the values of a formula into `target`, its first input; the others are broadcast to the shape of `target`. */
  update(formula: Formula, target: Operand, others: readonly Operand[]): void;

  /**
   * The sums along the middle axis of `x : [before, count, after]`. Element `i` is added to running sum `i mod 4`, and the four are joined
   * as `(s₀ + s₂) + (s₁ + s₃)`: an order that vector instructions can follow, with smaller rounding errors than a single running sum. More
   * than `SUM_BLOCK` elements are summed in blocks of that size, and then the sums of the blocks: in one long sum each late summand would
   * be lost in rounding.
   */
  sum(x: FloatData, axis: AxisSizes): FloatData;

  /** The largest or the smallest along the middle axis of `x : [before, count, after]`; NaN if there is one. 0 is larger than −0. */
  extreme(which: Extreme, x: FloatData, axis: AxisSizes): FloatData;

  /** Products of matrices; each element adds its `k` products from first to last. */
  matmul(task: MatmulTask): FloatData;

  /** Copies the numbers of a parameter into the machine's own memory, if it has one. */
  keep?(initial: FloatData): Storage;
}

/** How many elements are summed before the sums of blocks are: part of the definition of `sum`. */
export const SUM_BLOCK = 256;

export type Extreme = 'largest' | 'smallest';

/**
 * The sizes of a tensor seen as `[before, count, after]`: all axes before one, that axis, and all after it. `around` in `base/shape.ts`
 * makes it.
 */
export interface AxisSizes {
  readonly before: number;
  readonly count: number;
  readonly after: number;
}
