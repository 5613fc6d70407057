/** The fast machine: kernels in WebAssembly, each assembled and compiled when it is first needed. */

import { bytesIn, type FloatData, floatDtypeOf, newData } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Formula, listOf, type Rules } from '../../formula/formula.ts';
import { type AxisSizes, type Extreme, type Kept, type KernelHost, MATMUL_PART, type Machine } from '../machine.ts';
import { elementwiseParts, matmulInParts, reduceInParts } from '../parts.ts';
import { plain } from '../plain.ts';
import { floatDtypeOfOperand, type KeptStorage, LazyMatmul, type MatmulTask, type Operand } from '../storage.ts';
import type { Kernel } from './assembler.ts';
import { Reductions } from './axis-reductions.ts';
import type { Team } from './division.ts';
import { FormulaRows } from './formula-rows.ts';
import { KeptNumbers } from './kept.ts';
import { Matmul } from './matmul.ts';
import { Memory } from './memory.ts';
import { numbersIn, OperandAddresses } from './operand-addresses.ts';
import { Packer } from './packing.ts';
import { ProductUpdates } from './product-updates.ts';
import { Updates } from './updates.ts';

/** So few numbers are reduced sooner than they are copied. */
const FEW = 32;

/**
 * More bytes than this are computed in parts, since a memory never gives back what it has grown to: the numbers of a result or of what is
 * reduced, and the factors of a product and the product together.
 */
const LIMITS = { numbers: 2 ** 23, matmul: 2 ** 26 };

export class WasmMachine implements Machine {
  readonly #memory = new Memory();
  readonly #kept = new KeptNumbers(this.#memory);
  readonly #limits: typeof LIMITS;
  #kernels: Kernels;
  host: KernelHost = {
    memory: this.#memory,
    addressOf: (x) => {
      this.#kernels.operands.prepare([x]);
      return this.#kernels.operands.addressOf(x);
    },
    kernel: (name, write) => {
      const { named } = this.#kernels;
      let kernel = named.get(name);
      if (!kernel) named.set(name, (kernel = this.#memory.compile(write())));
      return kernel;
    },
    multiply: (...task) => this.#kernels.matmul.multiply(...task),
    sum: (...task) => this.#kernels.reductions.sum(...task),
    extreme: (...task) => this.#kernels.reductions.extreme(...task),
  };

  constructor(limits: typeof LIMITS = LIMITS) {
    this.#limits = limits;
    this.#kernels = kernelsOver(this.#memory, this.#kept, limits);
  }

  /** The size of its memory. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Goes on in another memory, which a team shares. Kernels are compiled anew. */
  share(memory: WebAssembly.Memory, team: Team): void {
    this.#memory.share(memory, team);
    this.#kernels = kernelsOver(this.#memory, this.#kept, this.#limits);
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
    const { operands, formulas } = this.#kernels;
    const alike = formulas.mapAlike(formula, size, inputs);
    if (alike) return alike;
    operands.prepare(inputs, true);
    const mark = this.#memory.mark();
    const out = this.#memory.allocate(size * bytesIn[dtype]);
    formulas.run({ rules: formula, shape, inputs, out });
    return this.#memory.copyOut(dtype, out, size, mark);
  }

  update(rules: Rules, targets: readonly Kept[], others: readonly Operand[]): void {
    const { sizes, storage } = targets[0]!;
    if (storage.place.length === 0) return;
    try {
      if (this.#kernels.updates.update(rules, targets, others)) return;
      const values = listOf(rules).map((formula) => this.map(formula, sizes, [...targets, ...others]));
      for (const [i, { storage }] of targets.entries()) storage.write(values[i]!);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      // Nothing has changed yet. Plain loops need arrays alone, and the other parameters of a model may have been updated already.
      plain.update(rules, targets, others.map(formedPlainly));
    }
  }

  sum(x: FloatData, axis: AxisSizes): FloatData {
    return this.#reduce(x, axis, 'sum');
  }

  extreme(which: Extreme, x: FloatData, axis: AxisSizes): FloatData {
    return this.#reduce(x, axis, which);
  }

  #reduce(x: FloatData, axis: AxisSizes, to: 'sum' | Extreme): FloatData {
    const { before, count, after } = axis;
    const size = before * count * after;
    if (size <= FEW) return to === 'sum' ? plain.sum(x, axis) : plain.extreme(to, x, axis);
    const dtype = floatDtypeOf(x);
    const most = this.#limits.numbers / bytesIn[dtype];
    if (size > most) return reduceInParts(x, axis, most, (part, its) => this.#reduce(part, its, to));
    const { reductions } = this.#kernels;
    const mark = this.#memory.mark();
    const from = this.#memory.copyIn(x);
    let out: number;
    if (to === 'sum') out = reductions.sum(dtype, from, axis);
    else reductions.extreme(to, dtype, from, axis, (out = this.#memory.allocate(before * after * bytesIn[dtype])));
    return this.#memory.copyOut(dtype, out, before * after, mark);
  }

  matmul(task: MatmulTask): FloatData {
    const { a, b, m, k, n, pairs } = task;
    const dtype = floatDtypeOfOperand(a);
    const size = pairs.length * m * n;
    if (size * k === 0) return newData(dtype, size);
    if (k > MATMUL_PART || (numbersIn(task) * bytesIn[dtype] > this.#limits.matmul && size > 1))
      return matmulInParts(
        task,
        (part) => this.matmul(part),
        (x, axis) => this.sum(x, axis),
      );
    const { operands } = this.#kernels;
    if (a.storage || b.storage) operands.prepare([a, b]);
    const mark = this.#memory.mark();
    return this.#memory.copyOut(dtype, operands.multiply(task, dtype), size, mark);
  }
}

/** All that is compiled for one memory, when it is first needed. */
interface Kernels {
  readonly matmul: Matmul;
  readonly operands: OperandAddresses;
  readonly formulas: FormulaRows;
  readonly reductions: Reductions;
  readonly updates: Updates;
  /** Those that only some operations have. */
  readonly named: Map<string, Kernel>;
}

function kernelsOver(memory: Memory, kept: KeptNumbers, limits: typeof LIMITS): Kernels {
  const packer = new Packer(memory);
  const matmul = new Matmul(memory, packer);
  const operands = new OperandAddresses(memory, kept, matmul, limits.matmul);
  const formulas = new FormulaRows(memory, operands);
  const updates = new Updates(memory, { operands, formulas, products: new ProductUpdates(memory, packer) }, limits.numbers);
  return { matmul, operands, formulas, updates, reductions: new Reductions(memory), named: new Map() };
}

/** An operand whose numbers are at hand without any kernel. */
const formedPlainly = (x: Operand): Operand =>
  x.storage instanceof LazyMatmul ? { sizes: x.sizes, data: plain.matmul(x.storage.task) } : x;
