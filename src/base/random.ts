import { checkCount, checkNormal, checkRange } from './distributions.ts';
import { newData } from './dtype.ts';
import { ValueError } from './errors.ts';
import { exactLog } from './exact-log.ts';
import { nextBelow } from './neighbours.ts';
import { insteadOf, quote, type Requirement } from './options.ts';

/** The whole state of a generator, as plain data that JSON can hold. */
export interface RandomState {
  /** The 624 words of the Mersenne twister. */
  readonly words: readonly number[];
  /** How many of them have been used. */
  readonly used: number;
  /** The second normal number of the last pair, if it was not drawn yet. */
  readonly spare: number | null;
}

const SIZE = 624;
const SHIFT = 397;

/** What the option `seed` must be. */
export const seedOption: Requirement = {
  words: 'a whole number from 0 to 2³² − 1',
  holds: (x) => Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 32,
};

/**
 * Random numbers that are the same for the same seed, on every machine: the Mersenne twister MT19937 (Matsumoto & Nishimura 1998), seeded and
 * read as NumPy's `RandomState` does, so that both give the same numbers.
 *
 * @example
 * new Random(0).float() // => 0.5488135039273248
 * new Random(0).normal() // => 1.764052345967664
 */
export class Random {
  readonly #words = new Uint32Array(SIZE);
  #used = SIZE;
  #spare: number | null = null;

  /**
   * @param seed a whole number from 0 to 2³² − 1
   * @throws ValueError for anything else.
   */
  constructor(seed: number) {
    checkSeed('Random', seed);
    this.#words[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const last = this.#words[i - 1]!;
      this.#words[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
  }

  /** The state, from which `restore` goes on. */
  get state(): RandomState {
    return { words: [...this.#words], used: this.#used, spare: this.#spare };
  }

  /**
   * Goes on from a state: draws the same numbers as the generator that it was taken from.
   * @throws ValueError for anything but a state.
   * @example
   * const random = new Random(1);
   * const { state } = random;
   * const first = random.float();
   * random.restore(state);
   * random.float() // => first
   */
  restore(state: RandomState): void {
    const { words, used, spare } = state ?? {};
    const isWord = (word: number) => Number.isInteger(word) && word >= 0 && word < 2 ** 32;
    if (
      !Array.isArray(words) ||
      words.length !== SIZE ||
      !words.every(isWord) ||
      !(Number.isInteger(used) && used >= 0 && used <= SIZE) ||
      !(spare === null || Number.isFinite(spare))
    ) {
      throw new ValueError(`Random.restore: expected a state that a generator gave, got ${quote(state)}`);
    }
    this.#words.set(words);
    this.#used = used;
    this.#spare = spare;
  }

  /** A number from 0 to below 1: each multiple of 2⁻⁵³ is equally likely. */
  float(): number {
    const upper = this.#next() >>> 5;
    const lower = this.#next() >>> 6;
    return (upper * 67108864 + lower) / 9007199254740992;
  }

  /**
   * A uniformly distributed number from `low` to below `high`; `low` if both are the same.
   * @throws ValueError for what is no range.
   */
  uniform(low: number = 0, high: number = 1): number {
    checkRange('Random.uniform', low, high, 'float64');
    const x = low + (high - low) * this.float();
    return x < high || low === high ? x : nextBelow(high, 'float64');
  }

  /**
   * A normally distributed number, by Marsaglia's polar method: numbers come in pairs, of which the next call returns the second.
   * @throws ValueError unless both numbers are finite, and the `standardDeviation` not negative.
   */
  normal(mean: number = 0, standardDeviation: number = 1): number {
    checkNormal('Random.normal', mean, standardDeviation, 'float64');
    return mean + standardDeviation * this.#standardNormal();
  }

  /**
   * A whole number from 0 to `n − 1`, each equally likely.
   * @param n from 1 to 2³²
   * @throws ValueError for anything else.
   */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n > 0 && n <= 2 ** 32))
      throw new ValueError(`Random.integer: expected a whole number from 1 to 2³² to stay below, got ${quote(n)}`);
    const most = n - 1;
    if (most === 0) return 0;
    // The smallest mask of ones that covers the range; a number that exceeds the range is drawn again.
    const mask = 0xffffffff >>> Math.clz32(most);
    for (;;) {
      const drawn = (this.#next() & mask) >>> 0;
      if (drawn <= most) return drawn;
    }
  }

  /**
   * The whole numbers from 0 to `n − 1` in random order, each order equally likely (Fisher and Yates).
   * @throws ValueError for an `n` that is no whole number from 0, or that int32 cannot hold.
   */
  permutation(n: number): Int32Array {
    checkCount('Random.permutation', n);
    const order = newData('int32', n) as Int32Array;
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }

  #standardNormal(): number {
    const spare = this.#spare;
    if (spare !== null) {
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.float() - 1;
      const y = 2 * this.float() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * exactLog(square)) / square);
      this.#spare = scale * x;
      return scale * y;
    }
  }

  /** The next 32 bits. */
  #next(): number {
    if (this.#used === SIZE) this.#twist();
    let word = this.#words[this.#used++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < SIZE; i++) {
      const joined = (words[i]! & 0x80000000) | (words[(i + 1) % SIZE]! & 0x7fffffff);
      words[i] = words[(i + SHIFT) % SIZE]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#used = 0;
  }
}

let theDefault: Random | undefined;

/** The generator that takes the place of the default one for now. */
let inItsPlace: Random | undefined;

/**
 * The default generator: all that is given no other generator draws from it. It starts from seed 0, so that a program is reproducible by default;
 * `manualSeed` starts it again. Inside of `training(f, { random })` it is that generator.
 */
export const defaultRandom = (): Random => inItsPlace ?? (theDefault ??= new Random(0));

/** Calls a function with another generator as the default one. */
export function drawingFrom<T>(random: Random, f: () => T): T {
  const before = inItsPlace;
  inItsPlace = random;
  try {
    return f();
  } finally {
    inItsPlace = before;
  }
}

/**
 * How to draw once more what is about to be drawn from the default generator: each function that it calls draws the same numbers, from the generator
 * that is the default one now, which afterwards goes on from its state before the call.
 */
export function drawnAgain(): <T>(f: () => T) => T {
  const random = defaultRandom();
  const from = random.state;
  return (f) =>
    drawingFrom(random, () => {
      const { state } = random;
      random.restore(from);
      try {
        return f();
      } finally {
        random.restore(state);
      }
    });
}

/** Where random numbers come from: `random`, or a new generator with this `seed`. By default it is the default generator. */
export interface Randomness {
  readonly random?: Random;
  readonly seed?: number;
}

/**
 * The generator that options name.
 * @param where what was called, for errors
 * @throws ValueError for both a generator and a seed, or for anything else than a generator.
 */
export function generatorOf(where: string, { random, seed }: Randomness): Random {
  if (random !== undefined && seed !== undefined) throw new ValueError(`${where}: expected a generator or a seed, got both`);
  if (random !== undefined && !(random instanceof Random))
    throw new ValueError(`${where}: expected random to be a generator, new Random(seed), got ${insteadOf(Random, random)}`);
  if (seed === undefined) return random ?? defaultRandom();
  checkSeed(where, seed);
  return new Random(seed);
}

/**
 * Starts the default generator again from a seed, a whole number from 0 to 2³² − 1.
 * @throws ValueError for anything else.
 * @example
 * manualSeed(1);
 * const first = Tensor.uniform([3]).toArray();
 * manualSeed(1);
 * Tensor.uniform([3]).toArray() // => first
 */
export function manualSeed(seed: number): void {
  checkSeed('manualSeed', seed);
  defaultRandom().restore(new Random(seed).state);
}

function checkSeed(where: string, seed: number): void {
  if (!seedOption.holds(seed)) throw new ValueError(`${where}: expected a seed that is ${seedOption.words}, got ${quote(seed)}`);
}
