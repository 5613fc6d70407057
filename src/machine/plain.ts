/** The definition of every machine's arithmetic, in plain loops. It also runs where WebAssembly does not. */

import { type FloatData, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import { broadcastStrides, sizeOf, walk } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { evaluatorOf } from '../formula/evaluate.ts';
import { listOf } from '../formula/formula.ts';
import { type AxisSizes, MATMUL_BLOCK, MATMUL_PART, type Machine, SUM_BLOCK } from './machine.ts';
import { matmulInParts } from './parts.ts';
import { KeptStorage, materialize, type Operand } from './storage.ts';

/** Where `sum` holds its four running sums and the sums of these, rounded as they are stored. To make an array anew takes as long as a short sum. */
const scratch = { float32: /* @__PURE__ */ new Float32Array(6), float64: /* @__PURE__ */ new Float64Array(6) };

export const plain: Machine = {
  map(formula, shape, inputs) {
    const out = newData(formula.dtype, sizeOf(shape));
    evaluatorOf(formula)(
      inputs.map((x) => broadcast(x, shape, out.length)),
      out,
    );
    return out;
  },

  keep(initial) {
    const place = { id: 0, dtype: floatDtypeOf(initial), length: initial.length, address: 0, array: initial.slice(), used: 0 };
    return new KeptStorage(place);
  },

  update(rules, targets, others) {
    const inputs = [...targets, ...others];
    const values = listOf(rules).map((formula, i) => plain.map(formula, targets[i]!.sizes, inputs));
    for (const [i, { storage }] of targets.entries()) storage.write(values[i]!);
  },

  sum(x, { before, count, after }) {
    if (count > SUM_BLOCK) {
      const sums = sumBlocks(x, { before, count, after });
      return plain.sum(sums, { before, count: Math.ceil(count / SUM_BLOCK), after });
    }
    const out = newData(floatDtypeOf(x), before * after);
    const sums = scratch[floatDtypeOf(x)];
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

  extreme(which, x, { before, count, after }) {
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

  matmul(task) {
    const { a, b, m, k, n, transposeA, transposeB, pairs } = task;
    if (k > MATMUL_PART) return matmulInParts(task, plain.matmul, plain.sum);
    const [left, right] = [floats(materialize(a)), floats(materialize(b))];
    const dtype = floatDtypeOf(left);
    const out = newData(dtype, pairs.length * m * n);
    pairs.forEach((pair, i) => {
      const rows = vectorsOf(left.subarray(pair.a * m * k, (pair.a + 1) * m * k), { count: m, length: k, contiguous: !transposeA });
      const columns = vectorsOf(right.subarray(pair.b * k * n, (pair.b + 1) * k * n), { count: n, length: k, contiguous: transposeB });
      multiply({ rows, columns, m, k, n, rounds: dtype === 'float32' }, out.subarray(i * m * n, (i + 1) * m * n));
    });
    return out;
  },
};

/**
 * How many columns are multiplied with a row at once: the additions within one sum depend on each other, those of different sums do not.
 */
const COLUMNS = 4;

interface Multiplication {
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Whether each step is rounded to float32. */
  readonly rounds: boolean;
}

/** Each row times each column: the products of each block are summed from first to last, and so are the blocks, rounded after each step. */
function multiply({ rows, columns, m, k, n, rounds }: Multiplication, out: FloatData): void {
  const sums = new Float64Array(COLUMNS);
  const add = rounds ? addRounded : addDouble;
  for (let i = 0; i < m; i++) {
    for (let block = 0; block < k; block += MATMUL_BLOCK) {
      const row = rows.subarray(i * k + block, i * k + Math.min(k, block + MATMUL_BLOCK));
      for (let j = 0; j < n; j += COLUMNS) {
        add(row, columns, { first: j * k + block, next: k }, sums);
        for (let q = 0; q < COLUMNS && j + q < n; q++) out[i * n + j + q]! += sums[q]!;
      }
    }
  }
}

/** Where the four columns to be multiplied are: the place of the first, and the distance of the next. */
interface Columns {
  readonly first: number;
  readonly next: number;
}

/** Products of a row with four neighbouring columns. */
function addRounded(row: Float64Array, columns: Float64Array, { first, next }: Columns, sums: Float64Array): void {
  const round = Math.fround;
  const [second, third, fourth] = [first + next, first + 2 * next, first + 3 * next];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let p = 0; p < row.length; p++) {
    const x = row[p]!;
    a = round(a + round(x * columns[first + p]!));
    b = round(b + round(x * columns[second + p]!));
    c = round(c + round(x * columns[third + p]!));
    d = round(d + round(x * columns[fourth + p]!));
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

function addDouble(row: Float64Array, columns: Float64Array, { first, next }: Columns, sums: Float64Array): void {
  sums.fill(0);
  for (let q = 0; q < COLUMNS; q++) {
    for (let p = 0; p < row.length; p++) sums[q]! += row[p]! * columns[first + q * next + p]!;
  }
}

/**
 * The rows or columns of a matrix one after another, padded with zeros to a multiple of `COLUMNS`. Either each is contiguous in `x`, or
 * they alternate.
 */
function vectorsOf(
  x: FloatData,
  { count, length, contiguous }: { readonly count: number; readonly length: number; readonly contiguous: boolean },
): Float64Array {
  const vectors = new Float64Array(COLUMNS * Math.ceil(count / COLUMNS) * length);
  if (contiguous) vectors.set(x);
  else for (let i = 0; i < length; i++) for (let which = 0; which < count; which++) vectors[which * length + i] = x[i * count + which]!;
  return vectors;
}

/** The sums of blocks of `x : [before, count, after]`, as `[before, blocks, after]`; the last block may be shorter. */
function sumBlocks(x: FloatData, { before, count, after }: AxisSizes): FloatData {
  const blocks = Math.ceil(count / SUM_BLOCK);
  const out = newData(floatDtypeOf(x), before * blocks * after);
  for (let row = 0; row < before; row++) {
    for (let block = 0; block < blocks; block++) {
      const [start, end] = [block * SUM_BLOCK, Math.min(count, (block + 1) * SUM_BLOCK)];
      const part = x.subarray((row * count + start) * after, (row * count + end) * after);
      out.set(plain.sum(part, { before: 1, count: end - start, after }), (row * blocks + block) * after);
    }
  }
  return out;
}

/** `x` broadcast to `shape`; a single number stays a single number. */
function broadcast(x: Operand, shape: Shape, size: number): FloatData {
  const { sizes: own } = x;
  const data = materialize(x);
  if (data.length === size || data.length === 1) return floats(data);
  const out = newData(floatDtypeOf(floats(data)), size);
  walk(shape, [broadcastStrides(own, shape)], (here, [there]) => {
    out[here] = data[there]!;
  });
  return out;
}
