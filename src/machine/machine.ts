/**
 * Arithmetic on whole arrays. One machine may be faster than another, but all give the same bits: `plain.ts` is the definition.
 */

import type { FloatData, FloatDtype } from '../base/dtype.ts';
import type { Shape } from '../base/shape-types.ts';
import type { Formula, Rules } from '../formula/formula.ts';
import type { KeptStorage, MatmulTask, Operand } from './storage.ts';
import type { Kernel } from './wasm/assembler.ts';
import type { Division } from './wasm/division.ts';
import type { Memory } from './wasm/memory.ts';

export interface Machine {
  /** The formula at every element of `shape`, to which each input is broadcast. */
  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData;

  /**
   * Writes the values of formulas into the storage of targets of one shape, one for each: these are the first inputs of all formulas, with the numbers
   * that they had before; the others are broadcast to their shape.
   */
  update(rules: Rules, targets: readonly Kept[], others: readonly Operand[]): void;

  /**
   * The sums along the middle axis of `x : [before, count, after]`. Element `i` is added to running sum `i mod 4`, and the four are joined
   * as `(s₀ + s₂) + (s₁ + s₃)`: an order that vector instructions can follow, with smaller rounding errors than a single running sum. More
   * than `SUM_BLOCK` elements are summed in blocks of that size, and then the sums of the blocks: in one long sum each late summand would
   * be lost in rounding.
   */
  sum(x: FloatData, axis: AxisSizes): FloatData;

  /** The largest or the smallest along the middle axis of `x : [before, count, after]`; NaN if there is one. 0 is larger than −0. */
  extreme(which: Extreme, x: FloatData, axis: AxisSizes): FloatData;

  /**
   * Products of matrices. Each element adds its `k` products from first to last, in blocks of `MATMUL_BLOCK`, and the sums of the blocks
   * from first to last as well: in one long sum each late summand would be lost in rounding. More than `MATMUL_PART` products are summed
   * in parts of that size, and then `sum` adds the parts.
   */
  matmul(task: MatmulTask): FloatData;

  /** Keeps a copy of the numbers of a parameter, in the machine's own memory if it has one. */
  keep(initial: FloatData): KeptStorage;

  /** Where operations run kernels of their own, if it has kernels at all. They give what the definition of the operation gives. */
  readonly host?: KernelHost;
}

/**
 * What runs kernels that only some operations have, so that programs without these operations do not carry them. What is a part of a division is not
 * computed yet when a call returns.
 */
export interface KernelHost {
  readonly memory: Memory;
  /** The address of numbers: where they are kept, or else of a copy in scratch space. */
  addressOf(x: Operand): number;
  /** The kernel of that name, which is compiled when it is first needed. */
  kernel(name: string, write: () => Uint8Array<ArrayBuffer>): Kernel;
  /** Writes the product of two matrices in memory to an address. Neither has more than `MATMUL_PART` products for an element. */
  multiply(dtype: FloatDtype, a: Matrix, b: Matrix, out: number, within?: Division): void;
  /** The address of the sums along the middle axis of numbers in memory. */
  sum(dtype: FloatDtype, x: number, axis: AxisSizes, within?: Division): number;
  /** Writes the largest or the smallest along the middle axis of numbers in memory to an address. */
  extreme(which: Extreme, dtype: FloatDtype, x: number, axis: AxisSizes, out: number, within?: Division): void;
}

/** A factor in memory: its address, its size as it counts in the product, and whether its transpose is what is stored. */
export interface Matrix {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly transposed: boolean;
}

/** A tensor whose numbers a machine may change. */
export interface Kept extends Operand {
  readonly storage: KeptStorage;
}

/** How many products are added up before the sums of blocks are: part of the definition of `matmul`. */
export const MATMUL_BLOCK = 128;

/** How many products are added up before their sums are joined as `sum` joins its summands: part of the definition of `matmul`. */
export const MATMUL_PART = 8192;

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
