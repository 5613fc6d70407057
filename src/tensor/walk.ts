import { DtypeError } from '../base/errors.ts';
import type { Buffer } from './buffer.ts';
import { isKnownBuffer } from './known-buffers.ts';
import { insteadOfTensor, isForeign, Tensor } from './tensor.ts';

/**
 * Every tensor and buffer of a model with its path, such as `layers.0.weight`, found by looking through the model's own properties, arrays, Maps (each value under
 * its key) and Sets (by place), depth first. One that stands at several places is found once, at the first. Functions and typed arrays are not looked into,
 * and `#private` fields cannot be.
 *
 * @throws DtypeError for a tensor of another copy of this package, of which nothing here could be moved or saved.
 */
export function* tensorsOf(model: unknown): Generator<readonly [path: string, tensor: Tensor | Buffer]> {
  const seen = new Set<unknown>();
  // What is still to be looked at, the next one last. Not a recursion, since models may be nested deeper than a call stack.
  const ahead: (readonly [string, unknown])[] = [['', model]];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const [path, value] = next;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Tensor || isBuffer(value)) yield [path, value];
    else if (isForeign(value))
      throw new DtypeError(`${path || 'the model'}: expected a tensor of this copy, got ${insteadOfTensor(value)}`);
    else for (const [key, part] of partsOf(value).reverse()) ahead.push([path ? `${path}.${key}` : key, part]);
  }
}

/** Whether an object is a buffer. */
export const isBuffer = (x: object): x is Buffer => isKnownBuffer(x);

/** What an object holds, by name. */
export function partsOf(whole: object): (readonly [string, unknown])[] {
  const own = Object.entries(whole);
  if (whole instanceof Map) return [...[...whole].map(([key, part], i) => [nameOf(key, i), part] as const), ...own];
  if (whole instanceof Set) return [...[...whole].map((part, i) => [String(i), part] as const), ...own];
  return own;
}

/** The name of a part of a Map: its key, or its place where the key is no name. */
const nameOf = (key: unknown, place: number): string => (typeof key === 'string' || typeof key === 'number' ? String(key) : String(place));
