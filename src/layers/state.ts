/** What a model holds: its parameters and buffers, and copies of them. Nothing here writes to a model but `loadStateDict`. */

import { StateError, ValueError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import type { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { insteadOfTensor, Tensor } from '../tensor/tensor.ts';
import { isBuffer, tensorsOf } from '../tensor/walk.ts';

/**
 * Every parameter of a model, found by looking through the model's own properties, arrays, Maps and Sets. One that stands at several places is
 * listed once. The model is not changed.
 *
 * @throws ValueError for a model that is no object.
 * @example parameters(new Sequential(new Linear(2, 3), relu)).map(({ shape }) => shape) // => [[2, 3], [3]]
 */
export function parameters(model: object): Parameter[] {
  return found('parameters', model, isParameter).map(([, parameter]) => parameter);
}

/**
 * Every parameter of a model by its path, in the order of `parameters`. One that stands at several places has the path of the first. The
 * model is not changed: the paths that tapes and errors print are given by an optimizer, or by a tape that is handed the model.
 *
 * @throws ValueError for a model that is no object, and where two parameters have one path.
 * @example [...namedParameters(new Sequential(new Linear(2, 3), relu)).keys()] // => ['layers.0.weight', 'layers.0.bias']
 */
export function namedParameters(model: object): Map<string, Parameter> {
  return byPath('namedParameters', found('namedParameters', model, isParameter));
}

/**
 * Every buffer of a model by its path, found as parameters are: the state that is saved, but not trained.
 *
 * @throws ValueError for a model that is no object, and where two buffers have one path.
 * @example [...namedBuffers(new Sequential(new Linear(2, 3), new BatchNorm(3))).keys()] // => ['layers.1.runningMean', 'layers.1.runningVariance', 'layers.1.batches']
 */
export function namedBuffers(model: object): Map<string, Buffer> {
  return byPath('namedBuffers', found('namedBuffers', model, isBuffer));
}

const isParameter = (x: Tensor | Buffer): x is Parameter => x instanceof Parameter;

/** All parameters and buffers, by path. */
export const stateOf = (where: string, model: object): Map<string, Parameter | Buffer> =>
  byPath(
    where,
    found(where, model, (x): x is Parameter | Buffer => isParameter(x) || isBuffer(x)),
  );

function found<T extends Tensor | Buffer>(where: string, model: object, is: (x: Tensor | Buffer) => x is T): (readonly [string, T])[] {
  if (typeof model !== 'object' || model === null)
    throw new ValueError(`${where}: expected a model, an object that has parameters, got ${quote(model)}`);
  return [...tensorsOf(model)].filter((entry): entry is [string, T] => is(entry[1]));
}

function byPath<T extends Tensor | Buffer>(where: string, all: readonly (readonly [string, T])[]): Map<string, T> {
  const named = new Map<string, T>();
  for (const [path, part] of all) {
    if (named.has(path))
      throw new ValueError(
        `${where}: two ${isBuffer(part) ? 'buffers' : 'parameters'} have the path ${path}; give one of the properties another name`,
      );
    named.set(path, part);
  }
  return named;
}

/**
 * Copies of all parameters and buffers of a model, by path: what to save of it. JSON and `structuredClone` keep no tensors: write `toArray()` or `data`
 * of each.
 *
 * @throws ValueError for what `namedParameters` and `namedBuffers` refuse, and where a parameter and a buffer have one path.
 * @example Object.keys(stateDict(new Linear(2, 3))) // => ['weight', 'bias']
 */
export function stateDict(model: object): Record<string, Tensor> {
  return Object.fromEntries(
    [...stateOf('stateDict', model)].map(([path, part]) => {
      const { shape, data } = isBuffer(part) ? part.value : part;
      return [path, Tensor.fromTypedArray(data, shape)];
    }),
  );
}

/**
 * Gives all parameters and buffers of a model the numbers that a state dict has for them; all of them or, where anything does not fit, none.
 *
 * @throws StateError with every entry that is missing, that the model does not have, or that has another shape or dtype.
 * @example
 * const [a, b] = [new Linear(2, 3), new Linear(2, 3)];
 * loadStateDict(b, stateDict(a));
 * b.weight.toArray() // => a.weight.toArray()
 */
export function loadStateDict(model: object, state: Readonly<Record<string, Tensor>>): void {
  if (!isPlainObject(state)) throw new StateError(`loadStateDict: expected an object of tensors by path, got ${quote(state)}`);
  const named = stateOf('loadStateDict', model);
  const misfits = misfitsIn(named, state);
  if (misfits.length > 0)
    throw new StateError(`loadStateDict: the state does not fit the model, so nothing was loaded\n  ${misfits.join('\n  ')}`);
  // Copies first: the state may hold the model's own parameters in another order.
  const copies = [...named].map(([path, part]) => [part, Tensor.fromTypedArray(state[path]!.data, part.shape)] as const);
  for (const [part, copy] of copies) part.assign(copy);
}

/** All that keeps a state dict from being loaded. */
export const misfits = (model: object, state: Readonly<Record<string, unknown>>): string[] => misfitsIn(stateOf('misfits', model), state);

function misfitsIn(named: ReadonlyMap<string, Parameter | Buffer>, state: Readonly<Record<string, unknown>>): string[] {
  const found = [...named].flatMap(([path, part]) => misfit(path, part, Object.hasOwn(state, path) ? state[path] : undefined));
  for (const path of Object.keys(state)) if (!named.has(path)) found.push(`left over: ${path}, which the model does not have`);
  return found;
}

/** What JSON and `structuredClone` make of a tensor. */
const NO_TENSOR =
  'an object; JSON and structuredClone keep no tensors: keep data and shape, and make them anew by Tensor.fromTypedArray(data, { shape })';

/** What is wrong with the entry for a parameter or a buffer, if anything is. */
function misfit(path: string, { shape, dtype }: Parameter | Buffer, given: unknown): string[] {
  const wanted = `${dtype} ${formatShape(shape)}`;
  if (!given) return [`missing: ${path}, ${wanted}`];
  if (!(given instanceof Tensor))
    return [`no tensor: ${path}, expected ${wanted}, got ${isPlainObject(given) ? NO_TENSOR : insteadOfTensor(given)}`];
  if (sameShape(given.shape, shape) && given.dtype === dtype) return [];
  return [`misfit: ${path}, expected ${wanted}, got ${given.dtype} ${formatShape(given.shape)}`];
}
