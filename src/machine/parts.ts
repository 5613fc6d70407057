/** Large computations in parts that give the same bits, so that no machine needs much memory beside what is alive. */

import { bytesIn, type FloatData, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import { mergeAxes, sizeOf } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { type AxisSizes, MATMUL_PART, SUM_BLOCK } from './machine.ts';
import { floatDtypeOfOperand, KeptStorage, type MatmulTask, type MatrixPair, materialize, type Operand, SINGLE } from './storage.ts';

/** Part of what is computed element by element: the elements of the result from `start` on, as many as `shape` holds. */
interface ElementwisePart {
  readonly start: number;
  readonly shape: Shape;
  readonly inputs: readonly Operand[];
}

/** Divides what is computed element by element along its first axis, into parts of no more than `most` elements where that is enough. */
export function elementwiseParts(shape: Shape, inputs: readonly Operand[], most: number): ElementwisePart[] {
  const { sizes, strides } = mergeAxes(shape, inputs);
  const [rows, ...inner] = sizes as [number, ...number[]];
  const row = sizeOf(inner);
  const step = Math.max(1, Math.floor(most / row));
  const parts: ElementwisePart[] = [];
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const part = (x: Operand, [stride, ...rest]: readonly number[]) =>
      range(x, first * stride!, [stride === 0 ? 1 : count, ...inner.map((size, axis) => (rest[axis] === 0 ? 1 : size))]);
    parts.push({ start: first * row, shape: [count, ...inner], inputs: inputs.map((x, i) => part(x, strides[i]!)) });
  }
  return parts;
}

/** As many numbers of an operand as a shape holds, from `start` on. What is kept in a memory stays there. */
function range(x: Operand, start: number, shape: Shape): Operand {
  const { storage } = x;
  const length = sizeOf(shape);
  if (!(storage instanceof KeptStorage) || storage.place.array)
    return { sizes: shape, data: materialize(x).subarray(start, start + length) };
  const { place, memory } = storage;
  const part = new KeptStorage({ ...place, length, address: place.address + start * bytesIn[place.dtype] }, memory);
  return {
    sizes: shape,
    storage: part,
    get data() {
      return part.read();
    },
  };
}

/** Reduces numbers along the middle axis. */
type Reduce = (x: FloatData, axis: AxisSizes) => FloatData;

/** A reduction in parts, of no more than `most` numbers where that is enough: of the blocks before the axis, of blocks along it, or of columns. */
export function reduceInParts(x: FloatData, { before, count, after }: AxisSizes, most: number, reduce: Reduce): FloatData {
  const dtype = floatDtypeOf(x);
  const row = count * after;
  if (before === 1 && count > SUM_BLOCK) {
    const whole = Math.floor(count / SUM_BLOCK);
    const blocks = newData(dtype, Math.ceil(count / SUM_BLOCK) * after);
    const end = whole * SUM_BLOCK * after;
    blocks.set(reduce(x.subarray(0, end), { before: whole, count: SUM_BLOCK, after }));
    if (end < row) blocks.set(reduce(x.subarray(end), { before: 1, count: count - whole * SUM_BLOCK, after }), whole * after);
    return reduce(blocks, { before: 1, count: blocks.length / after, after });
  }
  const out = newData(dtype, before * after);
  const step = Math.max(1, Math.floor(most / (before === 1 ? count : row)));
  if (before === 1) {
    for (let first = 0; first < after; first += step) {
      const columns = Math.min(step, after - first);
      out.set(reduce(columnsOf(x, after, first, columns), { before: 1, count, after: columns }), first);
    }
  } else {
    for (let first = 0; first < before; first += step) {
      const blocks = Math.min(step, before - first);
      out.set(reduce(x.subarray(first * row, (first + blocks) * row), { before: blocks, count, after }), first * after);
    }
  }
  return out;
}

/** Some neighbouring columns of a matrix with rows of `width`. */
function columnsOf<T extends FloatData>(x: T, width: number, first: number, count: number): T {
  const rows = x.length / width;
  const out = newData(floatDtypeOf(x), rows * count) as T;
  for (let i = 0; i < rows; i++) out.set(x.subarray(i * width + first, i * width + first + count), i * count);
  return out;
}

/** A dimension of a product of matrices: its rows, its columns, or the products that are added up. */
type Dimension = 'm' | 'n' | 'k';

/** Some of a single product: of its rows, of its columns, or of the products that are added up. */
function partOfTask(task: MatmulTask, dimension: Dimension, first: number, count: number): MatmulTask {
  const { a, b, m, k, n, transposeA, transposeB } = task;
  const [rowsA, rowsB] = [dimension === (transposeA ? 'k' : 'm'), dimension === (transposeB ? 'n' : 'k')];
  const [columnsA, columnsB] = [dimension === (transposeA ? 'm' : 'k'), dimension === (transposeB ? 'k' : 'n')];
  const part = (x: Operand, width: number, rows: boolean, columns: boolean): Operand => {
    if (rows) return range(x, first * width, [count, width]);
    if (!columns) return x;
    const data = columnsOf(floats(materialize(x)), width, first, count);
    return { sizes: [data.length / count, count], data };
  };
  return {
    ...task,
    a: part(a, transposeA ? m : k, rowsA, columnsA),
    b: part(b, transposeB ? k : n, rowsB, columnsB),
    [dimension]: count,
  };
}

/** One of several products, as a task of its own. */
function taskOfPair({ a, b, ...task }: MatmulTask, pair: MatrixPair): MatmulTask {
  const { m, k, n } = task;
  return { ...task, a: range(a, pair.a * m * k, [m * k]), b: range(b, pair.b * k * n, [k * n]), pairs: SINGLE };
}

type Multiply = (task: MatmulTask) => FloatData;

/**
 * A product in parts: several one by one; of a single one, which has more than `MATMUL_PART` products for each element, the sums of so many; or else two
 * halves, of its rows or of its columns, whichever makes the larger factor smaller.
 */
export function matmulInParts(task: MatmulTask, multiply: Multiply, sum: Reduce): FloatData {
  const { m, k, n, pairs } = task;
  const size = m * n;
  const single = taskOfPair(task, pairs[0]!);
  const dtype = floatDtypeOfOperand(task.a);
  if (pairs.length === 1 && k > MATMUL_PART) {
    const count = Math.ceil(k / MATMUL_PART);
    const sums = newData(dtype, count * size);
    for (let part = 0; part < count; part++) {
      const first = part * MATMUL_PART;
      sums.set(multiply(partOfTask(single, 'k', first, Math.min(MATMUL_PART, k - first))), part * size);
    }
    return sum(sums, { before: 1, count, after: size });
  }
  const out = newData(dtype, pairs.length * size);
  if (pairs.length > 1) {
    pairs.forEach((pair, i) => out.set(multiply(taskOfPair(task, pair)), i * size));
    return out;
  }
  const [dimension, all] = m >= n ? (['m', m] as const) : (['n', n] as const);
  const half = all >> 1;
  for (const [first, count] of [[0, half] as const, [half, all - half] as const]) {
    const part = multiply(partOfTask(single, dimension, first, count));
    if (dimension === 'm') out.set(part, first * n);
    else for (let i = 0; i < m; i++) out.set(part.subarray(i * count, (i + 1) * count), i * n + first);
  }
  return out;
}
