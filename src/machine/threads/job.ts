/** A job: calls of kernels in chunks, on the board for helpers, and for the thread of the program as they are. */

import type { Kernel } from '../wasm/assembler.ts';
import { CALLS, DIRECTORY, FIRST_CALLS, MOST_CHUNKS } from './board.ts';

interface Call {
  readonly run: Kernel;
  readonly integers: readonly number[];
}

export class Job {
  readonly #words: Int32Array<SharedArrayBuffer>;
  /** How many chunks it has. */
  chunks = 0;
  #end = CALLS;
  readonly #calls: Call[] = [];
  /** Which call each chunk begins with. */
  readonly #first: number[] = [];

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  clear(): void {
    this.chunks = 0;
    this.#end = CALLS;
    this.#calls.length = this.#first.length = 0;
  }

  /** Whether there is room for another chunk, and for a call with so many integers. */
  hasRoom(integers: number): boolean {
    return this.chunks < MOST_CHUNKS && this.#end + 2 + integers <= DIRECTORY;
  }

  /** Begins a chunk. */
  chunk(): void {
    this.#words[FIRST_CALLS + this.chunks] = this.#end;
    this.#first[this.chunks++] = this.#calls.length;
  }

  /** Writes a call of a kernel, which has this number. */
  call(run: Kernel, number: number, integers: readonly number[]): void {
    const words = this.#words;
    const end = this.#end;
    words[end] = number;
    words[end + 1] = integers.length;
    for (let i = 0; i < integers.length; i++) words[end + 2 + i] = integers[i]!;
    this.#end = end + 2 + integers.length;
    this.#calls.push({ run, integers });
  }

  /** Ends the last chunk, before any is performed. */
  close(): void {
    this.#words[FIRST_CALLS + this.chunks] = this.#end;
    this.#first[this.chunks] = this.#calls.length;
  }

  /** Performs a chunk on this thread. */
  perform(chunk: number): void {
    const end = this.#first[chunk + 1]!;
    for (let i = this.#first[chunk]!; i < end; i++) {
      const { run, integers } = this.#calls[i]!;
      run(...integers);
    }
  }
}
