/** A job: calls of kernels in chunks, as they are written to the board, for whoever is free. */

import type { Kernel } from '../wasm/assembler.ts';
import type { Division, Part, Rectangle } from '../wasm/division.ts';
import { CALLS, END_OF_CALLS, FIRST_CALLS, MOST_CHUNKS } from './board.ts';
import type { Book, Library } from './library.ts';

export class Job implements Division {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #library: Library;
  /** Has so many chunks performed. */
  readonly #perform: (chunks: number) => void;
  #pieces = 1;
  #chunks = 0;
  #end = CALLS;
  /** The kernels of all calls, and where those of each chunk begin. */
  readonly #runs: Kernel[] = [];
  readonly #firstRuns: number[] = [];
  /** The kernel that is called next. */
  #called: { readonly run: Kernel; readonly book: Book } | undefined;

  constructor(words: Int32Array<SharedArrayBuffer>, library: Library, perform: (chunks: number) => void) {
    this.#words = words;
    this.#library = library;
    this.#perform = perform;
  }

  /** A new job, which is best done in so many pieces. */
  begin(pieces: number): this {
    this.#pieces = pieces;
    this.#clear();
    return this;
  }

  #clear(): void {
    this.#chunks = 0;
    this.#end = CALLS;
    this.#runs.length = this.#firstRuns.length = 0;
  }

  // How things are divided

  parts(count: number, share: number): readonly Part[] {
    return this.inParts(count, share);
  }

  /** In pieces of the panels, or where there are few of these, of the strips. */
  rectangles(strips: number, panels: number, share: number): readonly Rectangle[] {
    const [all, whole] = [
      { first: 0, count: strips },
      { first: 0, count: panels },
    ];
    return panels >= 2 * this.#pieces * share
      ? this.parts(panels, share).map((panel) => ({ strip: all, panel }))
      : this.parts(strips, share).map((strip) => ({ strip, panel: whole }));
  }

  /** So many things, which are this share of all, in parts of about one size, each a multiple of `step` but the last. */
  inParts(count: number, share: number, step = 1): readonly Part[] {
    const size = step * Math.max(1, Math.ceil(count / step / Math.max(1, Math.round(this.#pieces * share))));
    return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ first: i * size, count: Math.min(size, count - i * size) }));
  }

  // How calls are written

  chunk(): void {
    if (this.#chunks === MOST_CHUNKS) this.finish();
    this.#words[FIRST_CALLS + this.#chunks] = this.#end;
    this.#firstRuns[this.#chunks++] = this.#runs.length;
  }

  of(run: Kernel): Kernel {
    const book = this.#library.find(run);
    if (!book) {
      // For a kernel that found no room on the board.
      this.finish();
      return run;
    }
    this.#called = { run, book };
    return this.#call;
  }

  /** Writes a call. */
  readonly #call: Kernel = (...integers) => {
    const { run, book } = this.#called!;
    if (this.#end + 4 + integers.length > END_OF_CALLS) this.finish();
    if (this.#chunks === 0) this.chunk();
    this.#words.set([book.id, book.at, book.length, integers.length, ...integers], this.#end);
    this.#end += 4 + integers.length;
    this.#runs.push(run);
  };

  // How it is done

  finish(): void {
    const chunks = this.#chunks;
    this.#words[FIRST_CALLS + chunks] = this.#end;
    this.#firstRuns[chunks] = this.#runs.length;
    try {
      if (chunks > 0) this.#perform(chunks);
    } finally {
      this.#clear();
    }
  }

  /** Performs a chunk on this thread. */
  performChunk(chunk: number): void {
    const words = this.#words;
    let at = words[FIRST_CALLS + chunk]!;
    for (let i = this.#firstRuns[chunk]!; i < this.#firstRuns[chunk + 1]!; i++) {
      const count = words[at + 3]!;
      this.#runs[i]!(...words.subarray(at + 4, at + 4 + count));
      at += 4 + count;
    }
  }
}
