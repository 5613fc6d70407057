/** The memory kernels work in. Numbers are lent to it for one call: copied in, worked on, copied out. */

import { type FloatData, type FloatDtype, floatDtypeOf, newData } from '../dtype.ts';

const PAGE = 65536;

/** Kernels may read and write this many bytes past the end of what they were lent. */
const MARGIN = 64;

export class Scratch {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1 });
  #views = viewsOf(this.memory);
  #size = PAGE;
  #used = 0;

  /** Takes all back that was lent. */
  clear(): void {
    this.#used = 0;
  }

  /** Room for some bytes; its address. */
  room(bytes: number): number {
    const address = this.#used;
    this.#used = 16 * Math.ceil((address + bytes + MARGIN) / 16);
    if (this.#used > this.#size) this.#grow();
    return address;
  }

  /** Room with these numbers in it. */
  put(data: FloatData): number {
    const address = this.room(data.byteLength);
    this.#views[floatDtypeOf(data)].set(data, address / data.BYTES_PER_ELEMENT);
    return address;
  }

  /** A copy of the numbers at an address. */
  take(dtype: FloatDtype, address: number, length: number): FloatData {
    const start = address / this.#views[dtype].BYTES_PER_ELEMENT;
    const data = newData(dtype, length);
    data.set(this.#views[dtype].subarray(start, start + length));
    return data;
  }

  /** Twice as large at least, since growing takes long, and every view must be made again. */
  #grow(): void {
    this.memory.grow(Math.ceil(Math.max(this.#used - this.#size, this.#size) / PAGE));
    this.#size = this.memory.buffer.byteLength;
    this.#views = viewsOf(this.memory);
  }
}

const viewsOf = ({ buffer }: WebAssembly.Memory): { float32: Float32Array; float64: Float64Array } => ({
  float32: new Float32Array(buffer),
  float64: new Float64Array(buffer),
});
