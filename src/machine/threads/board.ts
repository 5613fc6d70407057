/**
 * The words that threads share: what is to be done, and how far they are. The thread of the program writes a job, which is chunks of calls of kernels;
 * whoever is free takes the next chunk. Nothing is posted, so nobody ever has to return to its event loop.
 */

/** The places of single words, each in a line of the cache by itself. */
export const WORD = {
  /** Counts jobs; helpers that sleep wait for it to change. */
  epoch: 0,
  /** Which chunks nobody has taken yet: from the lower half of this word up to the upper half. */
  open: 32,
  /** How many chunks are done. */
  done: 64,
  /** How many helpers sleep. */
  sleeping: 96,
  /** Whether the thread of the program waits for `done` to change. */
  waiting: 128,
  /** How many chunks the job has. */
  chunks: 160,
  /** How many helpers have begun to listen. */
  ready: 192,
  /** Whether a kernel failed in a helper. */
  failed: 224,
  /** How many helpers may take part; all others wait for it to change. */
  limit: 256,
  /** How often helpers look for a job before they sleep. */
  polls: 288,
  /** How many kernels there are. */
  kernels: 320,
} as const;

// Sums and powers are written out, since what computes with a constant stays in every bundle.

/** How far the upper half of a word is from the lower, which has the bits of `LOWER`. */
export const UPPER = 16;
export const LOWER = 0xffff;

/** Where the first call of each chunk is; after the last chunk, where its calls end. */
export const FIRST_CALLS = 352;
export const MOST_CHUNKS = 256;

/** Calls, up to the directory: the number of the kernel, how many integers it gets, and these. */
export const CALLS = 609; // FIRST_CALLS + MOST_CHUNKS + 1

/** Where the bytes of each kernel are, and how many: two words each. */
export const DIRECTORY = 0x10000;
export const MOST_KERNELS = 0x800;
const END_OF_WORDS = 0x11000; // DIRECTORY + 2 MOST_KERNELS

/** Where the bytes of kernels are, in bytes; behind the words. */
export const LIBRARY = 0x44000; // 4 END_OF_WORDS
export const END_OF_LIBRARY = 0x444000; // LIBRARY + 4 MiB

/** The words as the thread of the program uses them. `helper.ts` has the other side. */
export class Board {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(END_OF_LIBRARY), 0, END_OF_WORDS);
  readonly #mayWait: boolean;

  /** @param polls how often everybody looks before they sleep */
  constructor(readonly polls: number) {
    this.words[WORD.polls] = polls;
    this.#mayWait = this.#canWait();
  }

  /** The thread of a page may not wait, so it polls. */
  #canWait(): boolean {
    try {
      Atomics.wait(this.words, WORD.epoch, -1, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** From now on so many helpers may take part. */
  limit(helpers: number): void {
    Atomics.store(this.words, WORD.limit, helpers);
    Atomics.notify(this.words, WORD.limit);
  }

  /** How many helpers have begun to listen, and how many of these sleep. */
  get ready(): number {
    return Atomics.load(this.words, WORD.ready);
  }

  get sleeping(): number {
    return Atomics.load(this.words, WORD.sleeping);
  }

  /** Lets everybody take the chunks that are written. */
  open(chunks: number, wakes: boolean): void {
    const { words } = this;
    words[WORD.chunks] = chunks;
    Atomics.store(words, WORD.done, 0);
    Atomics.store(words, WORD.open, chunks << UPPER);
    Atomics.add(words, WORD.epoch, 1);
    // Asked after the epoch has changed, so that nobody falls asleep in between.
    if (wakes && this.sleeping > 0) Atomics.notify(words, WORD.epoch);
  }

  /** The first chunk that nobody has taken, or −1. Helpers take the last: so each mostly finds in its own cache what it worked on last. */
  take(): number {
    const { words } = this;
    for (;;) {
      const open = Atomics.load(words, WORD.open);
      const first = open & LOWER;
      if (first >= open >> UPPER) return -1;
      if (Atomics.compareExchange(words, WORD.open, open, open + 1) === open) return first;
    }
  }

  /** One chunk more is done. */
  note(): void {
    Atomics.add(this.words, WORD.done, 1);
  }

  /** Returns when all chunks are done that somebody has begun: whether all went well elsewhere. */
  join(chunks: number): boolean {
    const { words } = this;
    const done = () => Atomics.load(words, WORD.done);
    for (let polls = this.polls; polls > 0 && done() < chunks; polls--);
    if (!this.#mayWait) while (done() < chunks);
    if (done() < chunks) {
      Atomics.store(words, WORD.waiting, 1);
      for (let some: number; (some = done()) < chunks; ) Atomics.wait(words, WORD.done, some);
      Atomics.store(words, WORD.waiting, 0);
    }
    return Atomics.exchange(words, WORD.failed, 0) === 0;
  }
}
