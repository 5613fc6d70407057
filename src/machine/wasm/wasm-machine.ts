/** The fast machine: kernels in WebAssembly, each assembled and compiled when it is first needed. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import { memoize } from '../../base/memoize.ts';
import { mergeAxes, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Formula, listOf, type Rules } from '../../formula/formula.ts';
import { type AxisSizes, type Extreme, type Kept, type KernelHost, MATMUL_PART, type Machine, type Matrix, SUM_BLOCK } from '../machine.ts';
import { elementwiseParts, joinedParts, matmulInParts, reduceInParts } from '../parts.ts';
import { plain } from '../plain.ts';
import { floatDtypeOfOperand, KeptStorage, LazyMatmul, type MatmulTask, materialize, type Operand, type Place } from '../storage.ts';
import { mapAlike, oneStep, singleAmong } from './alike.ts';
import type { Kernel } from './assembler.ts';
import type { Division, Team } from './division.ts';
import { elementwise, type Rows, runElementwise, runRow } from './elementwise.ts';
import { KeptNumbers } from './kept.ts';
import { Matmul, type UpdateInput } from './matmul.ts';
import { Memory } from './memory.ts';
import { addRows, extremeOfRow, extremeOfRows, runReduction, sumRows } from './sum.ts';

/** So few numbers are reduced sooner than they are copied. */
const FEW = 32;

/**
 * More bytes than this are computed in parts, since a memory never gives back what it has grown to: the numbers of a result or of what is
 * reduced, and the factors of a product and the product together.
 */
const LIMITS = { numbers: 2 ** 23, matmul: 2 ** 26 };

/** From so many products on, these are divided among threads, and not each of them. */
const MANY_PAIRS = 8;

export class WasmMachine implements Machine {
  readonly #memory = new Memory();
  readonly #kept = new KeptNumbers(this.#memory);
  #kernels = new WeakMap<Rules, Kernel[]>();
  #sums = sumsOver(this.#memory);
  #extremes = extremesOver(this.#memory);
  #matmul = new Matmul(this.#memory);
  #named = new Map<string, Kernel>();
  readonly #limits: typeof LIMITS;
  host: KernelHost = {
    memory: this.#memory,
    addressOf: (x) => {
      this.#prepare([x]);
      return this.#addressOf(x);
    },
    kernel: (name, write) => {
      let kernel = this.#named.get(name);
      if (!kernel) this.#named.set(name, (kernel = this.#memory.compile(write())));
      return kernel;
    },
    multiply: (...task) => this.#matmul.multiply(...task),
    sum: (...task) => this.#sum(...task),
    extreme: (...task) => this.#extreme(...task),
  };

  constructor(limits: typeof LIMITS = LIMITS) {
    this.#limits = limits;
  }

  /** The size of its memory. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Goes on in another memory, which a team shares. Kernels are compiled anew. */
  share(memory: WebAssembly.Memory, team: Team): void {
    this.#memory.share(memory, team);
    this.#kernels = new WeakMap();
    this.#sums = sumsOver(this.#memory);
    this.#extremes = extremesOver(this.#memory);
    this.#matmul = new Matmul(this.#memory);
    this.#named = new Map();
    // Whoever has kernels of this host finds another.
    this.host = { ...this.host };
  }

  keep(initial: FloatData): KeptStorage {
    return this.#kept.keep(initial);
  }

  map(formula: Formula, shape: Shape, inputs: readonly Operand[]): FloatData {
    const { dtype } = formula;
    const size = sizeOf(shape);
    if (size === 0) return newData(dtype, 0);
    const most = this.#limits.numbers / bytesIn[dtype];
    if (size > most) {
      const values = newData(dtype, size);
      for (const part of elementwiseParts(shape, inputs, most)) values.set(this.map(formula, part.shape, part.inputs), part.start);
      return values;
    }
    const single = this.#memory.team === undefined ? singleAmong(inputs, size) : -1;
    if (single >= 0) return oneStep(formula, size, inputs) ?? mapAlike(this.#memory, this.#kernelOf(formula, inputs.length, single), dtype, size, inputs);
    this.#prepare(inputs, true);
    const mark = this.#memory.mark();
    const addresses = this.#addressesOf(inputs);
    const out = this.#memory.allocate(size * bytesIn[dtype]);
    this.#run(formula, shape, inputs, addresses, out);
    return this.#memory.copyOut(dtype, out, size, mark);
  }

  update(rules: Rules, targets: readonly Kept[], others: readonly Operand[]): void {
    if (targets[0]!.storage.place.length === 0) return;
    try {
      this.#update(rules, targets, others);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      // Nothing has changed yet. Plain loops need arrays alone, and the other parameters of a model may have been updated already.
      plain.update(rules, targets, others.map(formedPlainly));
    }
  }

  #update(rules: Rules, targets: readonly Kept[], others: readonly Operand[]): void {
    const inputs = [...targets, ...others];
    const { place } = targets[0]!.storage;
    const product = this.#productAmong(others, place);
    this.#prepare(inputs, product !== undefined);
    // With other inputs, what a row writes beyond its end could be read by the next row.
    if (!targets.every((target) => this.#placeOf(target)) || !allLike(inputs, place.length)) {
      const values = listOf(rules).map((formula) => this.map(formula, targets[0]!.sizes, inputs));
      for (const [i, { storage }] of targets.entries()) storage.write(values[i]!);
    } else if (product) this.#updateByProduct(rules, inputs, product);
    else this.#updateInPlace(rules, targets[0]!, inputs);
  }

  #updateInPlace(rules: Rules, { sizes, storage }: Kept, inputs: readonly Operand[]): void {
    const { address, length, dtype } = storage.place;
    const bytes = bytesIn[dtype];
    const most = this.#limits.numbers / bytes;
    if (length > most) {
      for (const part of elementwiseParts(sizes, inputs, most)) this.#runTo(rules, part.shape, part.inputs, address + part.start * bytes);
    } else this.#runTo(rules, sizes, inputs, address);
  }

  /** Computes formulas to an address of kept numbers. */
  #runTo(rules: Rules, shape: Shape, inputs: readonly Operand[], out: number): void {
    const mark = this.#memory.mark();
    this.#run(rules, shape, inputs, this.#addressesOf(inputs), out);
    this.#memory.release(mark);
  }

  sum(x: FloatData, axis: AxisSizes): FloatData {
    const { before, count, after } = axis;
    const dtype = floatDtypeOf(x);
    const size = before * count * after;
    if (size <= FEW) return plain.sum(x, axis);
    const most = this.#limits.numbers / bytesIn[dtype];
    if (size > most) return reduceInParts(x, axis, most, (part, its) => this.sum(part, its));
    const mark = this.#memory.mark();
    return this.#memory.copyOut(dtype, this.#sum(dtype, this.#memory.copyIn(x), axis), before * after, mark);
  }

  extreme(which: Extreme, x: FloatData, axis: AxisSizes): FloatData {
    const { before, count, after } = axis;
    const dtype = floatDtypeOf(x);
    const bytes = bytesIn[dtype];
    const size = before * count * after;
    if (size <= FEW) return plain.extreme(which, x, axis);
    if (size > this.#limits.numbers / bytes)
      return reduceInParts(x, axis, this.#limits.numbers / bytes, (part, its) => this.extreme(which, part, its));
    const mark = this.#memory.mark();
    const from = this.#memory.copyIn(x);
    const out = this.#memory.allocate(before * after * bytes);
    this.#extreme(which, dtype, from, axis, out);
    return this.#memory.copyOut(dtype, out, before * after, mark);
  }

  #extreme(which: Extreme, dtype: FloatDtype, x: number, axis: AxisSizes, out: number): void {
    runReduction(this.#extremes(`${dtype} ${which}`), axis, { x, out, bytes: bytesIn[dtype] });
  }

  matmul(task: MatmulTask): FloatData {
    const { a, b, m, k, n, pairs } = task;
    const dtype = floatDtypeOfOperand(a);
    const size = pairs.length * m * n;
    if (size * k === 0) return newData(dtype, size);
    if (k > MATMUL_PART)
      return joinedParts(
        task,
        (part) => this.matmul(part),
        (x, axis) => this.sum(x, axis),
      );
    if (numbersIn(task) * bytesIn[dtype] > this.#limits.matmul && size > 1) return matmulInParts(task, (part) => this.matmul(part));
    if (a.storage || b.storage) this.#prepare([a, b]);
    const mark = this.#memory.mark();
    return this.#memory.copyOut(dtype, this.#multiply(task, dtype), size, mark);
  }

  /** The address of products in scratch space. */
  #multiply({ a, b, m, k, n, transposeA, transposeB, pairs }: MatmulTask, dtype: FloatDtype): number {
    const bytes = bytesIn[dtype];
    const [startA, startB] = [this.#addressOf(a), this.#addressOf(b)];
    const out = this.#memory.allocate(pairs.length * m * n * bytes);
    const multiply = (i: number, division?: Division) => {
      const pair = pairs[i]!;
      const left = { address: startA + pair.a * m * k * bytes, rows: m, columns: k, transposed: transposeA };
      const right = { address: startB + pair.b * k * n * bytes, rows: k, columns: n, transposed: transposeB };
      this.#matmul.multiply(dtype, left, right, out + i * m * n * bytes, division);
    };
    const { team } = this.#memory;
    if (team && pairs.length >= MANY_PAIRS) team.each(pairs.length, 2 * m * k * n, multiply);
    else for (let i = 0; i < pairs.length; i++) multiply(i);
    return out;
  }

  /** The address of numbers: where they are kept, or else of a copy in scratch space. A lazy product is computed there. */
  #addressOf(x: Operand): number {
    const { storage } = x;
    if (storage === undefined) return this.#memory.copyIn(floats(materialize(x)));
    if (storage instanceof LazyMatmul && this.#fitsInScratch(storage)) return this.#multiply(storage.task, storage.dtype);
    return this.#placeOf(x)?.address ?? this.#memory.copyIn(floats(materialize(x)));
  }

  // An array of the right length: one that grows takes room for seventeen.
  #addressesOf(inputs: readonly Operand[]): readonly number[] {
    const addresses = new Array<number>(inputs.length);
    for (let i = 0; i < inputs.length; i++) addresses[i] = this.#addressOf(inputs[i]!);
    return addresses;
  }

  /**
   * Forms what is lazy, and makes what is kept ready for being read or changed: after that it stays where it is.
   * @param inScratch whether products may be formed in scratch space alone, by `#addressOf`, where they are not too large for that
   */
  #prepare(inputs: readonly Operand[], inScratch = false): void {
    let stored = false;
    for (const x of inputs) {
      if (x.storage === undefined) continue;
      if (x.storage.lazy && !(inScratch && x.storage instanceof LazyMatmul && this.#fitsInScratch(x.storage))) materialize(x);
      stored = true;
    }
    if (stored) for (const x of inputs) this.#use(x);
  }

  #use({ storage }: Operand): void {
    if (storage instanceof LazyMatmul) {
      this.#use(storage.task.a);
      this.#use(storage.task.b);
    } else if (storage instanceof KeptStorage && storage.memory === this.#memory) this.#kept.use(storage.place);
  }

  #fitsInScratch({ task, dtype }: LazyMatmul): boolean {
    return task.k > 0 && task.k <= MATMUL_PART && numbersIn(task) * bytesIn[dtype] <= this.#limits.matmul;
  }

  /** Where this machine has numbers in its memory. */
  #placeOf({ storage }: Operand): Place | undefined {
    return storage instanceof KeptStorage && storage.memory === this.#memory && !storage.place.array ? storage.place : undefined;
  }

  /** Computes a formula of inputs at these addresses, to the address `out`. */
  #run(rules: Rules, shape: Shape, inputs: readonly Operand[], addresses: readonly number[], out: number): void {
    const bytes = bytesIn[listOf(rules)[0]!.dtype];
    const size = sizeOf(shape);
    // Mostly all inputs are as long as the result, or single numbers: then all is one row.
    let uniform = 0;
    for (const { sizes: shape } of inputs) {
      const count = sizeOf(shape);
      uniform = count === size ? 2 * uniform : count === 1 ? 2 * uniform + 1 : NaN;
    }
    if (uniform === uniform) {
      const run = this.#kernelOf(rules, inputs.length, uniform);
      const isDone = this.#memory.team?.row(run, { rules, size, out, addresses, isUniform: bitsOf(uniform, inputs.length) });
      if (!isDone) runRow(run, size * bytes, out, addresses);
    } else this.#runRows(rules, shape, inputs, addresses, out);
  }

  /** The same where some inputs are neither as long as the result nor single numbers: row by row. */
  #runRows(rules: Rules, shape: Shape, inputs: readonly Operand[], addresses: readonly number[], out: number): void {
    const bytes = bytesIn[listOf(rules)[0]!.dtype];
    if (shape.length === 2) {
      this.#runMatrix(rules, { rows: shape[0]!, rowBytes: shape[1]! * bytes, out }, inputs, addresses, bytes);
      return;
    }
    const { sizes, strides } = mergeAxes(shape, inputs);
    const [outer, rows, columns] = [sizes.slice(0, -2), sizes.at(-2)!, sizes.at(-1)!];
    const rowBytes = columns * bytes;
    const uniform = strides.reduce((bits, stride) => 2 * bits + (stride.at(-1) === 0 ? 1 : 0), 0);
    const run = this.#kernelOf(rules, inputs.length, uniform);
    const rowStrides = strides.map((stride) => stride.at(-2)! * bytes);
    const outerStrides = strides.map((stride) => stride.slice(0, -2));
    walk(outer, outerStrides, (block, at) => {
      const starts = addresses.map((address, i) => address + at[i]! * bytes);
      runElementwise(run, { rows, rowBytes, out: out + block * rows * rowBytes }, { addresses: starts, strides: rowStrides });
    });
  }

  /** The same for a matrix, as most results are. */
  #runMatrix(rules: Rules, rows: Rows, inputs: readonly Operand[], addresses: readonly number[], bytes: number): void {
    const strides = new Array<number>(inputs.length);
    let uniform = 0;
    for (let i = 0; i < inputs.length; i++) {
      const { sizes } = inputs[i]!;
      const columns = sizes.length === 0 ? 1 : sizes[sizes.length - 1]!;
      strides[i] = sizes.length === 2 && sizes[0] !== 1 ? columns * bytes : 0;
      uniform = 2 * uniform + (columns === 1 ? 1 : 0);
    }
    const run = this.#kernelOf(rules, inputs.length, uniform);
    const division = this.#memory.divideFormula(rules, (rows.rows * rows.rowBytes) / bytes);
    for (const { first, count } of division.parts(rows.rows, 1)) {
      division.chunk();
      const from = first === 0 ? addresses : addresses.map((address, i) => address + first * strides[i]!);
      const part = { rows: count, rowBytes: rows.rowBytes, out: rows.out + first * rows.rowBytes };
      runElementwise(division.of(run), part, { addresses: from, strides });
    }
    division.finish();
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

  /** The product among some operands by which a matrix can be updated without an array for it. */
  #productAmong(others: readonly Operand[], place: Place): Operand | undefined {
    for (const x of others) {
      if (!(x.storage instanceof LazyMatmul && this.#fitsInScratch(x.storage))) continue;
      const { m, n, pairs } = x.storage.task;
      if (pairs.length === 1 && m * n === place.length) return x;
    }
    return undefined;
  }

  /** Updates kept matrices by formulas of them and of a lazy product, to the same bits as if the product were formed first. */
  #updateByProduct(rules: Rules, inputs: readonly Operand[], product: Operand): void {
    const { task } = product.storage as LazyMatmul;
    const { a, b, m, k, n, transposeA, transposeB } = task;
    const mark = this.#memory.mark();
    if (transposeB || listOf(rules).length > 2) {
      const addresses = this.#addressesOf(inputs);
      this.#run(rules, product.sizes, inputs, addresses, addresses[0]!);
    } else {
      const left: Matrix = { address: this.#addressOf(a), rows: m, columns: k, transposed: transposeA };
      const right: Matrix = { address: this.#addressOf(b), rows: k, columns: n, transposed: false };
      const roles = inputs.map((x, i): UpdateInput => {
        if (x === product) return { role: 'product', address: 0 };
        const role = i === 0 ? 'target' : sizeOf(x.sizes) === 1 && m * n > 1 ? 'uniform' : 'varying';
        return { role, address: this.#addressOf(x) };
      });
      this.#matmul.update(rules, roles, left, right);
    }
    this.#memory.release(mark);
  }

  /** The kernel of a formula for one choice of inputs that are uniform along a row, as the bits of a number. */
  #kernelOf(rules: Rules, inputs: number, uniform: number): Kernel {
    let kernels = this.#kernels.get(rules);
    if (!kernels) this.#kernels.set(rules, (kernels = []));
    return (kernels[uniform] ??= this.#memory.compile(elementwise(rules, bitsOf(uniform, inputs))));
  }
}

const sumsOver = (memory: Memory) =>
  memoize((dtype: FloatDtype) => ({ row: memory.compile(sumRows(dtype)), rows: memory.compile(addRows(dtype)) }));

const extremesOver = (memory: Memory) =>
  memoize((key: `${FloatDtype} ${Extreme}`) => {
    const [dtype, which] = key.split(' ') as [FloatDtype, Extreme];
    return { row: memory.compile(extremeOfRow(dtype, which)), rows: memory.compile(extremeOfRows(dtype, which)) };
  });

/** The lowest bits of a number, the highest of them first. */
const bitsOf = (x: number, count: number): boolean[] => Array.from({ length: count }, (_, i) => ((x >> (count - 1 - i)) & 1) === 1);

/** An operand whose numbers are at hand without any kernel. */
const formedPlainly = (x: Operand): Operand =>
  x.storage instanceof LazyMatmul ? { sizes: x.sizes, data: plain.matmul(x.storage.task) } : x;

/** How many numbers a product reads and makes. */
const numbersIn = ({ a, b, m, n, pairs }: MatmulTask): number => sizeOf(a.sizes) + sizeOf(b.sizes) + pairs.length * m * n;

/** Whether each has so many numbers, or a single one. */
function allLike(inputs: readonly Operand[], length: number): boolean {
  for (const { sizes: shape } of inputs) {
    const size = sizeOf(shape);
    if (size !== length && size !== 1) return false;
  }
  return true;
}
