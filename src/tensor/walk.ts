import { Tensor } from './tensor.ts';

/**
 * Every tensor of a model with its path, such as `layers.0.weight`, found by looking through the model's own properties, arrays and plain
 * objects, depth first. One that stands at several places is found once, at the first. Functions, typed arrays, Maps and Sets are not
 * looked into.
 */
export function* tensorsOf(model: unknown): Generator<readonly [path: string, tensor: Tensor]> {
  const seen = new Set<unknown>();
  // What is still to be looked at, the next one last. Not a recursion, since models may be nested deeper than a call stack.
  const ahead: (readonly [string, unknown])[] = [['', model]];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const [path, value] = next;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Tensor) yield [path, value];
    else for (const [key, part] of Object.entries(value).reverse()) ahead.push([path ? `${path}.${key}` : key, part]);
  }
}
