/** Formulas of inputs in memory, each of which is broadcast to the shape of the result: which kernel computes them, and row by row where it must. */

import { bytesIn, type FloatData } from '../../base/dtype.ts';
import { mergeAxes, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Formula, listOf, type Rules } from '../../formula/formula.ts';
import type { Operand } from '../storage.ts';
import { oneStep, runAlike, singleAmong } from './alike.ts';
import type { Kernel } from './assembler.ts';
import { elementwise, type Rows, runElementwise, runRow } from './elementwise.ts';
import type { Memory } from './memory.ts';
import type { OperandAddresses } from './operand-addresses.ts';

/** Formulas at every element of a shape, to the address `out`. */
export interface ElementwiseTask {
  readonly rules: Rules;
  readonly shape: Shape;
  readonly inputs: readonly Operand[];
  readonly out: number;
}

/** So few numbers are never divided among threads. */
const FEW = 256;

export class FormulaRows {
  readonly #memory: Memory;
  readonly #operands: OperandAddresses;
  readonly #kernels = new WeakMap<Rules, Kernel[]>();

  constructor(memory: Memory, operands: OperandAddresses) {
    this.#memory = memory;
    this.#operands = operands;
  }

  run(task: ElementwiseTask): void {
    const { rules, shape, inputs, out } = task;
    const addresses = this.#operands.addressesOf(inputs);
    const size = sizeOf(shape);
    // Mostly all inputs are as long as the result, or single numbers: then all is one row.
    let uniform = 0;
    for (const { sizes } of inputs) {
      const count = sizeOf(sizes);
      uniform = count === size ? 2 * uniform : count === 1 ? 2 * uniform + 1 : NaN;
    }
    if (uniform === uniform) {
      const run = this.#kernelOf(rules, inputs.length, uniform);
      const isDone = this.#memory.team?.row(run, { rules, size, out, addresses, isUniform: bitsOf(uniform, inputs.length) });
      if (!isDone) runRow(run, size * bytesOf(rules), out, addresses);
    } else if (shape.length === 2) this.#runMatrix(task, addresses);
    else this.#runMatrices(task, addresses);
  }

  /** The numbers of a formula of inputs in arrays, each as long as the result or a single number; `undefined` for others, and where it may be divided. */
  mapAlike(formula: Formula, size: number, inputs: readonly Operand[]): FloatData | undefined {
    if (this.#memory.team !== undefined && size > FEW) return undefined;
    const single = singleAmong(inputs, size);
    if (single < 0) return undefined;
    return (
      oneStep(formula, size, inputs) ??
      runAlike(this.#memory, this.#kernelOf(formula, inputs.length, single), { dtype: formula.dtype, size, inputs })
    );
  }

  /** For a matrix, as most results are. */
  #runMatrix({ rules, shape, inputs, out }: ElementwiseTask, addresses: readonly number[]): void {
    const bytes = bytesOf(rules);
    const [rows, rowBytes] = [shape[0]!, shape[1]! * bytes];
    const strides = new Array<number>(inputs.length);
    let uniform = 0;
    for (let i = 0; i < inputs.length; i++) {
      const { sizes } = inputs[i]!;
      const columns = sizes.length === 0 ? 1 : sizes[sizes.length - 1]!;
      strides[i] = sizes.length === 2 && sizes[0] !== 1 ? columns * bytes : 0;
      uniform = 2 * uniform + (columns === 1 ? 1 : 0);
    }
    const run = this.#kernelOf(rules, inputs.length, uniform);
    const division = this.#memory.divideFormula(rules, rows * shape[1]!);
    for (const { first, count } of division.parts(rows, 1)) {
      division.chunk();
      const from = first === 0 ? addresses : addresses.map((address, i) => address + first * strides[i]!);
      const part: Rows = { rows: count, rowBytes, out: out + first * rowBytes };
      runElementwise(division.of(run), part, { addresses: from, strides });
    }
    division.finish();
  }

  /** For any shape: as many matrices. */
  #runMatrices({ rules, shape, inputs, out }: ElementwiseTask, addresses: readonly number[]): void {
    const bytes = bytesOf(rules);
    const { sizes, strides } = mergeAxes(shape, inputs);
    const [outer, rows, columns] = [sizes.slice(0, -2), sizes.at(-2)!, sizes.at(-1)!];
    const rowBytes = columns * bytes;
    const uniform = strides.reduce((bits, stride) => 2 * bits + (stride.at(-1) === 0 ? 1 : 0), 0);
    const run = this.#kernelOf(rules, inputs.length, uniform);
    const rowStrides = strides.map((stride) => stride.at(-2)! * bytes);
    const outerStrides = strides.map((stride) => stride.slice(0, -2));
    const division = this.#memory.divideFormula(rules, sizeOf(sizes));
    const blocks = sizeOf(outer);
    // Parts of whole matrices, or where there are few, of each.
    const parts = division.parts(rows, 1 / blocks);
    const begins = new Set(division.parts(blocks, 1).map(({ first }) => first));
    walk(outer, outerStrides, (block, at) => {
      for (const { first, count } of parts) {
        if (parts.length > 1 || begins.has(block)) division.chunk();
        const starts = addresses.map((address, i) => address + at[i]! * bytes + first * rowStrides[i]!);
        const part: Rows = { rows: count, rowBytes, out: out + (block * rows + first) * rowBytes };
        runElementwise(division.of(run), part, { addresses: starts, strides: rowStrides });
      }
    });
    division.finish();
  }

  /** The kernel of formulas for one choice of inputs that are uniform along a row, as the bits of a number. */
  #kernelOf(rules: Rules, inputs: number, uniform: number): Kernel {
    let kernels = this.#kernels.get(rules);
    if (!kernels) this.#kernels.set(rules, (kernels = []));
    return (kernels[uniform] ??= this.#memory.compile(elementwise(rules, bitsOf(uniform, inputs))));
  }
}

const bytesOf = (rules: Rules): number => bytesIn[listOf(rules)[0]!.dtype];

/** The lowest bits of a number, the highest of them first. */
const bitsOf = (x: number, count: number): boolean[] => Array.from({ length: count }, (_, i) => ((x >> (count - 1 - i)) & 1) === 1);
