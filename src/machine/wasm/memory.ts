/**
 * The memory kernels work in. At its bottom numbers are kept that stay: parameters. Above them numbers are lent to it for one
 * call: copied in, worked on, copied out.
 */

import { bytesIn, type FloatData, type FloatDtype, floatDtypeOf, newData } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import type { Storage } from '../machine.ts';

const PAGE = 65536;

/** Addresses and distances are read as signed integers in places, so no more than this. */
const MOST_BYTES = 2 ** 31 - PAGE;

/** Kernels may read and write this many bytes past the end of what they were lent or what is kept. */
const MARGIN = 128;

/** Views of few numbers are dearer to make than loops over them are to run. */
const FEW = 32;

/** An array of so many is faster made by copying than first filled with zeros. */
const MANY = 4096;

/** A kernel: a function of addresses, sizes and counts. */
export type Kernel = (...integers: number[]) => void;

export class Memory {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  #views = viewsOf(this.memory);
  #size = PAGE;
  /** Where the kept numbers end. */
  #top = 0;
  /** Where the lent ones end. */
  #used = 0;
  /** Gaps among the kept numbers, in ascending order. */
  readonly #gaps: { start: number; bytes: number }[] = [];
  /** Gives the place of kept numbers back when nobody can look at them any more. */
  readonly #forgotten = new FinalizationRegistry<{ start: number; bytes: number }>((gap) => this.#giveBack(gap));

  /** How many bytes there are. */
  get bytes(): number {
    return this.#size;
  }

  /** A kernel over this memory. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory: this.memory } });
    return exports['run'] as Kernel;
  }

  // Lent for one call

  /** Where lending begins: to be handed to `release` when the call is over. */
  mark(): number {
    return this.#used;
  }

  /** Takes all back that was lent since. */
  release(mark: number): void {
    this.#used = mark;
  }

  /** Room for some bytes; its address. */
  room(bytes: number): number {
    const address = this.#used;
    this.#reach(address + bytes);
    this.#used = roundUp(address + bytes);
    return address;
  }

  /** Room with these numbers in it. */
  put(data: FloatData): number {
    const { length } = data;
    const dtype = floatDtypeOf(data);
    const bytes = bytesIn[dtype];
    // An array that shows kept numbers shows nothing any more when the memory has grown.
    if (this.#used + length * bytes + MARGIN > this.#size) {
      const copy = data.slice();
      this.#reach(this.#used + length * bytes);
      return this.put(copy);
    }
    const address = this.room(length * bytes);
    const view = this.#views[dtype];
    const start = address / bytes;
    if (length > FEW) view.set(data, start);
    else for (let i = 0; i < length; i++) view[start + i] = data[i]!;
    return address;
  }

  /** A copy of the numbers at an address, and an end to all lending since a mark. */
  take(dtype: FloatDtype, address: number, length: number, mark: number = this.#used): FloatData {
    const view = this.#views[dtype];
    const start = address / bytesIn[dtype];
    this.#used = mark;
    if (length > MANY) return view.slice(start, start + length);
    const data = newData(dtype, length);
    if (length > FEW) data.set(view.subarray(start, start + length));
    else for (let i = 0; i < length; i++) data[i] = view[start + i]!;
    return data;
  }

  // Kept

  /** Keeps a copy of some numbers until nobody can look at them any more. Not to be called while anything is lent. */
  keep(initial: FloatData): KeptStorage {
    const dtype = floatDtypeOf(initial);
    const gap = { start: this.#find(roundUp(initial.byteLength)), bytes: roundUp(initial.byteLength) };
    const room = new KeptStorage(this, gap.start, dtype, initial.length);
    this.#forgotten.register(room, gap);
    this.#views[dtype].set(initial, gap.start / bytesIn[dtype]);
    return room;
  }

  /** An array that shows the numbers at an address, until the memory grows. */
  view(dtype: FloatDtype, address: number, length: number): FloatData {
    return dtype === 'float32'
      ? new Float32Array(this.memory.buffer, address, length)
      : new Float64Array(this.memory.buffer, address, length);
  }

  /** The first gap that is large enough, or else room at the top. */
  #find(bytes: number): number {
    const which = this.#gaps.findIndex((gap) => gap.bytes >= bytes);
    if (which < 0) {
      const start = this.#top;
      this.#reach(start + bytes);
      this.#top = this.#used = start + bytes;
      return start;
    }
    const gap = this.#gaps[which]!;
    const { start } = gap;
    gap.start += bytes;
    gap.bytes -= bytes;
    if (gap.bytes === 0) this.#gaps.splice(which, 1);
    return start;
  }

  /** Neighbouring gaps become one; one at the top is room again. */
  #giveBack(gap: { start: number; bytes: number }): void {
    const after = this.#gaps.findIndex(({ start }) => start > gap.start);
    this.#gaps.splice(after < 0 ? this.#gaps.length : after, 0, gap);
    for (let i = this.#gaps.length - 1; i > 0; i--) {
      const [before, next] = [this.#gaps[i - 1]!, this.#gaps[i]!];
      if (before.start + before.bytes !== next.start) continue;
      before.bytes += next.bytes;
      this.#gaps.splice(i, 1);
    }
    const last = this.#gaps.at(-1)!;
    if (last.start + last.bytes !== this.#top) return;
    this.#gaps.pop();
    this.#top = this.#used = last.start;
  }

  /** Makes sure that there are so many bytes, and the margin: twice as many as before, if any, since growing makes all views anew. */
  #reach(end: number): void {
    const wanted = end + MARGIN;
    if (wanted <= this.#size) return;
    try {
      if (wanted > MOST_BYTES) throw new RangeError('WebAssembly addresses end at 2 GB here');
      this.memory.grow(Math.ceil((Math.min(Math.max(wanted, 2 * this.#size), MOST_BYTES) - this.#size) / PAGE));
    } catch (error) {
      // Whoever lent is given up with this operation.
      this.#used = this.#top;
      throw new MemoryError(
        `kernels: cannot have ${megabytes(wanted)}, of which parameters take ${megabytes(this.#top)} and the rest is for one operation; use smaller batches, and drop models that are done with (${(error as Error).message})`,
      );
    }
    this.#size = this.memory.buffer.byteLength;
    this.#views = viewsOf(this.memory);
  }
}

/** The place of numbers that are kept. */
export class KeptStorage implements Storage {
  constructor(
    readonly memory: Memory,
    readonly address: number,
    readonly dtype: FloatDtype,
    readonly length: number,
  ) {}

  read(): FloatData {
    const view = this.memory.view(this.dtype, this.address, this.length);
    owners.set(view, this);
    return view;
  }
}

/** Whoever holds an array of kept numbers holds their place, so that it is not given to others. */
const owners = new WeakMap<FloatData, KeptStorage>();

/** With the margin, and so that the next begins where a line of the cache does. */
const roundUp = (bytes: number): number => 64 * Math.ceil((bytes + MARGIN) / 64);

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

const viewsOf = ({ buffer }: WebAssembly.Memory): { float32: Float32Array; float64: Float64Array } => ({
  float32: new Float32Array(buffer),
  float64: new Float64Array(buffer),
});
