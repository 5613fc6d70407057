/** Sums and extremes along an axis of numbers in memory: sums in blocks, as `machine.ts` defines. */

import { bytesIn, type FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { type AxisSizes, type Extreme, SUM_BLOCK } from '../machine.ts';
import { ALONE, type Division } from './division.ts';
import type { Memory } from './memory.ts';
import { addRows, extremeOfRow, extremeOfRows, runReduction, sumRows } from './sum.ts';

export class Reductions {
  readonly #memory: Memory;
  readonly #sums = memoize((dtype: FloatDtype) => ({
    row: this.#memory.compile(sumRows(dtype)),
    rows: this.#memory.compile(addRows(dtype)),
  }));
  readonly #extremes = memoize((key: `${FloatDtype} ${Extreme}`) => {
    const [dtype, which] = key.split(' ') as [FloatDtype, Extreme];
    return { row: this.#memory.compile(extremeOfRow(dtype, which)), rows: this.#memory.compile(extremeOfRows(dtype, which)) };
  });

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The address of the sums along the middle axis of numbers at an address. */
  sum(dtype: FloatDtype, x: number, { before, count, after }: AxisSizes, within: Division = ALONE): number {
    const bytes = bytesIn[dtype];
    const kernels = this.#sums(dtype);
    const blocks = Math.ceil(count / SUM_BLOCK);
    const sums = this.#memory.allocate(before * blocks * after * bytes);
    if (blocks === 1) {
      runReduction(kernels, { before, count, after }, { x, out: sums, bytes }, within);
      return sums;
    }
    // Block by block of all rows, or row by row with all its blocks: in fewer calls.
    if (after === 1 && before >= blocks) {
      for (let block = 0; block < blocks; block++) {
        const rowBytes = Math.min(SUM_BLOCK, count - block * SUM_BLOCK) * bytes;
        within.of(kernels.row)(before, rowBytes, x + block * SUM_BLOCK * bytes, sums + block * bytes, count * bytes, blocks * bytes);
      }
      return this.sum(dtype, sums, { before, count: blocks, after }, within);
    }
    const whole = Math.floor(count / SUM_BLOCK);
    for (let i = 0; i < before; i++) {
      const [from, to] = [x + i * count * after * bytes, sums + i * blocks * after * bytes];
      runReduction(kernels, { before: whole, count: SUM_BLOCK, after }, { x: from, out: to, bytes }, within);
      if (whole < blocks) {
        const [restFrom, restTo] = [from + whole * SUM_BLOCK * after * bytes, to + whole * after * bytes];
        runReduction(kernels, { before: 1, count: count - whole * SUM_BLOCK, after }, { x: restFrom, out: restTo, bytes }, within);
      }
    }
    return this.sum(dtype, sums, { before, count: blocks, after }, within);
  }

  /** Writes the largest or the smallest along the middle axis of numbers at an address to another. */
  extreme(which: Extreme, dtype: FloatDtype, x: number, axis: AxisSizes, out: number, within: Division = ALONE): void {
    runReduction(this.#extremes(`${dtype} ${which}`), axis, { x, out, bytes: bytesIn[dtype] }, within);
  }
}
