/** The fast machine: kernels in WebAssembly, each assembled and compiled when it is first needed. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { mergeAxes, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Formula } from '../../formula/formula.ts';
import { type Extreme, LazyMatmul, type Machine, type MatmulTask, type Operand, plain, type Storage, SUMMED_AT_ONCE } from '../machine.ts';
import { elementwise } from './elementwise.ts';
import { KeptStorage, type Kernel, Memory } from './memory.ts';
import { type Input, type Matrix, Products } from './products.ts';
import { addRows, extremeOfRow, extremeOfRows, sumRows } from './sum.ts';

/** So few numbers are summed sooner than they are copied. */
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
  readonly #products = new Products(this.#memory);

  keep(initial: FloatData): Storage {
    return this.#memory.keep(initial);
  }

  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData {
    const size = sizeOf(shape);
    if (size === 0) return newData(formula.dtype, 0);
    const mark = this.#memory.mark();
    const places: number[] = [];
    for (const x of inputs) places.push(this.#place(x));
    const out = this.#memory.room(size * bytesIn[formula.dtype]);
    this.#run(formula, shape, inputs, places, out);
    return this.#memory.take(formula.dtype, out, size, mark);
  }

  update(formula: Formula, target: Operand, others: readonly Operand[]): void {
    const inputs = [target, ...others];
    const { length } = target.data;
    if (length === 0 || this.#updateByProduct(formula, target, others)) return;
    const mark = this.#memory.mark();
    const places = inputs.map((x) => this.#place(x));
    const home = this.#own(target);
    // Row after row a kernel may spoil what it has yet to read.
    const inPlace = home && inputs.every(({ data }) => data.length === length || data.length === 1);
    const out = inPlace ? home.address : this.#memory.room(length * bytesIn[formula.dtype]);
    this.#run(formula, target.shape, inputs, places, out);
    if (inPlace) this.#memory.release(mark);
    else target.data.set(this.#memory.take(formula.dtype, out, length, mark));
  }

  sum(x: FloatData, before: number, count: number, after: number): FloatData {
    const dtype = floatDtypeOf(x);
    if (before * count * after <= FEW) return plain.sum(x, before, count, after);
    const mark = this.#memory.mark();
    return this.#memory.take(dtype, this.#sum(dtype, this.#memory.put(x), before, count, after), before * after, mark);
  }

  extreme(which: Extreme, x: FloatData, before: number, count: number, after: number): FloatData {
    const dtype = floatDtypeOf(x);
    const bytes = bytesIn[dtype];
    if (before * count * after <= FEW) return plain.extreme(which, x, before, count, after);
    const mark = this.#memory.mark();
    const from = this.#memory.put(x);
    const out = this.#memory.room(before * after * bytes);
    fold(this.#extremes(`${dtype} ${which}`), before, count, after, bytes, from, out);
    return this.#memory.take(dtype, out, before * after, mark);
  }

  matmul({ a, b, m, k, n, lying, pairs }: MatmulTask): FloatData {
    const dtype = floatDtypeOf(floats(a.data));
    const bytes = bytesIn[dtype];
    const size = pairs.length * m * n;
    if (size * k === 0) return newData(dtype, size);
    const mark = this.#memory.mark();
    const [atA, atB] = [this.#place(a), this.#place(b)];
    const out = this.#memory.room(size * bytes);
    pairs.forEach(([whichA, whichB], i) => {
      const left = { at: atA + whichA * m * k * bytes, rows: m, columns: k, side: lying.a };
      const right = { at: atB + whichB * k * n * bytes, rows: k, columns: n, side: lying.b };
      this.#products.multiply(dtype, left, right, out + i * m * n * bytes);
    });
    return this.#memory.take(dtype, out, size, mark);
  }

  /** The address of numbers: where they are kept, or where they are lent to. */
  #place(x: Operand): number {
    return this.#own(x)?.address ?? this.#memory.put(floats(x.data));
  }

  /** The place of numbers that this machine keeps. */
  #own({ storage: home }: Operand): KeptStorage | undefined {
    return home instanceof KeptStorage && home.memory === this.#memory ? home : undefined;
  }

  /** Reads a formula from and to places in memory. */
  #run(formula: Formula, shape: Shape, inputs: readonly Operand[], places: readonly number[], out: number): void {
    const bytes = bytesIn[formula.dtype];
    const size = sizeOf(shape);
    // Mostly all inputs are as long as the result, or single numbers.
    let choice = 0;
    for (const { shape } of inputs) {
      const count = sizeOf(shape);
      choice = count === size ? 2 * choice : count === 1 ? 2 * choice + 1 : NaN;
    }
    if (choice === choice) {
      const [a, b, c, d] = places;
      const run = this.#kernelOf(formula, inputs.length, choice);
      // Spreading the addresses would take longer than many a kernel; those there are not are not asked for.
      if (inputs.length <= 4) run(1, size * bytes, out, a!, 0, b!, 0, c!, 0, d!, 0);
      else run(1, size * bytes, out, ...places.flatMap((place) => [place, 0]));
      return;
    }
    const { sizes, strides } = shape.length === 2 ? { sizes: shape, strides: inputs.map(stridesInRows) } : mergeAxes(shape, inputs);
    const rank = sizes.length;
    const [rows, columns] = [sizes[rank - 2]!, sizes[rank - 1]!];
    const stays = strides.reduce((bits, stride) => 2 * bits + (stride[rank - 1] === 0 ? 1 : 0), 0);
    const run = this.#kernelOf(formula, inputs.length, stays);
    const steps = strides.map((stride) => stride[rank - 2]! * bytes);
    if (rank === 2 && inputs.length <= 4) {
      const [a, b, c, d] = places;
      run(rows, columns * bytes, out, a!, steps[0]!, b!, steps[1]!, c!, steps[2]!, d!, steps[3]!);
      return;
    }
    walk(
      sizes.slice(0, -2),
      strides.map((stride) => stride.slice(0, -2)),
      (block, at) => {
        const addresses = places.flatMap((place, i) => [place + at[i]! * bytes, steps[i]!]);
        run(rows, columns * bytes, out + block * rows * columns * bytes, ...addresses);
      },
    );
  }

  /** The address of the sums along the middle axis of numbers at an address. */
  #sum(dtype: FloatDtype, x: number, before: number, count: number, after: number): number {
    const bytes = bytesIn[dtype];
    const add = (before: number, count: number, from: number, to: number) => fold(this.#sums(dtype), before, count, after, bytes, from, to);
    const blocks = Math.ceil(count / SUMMED_AT_ONCE);
    const sums = this.#memory.room(before * blocks * after * bytes);
    if (blocks === 1) {
      add(before, count, x, sums);
      return sums;
    }
    const whole = Math.floor(count / SUMMED_AT_ONCE);
    for (let i = 0; i < before; i++) {
      const [from, to] = [x + i * count * after * bytes, sums + i * blocks * after * bytes];
      add(whole, SUMMED_AT_ONCE, from, to);
      if (whole < blocks) {
        add(1, count - whole * SUMMED_AT_ONCE, from + whole * SUMMED_AT_ONCE * after * bytes, to + whole * after * bytes);
      }
    }
    return this.#sum(dtype, sums, before, blocks, after);
  }

  /**
   * Changes a matrix that is kept by a formula of it and of a product that is not formed yet: as if it were formed first, but it never exists.
   * Says whether that could be done.
   */
  #updateByProduct(formula: Formula, target: Operand, others: readonly Operand[]): boolean {
    const home = this.#own(target);
    const waiting = others.find((x) => x.storage instanceof LazyMatmul);
    if (!home || !waiting) return false;
    const { a, b, m, k, n, lying, pairs } = (waiting.storage as LazyMatmul).factors;
    const size = target.data.length;
    const fits = others.every((x) => x === waiting || x.data.length === size || x.data.length === 1);
    if (pairs.length !== 1 || lying.b !== 'upright' || size !== m * n || size * k === 0 || !fits) return false;
    const mark = this.#memory.mark();
    const left: Matrix = { at: this.#place(a), rows: m, columns: k, side: lying.a };
    const right: Matrix = { at: this.#place(b), rows: k, columns: n, side: 'upright' };
    const inputs = [target, ...others].map((x, i): Input => {
      if (i === 0) return { role: 'target', at: home.address };
      return x === waiting ? { role: 'product', at: 0 } : { role: x.data.length === 1 ? 'stays' : 'flows', at: this.#place(x) };
    });
    this.#products.update(formula, inputs, left, right);
    this.#memory.release(mark);
    return true;
  }

  /** The kernel of a formula for one choice of inputs that stay along a row, written as bits of a number. */
  #kernelOf(formula: Formula, inputs: number, choice: number): Kernel {
    let kernels = this.#kernels.get(formula);
    if (!kernels) this.#kernels.set(formula, (kernels = []));
    return (kernels[choice] ??= this.#memory.compile(
      elementwise(
        formula,
        Array.from({ length: inputs }, (_, i) => ((choice >> (inputs - 1 - i)) & 1) === 1),
      ),
    ));
  }
}

/** The strides of a tensor that is stretched to a matrix. */
function stridesInRows({ shape }: Operand): readonly number[] {
  const rank = shape.length;
  const columns = rank === 0 ? 1 : shape[rank - 1]!;
  return [rank === 2 && shape[0] !== 1 ? columns : 0, columns === 1 ? 0 : 1];
}

/** The kernels of one summary, of rows each by itself and of rows with each other. */
interface Folding {
  readonly row: Kernel;
  readonly rows: Kernel;
}

/** Summarizes the middle axis of `[before, count, after]` numbers from one address to another. */
function fold({ row, rows }: Folding, before: number, count: number, after: number, bytes: number, from: number, to: number): void {
  if (after === 1) row(before, count * bytes, from, to);
  else rows(before, count, after * bytes, from, to);
}
