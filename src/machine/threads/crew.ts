/** Threads that compute together: the one of the program, which says what is to be done, and its helpers. */

import { bytesIn } from '../../base/dtype.ts';
import { StateError } from '../../base/errors.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import type { Kernel } from '../wasm/assembler.ts';
import { ALONE, type Division, type FormulaRow, type Kind, type Part, type Rectangle, type Team } from '../wasm/division.ts';
import { runRow } from '../wasm/elementwise.ts';
import { CALLS, END_OF_CALLS, END_OF_LIBRARY, FIRST_CALLS, LIBRARY, MOST_CHUNKS, WORD } from './board.ts';
import type { Helper } from './helper.ts';
import { overSharedMemory } from './shared-memory.ts';

/** From which size on dividing pays, as measured. */
export interface Thresholds {
  /** So many operations are divided if helpers are awake anyway. */
  readonly least: number;
  /** So many are worth waking them. */
  readonly wake: number;
  /** No chunk has fewer. */
  readonly chunk: number;
  /** How many chunks there are for each thread, so that one that is late holds up nobody. */
  readonly chunksEach: number;
  /** How often helpers, and the program at the end of a job, look before they sleep. */
  readonly polls: number;
  /** Together must take less than so much of what it took alone. */
  readonly gain: number;
  /** How many times at most it is not tried again after it did not pay. */
  readonly patience: number;
}

export const THRESHOLDS: Thresholds = { least: 1e6, wake: 6e6, chunk: 2.5e5, chunksEach: 4, polls: 10_000, gain: 0.9, patience: 15 };

const KINDS: readonly Kind[] = ['packing', 'product', 'update', 'windows', 'formula'];

/** No formula has more operations than this, or hardly any. */
const MOST_OPERATIONS = 64;

/** Numbers of a row are divided in multiples of this, which fill lines of the cache. */
const LINE = 64;

/** What is known of a kernel: its number, and where its bytes are. */
interface Book {
  readonly id: number;
  readonly at: number;
  readonly length: number;
}

export class Crew implements Team, Division {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(END_OF_LIBRARY), 0, END_OF_CALLS);
  readonly memory: WebAssembly.Memory;
  readonly helpers: Helper[] = [];
  /** Why helpers are not used any more. */
  failure: string | undefined;
  readonly #thresholds: Thresholds;
  /** In which order to perform so many chunks on this thread, for tests: any must give the same bits. */
  readonly #order: ((chunks: number) => readonly number[]) | undefined;
  readonly #books = new WeakMap<Kernel, Book>();
  #kernels = 0;
  #library = LIBRARY;
  #count = 1;
  #mayWait = true;

  // The job that is written at present.
  #operations = 0;
  #kind: Kind = 'packing';
  #pieces = 1;
  #chunks = 0;
  #end = CALLS;
  /** The kernels of all calls, and where those of each chunk begin. */
  readonly #runs: Kernel[] = [];
  readonly #firstRuns: number[] = [];
  #called: Kernel | undefined;

  /** The shortest time that so much took alone, by operations and kind. */
  readonly #solo = new Map<number, number>();
  #patience = 0;
  #alone = 0;

  constructor(memory: WebAssembly.Memory, thresholds: Thresholds = THRESHOLDS, order?: (chunks: number) => readonly number[]) {
    this.memory = memory;
    this.#thresholds = thresholds;
    this.#order = order;
    this.words[WORD.polls] = thresholds.polls;
    try {
      Atomics.wait(this.words, WORD.epoch, -1, 0);
    } catch {
      // The thread of a page may not wait, so it polls.
      this.#mayWait = false;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** From now on there are so many threads; helpers beyond that wait. */
  set count(count: number) {
    this.#count = count;
    Atomics.store(this.words, WORD.limit, count - 1);
    Atomics.notify(this.words, WORD.limit);
  }

  /** How many helpers have begun to listen. */
  get ready(): number {
    return Atomics.load(this.words, WORD.ready);
  }

  /** Goes on without helpers. */
  fail(reason: string): void {
    this.failure = reason;
    this.count = 1;
  }

  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    const module = overSharedMemory(bytes);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory: this.memory, totals: 0 } });
    const kernel = exports['run'] as Kernel;
    const [at, length] = [this.#library, module.length];
    if (at + length <= END_OF_LIBRARY) {
      new Uint8Array(this.words.buffer, at, length).set(module);
      this.#books.set(kernel, { id: this.#kernels++, at, length });
      this.#library += length;
    }
    return kernel;
  }

  divide(operations: number, kind: Kind): Division {
    if (!this.#isWorth(operations)) return ALONE;
    const { chunk, chunksEach } = this.#thresholds;
    this.#operations = operations;
    this.#kind = kind;
    this.#pieces = Math.max(2, Math.min(chunksEach * this.#count, Math.floor(operations / chunk)));
    this.#clear();
    return this;
  }

  divideFormula(rules: Rules, numbers: number): Division {
    // How many operations a formula has takes longer to find out than to compute a few numbers.
    const isFew = !this.#order && numbers * MOST_OPERATIONS < this.#thresholds.least;
    return isFew ? ALONE : this.divide(numbers * listOf(rules).reduce((sum, formula) => sum + formula.inOrder().length, 0), 'formula');
  }

  each(count: number, operations: number, multiply: (i: number, within?: Division) => void): void {
    const division = this.divide(count * operations, 'product');
    const within = division === ALONE ? undefined : { ...ALONE, of: (run: Kernel) => this.of(run) };
    for (const part of division.parts(count, 1)) {
      division.chunk();
      for (let i = part.first; i < part.first + part.count; i++) multiply(i, within);
    }
    division.finish();
  }

  row(run: Kernel, { rules, size, out, addresses, isUniform }: FormulaRow): boolean {
    const division = this.divideFormula(rules, size);
    if (division === ALONE) return false;
    const bytes = bytesIn[listOf(rules)[0]!.dtype];
    for (const { first, count } of this.#inParts(size, this.#pieces, LINE)) {
      this.chunk();
      const from = addresses.map((address, i) => (isUniform[i] ? address : address + first * bytes));
      runRow(this.of(run), count * bytes, out + first * bytes, from);
    }
    this.finish();
    return true;
  }

  #isWorth(operations: number): boolean {
    const { least, wake } = this.#thresholds;
    if (this.#order) return true;
    if (this.#count === 1 || operations < least) return false;
    return operations >= wake || (this.ready > 0 && Atomics.load(this.words, WORD.sleeping) === 0);
  }

  // A job is written

  parts(count: number, share: number): readonly Part[] {
    return this.#inParts(count, this.#pieces * share);
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

  /** In so many parts of about one size, each a multiple of `step` but the last. */
  #inParts(count: number, pieces: number, step = 1): readonly Part[] {
    const size = step * Math.max(1, Math.ceil(count / step / Math.max(1, Math.round(pieces))));
    return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ first: i * size, count: Math.min(size, count - i * size) }));
  }

  chunk(): void {
    if (this.#chunks === MOST_CHUNKS) this.finish();
    this.words[FIRST_CALLS + this.#chunks] = this.#end;
    this.#firstRuns[this.#chunks++] = this.#runs.length;
  }

  of(run: Kernel): Kernel {
    if (!this.#books.has(run)) {
      // For a kernel that found no room on the board.
      this.finish();
      return run;
    }
    this.#called = run;
    return this.#call;
  }

  /** Writes a call. */
  readonly #call: Kernel = (...integers) => {
    const run = this.#called!;
    if (this.#end + 4 + integers.length > END_OF_CALLS) this.finish();
    if (this.#chunks === 0) this.chunk();
    const { id, at, length } = this.#books.get(run)!;
    this.words.set([id, at, length, integers.length, ...integers], this.#end);
    this.#end += 4 + integers.length;
    this.#runs.push(run);
  };

  #clear(): void {
    this.#chunks = 0;
    this.#end = CALLS;
    this.#runs.length = this.#firstRuns.length = 0;
  }

  // … and done

  finish(): void {
    const chunks = this.#chunks;
    this.words[FIRST_CALLS + chunks] = this.#end;
    this.#firstRuns[chunks] = this.#runs.length;
    try {
      if (chunks > 0) this.#perform(chunks);
    } finally {
      this.#clear();
    }
  }

  #perform(chunks: number): void {
    if (this.#order) {
      for (const chunk of this.#order(chunks)) this.#performChunk(chunk);
      return;
    }
    const { wake, gain, patience } = this.#thresholds;
    const judged = this.#kind !== 'packing' && this.#operations >= wake && wake > 0;
    const key = this.#operations * KINDS.length + KINDS.indexOf(this.#kind);
    const solo = judged ? this.#solo.get(key) : Infinity;
    if (chunks === 1 || this.#count === 1 || solo === undefined || (judged && this.#alone > 0)) {
      const start = performance.now();
      for (let chunk = 0; chunk < chunks; chunk++) this.#performChunk(chunk);
      if (!judged || chunks === 1) return;
      this.#alone = Math.max(0, this.#alone - 1);
      this.#solo.set(key, Math.min(solo ?? Infinity, performance.now() - start));
      return;
    }
    const start = performance.now();
    this.#performTogether(chunks, this.#operations >= wake);
    if (!judged || this.ready === 0) return;
    // If it took no less than alone, the cores are others' now: it is tried again after a while.
    if (performance.now() - start < gain * solo) this.#patience = 0;
    else this.#alone = this.#patience = Math.min(2 * this.#patience + 1, patience);
  }

  #performTogether(chunks: number, wakes: boolean): void {
    const { words } = this;
    words[WORD.chunks] = chunks;
    Atomics.store(words, WORD.done, 0);
    Atomics.store(words, WORD.left, chunks);
    Atomics.add(words, WORD.epoch, 1);
    // Asked after the epoch has changed, so that nobody falls asleep in between.
    if (wakes && Atomics.load(words, WORD.sleeping) > 0) Atomics.notify(words, WORD.epoch);
    let failure: unknown;
    for (let left: number; (left = Atomics.sub(words, WORD.left, 1)) > 0; Atomics.add(words, WORD.done, 1)) {
      try {
        this.#performChunk(chunks - left);
      } catch (error) {
        failure = error;
      }
    }
    this.#join(chunks);
    const failedElsewhere = Atomics.exchange(words, WORD.failed, 0) !== 0;
    if (failure !== undefined) throw failure;
    if (failedElsewhere) throw new StateError('threads: a kernel failed in a helper');
  }

  /** Returns when all chunks are done that somebody has begun. */
  #join(chunks: number): void {
    const { words } = this;
    const done = () => Atomics.load(words, WORD.done);
    for (let polls = this.#thresholds.polls; polls > 0 && done() < chunks; polls--);
    if (!this.#mayWait) while (done() < chunks);
    if (done() === chunks) return;
    Atomics.store(words, WORD.waiting, 1);
    for (let some: number; (some = done()) < chunks; ) Atomics.wait(words, WORD.done, some);
    Atomics.store(words, WORD.waiting, 0);
  }

  #performChunk(chunk: number): void {
    const { words } = this;
    let at = words[FIRST_CALLS + chunk]!;
    for (let i = this.#firstRuns[chunk]!; i < this.#firstRuns[chunk + 1]!; i++) {
      const count = words[at + 3]!;
      this.#runs[i]!(...words.subarray(at + 4, at + 4 + count));
      at += 4 + count;
    }
  }
}
