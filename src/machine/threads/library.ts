/** Kernels where all threads find them: their bytes lie on the board, and helpers compile them when they have nothing else to do. */

import type { Kernel } from '../wasm/assembler.ts';
import { DIRECTORY, END_OF_LIBRARY, LIBRARY, MOST_KERNELS, WORD } from './board.ts';
import { overSharedMemory } from './shared-memory.ts';

export class Library {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #memory: WebAssembly.Memory;
  readonly #numbers = new WeakMap<Kernel, number>();
  #count = 0;
  #end = LIBRARY;

  /** @param words of the board */
  constructor(words: Int32Array<SharedArrayBuffer>, memory: WebAssembly.Memory) {
    this.#words = words;
    this.#memory = memory;
  }

  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const module = overSharedMemory(bytes);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory: this.#memory, totals: 0 } });
    const kernel = exports['run'] as Kernel;
    if (this.#count < MOST_KERNELS && this.#end + module.length <= END_OF_LIBRARY) {
      this.#enter(module);
      this.#numbers.set(kernel, this.#count - 1);
    }
    return kernel;
  }

  #enter(module: Uint8Array<ArrayBuffer>): void {
    const words = this.#words;
    new Uint8Array(words.buffer, this.#end, module.length).set(module);
    words[DIRECTORY + 2 * this.#count] = this.#end;
    words[DIRECTORY + 2 * this.#count + 1] = module.length;
    this.#end += module.length;
    Atomics.store(words, WORD.kernels, ++this.#count);
  }

  /** The number of a kernel; nothing for one that found no room. */
  numberOf(run: Kernel): number | undefined {
    return this.#numbers.get(run);
  }
}
