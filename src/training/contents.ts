/** What a model holds besides parameters and buffers: how it is configured, tensors that it carries along, and what has a state of its own. */

import { sameShape } from '../base/shape.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { loadOptimizerState, optimizerState } from '../optim/optimizer-state.ts';
import type { OptimizerState } from '../optim/saved-options.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import { partsOf } from '../tensor/walk.ts';

/** Something that can be saved and gone on with: a generator, an early stopping, or a thing of one's own. */
export interface Stateful {
  readonly state: unknown;
  restore(state: unknown): void;
}

/** How something is saved and gone on with, if it has a state. */
export function statefulOf(x: unknown): Stateful | undefined {
  if (x instanceof Optimizer)
    return {
      get state() {
        return optimizerState(x);
      },
      restore: (state) => loadOptimizerState(x, state as OptimizerState),
    };
  if (typeof x !== 'object' || x === null) return undefined;
  return 'state' in x && typeof (x as Partial<Stateful>).restore === 'function' ? (x as Stateful) : undefined;
}

/** What a model holds, by path. */
export interface Contents {
  /** The numbers, switches and texts of its layers, and the names of their classes and functions. */
  readonly configuration: Map<string, string>;
  /** Tensors that are no parameters, such as the last state of a recurrent layer. */
  readonly tensors: Map<string, Tensor>;
  /** What has a state of its own, such as a generator. */
  readonly stateful: Map<string, object>;
  /** All other objects, in which these stand. */
  readonly objects: Map<string, object>;
}

/** Looks through a model as `parameters` does. */
export function contentsOf(model: object): Contents {
  const contents: Contents = { configuration: new Map(), tensors: new Map(), stateful: new Map(), objects: new Map() };
  const seen = new Set<unknown>();
  const ahead: (readonly [string, unknown])[] = [['', model]];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const [path, value] = next;
    const said = configurationOf(value);
    if (said !== undefined) contents.configuration.set(path, said);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Parameter || value instanceof Buffer) continue;
    if (value instanceof Tensor) contents.tensors.set(path, value);
    else if (statefulOf(value)) contents.stateful.set(path, value);
    else {
      contents.objects.set(path, value);
      for (const [key, part] of partsOf(value).reverse()) ahead.push([path ? `${path}.${key}` : key, part]);
    }
  }
  return contents;
}

/** What something says of how a model is configured. */
function configurationOf(x: unknown): string | undefined {
  if (typeof x === 'function') return `function ${x.name}`;
  if (typeof x === 'string') return JSON.stringify(x);
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x);
  if (typeof x === 'boolean' || typeof x === 'bigint') return String(x);
  if (typeof x !== 'object' || x === null || x instanceof Tensor || x instanceof Buffer || ArrayBuffer.isView(x)) return undefined;
  const name = x.constructor?.name;
  return name && !['Object', 'Array', 'Map', 'Set'].includes(name) ? `class ${name}` : undefined;
}

/** In what a configuration differs from another. Names that a bundler shortened say nothing. */
export function changes(before: Readonly<Record<string, unknown>>, configuration: ReadonlyMap<string, string>): string[] {
  const then = new Map(Object.entries(before).map(([path, value]) => [path, String(value)]));
  const isShort = (value: string | undefined) => /^(class|function) .{0,2}$/.test(value ?? '');
  return [...new Set([...then.keys(), ...configuration.keys()])].flatMap((path) => {
    const [was, is] = [then.get(path), configuration.get(path)];
    if (was === is || (isShort(was) && is !== undefined) || (isShort(is) && was !== undefined)) return [];
    return [`changed: ${path || 'the model'}, which was ${was ?? 'not there'}, and is ${is ?? 'not there'}`];
  });
}

/** What puts a tensor at its place in a model; `undefined` where there is no such place. Where the same numbers stand already nothing is to be done. */
export function placing({ tensors, objects }: Contents, path: string, x: Tensor): (() => void) | undefined {
  const now = tensors.get(path);
  if (now && sameNumbers(now, x)) return () => {};
  const end = path.lastIndexOf('.');
  const [parent, key] = [objects.get(path.slice(0, Math.max(end, 0))), path.slice(end + 1)];
  if (!parent || parent instanceof Set) return undefined;
  if (parent instanceof Map) return parent.has(key) ? () => void parent.set(key, x) : undefined;
  const isOpen = Object.getOwnPropertyDescriptor(parent, key)?.writable ?? (!(key in parent) && Object.isExtensible(parent));
  return isOpen ? () => void ((parent as Record<string, unknown>)[key] = x) : undefined;
}

const sameNumbers = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && sameShape(a.sizes, b.sizes) && a.numbers.every((x, i) => Object.is(x, b.numbers[i]));
