/** What a model holds: its parameters, and copies of them. Nothing here writes to a model but `loadStateDict`. */

import { StateError, ValueError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { insteadOfTensor, Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';

/**
 * Every parameter of a model, found by looking through the model's own properties, arrays, Maps and Sets. One that stands at several places is
 * listed once. The model is not changed.
 *
 * @throws ValueError for a model that is no object.
 * @example parameters(new Sequential(new Linear(2, 3), relu)).map(({ shape }) => shape) // => [[2, 3], [3]]
 */
export function parameters(model: object): Parameter[] {
  return found('parameters', model).map(([, parameter]) => parameter);
}

/**
 * Every parameter of a model by its path, in the order of `parameters`. One that stands at several places has the path of the first. The
 * model is not changed: the paths that tapes and errors print are given by an optimizer, or by a tape that is handed the model.
 *
 * @throws ValueError for a model that is no object, and where two parameters have one path.
 * @example [...namedParameters(new Sequential(new Linear(2, 3), relu)).keys()] // => ['layers.0.weight', 'layers.0.bias']
 */
export function namedParameters(model: object): Map<string, Parameter> {
  const named = new Map<string, Parameter>();
  for (const [path, parameter] of found('namedParameters', model)) {
    if (named.has(path))
      throw new ValueError(`namedParameters: two parameters have the path ${path}; give one of the properties another name`);
    named.set(path, parameter);
  }
  return named;
}

function found(where: string, model: object): (readonly [string, Parameter])[] {
  if (typeof model !== 'object' || model === null)
    throw new ValueError(`${where}: expected a model, an object that has parameters, got ${quote(model)}`);
  return [...tensorsOf(model)].filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
}

/**
 * Copies of all parameters of a model, by path: what to save of it. JSON and `structuredClone` keep no tensors: write `toArray()` or `data` of each.
 *
 * @throws ValueError for what `namedParameters` refuses.
 * @example Object.keys(stateDict(new Linear(2, 3))) // => ['weight', 'bias']
 */
export function stateDict(model: object): Record<string, Tensor> {
  return Object.fromEntries([...namedParameters(model)].map(([path, { shape, data }]) => [path, Tensor.fromTypedArray(data, shape)]));
}

/**
 * Gives all parameters of a model the numbers that a state dict has for them; all of them or, where anything does not fit, none.
 *
 * @throws StateError with every entry that is missing, that the model does not have, or that has another shape or dtype.
 * @example
 * const [a, b] = [new Linear(2, 3), new Linear(2, 3)];
 * loadStateDict(b, stateDict(a));
 * b.weight.toArray() // => a.weight.toArray()
 */
export function loadStateDict(model: object, state: Readonly<Record<string, Tensor>>): void {
  if (!isPlainObject(state)) throw new StateError(`loadStateDict: expected an object of tensors by path, got ${quote(state)}`);
  const named = namedParameters(model);
  const misfits = [...named].flatMap(([path, parameter]) => misfit(path, parameter, Object.hasOwn(state, path) ? state[path] : undefined));
  for (const path of Object.keys(state)) if (!named.has(path)) misfits.push(`left over: ${path}, which the model does not have`);
  if (misfits.length > 0)
    throw new StateError(`loadStateDict: the state does not fit the model, so nothing was loaded\n  ${misfits.join('\n  ')}`);
  // Copies first: the state may hold the model's own parameters in another order.
  const copies = [...named].map(([path, parameter]) => [parameter, Tensor.fromTypedArray(state[path]!.data, parameter.shape)] as const);
  for (const [parameter, copy] of copies) parameter.assign(copy);
}

/** What JSON and `structuredClone` make of a tensor. */
const NO_TENSOR =
  'an object; JSON and structuredClone keep no tensors: keep data and shape, and make them anew by Tensor.fromTypedArray(data, { shape })';

/** What is wrong with the entry for a parameter, if anything is. */
function misfit(path: string, { shape, dtype }: Parameter, given: unknown): string[] {
  const wanted = `${dtype} ${formatShape(shape)}`;
  if (!given) return [`missing: ${path}, ${wanted}`];
  if (!(given instanceof Tensor))
    return [`no tensor: ${path}, expected ${wanted}, got ${isPlainObject(given) ? NO_TENSOR : insteadOfTensor(given)}`];
  if (sameShape(given.shape, shape) && given.dtype === dtype) return [];
  return [`misfit: ${path}, expected ${wanted}, got ${given.dtype} ${formatShape(given.shape)}`];
}
