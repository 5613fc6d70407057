/** Batches of examples that come one after another, and batches that are asked for ahead. */

import { ValueError } from '../base/errors.ts';
import { aFunction, boolean, check, optional, quote, readOptions, required, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { type Collated, collate } from './collate.ts';
import { DataLoader } from './data-loader.ts';
import { type ExamplesOptions, tell } from './examples.ts';

/** Options of `batches`. */
export interface BatchesOptions<T, U, B> extends ExamplesOptions<T, U, B> {
  /** How many examples a batch has. */
  readonly batchSize: number;
  /** Whether to leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
}

/**
 * Examples that come one after another, from an iterable or an async iterable such as a stream, in batches; what has an index is better loaded by
 * `DataLoader`. Each loop over the result begins a new one over the source, and ends it where it is left.
 *
 * Of an iterable it is iterable, of an async iterable async iterable. A `transform` that gives promises is waited for in the latter alone.
 *
 * @throws ValueError for what is no iterable, and for options that are not known. Errors about one example name its index.
 * @example
 * function* squares() {
 *   for (let i = 0; i < 5; i++) yield i * i;
 * }
 * [...batches(squares(), { batchSize: 2 })].map((x) => x.toArray()) // => [[0, 1], [4, 9], [16]]
 */
export function batches<T, U = Awaited<T>, B = Collated<Awaited<U>>>(source: Iterable<T>, options: BatchesOptions<T, U, B>): Iterable<B>;
export function batches<T, U = Awaited<T>, B = Collated<Awaited<U>>>(
  source: AsyncIterable<T>,
  options: BatchesOptions<T, U, B>,
): AsyncIterable<Awaited<B>>;
export function batches(
  source: Iterable<unknown> | AsyncIterable<unknown>,
  options: BatchesOptions<unknown, unknown, unknown>,
): Iterable<unknown> | AsyncIterable<unknown> {
  const steps = readOptions<BatchesOptions<unknown, unknown, unknown>>('batches', options, {
    batchSize: required(wholeNumberFrom(1)),
    dropLast: optional(boolean, false),
    transform: withoutDefault(aFunction),
    collate: optional(aFunction, collate),
  });
  const make = (): Collector => new Collector(steps as Steps);
  if (isAsync(source)) return { [Symbol.asyncIterator]: () => inTurnAsync(source, make()) };
  if (isIterable(source)) return { [Symbol.iterator]: () => inTurn(source, make()) };
  throw new ValueError(`batches: expected an iterable or an async iterable, got ${quote(source)}`);
}

const isAsync = (x: unknown): x is AsyncIterable<unknown> =>
  typeof (x as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function';
const isIterable = (x: unknown): x is Iterable<unknown> =>
  typeof x === 'object' && typeof (x as Iterable<unknown> | null)?.[Symbol.iterator] === 'function';

type Steps = Required<Omit<BatchesOptions<unknown, unknown, unknown>, 'transform'>> & {
  readonly transform: ExamplesOptions<unknown, unknown, unknown>['transform'];
};

/** The examples of the next batch. */
class Collector {
  /** The index of the example that is looked at. */
  index = 0;
  #examples: unknown[] = [];
  readonly #steps: Steps;

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  changed(example: unknown): unknown {
    if (example === undefined) throw new ValueError('expected an example, got undefined');
    const { transform } = this.#steps;
    return transform ? transform(example, this.index) : example;
  }

  /** Takes an example; whether the batch is full. */
  isFullWith(example: unknown): boolean {
    this.#examples.push(example);
    this.index++;
    return this.#examples.length === this.#steps.batchSize;
  }

  get hasRest(): boolean {
    return this.#examples.length > 0 && !this.#steps.dropLast;
  }

  /** The batch of the examples so far; the next begins without any. */
  take(): unknown {
    const examples = this.#examples;
    this.#examples = [];
    return this.#steps.collate!(examples, { places: examples.map((_, i) => this.index - examples.length + i) });
  }
}

function* inTurn(source: Iterable<unknown>, batch: Collector): Generator<unknown, void, undefined> {
  const iterator = source[Symbol.iterator]();
  let isOpen = true;
  try {
    for (;;) {
      let full: boolean;
      try {
        const { done, value } = iterator.next();
        isOpen = !done;
        if (done) break;
        full = batch.isFullWith(batch.changed(value));
      } catch (error) {
        throw tell('batches', batch.index, error);
      }
      if (full) yield batch.take();
    }
    if (batch.hasRest) yield batch.take();
  } finally {
    if (isOpen) iterator.return?.();
  }
}

async function* inTurnAsync(source: AsyncIterable<unknown>, batch: Collector): AsyncGenerator<unknown, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      let full: boolean;
      try {
        const { done, value } = await iterator.next();
        isOpen = !done;
        if (done) break;
        full = batch.isFullWith(await batch.changed(value));
      } catch (error) {
        throw tell('batches', batch.index, error);
      }
      if (full) yield await batch.take();
    }
    if (batch.hasRest) yield await batch.take();
  } finally {
    if (isOpen) await iterator.return?.();
  }
}

/**
 * Batches that are asked for before the loop needs them: up to `count` are under way while the loop works on one. For loaders and streams whose
 * batches are promises; their order is kept. A loop that is left ends the source.
 *
 * Of a loader it has the loader's `length` and `epoch(number)`, so a training goes on within an epoch as without it.
 *
 * @param count how many batches to be ahead. Default 1
 * @throws ValueError for what cannot be gone through, and for a count that is no whole number from 0. An error of a batch is thrown where its
 * turn comes.
 * @example
 * const later = examples([1, 2, 3], { transform: async (x) => 10 * x });
 * const sums = [];
 * for await (const batch of prefetch(new DataLoader(later, { batchSize: 2 }))) sums.push(batch.sum().item());
 * sums // => [30, 30]
 */
export function prefetch<B>(source: DataLoader<B>, count?: number): PrefetchedLoader<Awaited<B>>;
export function prefetch<B>(source: Iterable<B> | AsyncIterable<B>, count?: number): AsyncIterable<Awaited<B>>;
export function prefetch<B>(
  source: DataLoader<B> | Iterable<B> | AsyncIterable<B>,
  count: number = 1,
): AsyncIterable<Awaited<B>> | PrefetchedLoader<Awaited<B>> {
  check('prefetch', { count }, wholeNumberFrom(0));
  if (!isAsync(source) && !isIterable(source))
    throw new ValueError(`prefetch: expected a loader, or another iterable or async iterable, got ${quote(source)}`);
  const whole = { [Symbol.asyncIterator]: () => ahead(source, count) };
  if (!(source instanceof DataLoader)) return whole;
  return { ...whole, length: source.length, epoch: (number, first) => ahead(source.epoch(number, first), count) };
}

/** A loader whose batches are asked for ahead. */
export interface PrefetchedLoader<B> extends AsyncIterable<B> {
  /** How many batches an epoch has. */
  readonly length: number;
  /** One epoch by its number, from 0, and from a batch on: as `DataLoader.epoch`. */
  epoch(number: number, first?: number): AsyncGenerator<B, void, undefined>;
}

async function* ahead<B>(source: Iterable<B> | AsyncIterable<B>, count: number): AsyncGenerator<Awaited<B>, void, undefined> {
  const iterator = isAsync(source) ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const underWay: Promise<{ readonly done: boolean; readonly value: unknown }>[] = [];
  const ask = async () => {
    const { done, value } = await iterator.next();
    return { done: done === true, value: await value };
  };
  try {
    for (;;) {
      while (underWay.length <= count) {
        const asked = ask();
        // It is thrown when its turn comes; if the loop is left before, nobody waits for it.
        asked.catch(() => {});
        underWay.push(asked);
      }
      const { done, value } = await underWay.shift()!;
      if (done) return;
      yield value as Awaited<B>;
    }
  } finally {
    await iterator.return?.();
  }
}
