/** The fast machine: kernels in WebAssembly, each assembled and compiled when it is first needed. */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, floats, newData } from '../dtype.ts';
import type { Formula } from '../formula.ts';
import { type Lying, type Machine, type Numbers, plain, upright } from '../machine.ts';
import { remember } from '../remember.ts';
import { mergeAxes, sizeOf, walk } from '../shape.ts';
import type { Shape } from '../shape-types.ts';
import { elementwise } from './elementwise.ts';
import { interleave, product, stack, tile } from './matmul.ts';
import { Scratch } from './memory.ts';
import { addRows, sumRows } from './sum.ts';

type Kernel = (...integers: number[]) => void;

/** What does the arithmetic. */
export interface KernelsReport {
  /** Whether it is done by kernels, in WebAssembly. Else plain loops do it: slower, and to the same bits. */
  readonly inUse: boolean;
  /** Why not, where they are not. */
  readonly reason: string | undefined;
}

/** The machine this host allows: the fast one, or `plain` where WebAssembly is missing, forbidden or without vectors. */
export const machine = (): Machine => (chosen ??= choose());
let chosen: Machine | undefined;
let reason: string | undefined;
let fast: Machine | undefined;

function choose(): Machine {
  reason = undefined;
  try {
    if (!fast) {
      const candidate = new FastMachine();
      candidate.sum(new Float32Array(4), 1, 4, 1);
      fast = candidate;
    }
    return fast;
  } catch (error) {
    reason = `WebAssembly with vectors is not to be had here: ${error}`;
    return plain;
  }
}

/**
 * What does the arithmetic on this host: kernels in WebAssembly, or plain loops where it is missing, forbidden or switched off.
 * @example kernels().inUse // => true
 */
export function kernels(): KernelsReport {
  return { inUse: machine() !== plain, reason };
}

/**
 * Switches the kernels off, or on again where the host has them: to find out whether a result depends on them, which it should not.
 * @example
 * useKernels(false);
 * kernels().inUse // => false
 * useKernels(true);
 * kernels().inUse // => true
 */
export function useKernels(on: boolean): void {
  if (on) chosen = undefined;
  else [chosen, reason] = [plain, 'switched off'];
}

export class FastMachine implements Machine {
  readonly #scratch = new Scratch();
  readonly #kernels = new WeakMap<Formula, Kernel[]>();
  readonly #sums = remember((dtype: FloatDtype) => ({ rows: this.#compile(sumRows(dtype)), columns: this.#compile(addRows(dtype)) }));
  readonly #products = remember((dtype: FloatDtype) => ({
    packA: { upright: this.#compile(interleave(dtype, tile(dtype).rows)), onItsSide: this.#compile(stack(dtype, tile(dtype).rows)) },
    packB: { upright: this.#compile(stack(dtype, tile(dtype).columns)), onItsSide: this.#compile(interleave(dtype, tile(dtype).columns)) },
    product: this.#compile(product(dtype)),
    tile: tile(dtype),
  }));

  map(formula: Formula, shape: Shape, inputs: readonly Numbers[]): FloatData {
    const { dtype } = formula;
    const bytes = bytesIn[dtype];
    const size = sizeOf(shape);
    if (size === 0) return newData(dtype, 0);
    const { sizes, strides } = mergeAxes(shape, inputs);
    const [rows, columns] = [sizes.at(-2) ?? 1, sizes.at(-1)!];
    const run = this.#kernelOf(formula, strides);
    this.#scratch.clear();
    const places: number[] = [];
    inputs.forEach(({ data }, i) => places.push(this.#scratch.put(floats(data)), (strides[i]!.at(-2) ?? 0) * bytes));
    const out = this.#scratch.room(size * bytes);
    if (sizes.length <= 2) run(rows, columns * bytes, out, ...places);
    else {
      walk(
        sizes.slice(0, -2),
        strides.map((stride) => stride.slice(0, -2)),
        (block, at) => {
          run(
            rows,
            columns * bytes,
            out + block * rows * columns * bytes,
            ...places.map((place, i) => (i % 2 ? place : place + at[i / 2]! * bytes)),
          );
        },
      );
    }
    return this.#scratch.take(dtype, out, size);
  }

  sum(x: FloatData, before: number, count: number, after: number): FloatData {
    const dtype = floatDtypeOf(x);
    const bytes = bytesIn[dtype];
    if (before * count * after === 0) return newData(dtype, before * after);
    this.#scratch.clear();
    const from = this.#scratch.put(x);
    const out = this.#scratch.room(before * after * bytes);
    if (after === 1) this.#sums(dtype).rows(before, count * bytes, from, out);
    else this.#sums(dtype).columns(before, count, after * bytes, from, out);
    return this.#scratch.take(dtype, out, before * after);
  }

  matmul(a: FloatData, b: FloatData, m: number, k: number, n: number, lying: Lying = upright): FloatData {
    const dtype = floatDtypeOf(a);
    const bytes = bytesIn[dtype];
    if (m * k * n === 0) return newData(dtype, m * n);
    const { packA, packB, product, tile } = this.#products(dtype);
    const [strips, panels] = [Math.ceil(m / tile.rows), Math.ceil(n / tile.columns)];
    this.#scratch.clear();
    const [fromA, fromB] = [this.#scratch.put(a), this.#scratch.put(b)];
    const packedA = this.#scratch.room(strips * tile.rows * k * bytes);
    const packedB = this.#scratch.room(panels * tile.columns * k * bytes);
    const out = this.#scratch.room((strips * tile.rows * n + tile.columns) * bytes);
    packA[lying.a](strips, k, fromA, (lying.a === 'upright' ? k : m) * bytes, packedA);
    packB[lying.b](panels, k, fromB, (lying.b === 'upright' ? n : k) * bytes, packedB);
    product(strips, panels, k, packedA, packedB, out, n * bytes);
    return this.#scratch.take(dtype, out, m * n);
  }

  /** The kernel of a formula for one choice of inputs that stay along a row, written as bits of a number. */
  #kernelOf(formula: Formula, strides: readonly (readonly number[])[]): Kernel {
    let choice = 0;
    for (const stride of strides) choice = 2 * choice + (stride.at(-1) === 0 ? 1 : 0);
    let kernels = this.#kernels.get(formula);
    if (!kernels) this.#kernels.set(formula, (kernels = []));
    return (kernels[choice] ??= this.#compile(
      elementwise(
        formula,
        strides.map((stride) => stride.at(-1) === 0),
      ),
    ));
  }

  #compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory: this.#scratch.memory } });
    return exports['run'] as Kernel;
  }
}
