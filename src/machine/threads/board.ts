/**
 * The words that threads share: what is to be done, and how far they are. The thread of the program writes a job, which is chunks of calls of kernels;
 * whoever is free takes the next chunk. Nothing is posted, so nobody ever has to return to its event loop.
 */

/** The places of single words, each in a line of the cache by itself. */
export const WORD = {
  /** Counts jobs; helpers that sleep wait for it to change. */
  epoch: 0,
  /** How many chunks nobody has taken yet; 0 or less if there are none. */
  left: 32,
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
} as const;

/** Where the first call of each chunk is; after the last chunk, where its calls end. */
export const FIRST_CALLS = 320;
export const MOST_CHUNKS = 256;

/** Calls: the number of the kernel, where its bytes are and how many, how many integers it gets, and these. */
export const CALLS = FIRST_CALLS + MOST_CHUNKS + 1;
export const END_OF_CALLS = 2 ** 16;

/** Where the bytes of kernels are, in bytes; behind the calls. */
export const LIBRARY = 2 ** 18;
export const END_OF_LIBRARY = 2 ** 18 + 2 ** 22;
