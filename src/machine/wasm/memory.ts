/**
 * The memory that kernels work in: kept numbers at the bottom, and above them a stack of scratch space for the call that runs. `storage.ts`
 * states who may rely on what.
 */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import type { Rules } from '../../formula/formula.ts';
import type { Kernel } from './assembler.ts';
import { ALONE, type Division, type Kind, type Team } from './division.ts';

const PAGE = 65536;

/** Some kernels read addresses and strides as signed integers, so no more than this. */
const MAX_BYTES = 2 ** 31 - PAGE;

/** Kernels may read and write this many bytes past the end of an allocation. */
export const MARGIN = 128;

/** Fewer numbers than this are copied faster by a loop than through a view. */
const FEW = 32;

/** An array of more numbers than this is made faster by copying than by filling it with zeros first. */
const MANY = 4096;

/** At the bottom, below all else, each of 64 threads has so many bytes for its kernels, such as for the sums of the blocks that are done, of one tile. */
export const TOTALS_BYTES = 256;
export const BOTTOM: number = 64 * TOTALS_BYTES;

export class Memory {
  memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  /** Who computes in this memory too, if a program asked for threads. */
  team: Team | undefined;
  #views = viewsOf(this.memory);
  #size = PAGE;
  /** Where the kept numbers end and scratch space begins. */
  #begin = BOTTOM;
  /** Where the scratch space in use ends. */
  #end = BOTTOM;

  /** The size of the memory. */
  get bytes(): number {
    return this.#size;
  }

  /** Whether scratch space is in use, so that nothing may move. */
  get busy(): boolean {
    return this.#end > this.#begin;
  }

  /** Compiles a kernel over this memory. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    if (this.team) return this.team.compile(bytes);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory: this.memory, totals: 0 } });
    return exports['run'] as Kernel;
  }

  /** Whether and how so many operations are divided among threads. */
  divide(operations: number, kind: Kind): Division {
    return this.team === undefined ? ALONE : this.team.divide(operations, kind);
  }

  /** The same for a formula at so many numbers. */
  divideFormula(rules: Rules, numbers: number): Division {
    return this.team === undefined ? ALONE : this.team.divideFormula(rules, numbers);
  }

  /** Moves what is kept to another memory, which a team shares, at the same addresses. Kernels and views of before are of no more use. */
  share(memory: WebAssembly.Memory, team: Team): void {
    new Uint8Array(memory.buffer).set(new Uint8Array(this.memory.buffer, 0, this.#begin));
    this.memory = memory;
    this.team = team;
    this.#views = viewsOf(memory);
  }

  // Scratch space: a stack

  /** The top of the stack, to be handed to `release` when a call is over. */
  mark(): number {
    return this.#end;
  }

  /** Frees all scratch space that was allocated since a mark. */
  release(mark: number): void {
    this.#end = mark;
  }

  /** The address of so many bytes of scratch space. */
  allocate(bytes: number): number {
    const address = this.#end;
    this.#ensure(address + bytes);
    this.#end = roundUp(address + bytes);
    return address;
  }

  /** Copies numbers to scratch space; the address of the copy. */
  copyIn(data: FloatData): number {
    const { length } = data;
    const dtype = floatDtypeOf(data);
    const bytes = bytesIn[dtype];
    const address = this.allocate(length * bytes);
    const view = this.#views[dtype];
    const start = address / bytes;
    if (length > FEW) view.set(data, start);
    else for (let i = 0; i < length; i++) view[start + i] = data[i]!;
    return address;
  }

  /** Copies the numbers at an address to an array, and frees all scratch space that was allocated since a mark. */
  copyOut(dtype: FloatDtype, address: number, length: number, mark: number): FloatData {
    const view = this.#views[dtype];
    const start = address / bytesIn[dtype];
    this.#end = mark;
    if (length > MANY) return view.slice(start, start + length);
    const data = newData(dtype, length);
    if (length > FEW) data.set(view.subarray(start, start + length));
    else for (let i = 0; i < length; i++) data[i] = view[start + i]!;
    return data;
  }

  // What kept numbers need

  /** Where scratch space is to begin, while none is in use. The memory grows to hold it. */
  beginScratchAt(address: number): void {
    this.#ensure(address);
    this.#begin = this.#end = address;
  }

  /** An array that shows the numbers at an address, until the memory grows. */
  view(dtype: FloatDtype, address: number, length: number): FloatData {
    const start = address / bytesIn[dtype];
    return this.#views[dtype].subarray(start, start + length);
  }

  /** Copies bytes from one address to another. */
  move(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Grows the memory, if need be, to hold addresses below `end` and the margin: to twice its size at least, since growing makes all views anew. */
  #ensure(end: number): void {
    const wanted = end + MARGIN;
    if (wanted <= this.#size) return;
    try {
      if (wanted > MAX_BYTES) throw new RangeError('WebAssembly addresses end at 2 GB here');
      this.memory.grow(Math.ceil((Math.min(Math.max(wanted, 2 * this.#size), MAX_BYTES) - this.#size) / PAGE));
    } catch (error) {
      // The operation fails, and its scratch space with it.
      this.#end = this.#begin;
      throw new MemoryError(
        `kernels: cannot allocate ${megabytes(wanted)}, of which parameters take ${megabytes(this.#begin)} (${(error as Error).message}); ` +
          "use smaller batches, or useBackend('plain'), which is slower and allocates only arrays",
      );
    }
    this.#size = this.memory.buffer.byteLength;
    this.#views = viewsOf(this.memory);
  }
}

/** With the margin, and so that the next allocation begins with a cache line. */
export const roundUp = (bytes: number): number => 64 * Math.ceil((bytes + MARGIN) / 64);

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

const viewsOf = ({ buffer }: WebAssembly.Memory): { float32: Float32Array; float64: Float64Array } => ({
  float32: new Float32Array(buffer),
  float64: new Float64Array(buffer),
});
