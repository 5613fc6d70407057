/**
 * Where a computation of many steps has all that lies between: matrices in the memory of kernels, or, without kernels, in arrays. Each step is one that
 * a machine defines, so both give the same bits.
 */

import { type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../base/dtype.ts';
import type { Formulas } from '../formula/joined-formulas.ts';
import type { Block, Things, Workspace, WorkspaceFactor } from './blocks.ts';
import type { Extreme, Machine } from './machine.ts';
import { materialize, type Operand, SINGLE } from './storage.ts';
import { KernelWorkspace } from './wasm/kernel-workspace.ts';

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

  briefly(f: () => void): void {
    f();
  }

  each<Place>({ count, enter, compute, leave }: Things<Place>): void {
    for (let thing = 0; thing < count; thing++) {
      const place = enter(thing);
      compute(place);
      leave(place, thing);
    }
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
