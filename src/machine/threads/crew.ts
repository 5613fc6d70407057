/** Threads that compute together: the one of the program, which says what is to be done, and its helpers. */

import { bytesIn } from '../../base/dtype.ts';
import { StateError } from '../../base/errors.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import type { Kernel } from '../wasm/assembler.ts';
import { ALONE, type Division, type FormulaRow, type Kind, type Part, type Rectangle, type Team } from '../wasm/division.ts';
import { runRow } from '../wasm/elementwise.ts';
import { Board } from './board.ts';
import type { Helper } from './helper.ts';
import { Job } from './job.ts';
import { type Account, enterAlone, enterTogether, isWorthTrying, Judge } from './judge.ts';
import { Library } from './library.ts';
import { partsOf, piecesFor } from './pieces.ts';

/** From which size on it is tried to divide a job. */
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
  /** Whether a job that does not gain is done alone for a while. */
  readonly judges: boolean;
}

export const THRESHOLDS: Thresholds = { least: 5e5, wake: 4e6, chunk: 2e5, chunksEach: 4, polls: 60_000, judges: true };

/** No formula has more operations than this, or hardly any. */
const MOST_OPERATIONS = 64;

/** Numbers of a row are divided in multiples of this, which fill lines of the cache. */
const LINE = 64;

export class Crew implements Team, Division {
  readonly memory: WebAssembly.Memory;
  readonly board: Board;
  readonly helpers: Helper[] = [];
  /** Why helpers are not used any more. */
  failure: string | undefined;
  readonly #thresholds: Thresholds;
  /** In which order to perform so many chunks on this thread, for tests: any must give the same bits. */
  readonly #order: ((chunks: number) => readonly number[]) | undefined;
  readonly #library: Library;
  readonly #judge = new Judge();
  #count = 1;

  // What is being done at present.
  readonly #job: Job;
  #operations = 0;
  #pieces = 1;
  #account: Account | undefined;
  #start = 0;
  #called: Kernel | undefined;
  /** Whether several things are done that are not to be divided themselves. */
  #isBusy = false;

  constructor(memory: WebAssembly.Memory, thresholds: Thresholds = THRESHOLDS, order?: (chunks: number) => readonly number[]) {
    this.memory = memory;
    this.#thresholds = thresholds;
    this.#order = order;
    this.board = new Board(thresholds.polls);
    this.#library = new Library(this.board.words, memory);
    this.#job = new Job(this.board.words);
  }

  get count(): number {
    return this.#count;
  }

  /** From now on there are so many threads; helpers beyond that wait. */
  set count(count: number) {
    this.#count = count;
    this.board.limit(count - 1);
  }

  /** How many helpers have begun to listen. */
  get ready(): number {
    return this.board.ready;
  }

  /** Goes on without helpers. */
  fail(reason: string): void {
    this.failure = reason;
    this.count = 1;
  }

  compile(bytes: Uint8Array<ArrayBuffer>): Kernel {
    return this.#library.compile(bytes);
  }

  divide(operations: number, kind: Kind): Division {
    if (!this.#isLarge(operations)) return ALONE;
    this.#account = this.#thresholds.judges ? this.#judge.accountOf(kind, operations) : undefined;
    this.#start = performance.now();
    if (this.#account && !isWorthTrying(this.#account)) return this.#alone;
    const { chunk, chunksEach } = this.#thresholds;
    this.#operations = operations;
    this.#pieces = piecesFor(operations, chunksEach * this.#count, chunk);
    this.#job.clear();
    return this;
  }

  /** All at once, but for the time that it takes. */
  readonly #alone: Division = { ...ALONE, finish: () => enterAlone(this.#account!, performance.now() - this.#start) };

  #isLarge(operations: number): boolean {
    const { least, wake, judges } = this.#thresholds;
    if (this.#isBusy) return false;
    if (this.#order) return true;
    if (this.#count === 1 || operations < least || (judges && this.ready === 0)) return false;
    return operations >= wake || this.board.sleeping === 0;
  }

  divideFormula(rules: Rules, numbers: number): Division {
    // How many operations a formula has takes longer to find out than to compute a few numbers.
    const isFew = !this.#order && numbers * MOST_OPERATIONS < this.#thresholds.least;
    return isFew ? ALONE : this.divide(numbers * listOf(rules).reduce((sum, formula) => sum + formula.inOrder().length, 0), 'formula');
  }

  each(count: number, operations: number, multiply: (i: number, within?: Division) => void): void {
    const division = this.divide(count * operations, 'products');
    const within = division === this ? { ...ALONE, of: (run: Kernel) => this.of(run) } : undefined;
    this.#isBusy = true;
    try {
      for (const part of division.parts(count, 1)) {
        division.chunk();
        for (let i = part.first; i < part.first + part.count; i++) multiply(i, within);
      }
    } finally {
      this.#isBusy = false;
    }
    division.finish();
  }

  row(run: Kernel, { rules, size, out, addresses, isUniform }: FormulaRow): boolean {
    const division = this.divideFormula(rules, size);
    if (division === ALONE) return false;
    const bytes = bytesIn[listOf(rules)[0]!.dtype];
    const parts = division === this ? partsOf(size, this.#pieces, LINE) : division.parts(size, 1);
    for (const { first, count } of parts) {
      division.chunk();
      const from = addresses.map((address, i) => (isUniform[i] ? address : address + first * bytes));
      runRow(division.of(run), count * bytes, out + first * bytes, from);
    }
    division.finish();
    return true;
  }

  // A job is written

  parts(count: number, share: number): readonly Part[] {
    return partsOf(count, this.#pieces * share);
  }

  /** In pieces of the panels, or where there are few of these, of the strips: a thread mostly gets those again that it had in the job before. */
  rectangles(strips: number, panels: number): readonly Rectangle[] {
    const all = { strip: { first: 0, count: strips }, panel: { first: 0, count: panels } };
    return panels >= 2 * this.#pieces
      ? partsOf(panels, this.#pieces).map((panel) => ({ ...all, panel }))
      : partsOf(strips, this.#pieces).map((strip) => ({ ...all, strip }));
  }

  chunk(): void {
    if (!this.#job.hasRoom(0)) this.settle();
    this.#job.chunk();
  }

  of(run: Kernel): Kernel {
    if (this.#library.numberOf(run) === undefined) {
      // For a kernel that found no room on the board.
      this.settle();
      return run;
    }
    this.#called = run;
    return this.#call;
  }

  /** Writes a call. */
  readonly #call: Kernel = (...integers) => {
    const run = this.#called!;
    if (!this.#job.hasRoom(integers.length)) this.settle();
    if (this.#job.chunks === 0) this.#job.chunk();
    this.#job.call(run, this.#library.numberOf(run)!, integers);
  };

  // … and done

  settle(): void {
    const job = this.#job;
    job.close();
    try {
      if (this.#order) for (const chunk of this.#order(job.chunks)) job.perform(chunk);
      else if (job.chunks > 1 && this.#count > 1) this.#performTogether(job.chunks);
      else if (job.chunks > 0) for (let chunk = 0; chunk < job.chunks; chunk++) job.perform(chunk);
    } finally {
      job.clear();
    }
  }

  finish(): void {
    this.settle();
    if (this.#account) enterTogether(this.#account, performance.now() - this.#start);
  }

  #performTogether(chunks: number): void {
    const { board } = this;
    board.open(chunks, this.#operations >= this.#thresholds.wake);
    let failure: unknown;
    for (let chunk: number; (chunk = board.take()) >= 0; board.note()) {
      try {
        this.#job.perform(chunk);
      } catch (error) {
        failure = error;
      }
    }
    const isWell = board.join(chunks);
    if (failure !== undefined) throw failure;
    if (!isWell) throw new StateError('threads: a kernel failed in a helper');
  }
}
