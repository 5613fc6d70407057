/** What can be saved of a program besides its models: plain data with tensors in it. */

import { ValueError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { Parameter } from './parameter.ts';
import { Tensor } from './tensor.ts';

/** Numbers of any kind, texts, tensors, typed arrays, and lists and objects of them. */
export type PlainData =
  | undefined
  | null
  | boolean
  | number
  | string
  | Tensor
  | Float32Array
  | Float64Array
  | Int32Array
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };

/** How deep lists and objects may stand in each other: far less than the readers of files take. */
const DEEPEST = 20;

/** Whether something is a typed array of one of the kinds that tensors have. */
export const isNumbers = (x: unknown): x is Float32Array | Float64Array | Int32Array =>
  x instanceof Float32Array || x instanceof Float64Array || x instanceof Int32Array;

/**
 * A copy of plain data that nothing else changes. A parameter is copied as a tensor.
 * @param where what is called, and the name of the data, for errors
 * @throws ValueError for what is no plain data, with its place.
 */
export function copyPlain(where: string, value: unknown, depth = 0): PlainData {
  if (value === null || ['undefined', 'boolean', 'number', 'string'].includes(typeof value)) return value as PlainData;
  if (value instanceof Parameter) return Tensor.fromTypedArray(value.data, value.sizes);
  if (value instanceof Tensor) return value;
  if (isNumbers(value)) return value.slice();
  const isObject = isPlainObject(value);
  if (!isObject && !Array.isArray(value))
    throw new ValueError(`${where}: expected plain data (numbers, texts, tensors, lists and objects of them), got ${quote(value)}`);
  if (depth === DEEPEST)
    throw new ValueError(`${where}: expected at most ${DEEPEST} levels of lists and objects; does it stand in itself?`);
  const copy = (key: string | number, part: unknown) => copyPlain(`${where}.${key}`, part, depth + 1);
  // A list may have holes, which `map` would keep.
  if (!isObject) return Array.from(value as readonly unknown[], (part, i) => copy(i, part));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(key, part)]));
}
