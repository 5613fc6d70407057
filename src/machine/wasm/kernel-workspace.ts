/** A workspace in the memory of kernels: scratch space, in which places are counted in numbers. */

import { bytesIn, type FloatData, type FloatDtype } from '../../base/dtype.ts';
import type { Formulas } from '../../formula/joined-formulas.ts';
import type { Block, Things, Workspace, WorkspaceFactor } from '../blocks.ts';
import type { Extreme, KernelHost, Matrix } from '../machine.ts';
import type { Operand } from '../storage.ts';
import type { Kernel } from './assembler.ts';
import { ALONE, type Division, type Team } from './division.ts';
import { formulasKernel, runFormulas } from './formulas-kernel.ts';

/** Things of so many operations together are worth dividing. */
const AT_ONCE = 8e6;

/** The kernels of formulas, by which of their inputs are uniform, as the bits of a number. */
const kernels = /* @__PURE__ */ new WeakMap<KernelHost, WeakMap<Formulas, Map<number, Kernel>>>();

export class KernelWorkspace implements Workspace {
  readonly #host: KernelHost;
  readonly #bytes: number;
  /** What is written to at present is a part of this. */
  #within: Division | undefined;
  /** Up to where scratch space was in use. */
  #peak = 0;

  constructor(
    host: KernelHost,
    readonly dtype: FloatDtype,
  ) {
    this.#host = host;
    this.#bytes = bytesIn[dtype];
  }

  place(x: Operand, rows: number, columns: number): Block {
    return this.#block(this.#host.addressOf(x), rows, columns);
  }

  room(rows: number, columns: number): Block {
    return this.#block(this.#host.memory.allocate(rows * columns * this.#bytes), rows, columns);
  }

  briefly(f: () => void): void {
    const { memory } = this.#host;
    const mark = memory.mark();
    f();
    this.#peak = Math.max(this.#peak, memory.mark());
    memory.release(mark);
  }

  each<Place>({ count, operations, enter, compute, leave }: Things<Place>): void {
    const { team } = this.#host.memory;
    const most = team ? Math.max(team.count, Math.ceil(AT_ONCE / operations)) : 1;
    for (let first = 0; first < count; first += most) {
      this.briefly(() => {
        const places = Array.from({ length: Math.min(most, count - first) }, (_, i) => enter(first + i));
        // A single one is computed as it is: what it consists of may be divided.
        if (team && places.length > 1) this.#compute(places, compute, operations, team);
        else compute(places[0]!);
        places.forEach((place, i) => leave(place, first + i));
      });
    }
  }

  #compute<Place>(places: readonly Place[], compute: (place: Place) => void, operations: number, team: Team): void {
    try {
      team.each(places.length, operations, (i, within) => {
        this.#within = within;
        this.#peak = 0;
        this.briefly(() => compute(places[i]!));
        // What is not computed yet still needs its room.
        if (within) this.#host.memory.release(this.#peak);
      });
    } finally {
      this.#within = undefined;
    }
  }

  write({ start, rows, columns }: Block, numbers: FloatData, from: number): void {
    const length = rows * columns;
    this.#view(start, length).set(from === 0 && length === numbers.length ? numbers : numbers.subarray(from, from + length));
  }

  read({ start, rows, columns }: Block, numbers: FloatData, to: number): void {
    numbers.set(this.#view(start, rows * columns), to);
  }

  map(rules: Formulas, to: readonly Block[], inputs: readonly Block[]): void {
    const { rows, columns } = to[0]!;
    if (rows * columns === 0) return;
    let uniform = 0;
    for (const input of inputs) uniform = 2 * uniform + Number(input.columns === 1 && columns > 1);
    const places: number[] = [];
    for (const { start, stride } of to) places.push(start * this.#bytes, stride * this.#bytes);
    for (const { start, stride } of inputs) places.push(start * this.#bytes, stride * this.#bytes);
    const run = (this.#within ?? ALONE).of(this.#kernelOf(rules, inputs, uniform));
    runFormulas(run, rows, columns * this.#bytes, places);
  }

  multiply(a: WorkspaceFactor, b: WorkspaceFactor, to: Block): void {
    if (to.rows * to.columns === 0) return;
    this.#host.multiply(this.dtype, this.#matrix(a), this.#matrix(b), to.start * this.#bytes, this.#within);
  }

  sums({ start, rows, columns }: Block): Block {
    return this.#block(this.#host.sum(this.dtype, start * this.#bytes, { before: rows, count: columns, after: 1 }, this.#within), rows, 1);
  }

  extremes(which: Extreme, { start, rows, columns }: Block): Block {
    const found = this.room(rows, 1);
    const axis = { before: rows, count: columns, after: 1 };
    this.#host.extreme(which, this.dtype, start * this.#bytes, axis, found.start * this.#bytes, this.#within);
    return found;
  }

  #block(address: number, rows: number, columns: number): Block {
    return { home: undefined, start: address / this.#bytes, stride: columns, rows, columns };
  }

  #view(start: number, length: number): FloatData {
    return this.#host.memory.view(this.dtype, start * this.#bytes, length);
  }

  #matrix({ block: { start, rows, columns }, transposed = false }: WorkspaceFactor): Matrix {
    const [m, n] = transposed ? [columns, rows] : [rows, columns];
    return { address: start * this.#bytes, rows: m, columns: n, transposed };
  }

  #kernelOf(rules: Formulas, inputs: readonly Block[], uniform: number): Kernel {
    let own = kernels.get(this.#host);
    if (!own) kernels.set(this.#host, (own = new WeakMap()));
    let ofRules = own.get(rules);
    if (!ofRules) own.set(rules, (ofRules = new Map()));
    let kernel = ofRules.get(uniform);
    if (!kernel) {
      const isUniform = inputs.map((_, i) => ((uniform >> (inputs.length - 1 - i)) & 1) === 1);
      ofRules.set(uniform, (kernel = this.#host.memory.compile(formulasKernel(rules, isUniform))));
    }
    return kernel;
  }
}
