/**
 * What is done with numbers in bulk. `plain` does it in plain loops and is the definition:
 * any other machine may be faster, and must find the same bits.
 */

import { type Data, type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import { broadcastStrides, sizeOf, walk } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { evaluatorOf } from '../formula/evaluate.ts';
import type { Formula } from '../formula/formula.ts';

/** As much of a tensor as a machine needs to know. */
export interface Operand {
  readonly shape: Shape;
  readonly data: Data;
  /** Where they are, if not simply in `data`. */
  readonly storage?: Storage | undefined;
}

/** Where numbers are that are not simply in an array: in the memory of a machine, or not worked out yet. */
export interface Storage {
  readonly dtype: FloatDtype;
  /** The numbers in an array, for whoever looks. */
  read(): FloatData;
}

export interface Machine {
  /** The formula at every element of `shape`, each input stretched to it. */
  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData;

  /** Writes what the formula makes of `target`, its first input, and of others, which stretch to it, into `target`. */
  update(formula: Formula, target: Operand, others: readonly Operand[]): void;

  /**
   * The middle axis of `x : [before, count, after]` summed up. Element `i` is added to running sum `i mod 4`, and the four
   * are joined as `(s₀ + s₂) + (s₁ + s₃)`: an order that vectors can follow, and kinder to rounding than a single sum.
   * More than `SUMMED_AT_ONCE` are summed in blocks of so many, and then the sums of these: in a single sum of many
   * numbers each would be lost in the rounding of what came before.
   */
  sum(x: FloatData, before: number, count: number, after: number): FloatData;

  /** The largest along the middle axis of `x : [before, count, after]`, or the smallest; NaN if there is one. 0 is larger than −0. */
  extreme(which: Extreme, x: FloatData, before: number, count: number, after: number): FloatData;

  /** The product of two matrices, or of each pair of some; each element adds its `k` products from first to last. */
  matmul(factors: MatmulTask): FloatData;

  /** Keeps numbers that stay, and may change, in its own memory, if it has one. */
  keep?(initial: FloatData): Storage;
}

export const SUMMED_AT_ONCE = 256;

export type Extreme = 'largest' | 'smallest';

/** A product to be formed: `a : [m, k]` times `b : [k, n]`, each as it lies, or as many of them as there are pairs. */
export interface MatmulTask {
  readonly a: Operand;
  readonly b: Operand;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly lying: Lying;
  /** Which matrix of `a` is multiplied with which of `b`. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** How the factors of a product lie in memory: row after row, or column after column. */
export interface Lying {
  readonly a: Side;
  readonly b: Side;
}
export type Side = 'upright' | 'onItsSide';

/** A product that is formed when somebody looks. Its factors must not change until then. */
export class LazyMatmul implements Storage {
  constructor(
    readonly factors: MatmulTask,
    readonly machine: Machine,
  ) {}

  get dtype(): FloatDtype {
    return floatDtypeOf(floats(this.factors.a.data));
  }

  read(): FloatData {
    return this.machine.matmul(this.factors);
  }
}

let waiting = false;

/** Whether a product may be handed over before it is formed: inside `letProductsWait`. */
export const lazyMatmuls = (): boolean => waiting;

/** Calls a function that may leave its products to be formed when somebody looks. */
export function withLazyMatmuls<X, Y>(f: (x: X) => Y, x: X): Y {
  waiting = true;
  try {
    return f(x);
  } finally {
    waiting = false;
  }
}

export const plain: Machine = {
  map(formula, shape, inputs) {
    const out = newData(formula.dtype, sizeOf(shape));
    evaluatorOf(formula)(
      inputs.map((x) => stretched(x, shape, out.length)),
      out,
    );
    return out;
  },

  update(formula, target, others) {
    // Looked up first: that may move the target.
    const found = others.map(({ shape, data }) => ({ shape, data }));
    const changed = plain.map(formula, target.shape, [target, ...found]);
    target.data.set(changed);
  },

  sum(x, before, count, after) {
    if (count > SUMMED_AT_ONCE) return plain.sum(sumOfBlocks(x, before, count, after), before, Math.ceil(count / SUMMED_AT_ONCE), after);
    const out = newData(floatDtypeOf(x), before * after);
    const sums = newData(floatDtypeOf(x), 6);
    for (let block = 0; block < before; block++) {
      for (let column = 0; column < after; column++) {
        sums.fill(0);
        for (let i = 0; i < count; i++) sums[i & 3]! += x[(block * count + i) * after + column]!;
        sums[4] = sums[0]! + sums[2]!;
        sums[5] = sums[1]! + sums[3]!;
        out[block * after + column] = sums[4]! + sums[5]!;
      }
    }
    return out;
  },

  extreme(which, x, before, count, after) {
    const out = newData(floatDtypeOf(x), before * after).fill(which === 'largest' ? -Infinity : Infinity);
    for (let row = 0; row < before * count; row++) {
      const to = Math.floor(row / count) * after;
      for (let i = 0; i < after; i++) {
        const [best, next] = [out[to + i]!, x[row * after + i]!];
        out[to + i] = which === 'largest' ? Math.max(best, next) : Math.min(best, next);
      }
    }
    return out;
  },

  matmul({ a, b, m, k, n, lying, pairs }) {
    const [left, right] = [floats(a.data), floats(b.data)];
    const dtype = floatDtypeOf(left);
    const out = newData(dtype, pairs.length * m * n);
    pairs.forEach(([atA, atB], which) => {
      const rows = linesOf(left, atA * m * k, m, k, lying.a === 'upright');
      const columns = linesOf(right, atB * k * n, n, k, lying.b !== 'upright');
      const product = out.subarray(which * m * n, (which + 1) * m * n);
      multiply(rows, columns, m, k, n, dtype === 'float32', product);
    });
    return out;
  },
};

/** So many columns are multiplied with a row at once, since the sum of each waits for itself. */
const COLUMNS = 4;

/** Each row times each column, summed from first to last and rounded after each step. */
function multiply(rows: Float64Array, columns: Float64Array, m: number, k: number, n: number, single: boolean, out: FloatData): void {
  const sums = new Float64Array(COLUMNS);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j += COLUMNS) {
      if (single) addRounded(rows, i * k, columns, j * k, k, sums);
      else addDouble(rows, i * k, columns, j * k, k, sums);
      for (let q = 0; q < COLUMNS && j + q < n; q++) out[i * n + j + q] = sums[q]!;
    }
  }
}

function addRounded(rows: Float64Array, row: number, columns: Float64Array, column: number, k: number, sums: Float64Array): void {
  const round = Math.fround;
  const [second, third, fourth] = [column + k, column + 2 * k, column + 3 * k];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let p = 0; p < k; p++) {
    const x = rows[row + p]!;
    a = round(a + round(x * columns[column + p]!));
    b = round(b + round(x * columns[second + p]!));
    c = round(c + round(x * columns[third + p]!));
    d = round(d + round(x * columns[fourth + p]!));
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

function addDouble(rows: Float64Array, row: number, columns: Float64Array, column: number, k: number, sums: Float64Array): void {
  sums.fill(0);
  for (let q = 0; q < COLUMNS; q++) {
    for (let p = 0; p < k; p++) sums[q]! += rows[row + p]! * columns[column + q * k + p]!;
  }
}

/** Rows or columns of a matrix, one after another, and zeros for as many more as `multiply` takes at once. */
function linesOf(x: FloatData, start: number, count: number, length: number, together: boolean): Float64Array {
  const lines = new Float64Array(COLUMNS * Math.ceil(count / COLUMNS) * length);
  if (together) lines.set(x.subarray(start, start + count * length));
  else for (let i = 0; i < length; i++) for (let line = 0; line < count; line++) lines[line * length + i] = x[start + i * count + line]!;
  return lines;
}

/** The sums of blocks of `x : [before, count, after]`, as `[before, blocks, after]`; the last block may be shorter. */
function sumOfBlocks(x: FloatData, before: number, count: number, after: number): FloatData {
  const blocks = Math.ceil(count / SUMMED_AT_ONCE);
  const out = newData(floatDtypeOf(x), before * blocks * after);
  for (let row = 0; row < before; row++) {
    for (let block = 0; block < blocks; block++) {
      const [start, end] = [block * SUMMED_AT_ONCE, Math.min(count, (block + 1) * SUMMED_AT_ONCE)];
      const part = x.subarray((row * count + start) * after, (row * count + end) * after);
      out.set(plain.sum(part, 1, end - start, after), (row * blocks + block) * after);
    }
  }
  return out;
}

/** The numbers of `x` as many times as `shape` has them, or a single one for all. */
function stretched({ data, shape: own }: Operand, shape: Shape, size: number): FloatData {
  if (data.length === size || data.length === 1) return floats(data);
  const out = newData(floatDtypeOf(floats(data)), size);
  walk(shape, [broadcastStrides(own, shape)], (here, [there]) => {
    out[here] = data[there]!;
  });
  return out;
}
