/** The fast machine: kernels in WebAssembly, each assembled and compiled when it is first needed. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { mergeAxes, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Formula } from '../../formula/formula.ts';
import { type AxisSizes, type Extreme, type Machine, SUM_BLOCK } from '../machine.ts';
import { plain } from '../plain.ts';
import { KeptStorage, LazyMatmul, type MatmulTask, type Operand } from '../storage.ts';
import type { Kernel } from './assembler.ts';
import { elementwise, runElementwise, runRow } from './elementwise.ts';
import { Matmul, type Matrix, type UpdateInput } from './matmul.ts';
import { Memory } from './memory.ts';
import { addRows, extremeOfRow, extremeOfRows, runReduction, sumRows } from './sum.ts';

/** So few numbers are reduced sooner than they are copied. */
const FEW = 32;

export class WasmMachine implements Machine {
  readonly #memory = new Memory();
  readonly #kernels = new WeakMap<Formula, Kernel[]>();
  readonly #sums = memoize((dtype: FloatDtype) => ({
    row: this.#memory.compile(sumRows(dtype)),
    rows: this.#memory.compile(addRows(dtype)),
  }));
  readonly #extremes = memoize((key: `${FloatDtype} ${Extreme}`) => {
    const [dtype, which] = key.split(' ') as [FloatDtype, Extreme];
    return { row: this.#memory.compile(extremeOfRow(dtype, which)), rows: this.#memory.compile(extremeOfRows(dtype, which)) };
  });
  readonly #matmul = new Matmul(this.#memory);

  keep(initial: FloatData): KeptStorage {
    return this.#memory.keep(initial);
  }

  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData {
    const size = sizeOf(shape);
    if (size === 0) return newData(formula.dtype, 0);
    const mark = this.#memory.mark();
    const addresses: number[] = [];
    for (const x of inputs) addresses.push(this.#addressOf(x));
    const out = this.#memory.allocate(size * bytesIn[formula.dtype]);
    this.#run(formula, shape, inputs, addresses, out);
    return this.#memory.copyOut(formula.dtype, out, size, mark);
  }

  update(formula: Formula, target: Operand, others: readonly Operand[]): void {
    const inputs = [target, ...others];
    const { length } = target.data;
    if (length === 0 || this.#updateByProduct(formula, target, others)) return;
    const mark = this.#memory.mark();
    const addresses = inputs.map((x) => this.#addressOf(x));
    const storage = this.#keptBy(target);
    // With other inputs, what a row writes beyond its end could be read by the next row.
    const inPlace = storage && inputs.every(({ data }) => data.length === length || data.length === 1);
    const out = inPlace ? storage.address : this.#memory.allocate(length * bytesIn[formula.dtype]);
    this.#run(formula, target.shape, inputs, addresses, out);
    if (inPlace) this.#memory.release(mark);
    else target.data.set(this.#memory.copyOut(formula.dtype, out, length, mark));
  }

  sum(x: FloatData, axis: AxisSizes): FloatData {
    const { before, count, after } = axis;
    const dtype = floatDtypeOf(x);
    if (before * count * after <= FEW) return plain.sum(x, axis);
    const mark = this.#memory.mark();
    return this.#memory.copyOut(dtype, this.#sum(dtype, this.#memory.copyIn(x), axis), before * after, mark);
  }

  extreme(which: Extreme, x: FloatData, axis: AxisSizes): FloatData {
    const { before, count, after } = axis;
    const dtype = floatDtypeOf(x);
    const bytes = bytesIn[dtype];
    if (before * count * after <= FEW) return plain.extreme(which, x, axis);
    const mark = this.#memory.mark();
    const from = this.#memory.copyIn(x);
    const out = this.#memory.allocate(before * after * bytes);
    runReduction(this.#extremes(`${dtype} ${which}`), axis, { x: from, out, bytes });
    return this.#memory.copyOut(dtype, out, before * after, mark);
  }

  matmul({ a, b, m, k, n, transposeA, transposeB, pairs }: MatmulTask): FloatData {
    const dtype = floatDtypeOf(floats(a.data));
    const bytes = bytesIn[dtype];
    const size = pairs.length * m * n;
    if (size * k === 0) return newData(dtype, size);
    const mark = this.#memory.mark();
    const [startA, startB] = [this.#addressOf(a), this.#addressOf(b)];
    const out = this.#memory.allocate(size * bytes);
    pairs.forEach((pair, i) => {
      const left = { address: startA + pair.a * m * k * bytes, rows: m, columns: k, transposed: transposeA };
      const right = { address: startB + pair.b * k * n * bytes, rows: k, columns: n, transposed: transposeB };
      this.#matmul.multiply(dtype, left, right, out + i * m * n * bytes);
    });
    return this.#memory.copyOut(dtype, out, size, mark);
  }

  /** The address of numbers: where they are kept, or else of a copy in scratch space. */
  #addressOf(x: Operand): number {
    return this.#keptBy(x)?.address ?? this.#memory.copyIn(floats(x.data));
  }

  /** The storage of numbers that this machine keeps. */
  #keptBy({ storage }: Operand): KeptStorage | undefined {
    return storage instanceof KeptStorage && storage.memory === this.#memory ? storage : undefined;
  }

  /** Computes a formula of inputs at these addresses, to the address `out`. */
  #run(formula: Formula, shape: Shape, inputs: readonly Operand[], addresses: readonly number[], out: number): void {
    const bytes = bytesIn[formula.dtype];
    const size = sizeOf(shape);
    // Mostly all inputs are as long as the result, or single numbers: then all is one row.
    let uniform = 0;
    for (const { shape } of inputs) {
      const count = sizeOf(shape);
      uniform = count === size ? 2 * uniform : count === 1 ? 2 * uniform + 1 : NaN;
    }
    if (uniform === uniform) {
      runRow(this.#kernelOf(formula, inputs.length, uniform), size * bytes, out, addresses);
      return;
    }
    const { sizes, strides } = shape.length === 2 ? { sizes: shape, strides: inputs.map(stridesInRows) } : mergeAxes(shape, inputs);
    const rank = sizes.length;
    const [rows, columns] = [sizes[rank - 2]!, sizes[rank - 1]!];
    const rowBytes = columns * bytes;
    const run = this.#kernelOf(
      formula,
      inputs.length,
      strides.reduce((bits, stride) => 2 * bits + (stride[rank - 1] === 0 ? 1 : 0), 0),
    );
    const rowStrides = strides.map((stride) => stride[rank - 2]! * bytes);
    if (rank === 2) {
      runElementwise(run, { rows, rowBytes, out }, { addresses, strides: rowStrides });
      return;
    }
    const outer = strides.map((stride) => stride.slice(0, -2));
    walk(sizes.slice(0, -2), outer, (block, at) => {
      const starts = addresses.map((address, i) => address + at[i]! * bytes);
      runElementwise(run, { rows, rowBytes, out: out + block * rows * rowBytes }, { addresses: starts, strides: rowStrides });
    });
  }

  /** The address of the sums along the middle axis of numbers at an address. */
  #sum(dtype: FloatDtype, x: number, { before, count, after }: AxisSizes): number {
    const bytes = bytesIn[dtype];
    const kernels = this.#sums(dtype);
    const blocks = Math.ceil(count / SUM_BLOCK);
    const sums = this.#memory.allocate(before * blocks * after * bytes);
    if (blocks === 1) {
      runReduction(kernels, { before, count, after }, { x, out: sums, bytes });
      return sums;
    }
    const whole = Math.floor(count / SUM_BLOCK);
    for (let i = 0; i < before; i++) {
      const [from, to] = [x + i * count * after * bytes, sums + i * blocks * after * bytes];
      runReduction(kernels, { before: whole, count: SUM_BLOCK, after }, { x: from, out: to, bytes });
      if (whole < blocks) {
        const [restFrom, restTo] = [from + whole * SUM_BLOCK * after * bytes, to + whole * after * bytes];
        runReduction(kernels, { before: 1, count: count - whole * SUM_BLOCK, after }, { x: restFrom, out: restTo, bytes });
      }
    }
    return this.#sum(dtype, sums, { before, count: blocks, after });
  }

  /**
   * Updates a kept matrix by a formula of it and of a lazy product, to the same bits as if the product were formed first, without storing it. Returns
   * whether that was possible.
   */
  #updateByProduct(formula: Formula, target: Operand, others: readonly Operand[]): boolean {
    const storage = this.#keptBy(target);
    const lazy = others.find((x) => x.storage instanceof LazyMatmul);
    if (!storage || !lazy) return false;
    const { a, b, m, k, n, transposeA, transposeB, pairs } = (lazy.storage as LazyMatmul).task;
    const size = target.data.length;
    const fits = others.every((x) => x === lazy || x.data.length === size || x.data.length === 1);
    if (pairs.length !== 1 || transposeB || size !== m * n || size * k === 0 || !fits) return false;
    const mark = this.#memory.mark();
    const left: Matrix = { address: this.#addressOf(a), rows: m, columns: k, transposed: transposeA };
    const right: Matrix = { address: this.#addressOf(b), rows: k, columns: n, transposed: false };
    const inputs = [target, ...others].map((x, i): UpdateInput => {
      if (i === 0) return { role: 'target', address: storage.address };
      return x === lazy
        ? { role: 'product', address: 0 }
        : { role: x.data.length === 1 ? 'uniform' : 'varying', address: this.#addressOf(x) };
    });
    this.#matmul.update(formula, inputs, left, right);
    this.#memory.release(mark);
    return true;
  }

  /** The kernel of a formula for one choice of inputs that are uniform along a row, as the bits of a number. */
  #kernelOf(formula: Formula, inputs: number, uniform: number): Kernel {
    let kernels = this.#kernels.get(formula);
    if (!kernels) this.#kernels.set(formula, (kernels = []));
    const isUniform = (i: number): boolean => ((uniform >> (inputs - 1 - i)) & 1) === 1;
    return (kernels[uniform] ??= this.#memory.compile(
      elementwise(
        formula,
        Array.from({ length: inputs }, (_, i) => isUniform(i)),
      ),
    ));
  }
}

/** The strides of a tensor that is broadcast to a matrix. */
function stridesInRows({ shape }: Operand): readonly number[] {
  const rank = shape.length;
  const columns = rank === 0 ? 1 : shape[rank - 1]!;
  return [rank === 2 && shape[0] !== 1 ? columns : 0, columns === 1 ? 0 : 1];
}
