/** Datasets of examples that are had one by one. */

import { DataError, ValueError } from '../base/errors.ts';
import { aFunction, check, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Collated, collate } from './collate.ts';
import { type Columns, mapColumns } from './columns.ts';
import type { Indexed } from './data-loader.ts';
import { Dataset, type Examples, placesBelow } from './dataset.ts';

/** Anything with examples by their index, from 0: an array, or what has a size and a method for one example, which may be a promise. */
export type Listed<T> =
  | { readonly length: number; at(index: number): T | undefined }
  | { readonly length: number; get(index: number): T }
  | { readonly size: number; at(index: number): T | undefined }
  | { readonly size: number; get(index: number): T };

/** Options of `examples`: `T` becomes `U` by `transform`, and several `U` one `B` by `collate`. */
export interface ExamplesOptions<T, U, B> {
  /** What is made of each example, given its index. It may be a promise. Default the example itself. */
  readonly transform?: ((example: Awaited<T>, index: number) => U) | undefined;
  /** What makes a batch of examples, given their indices in `{ places }`. Default `collate`. */
  readonly collate?: ((examples: readonly Awaited<U>[], about: { readonly places: ArrayLike<number> }) => B) | undefined;
}

/** A batch, or a promise of it where examples come as promises. */
export type Promised<T, B> = T extends PromiseLike<unknown> ? Promise<Awaited<B>> : B;

/**
 * A dataset of whatever can be asked for examples by their index, for `DataLoader`: an array, an object with `length` or `size` and `at` or
 * `get`, or a `Dataset`, whose examples are `[x, y]` without the axis of examples.
 *
 * Examples are trees of tensors, numbers, arrays of numbers and text, see `collate`. They are asked for when their batch is, each time anew. If
 * they are promises, so are batches: loop with `for await`.
 *
 * @throws ValueError for what has no examples by index, and for options that are not known. Errors about one example name its index.
 * @example
 * const words = ['to', 'be', 'or', 'not'];
 * const lengths = examples(words, { transform: (word) => word.length });
 * [...new DataLoader(lengths, { batchSize: 3 })].map((batch) => batch.toArray()) // => [[2, 2, 2], [3]]
 */
export function examples<T, U = Awaited<T>, B = Collated<Awaited<U>>>(
  list: Listed<T>,
  options?: ExamplesOptions<T, U, B>,
): Indexed<Promised<T | U, B>>;
export function examples<E extends Examples, U = E, B = Collated<Awaited<U>>>(
  list: Dataset<E>,
  options?: ExamplesOptions<E, U, B>,
): Indexed<Promised<U, B>>;
export function examples(list: unknown, options?: ExamplesOptions<unknown, unknown, unknown>): Indexed<unknown> {
  const { transform, collate: join } = readOptions<ExamplesOptions<unknown, unknown, unknown>>('examples', options, {
    transform: withoutDefault(aFunction),
    collate: optional(aFunction, collate),
  });
  const { size, at } = listed(list);
  const one = (place: number): unknown => {
    const name = (error: unknown) => tell('examples', place, error);
    const changed = (example: unknown) => {
      if (example === undefined) throw new ValueError('expected an example, got undefined');
      return transform ? transform(example, place) : example;
    };
    try {
      const example = at(place);
      const result = isPromise(example) ? example.then(changed) : changed(example);
      return isPromise(result) ? result.then(undefined, (error: unknown) => Promise.reject(name(error))) : result;
    } catch (error) {
      throw name(error);
    }
  };
  return {
    size,
    rows(places) {
      check('examples', { places }, placesBelow(size));
      const found = Array.from(places, one);
      const batch = (examples: readonly unknown[]) => join!(examples, { places });
      return found.some(isPromise) ? Promise.all(found).then(batch) : batch(found);
    },
  };
}

export const isPromise = (x: unknown): x is PromiseLike<unknown> =>
  typeof (x as PromiseLike<unknown> | null | undefined)?.then === 'function';

/** An error about an example, with its index. */
export const tell = (where: string, index: number, error: unknown): DataError =>
  new DataError(`${where}: example ${index}: ${error instanceof Error ? error.message : quote(error)}`, { cause: error });

/** How many examples there are, and how to get one. */
function listed(list: unknown): { readonly size: number; readonly at: (place: number) => unknown } {
  if (list instanceof Dataset)
    return {
      size: list.size,
      at: (place) =>
        (list.rows([place]) as unknown as Columns[]).map((columns) =>
          mapColumns(columns, ({ shape, numbers }) => new Tensor(shape.slice(1), numbers)),
        ),
    };
  const { length, size = length, at, get = at } = (typeof list === 'object' && list !== null ? list : {}) as Record<string, unknown>;
  if (typeof get !== 'function' || !(Number.isSafeInteger(size) && (size as number) >= 0))
    throw new ValueError(
      `examples: expected an array, or an object with length or size and at or get, got ${quote(list)}; others are batched by batches(…)`,
    );
  return { size: size as number, at: (place) => get.call(list, place) };
}

/**
 * A dataset whose batches are changed by a function, such as one that augments images or scales features.
 *
 * @throws ValueError for what is no dataset, or no function.
 * @example
 * const dataset = transformed(new Dataset(Tensor.arange(4)), ([x]) => x.mul(10));
 * [...new DataLoader(dataset, { batchSize: 2 })].map((x) => x.toArray()) // => [[0, 10], [20, 30]]
 */
export function transformed<B, C>(dataset: Indexed<B>, f: (batch: Awaited<B>) => C): Indexed<Promised<B, C>> {
  checkIndexed('transformed', dataset);
  check('transformed', { f }, aFunction);
  return {
    size: dataset.size,
    rows(places) {
      const batch: unknown = dataset.rows(places);
      return (isPromise(batch) ? batch.then(f as (batch: unknown) => unknown) : f(batch as Awaited<B>)) as Promised<B, C>;
    },
  };
}

/**
 * Some examples of a dataset, in an order: of a `Dataset` a new one, of others a view.
 *
 * @throws ValueError for what is no dataset, and for places that are not those of examples.
 * @example subset(new Dataset(Tensor.of([5, 6, 7])), [2, 0]).x.toArray() // => [7, 5]
 */
export function subset<E extends Examples>(dataset: Dataset<E>, places: ArrayLike<number>): Dataset<E>;
export function subset<B>(dataset: Indexed<B>, places: ArrayLike<number>): Indexed<B>;
export function subset(dataset: Indexed<unknown>, places: ArrayLike<number>): Indexed<unknown> {
  checkIndexed('subset', dataset);
  check('subset', { places }, placesBelow(dataset.size));
  if (dataset instanceof Dataset) return new Dataset(...(dataset.rows(places) as unknown as Examples));
  const kept = Int32Array.from(places);
  return {
    size: kept.length,
    rows(among) {
      check('subset', { among }, placesBelow(kept.length));
      return dataset.rows(Int32Array.from(among, (place) => kept[place]!));
    },
  };
}

/** Refuses what no loader can take batches from. */
export function checkIndexed(where: string, dataset: unknown): asserts dataset is Indexed<unknown> {
  const { size, rows, data } = (dataset ?? {}) as Record<string, unknown>;
  const help = data instanceof Dataset ? 'give its data' : 'make one with new Dataset(x, y), or of a list with examples(list)';
  if (typeof rows !== 'function' || !(Number.isSafeInteger(size) && (size as number) >= 0))
    throw new ValueError(`${where}: expected a dataset, got ${quote(dataset)}; ${help}`);
}
