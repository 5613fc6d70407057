/** The kernels that threads know: their bytes are on the board, where each helper compiles those that it is asked to call. */

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
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #memory: WebAssembly.Memory;
  readonly #books = new WeakMap<Kernel, Book>();
  #kernels = 0;
  #end = LIBRARY;

  constructor(words: Int32Array<SharedArrayBuffer>, memory: WebAssembly.Memory) {
    this.#words = words;
    this.#memory = memory;
  }

  /** Compiles a kernel for this thread, and writes its bytes for the others while there is room. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const module = overSharedMemory(bytes);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory: this.#memory, totals: 0 } });
    const kernel = exports['run'] as Kernel;
    const [at, length] = [this.#end, module.length];
    if (at + length <= END_OF_LIBRARY) {
      new Uint8Array(this.#words.buffer, at, length).set(module);
      this.#books.set(kernel, { id: this.#kernels++, at, length });
      this.#end += length;
    }
    return kernel;
  }

  /** Where a kernel is; nowhere, if it found no room. */
  find(kernel: Kernel): Book | undefined {
    return this.#books.get(kernel);
  }
}
