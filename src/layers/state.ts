import { StateError, ValueError } from '../base/errors.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * Every parameter of a model under its path, such as `layers.0.weight`: found by looking through the model's own properties, arrays and plain
 * objects, not by registering. One that stands at several places is found once, at the first. Tells each parameter its path.
 *
 * @example [...parameters(new Sequential(new Linear(2, 3))).keys()] // => ['layers.0.weight', 'layers.0.bias']
 */
export function parameters(model: object): Map<string, Parameter> {
  if (typeof model !== 'object' || model === null)
    throw new ValueError(`parameters: expected a model, an object that has parameters, got ${model === null ? 'null' : typeof model}`);
  const found = new Map<string, Parameter>();
  const seen = new Set<object>();
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Parameter) {
      if (found.has(path)) throw new ValueError(`parameters: two go by the path ${path}; give one of the properties another name`);
      value.path ??= path;
      found.set(path, value);
    } else if (!(value instanceof Tensor)) {
      for (const [key, part] of Object.entries(value)) visit(part, path ? `${path}.${key}` : key);
    }
  };
  visit(model, '');
  return found;
}

/**
 * Copies of all parameters of a model, by path: what to keep of it.
 *
 * @example Object.keys(stateDict(new Linear(2, 3))) // => ['weight', 'bias']
 */
export function stateDict(model: object): Record<string, Tensor> {
  return Object.fromEntries([...parameters(model)].map(([path, { shape, data }]) => [path, Tensor.fromTypedArray(data, shape)]));
}

/**
 * Gives all parameters of a model the numbers that a state dict has for them; all of them or, where anything does not fit, none.
 *
 * @throws StateError with every entry that is missing, that is left over, and that has another shape or dtype.
 * @example
 * const [a, b] = [new Linear(2, 3), new Linear(2, 3)];
 * loadStateDict(b, stateDict(a));
 * b.weight.toArray() // => a.weight.toArray()
 */
export function loadStateDict(model: object, state: Readonly<Record<string, Tensor>>): void {
  if (typeof state !== 'object' || state === null)
    throw new StateError(`loadStateDict: expected an object of tensors by path, got ${state === null ? 'null' : typeof state}`);
  const own = parameters(model);
  const misfits: string[] = [];
  for (const [path, parameter] of own) {
    const given = Object.hasOwn(state, path) ? state[path] : undefined;
    const wanted = `${parameter.dtype} ${formatShape(parameter.shape)}`;
    if (!given) misfits.push(`missing: ${path}, ${wanted}`);
    else if (!(given instanceof Tensor)) misfits.push(`no tensor: ${path}, expected ${wanted}, got ${typeof given}`);
    else if (!sameShape(given.shape, parameter.shape) || given.dtype !== parameter.dtype) {
      misfits.push(`misfit: ${path}, expected ${wanted}, got ${given.dtype} ${formatShape(given.shape)}`);
    }
  }
  for (const path of Object.keys(state)) if (!own.has(path)) misfits.push(`left over: ${path}, which the model does not have`);
  if (misfits.length > 0)
    throw new StateError(`loadStateDict: the state does not fit the model, so nothing was loaded\n  ${misfits.join('\n  ')}`);
  // Copies first: the state may hold the model's own parameters in another order.
  const copies = [...own].map(([path, parameter]) => [parameter, Tensor.fromTypedArray(state[path]!.data, parameter.shape)] as const);
  for (const [parameter, copy] of copies) parameter.assign(copy);
}
