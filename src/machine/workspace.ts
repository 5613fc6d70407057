/**
 * Where a computation of many steps has all that lies between: matrices in the memory of kernels, or, without kernels, in arrays. Each step is one that
 * a machine defines, so both give the same bits.
 */

import { type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import type { Formulas } from '../formula/formulas.ts';
import type { Extreme, Machine } from './machine.ts';
import { materialize, type Operand, SINGLE } from './storage.ts';
import { KernelWorkspace } from './wasm/kernel-workspace.ts';

/** A matrix in a workspace: rows of so many neighbouring numbers. */
export interface Block {
  /** The array that it is in; nothing where it is in the memory of kernels. */
  readonly home: FloatData | undefined;
  /** The place of its first number, and how many numbers after that each next row begins: none where all rows are one. */
  readonly start: number;
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
}

/** A factor of a product: a matrix whose rows follow one another, or its transpose. */
export interface WorkspaceFactor {
  readonly block: Block;
  readonly transposed?: boolean;
}

/** What a computation can do with matrices. */
export interface Workspace {
  readonly dtype: FloatDtype;
  /** The numbers of an operand as a matrix that is only read. To be asked for before any room is. */
  place(x: Operand, rows: number, columns: number): Block;
  /** A matrix to be written to, of any numbers as yet. */
  room(rows: number, columns: number): Block;
  /** Copies as many numbers to a matrix whose rows follow one another, from a place in an array on; and the other way round. */
  write(to: Block, numbers: FloatData, from: number): void;
  read(from: Block, numbers: FloatData, to: number): void;
  /** Computes formulas of inputs, each to a matrix. Inputs of one column are the same along each row. */
  map(rules: Formulas, to: readonly Block[], inputs: readonly Block[]): void;
  /** The product of two factors. */
  multiply(a: WorkspaceFactor, b: WorkspaceFactor, to: Block): void;
  /** The sum of each row, as a matrix of one column. */
  sums(x: Block): Block;
  /** The largest or smallest number of each row, as a matrix of one column. */
  extremes(which: Extreme, x: Block): Block;
}

/** Neighbouring columns of a matrix. */
export const columnsOf = (x: Block, first: number, columns: number): Block => ({ ...x, start: x.start + first, columns });

/** The columns of a matrix in parts of `width`. */
export const partsOf = (x: Block, width: number): Block[] =>
  Array.from({ length: x.columns / width }, (_, part) => columnsOf(x, part * width, width));

/** Neighbouring rows of a matrix. */
export const rowsOf = (x: Block, first: number, rows: number): Block => ({ ...x, start: x.start + first * x.stride, rows });

/** A matrix of so many rows that are all the first one. */
export const repeatedRow = (x: Block, rows: number): Block => ({ ...x, rows, stride: 0 });

/** Calls a function with a workspace, whose matrices last until it returns. */
export function inWorkspace<T>(machine: Machine, dtype: FloatDtype, f: (workspace: Workspace) => T): T {
  if (!machine.host) return f(new ArrayWorkspace(machine, dtype));
  const { memory } = machine.host;
  const mark = memory.mark();
  try {
    return f(new KernelWorkspace(machine.host, dtype));
  } finally {
    memory.release(mark);
  }
}

class ArrayWorkspace implements Workspace {
  constructor(
    readonly machine: Machine,
    readonly dtype: FloatDtype,
  ) {}

  place(x: Operand, rows: number, columns: number): Block {
    return { home: floats(materialize(x)), start: 0, stride: columns, rows, columns };
  }

  room(rows: number, columns: number): Block {
    return { home: newData(this.dtype, rows * columns), start: 0, stride: columns, rows, columns };
  }

  write({ home, start, rows, columns }: Block, numbers: FloatData, from: number): void {
    home!.set(numbers.subarray(from, from + rows * columns), start);
  }

  read({ home, start, rows, columns }: Block, numbers: FloatData, to: number): void {
    numbers.set(home!.subarray(start, start + rows * columns), to);
  }

  map({ each }: Formulas, to: readonly Block[], inputs: readonly Block[]): void {
    const { rows, columns } = to[0]!;
    const operands = inputs.map(asOperand);
    // All before any is written: a result may be in the place of an input.
    const values = each.map((formula) => this.machine.map(formula, [rows, columns], operands));
    values.forEach((value, i) => {
      const { home, start, stride } = to[i]!;
      for (let row = 0; row < rows; row++) home!.set(value.subarray(row * columns, (row + 1) * columns), start + row * stride);
    });
  }

  multiply(a: WorkspaceFactor, b: WorkspaceFactor, to: Block): void {
    const [transposeA, transposeB] = [a.transposed === true, b.transposed === true];
    const k = transposeA ? a.block.rows : a.block.columns;
    const [left, right] = [asOperand(a.block), asOperand(b.block)];
    this.write(to, this.machine.matmul({ a: left, b: right, m: to.rows, k, n: to.columns, transposeA, transposeB, pairs: SINGLE }), 0);
  }

  sums(x: Block): Block {
    return column(this.machine.sum(asOperand(x).data, { before: x.rows, count: x.columns, after: 1 }));
  }

  extremes(which: Extreme, x: Block): Block {
    return column(this.machine.extreme(which, asOperand(x).data, { before: x.rows, count: x.columns, after: 1 }));
  }
}

const column = (home: FloatData): Block => ({ home, start: 0, stride: 1, rows: home.length, columns: 1 });

/** The numbers of a matrix in an array of their own; of rows that are all one, that one. */
function asOperand({ home, start, stride, rows, columns }: Block): Operand & { readonly data: FloatData } {
  if (stride === 0 || rows === 1) return { sizes: [1, columns], data: home!.subarray(start, start + columns) };
  if (stride === columns) return { sizes: [rows, columns], data: home!.subarray(start, start + rows * columns) };
  const data = newData(floatDtypeOf(home!), rows * columns);
  for (let row = 0; row < rows; row++) data.set(home!.subarray(start + row * stride, start + row * stride + columns), row * columns);
  return { sizes: [rows, columns], data };
}
