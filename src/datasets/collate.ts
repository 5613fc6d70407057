/** Batches of examples: trees of numbers, tensors and text that are put together leaf by leaf. */

import { type Dtype, newData } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { anyNumber, isPlainObject, oneOf, optional, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { formatShape, sameShape, sizeOf } from '../base/shape.ts';
import type { Nested } from '../base/shape-types.ts';
import { Tensor } from '../tensor/tensor.ts';

type TypedArray = Float32Array | Float64Array | Int32Array;

/** What examples of a type are together: tensors with one row for each example, in the same tree. */
export type Collated<T> =
  T extends Tensor<infer S>
    ? Tensor<S extends readonly number[] ? [number, ...S] : any>
    : T extends number | boolean
      ? Tensor<[number]>
      : T extends TypedArray
        ? Tensor<[number, number]>
        : T extends string
          ? string[]
          : T extends readonly Nested[]
            ? Tensor
            : T extends readonly unknown[] | { readonly [name: string]: unknown }
              ? { -readonly [Part in keyof T]: Collated<T[Part]> }
              : T[];

/** Sequences of different lengths in one tensor. */
export interface Padded {
  /** `[examples, longest, …]`: each example from the beginning, then the padding. */
  readonly values: Tensor;
  /** How long each example is, `[examples]` in int32. */
  readonly lengths: Tensor<[number]>;
}

/** What examples of a type are together when `padded()` collates them. */
export type PaddedTree<T> = T extends number | boolean
  ? Tensor<[number]>
  : T extends Tensor | TypedArray | readonly Nested[]
    ? Padded
    : T extends string
      ? string[]
      : T extends readonly unknown[] | { readonly [name: string]: unknown }
        ? { -readonly [Part in keyof T]: PaddedTree<T[Part]> }
        : T[];

/** Options of `collate`. */
export interface CollateOptions {
  /** The dtype that numbers and arrays of numbers get. Tensors and typed arrays keep theirs. Default float32. */
  readonly numbers?: Dtype;
  /** The index of each example, for errors. Default 0, 1, 2, … */
  readonly places?: ArrayLike<number> | undefined;
}

/** Options of `padded`. */
export interface PaddedOptions {
  /** What follows the end of a sequence. Default 0. */
  readonly value?: number;
  /** As in `collate`. Default float32. */
  readonly numbers?: Dtype;
}

const dtypes = /* @__PURE__ */ oneOf('float32', 'float64', 'int32');
const indices: Requirement = { words: 'a list of indices', holds: (x) => Number.isInteger((x as ArrayLike<number> | null)?.length) };

/** How leaves are put together: the tensors of all examples, what they are called, and how each example is. */
type Join = (tensors: readonly Tensor[], what: string, example: (i: number) => string) => unknown;

/**
 * Examples as one batch: objects and tuples by their parts, tensors of one shape `[…]` to `[examples, …]`, numbers to `[examples]`, arrays of
 * numbers like tensors, text to a list.
 *
 * Numbers are float32, whether they are whole or not, so that batches are of one dtype; for classes say `{ numbers: 'int32' }`. Nothing of it
 * is recorded on a tape.
 *
 * @throws ValueError for no examples, for examples of different kinds or parts, and for options that are not known; ShapeError, DtypeError for
 * tensors of different shapes and dtypes. Each names the example.
 * @example
 * const { x, y } = collate([{ x: [1, 2], y: 0 }, { x: [3, 4], y: 1 }]);
 * [x.toArray(), y.toArray()] // => [[[1, 2], [3, 4]], [0, 1]]
 */
export function collate<T>(examples: readonly T[], options?: CollateOptions): Collated<T> {
  const { numbers, places } = readOptions<CollateOptions>('collate', options, {
    numbers: optional(dtypes, 'float32'),
    places: withoutDefault(indices),
  });
  return collated('collate', examples, places, numbers, stacked('collate')) as Collated<T>;
}

/**
 * Collates as `collate` does, but tensors and arrays of numbers may differ in their first size: each becomes `{ values, lengths }`, with as many
 * steps as the longest has, also where all are equally long.
 *
 * @returns a function for the option `collate` of `examples` and `batches`
 * @throws ValueError for options that are not known.
 * @example
 * const { values, lengths } = padded({ value: -1 })([[5, 6, 7], [8]]);
 * [values.toArray(), lengths.toArray()] // => [[[5, 6, 7], [8, -1, -1]], [3, 1]]
 */
export function padded(options?: PaddedOptions): <T>(examples: readonly T[], options?: Pick<CollateOptions, 'places'>) => PaddedTree<T> {
  const { value, numbers } = readOptions<PaddedOptions>('padded', options, {
    value: optional(anyNumber, 0),
    numbers: optional(dtypes, 'float32'),
  });
  return <T>(examples: readonly T[], about?: Pick<CollateOptions, 'places'>) => {
    const { places } = readOptions<Pick<CollateOptions, 'places'>>('padded', about, { places: withoutDefault(indices) });
    return collated('padded', examples, places, numbers, paddedBy(value)) as PaddedTree<T>;
  };
}

function collated(where: string, examples: readonly unknown[], places: ArrayLike<number> | undefined, dtype: Dtype, join: Join): unknown {
  if (!Array.isArray(examples) || examples.length === 0)
    throw new ValueError(`${where}: expected a list of examples, got ${quote(examples)}`);
  const example = (i: number) => `example ${places?.[i] ?? i}`;
  const together = (values: readonly unknown[], what: string, depth: number): unknown => {
    if (depth > DEEPEST) throw new ValueError(`${where}: expected examples no more than ${DEEPEST} levels deep; do they hold themselves?`);
    const [first] = values;
    const kind = kindOf(first);
    const misfit = values.findIndex((value) => kindOf(value) !== kind);
    const expected = `${where}: expected ${what} to be`;
    if (misfit >= 0)
      throw new ValueError(`${expected} ${WORDS[kind]}, as in ${example(0)}, got ${quote(values[misfit])} in ${example(misfit)}`);
    if (kind === 'numbers') {
      const tensors = values.map((value, i) => asTensor(value, dtype, `${where}: ${what} in ${example(i)}`));
      return join(tensors, what, example);
    }
    if (kind === 'other') return [...values];
    const parts = Object.keys(first as object);
    const other = values.findIndex(
      (value) =>
        Object.keys(value as object)
          .toSorted()
          .join() !== parts.toSorted().join(),
    );
    if (other >= 0)
      throw new ValueError(
        `${expected} ${WORDS[kind]} of ${parts.join(', ')}, as in ${example(0)}, got ${quote(values[other])} in ${example(other)}`,
      );
    const joined = parts.map((part) => {
      const name = kind === 'list' ? `${what}[${part}]` : what === 'examples' ? part : `${what}.${part}`;
      return together(
        values.map((value) => (value as Record<string, unknown>)[part]),
        name,
        depth + 1,
      );
    });
    return kind === 'list' ? joined : Object.fromEntries(joined.map((value, i) => [parts[i]!, value]));
  };
  return together(examples, 'examples', 0);
}

/** How many levels a tree of examples may have. */
const DEEPEST = 32;

const WORDS = { numbers: 'numbers', list: 'a list', object: 'an object', other: 'what it is' } as const;

function kindOf(value: unknown): keyof typeof WORDS {
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof Tensor || isTyped(value)) return 'numbers';
  if (Array.isArray(value)) return isNested(value) ? 'numbers' : 'list';
  return isPlainObject(value) ? 'object' : 'other';
}

const isTyped = (value: unknown): value is TypedArray =>
  value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array;

/** Whether an array holds numbers alone, however deep. */
const isNested = (list: readonly unknown[], depth = 0): boolean =>
  depth < DEEPEST &&
  list.length > 0 &&
  (list.every((x) => typeof x === 'number') || list.every((x) => Array.isArray(x) && isNested(x, depth + 1)));

function asTensor(value: unknown, dtype: Dtype, where: string): Tensor {
  if (value instanceof Tensor) return value;
  if (isTyped(value)) return new Tensor([value.length], value);
  try {
    return Tensor.of(typeof value === 'boolean' ? Number(value) : (value as Nested), dtype);
  } catch (error) {
    throw new ValueError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function checkDtypes(where: string, tensors: readonly Tensor[], what: string, example: (i: number) => string): void {
  const { dtype } = tensors[0]!;
  const other = tensors.findIndex((tensor) => tensor.dtype !== dtype);
  if (other >= 0)
    throw new DtypeError(
      `${where}: expected ${what} in ${dtype}, as in ${example(0)}, got ${tensors[other]!.dtype} in ${example(other)}; convert one with cast`,
    );
}

const stacked =
  (where: string): Join =>
  (tensors, what, example) => {
    checkDtypes(where, tensors, what, example);
    const { shape, size, dtype } = tensors[0]!;
    const other = tensors.findIndex((tensor) => !sameShape(tensor.shape, shape));
    if (other >= 0)
      throw new ShapeError(
        `${where}: expected ${what} of shape ${formatShape(shape)}, as in ${example(0)}, got ${formatShape(tensors[other]!.shape)} in ` +
          `${example(other)}; sequences of different lengths are collated by padded()`,
      );
    const data = newData(dtype, tensors.length * size);
    tensors.forEach(({ numbers }, i) => data.set(numbers, i * size));
    return new Tensor([tensors.length, ...shape], data);
  };

const paddedBy =
  (value: number): Join =>
  (tensors, what, example) => {
    const [first] = tensors as [Tensor, ...Tensor[]];
    if (first.rank === 0) return stacked('padded')(tensors, what, example);
    checkDtypes('padded', tensors, what, example);
    const step = first.shape.slice(1);
    const other = tensors.findIndex(({ rank, shape }) => rank === 0 || !sameShape(shape.slice(1), step));
    if (other >= 0)
      throw new ShapeError(
        `padded: expected ${what} of shape ${formatShape(['length', ...step] as never)}, as in ${example(0)}, got ` +
          `${formatShape(tensors[other]!.shape)} in ${example(other)}`,
      );
    if (first.dtype === 'int32' && (value | 0) !== value)
      throw new ValueError(`padded: expected value to be a whole number that fits in int32, as ${what} is, got ${value}`);
    const lengths = Int32Array.from(tensors, ({ shape }) => shape[0]!);
    const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
    const data = newData(first.dtype, tensors.length * longest * sizeOf(step)).fill(value);
    tensors.forEach(({ numbers }, i) => data.set(numbers, i * longest * sizeOf(step)));
    return { values: new Tensor([tensors.length, longest, ...step], data), lengths: new Tensor([tensors.length], lengths) };
  };
