/** Kernels where all threads find them: their bytes lie on the board, and who needs one compiles it. */

import type { Kernel } from '../wasm/assembler.ts';
import { END_OF_LIBRARY, LIBRARY } from './board.ts';
import { overSharedMemory } from './shared-memory.ts';

/** What is known of a kernel: its number, and where its bytes are. */
export interface Book {
  readonly id: number;
  readonly at: number;
  readonly length: number;
}

export class Library {
  readonly #buffer: SharedArrayBuffer;
  readonly #memory: WebAssembly.Memory;
  readonly #books = new WeakMap<Kernel, Book>();
  #count = 0;
  #end = LIBRARY;

  /** @param buffer of the board */
  constructor(buffer: SharedArrayBuffer, memory: WebAssembly.Memory) {
    this.#buffer = buffer;
    this.#memory = memory;
  }

  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const module = overSharedMemory(bytes);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory: this.#memory, totals: 0 } });
    const kernel = exports['run'] as Kernel;
    const [at, { length }] = [this.#end, module];
    if (at + length <= END_OF_LIBRARY) {
      new Uint8Array(this.#buffer, at, length).set(module);
      this.#books.set(kernel, { id: this.#count++, at, length });
      this.#end += length;
    }
    return kernel;
  }

  /** Nothing for a kernel that found no room. */
  find(run: Kernel): Book | undefined {
    return this.#books.get(run);
  }
}
