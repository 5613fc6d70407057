/** Tensors of a file, by their names, into the parameters and buffers of a model: all of them or none. */

import { DtypeError, StateError, ValueError } from '../base/errors.ts';
import { boolean, isPlainObject, nearest, type OptionTable, optional, quote, type Requirement, withoutDefault } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { stateOf } from '../layers/state.ts';
import type { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { unrecorded } from '../tensor/recorders.ts';
import { insteadOfTensor, Tensor } from '../tensor/tensor.ts';

/** How a file fits a model. */
export interface PlacingOptions {
  /**
   * What tensors are called in the file: an object from names of the model to names in the file, for those that differ, or a function of the name.
   * Default: as in the model.
   */
  readonly names?: Readonly<Record<string, string>> | ((name: string) => string);
  /** Whether what the file lacks keeps its numbers, and what the model lacks is left out. Default false: both are refused. */
  readonly partial?: boolean;
}

/** What became of the tensors of a file. */
export interface Placed {
  /** The names in the model of what was loaded. */
  readonly loaded: readonly string[];
  /** The names in the model of what the file lacks. */
  readonly missing: readonly string[];
  /** The names in the file of what the model lacks. */
  readonly leftOver: readonly string[];
}

const naming: Requirement = {
  words: 'names in the file by names in the model, or a function of a name',
  holds: (x) => typeof x === 'function' || (isPlainObject(x) && Object.values(x).every((name) => typeof name === 'string')),
};

export const placingOptions: OptionTable<PlacingOptions> = {
  names: /* @__PURE__ */ withoutDefault(naming),
  partial: /* @__PURE__ */ optional(boolean, false),
};

/** What of a model has numbers that are saved. */
export type Part = Parameter | Buffer;

/** A tensor of a file, and the parts of a model that it holds. */
export interface Entry {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Its shape in the file. */
  readonly shape: readonly number[];
  /** The tensor of the file, from the values of the parts. */
  readonly write: (values: readonly Tensor[]) => Tensor;
  /** The values of the parts, from the tensor of the file. */
  readonly read: (x: Tensor) => readonly Tensor[];
}

/**
 * Tensors by name, as an object or a Map has them.
 * @throws DtypeError for what is neither, and for names that are no texts.
 */
export function byName(where: string, example: string, tensors: unknown): ReadonlyMap<string, Tensor> {
  if (!(tensors instanceof Map) && !isPlainObject(tensors))
    throw new DtypeError(`${where}: expected tensors by name, such as ${example}, got ${quote(tensors)}`);
  const named = tensors instanceof Map ? tensors : new Map(Object.entries(tensors));
  for (const name of named.keys())
    if (typeof name !== 'string') throw new DtypeError(`${where}: expected names that are texts, got ${quote(name)}`);
  return named;
}

/** The value of a part now. */
export const valueNow = (part: Part): Tensor => {
  const { data, shape } = part instanceof Parameter ? part : part.value;
  return Tensor.fromTypedArray(data, shape) as Tensor;
};

/** Every parameter and buffer of a model, under its path and in its own shape. */
export const plainEntries = (where: string, model: object): Entry[] =>
  [...stateOf(where, model)].map(([name, part]) => ({ name, parts: [part], shape: part.shape, write: ([x]) => x!, read: (x) => [x] }));

/**
 * Gives a model the tensors of a file; where anything does not fit, none of them.
 * @throws StateError with every entry that is missing, left over, of another shape or dtype, and with tied parts that differ; ValueError for names that are none.
 */
export function place(where: string, entries: readonly Entry[], tensors: ReadonlyMap<string, Tensor>, options: PlacingOptions): Placed {
  const nameInFile = renaming(where, entries, options.names);
  const found: { readonly entry: Entry; readonly x: Tensor }[] = [];
  const absent: Entry[] = [];
  const used = new Set<string>();
  const misfits: string[] = [];
  for (const entry of entries) {
    const name = nameInFile(entry.name);
    used.add(name);
    const x: unknown = tensors.get(name);
    if (x === undefined) absent.push(entry);
    else if (fits(entry, x)) found.push({ entry, x });
    else misfits.push(`misfit: ${both(entry.name, name)}, expected ${wanted(entry)}, got ${described(x)}${castOf(entry, x)}`);
  }
  const given = new Set(found.flatMap(({ entry }) => entry.parts));
  // Parts that are tied are there under several names, of which a file may have one.
  const missing = absent.filter(({ parts }) => !parts.every((part) => given.has(part)));
  const leftOver = [...tensors.keys()].filter((name) => !used.has(name));
  if (!options.partial) {
    for (const entry of missing) misfits.push(`missing: ${both(entry.name, nameInFile(entry.name))}, ${wanted(entry)}`);
    for (const name of leftOver) misfits.push(`left over: ${name}, which the model does not have`);
  }
  const values = unrecorded(() => valuesOf(found, misfits));
  if (misfits.length > 0)
    throw new StateError(
      `${where}: the tensors do not fit the model, so nothing was loaded; { names } says what they are called, { partial: true } loads what is there\n` +
        `  ${misfits.join('\n  ')}`,
    );
  if (found.length === 0 && entries.length > 0)
    throw new StateError(
      `${where}: none of the tensors has a name of the model, so nothing was loaded; { names } says what they are called`,
    );
  for (const [part, { value }] of values) part.assign(value);
  return { loaded: found.map(({ entry }) => entry.name), missing: missing.map(({ name }) => name), leftOver };
}

function renaming(where: string, entries: readonly Entry[], names: PlacingOptions['names']): (name: string) => string {
  if (typeof names === 'function')
    return (name) => {
      const other: unknown = names(name);
      if (typeof other !== 'string') throw new ValueError(`${where}: expected a name in the file for ${name}, got ${quote(other)}`);
      return other;
    };
  if (names === undefined) return (name) => name;
  const known = entries.map(({ name }) => name);
  for (const name of Object.keys(names)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new ValueError(
      `${where}: names: the model has no ${quote(name)}${near === undefined ? '' : `; did you mean ${near}?`} Names of the model come first, those in the file second`,
    );
  }
  return (name) => (Object.hasOwn(names, name) ? names[name]! : name);
}

const fits = ({ parts, shape }: Entry, x: unknown): x is Tensor =>
  x instanceof Tensor && sameShape(x.sizes, shape) && x.dtype === parts[0]!.dtype;

const both = (name: string, inFile: string): string => (name === inFile ? name : `${name} (${inFile} in the file)`);
const wanted = ({ parts, shape }: Entry): string => `${parts[0]!.dtype} ${formatShape(shape)}`;
/** What to do where only the dtype is another. */
const castOf = ({ parts, shape }: Entry, x: unknown): string =>
  x instanceof Tensor && sameShape(x.sizes, shape) ? `; tensors are cast by x.cast('${parts[0]!.dtype}')` : '';
const described = (x: unknown): string => (x instanceof Tensor ? `${x.dtype} ${formatShape(x.sizes)}` : insteadOfTensor(x));

/** The next value of each part. Two names of one part must agree. */
function valuesOf(found: readonly { readonly entry: Entry; readonly x: Tensor }[], misfits: string[]) {
  const values = new Map<Part, { readonly name: string; readonly value: Tensor }>();
  for (const { entry, x } of found)
    entry.read(x).forEach((read, i) => {
      const part = entry.parts[i]!;
      const before = values.get(part);
      // A copy: what is loaded may be the model's own numbers in another order.
      if (!before) values.set(part, { name: entry.name, value: Tensor.fromTypedArray(read.data, read.shape) as Tensor });
      else if (!before.value.data.every((number, j) => Object.is(number, read.data[j])))
        misfits.push(`tied: ${before.name} and ${entry.name} are one, and have different numbers`);
    });
  return values;
}
