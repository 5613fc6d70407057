/**
 * The memory that kernels work in: kept numbers at the bottom, and above them a stack of scratch space for the call that runs. `storage.ts` states who may
 * rely on what.
 */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import { KeptStorage } from '../storage.ts';
import type { Kernel } from './assembler.ts';

const PAGE = 65536;

/** Some kernels read addresses and strides as signed integers, so no more than this. */
const MAX_BYTES = 2 ** 31 - PAGE;

/** Kernels may read and write this many bytes past the end of an allocation. */
const MARGIN = 128;

/** Fewer numbers than this are copied faster by a loop than through a view. */
const FEW = 32;

/** An array of more numbers than this is made faster by copying than by filling it with zeros first. */
const MANY = 4096;

/** A range of addresses. */
interface Range {
  start: number;
  bytes: number;
}

export class Memory {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  #views = viewsOf(this.memory);
  #size = PAGE;
  /** Where the kept numbers end and scratch space begins. */
  #keptEnd = 0;
  /** Where the scratch space in use ends. */
  #scratchEnd = 0;
  /** What is free among the kept numbers, in ascending order. */
  readonly #free: Range[] = [];
  readonly #finalizers = new FinalizationRegistry<Range>((range) => this.#release(range));

  /** The size of the memory. */
  get bytes(): number {
    return this.#size;
  }

  /** Compiles a kernel over this memory. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory: this.memory } });
    return exports['run'] as Kernel;
  }

  // Scratch space: a stack

  /** The top of the stack, to be handed to `release` when a call is over. */
  mark(): number {
    return this.#scratchEnd;
  }

  /** Frees all scratch space that was allocated since a mark. */
  release(mark: number): void {
    this.#scratchEnd = mark;
  }

  /** The address of so many bytes of scratch space. */
  allocate(bytes: number): number {
    const address = this.#scratchEnd;
    this.#ensure(address + bytes);
    this.#scratchEnd = roundUp(address + bytes);
    return address;
  }

  /** Copies numbers to scratch space; the address of the copy. */
  copyIn(data: FloatData): number {
    const { length } = data;
    const dtype = floatDtypeOf(data);
    const bytes = bytesIn[dtype];
    // The array may be a view of this memory, which growing it would detach.
    if (this.#scratchEnd + length * bytes + MARGIN > this.#size) {
      const copy = data.slice();
      this.#ensure(this.#scratchEnd + length * bytes);
      return this.copyIn(copy);
    }
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
    this.#scratchEnd = mark;
    if (length > MANY) return view.slice(start, start + length);
    const data = newData(dtype, length);
    if (length > FEW) data.set(view.subarray(start, start + length));
    else for (let i = 0; i < length; i++) data[i] = view[start + i]!;
    return data;
  }

  // Kept numbers

  /** Keeps a copy of some numbers until their storage is garbage. Not to be called while scratch space is in use. */
  keep(initial: FloatData): KeptStorage {
    const dtype = floatDtypeOf(initial);
    const bytes = roundUp(initial.byteLength);
    const start = this.#allocateKept(bytes);
    const storage = new KeptStorage(this, start, dtype, initial.length);
    this.#finalizers.register(storage, { start, bytes });
    this.#views[dtype].set(initial, start / bytesIn[dtype]);
    return storage;
  }

  /** An array that shows the numbers at an address, until the memory grows. */
  view(dtype: FloatDtype, address: number, length: number): FloatData {
    return dtype === 'float32'
      ? new Float32Array(this.memory.buffer, address, length)
      : new Float64Array(this.memory.buffer, address, length);
  }

  /** The beginning of the first free range that is large enough, or else of what follows the kept numbers. */
  #allocateKept(bytes: number): number {
    const which = this.#free.findIndex((range) => range.bytes >= bytes);
    if (which < 0) {
      const start = this.#keptEnd;
      this.#ensure(start + bytes);
      this.#keptEnd = this.#scratchEnd = start + bytes;
      return start;
    }
    const range = this.#free[which]!;
    const { start } = range;
    range.start += bytes;
    range.bytes -= bytes;
    if (range.bytes === 0) this.#free.splice(which, 1);
    return start;
  }

  /** Frees a range of kept numbers: neighbouring free ranges become one, and one at the end becomes scratch space. */
  #release(range: Range): void {
    const after = this.#free.findIndex(({ start }) => start > range.start);
    this.#free.splice(after < 0 ? this.#free.length : after, 0, range);
    for (let i = this.#free.length - 1; i > 0; i--) {
      const [before, next] = [this.#free[i - 1]!, this.#free[i]!];
      if (before.start + before.bytes !== next.start) continue;
      before.bytes += next.bytes;
      this.#free.splice(i, 1);
    }
    const last = this.#free.at(-1)!;
    if (last.start + last.bytes !== this.#keptEnd) return;
    this.#free.pop();
    this.#keptEnd = this.#scratchEnd = last.start;
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
      this.#scratchEnd = this.#keptEnd;
      throw new MemoryError(
        `kernels: cannot allocate ${megabytes(wanted)}, of which parameters take ${megabytes(this.#keptEnd)}; use smaller batches, and drop models that are done with (${(error as Error).message})`,
      );
    }
    this.#size = this.memory.buffer.byteLength;
    this.#views = viewsOf(this.memory);
  }
}

/** With the margin, and so that the next allocation begins with a cache line. */
const roundUp = (bytes: number): number => 64 * Math.ceil((bytes + MARGIN) / 64);

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

const viewsOf = ({ buffer }: WebAssembly.Memory): { float32: Float32Array; float64: Float64Array } => ({
  float32: new Float32Array(buffer),
  float64: new Float64Array(buffer),
});
