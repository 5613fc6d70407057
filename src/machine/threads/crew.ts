/** Threads that compute together: the one of the program, which says what is to be done, and its helpers. */

import { bytesIn } from '../../base/dtype.ts';
import { StateError } from '../../base/errors.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import type { Kernel } from '../wasm/assembler.ts';
import { ALONE, type Division, type FormulaRow, type Kind, type Team } from '../wasm/division.ts';
import { runRow } from '../wasm/elementwise.ts';
import { END_OF_CALLS, END_OF_LIBRARY, WORD } from './board.ts';
import { Gain } from './gain.ts';
import type { Helper } from './helper.ts';
import { Job } from './job.ts';
import { Library } from './library.ts';

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

/** No formula has more operations than this, or hardly any. */
const MOST_OPERATIONS = 64;

/** Numbers of a row are divided in multiples of this, which fill lines of the cache. */
const LINE = 64;

export class Crew implements Team {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(END_OF_LIBRARY), 0, END_OF_CALLS);
  readonly memory: WebAssembly.Memory;
  readonly helpers: Helper[] = [];
  /** Why helpers are not used any more. */
  failure: string | undefined;
  readonly #thresholds: Thresholds;
  /** In which order to perform so many chunks on this thread, for tests: any must give the same bits. */
  readonly #order: ((chunks: number) => readonly number[]) | undefined;
  readonly #library: Library;
  readonly #job: Job;
  readonly #gain: Gain;
  #count = 1;
  #mayWait = true;
  /** What the job that is written at present has to do. */
  #operations = 0;
  #kind: Kind = 'packing';

  constructor(memory: WebAssembly.Memory, thresholds: Thresholds = THRESHOLDS, order?: (chunks: number) => readonly number[]) {
    this.memory = memory;
    this.#thresholds = thresholds;
    this.#order = order;
    this.#library = new Library(this.words, memory);
    this.#job = new Job(this.words, this.#library, (chunks) => this.#perform(chunks));
    this.#gain = new Gain(thresholds);
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
    return this.#library.compile(bytes);
  }

  // What is divided

  divide(operations: number, kind: Kind): Division {
    return this.#jobOf(operations, kind) ?? ALONE;
  }

  divideFormula(rules: Rules, numbers: number): Division {
    return this.#jobOfFormula(rules, numbers) ?? ALONE;
  }

  each(count: number, operations: number, multiply: (i: number, within?: Division) => void): void {
    const division = this.divide(count * operations, 'product');
    const within = division === ALONE ? undefined : { ...ALONE, of: (run: Kernel) => division.of(run) };
    for (const part of division.parts(count, 1)) {
      division.chunk();
      for (let i = part.first; i < part.first + part.count; i++) multiply(i, within);
    }
    division.finish();
  }

  row(run: Kernel, { rules, size, out, addresses, isUniform }: FormulaRow): boolean {
    const job = this.#jobOfFormula(rules, size);
    if (!job) return false;
    const bytes = bytesIn[listOf(rules)[0]!.dtype];
    for (const { first, count } of job.inParts(size, 1, LINE)) {
      job.chunk();
      const from = addresses.map((address, i) => (isUniform[i] ? address : address + first * bytes));
      runRow(job.of(run), count * bytes, out + first * bytes, from);
    }
    job.finish();
    return true;
  }

  /** A job of so many operations, if that is worth dividing. */
  #jobOf(operations: number, kind: Kind): Job | undefined {
    if (!this.#isWorth(operations)) return undefined;
    const { chunk, chunksEach } = this.#thresholds;
    this.#operations = operations;
    this.#kind = kind;
    return this.#job.begin(Math.max(2, Math.min(chunksEach * this.#count, Math.floor(operations / chunk))));
  }

  #jobOfFormula(rules: Rules, numbers: number): Job | undefined {
    // How many operations a formula has takes longer to find out than to compute a few numbers.
    const isFew = !this.#order && numbers * MOST_OPERATIONS < this.#thresholds.least;
    return isFew ? undefined : this.#jobOf(numbers * listOf(rules).reduce((sum, formula) => sum + formula.inOrder().length, 0), 'formula');
  }

  #isWorth(operations: number): boolean {
    const { least, wake } = this.#thresholds;
    if (this.#order) return true;
    if (this.#count === 1 || operations < least) return false;
    return operations >= wake || (this.ready > 0 && Atomics.load(this.words, WORD.sleeping) === 0);
  }

  // How it is done

  #perform(chunks: number): void {
    if (this.#order) {
      for (const chunk of this.#order(chunks)) this.#job.performChunk(chunk);
      return;
    }
    const { wake } = this.#thresholds;
    const [operations, kind] = [this.#operations, this.#kind];
    const isJudged = kind !== 'packing' && operations >= wake && wake > 0;
    const start = performance.now();
    if (chunks === 1 || this.#count === 1 || (isJudged && !this.#gain.isWorthTrying(operations, kind))) {
      for (let chunk = 0; chunk < chunks; chunk++) this.#job.performChunk(chunk);
      if (isJudged && chunks > 1) this.#gain.tookAlone(operations, kind, performance.now() - start);
    } else {
      this.#performTogether(chunks, operations >= wake);
      if (isJudged && this.ready > 0) this.#gain.tookTogether(operations, kind, performance.now() - start);
    }
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
        this.#job.performChunk(chunks - left);
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
}
