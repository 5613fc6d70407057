/** What a model holds besides parameters and buffers: how it is configured, tensors that it carries along, and what has a state of its own. */

import { isPlainObject } from '../base/options.ts';
import { sameShape } from '../base/shape.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { loadOptimizerState, optimizerState } from '../optim/optimizer-state.ts';
import type { OptimizerState } from '../optim/saved-options.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { isNumbers } from '../tensor/plain-data.ts';
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

type Numbers = Float32Array | Float64Array | Int32Array;

/** What can be made of its parts alone. */
export type Container = 'list' | 'map' | 'numbered map' | 'object';

/** What a model holds, by path. */
export interface Contents {
  /** The numbers, switches and texts of its layers, and the names of their classes and functions. */
  readonly configuration: Map<string, string>;
  /** Tensors that are no parameters, such as the last state of a recurrent layer, and typed arrays of numbers; at each of their places. */
  readonly tensors: Map<string, Tensor | Numbers>;
  /** Which of them are typed arrays, and the lists, Maps and plain objects in which they stand: so they can be made where a model has them only later. */
  readonly containers: Map<string, Container | 'numbers'>;
  /** What has a state of its own, such as a generator. */
  readonly stateful: Map<string, object>;
  /** All other objects, in which these stand. */
  readonly objects: Map<string, object>;
}

/** Looks through a model as `parameters` does. */
export function contentsOf(model: object): Contents {
  const contents: Contents = {
    configuration: new Map(),
    tensors: new Map(),
    containers: new Map(),
    stateful: new Map(),
    objects: new Map(),
  };
  const seen = new Set<unknown>();
  const ahead: Ahead[] = [{ path: '', value: model }];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { path, value } = next;
    const said = configurationOf(value);
    if (said !== undefined) contents.configuration.set(path, said);
    if (isCarried(value)) {
      contents.tensors.set(path, value);
      if (isNumbers(value)) contents.containers.set(path, 'numbers');
      for (let above = next.above, kind = containerOf(above?.value); above && kind; above = above.above, kind = containerOf(above?.value))
        contents.containers.set(above.path, kind);
    }
    if (typeof value !== 'object' || value === null || isCarried(value) || ArrayBuffer.isView(value)) continue;
    // What is a layer is one layer wherever it stands; a value may stand at several places, of which each may come to hold another.
    if (seen.has(value) && !isValue(value)) continue;
    seen.add(value);
    if (value instanceof Tensor || value instanceof Buffer) continue;
    if (statefulOf(value)) contents.stateful.set(path, value);
    else {
      contents.objects.set(path, value);
      for (const [key, part] of partsOf(value).reverse()) ahead.push({ path: path ? `${path}.${key}` : key, value: part, above: next });
    }
  }
  return contents;
}

/** What is still to be looked at, and in what it stands. */
interface Ahead {
  readonly path: string;
  readonly value: unknown;
  readonly above?: Ahead;
}

/** Whether something is a tensor that a model carries along, or such numbers. */
const isCarried = (x: unknown): x is Tensor | Numbers => isNumbers(x) || (x instanceof Tensor && !(x instanceof Parameter));

/** What something is made of, if its parts are all there is of it. */
function containerOf(x: unknown): Container | undefined {
  if (Array.isArray(x)) return 'list';
  const keys = x instanceof Map ? [...x.keys()] : [];
  if (x instanceof Map && keys.every((key) => typeof key === 'number')) return 'numbered map';
  if (x instanceof Map) return keys.every((key) => typeof key === 'string') ? 'map' : undefined;
  return isPlainObject(x) && !(x instanceof Tensor) ? 'object' : undefined;
}

/** How deep values may stand in each other. */
const DEEPEST = 20;

/** Whether something is made of values alone, such as the state of an LSTM, `{ h, c }`. */
const isValue = (x: unknown, depth = 0): boolean =>
  isCarried(x) ||
  ((typeof x !== 'object' || x === null) && typeof x !== 'function') ||
  (depth < DEEPEST && containerOf(x) !== undefined && partsOf(x as object).every(([, part]) => isValue(part, depth + 1)));

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

/**
 * What puts a tensor at its place in a model; `undefined` where there is no such place. Where the same numbers stand already nothing is to be done.
 * @param made the lists, Maps and plain objects that the model had when it was saved, and that are made where it does not have them yet
 */
export function placing(
  { tensors, objects }: Contents,
  made: Readonly<Record<string, unknown>>,
  path: string,
  x: Tensor,
): (() => void) | undefined {
  const now = tensors.get(path);
  if (now && sameNumbers(now, x)) return () => {};
  if (now && !(now instanceof Tensor))
    return now.length === x.size && now.constructor === x.numbers.constructor ? () => now.set(x.numbers as never) : undefined;
  const put = placeOf(objects, made, path);
  return put && (() => put(made[path] === 'numbers' ? x.numbers.slice() : x));
}

/** What puts something at a place. A name may have dots in it: the longest path of what there is counts. */
function placeOf(objects: Map<string, object>, made: Readonly<Record<string, unknown>>, path: string): ((x: unknown) => void) | undefined {
  for (let end = path.lastIndexOf('.'); ; end = path.lastIndexOf('.', end - 1)) {
    const [above, name] = [path.slice(0, Math.max(end, 0)), path.slice(end + 1)];
    const kind = Object.hasOwn(made, above) ? made[above] : undefined;
    const key = kind === 'numbered map' ? Number(name) : name;
    const whole = objects.get(above);
    // Names with dots are those of what was saved.
    const isName = kind !== undefined || end === path.lastIndexOf('.');
    if (whole) return isName && isOpen(whole, key, kind) ? (x) => setPart(whole, key, x) : undefined;
    const empty = typeof kind === 'string' && Object.hasOwn(EMPTY, kind) ? EMPTY[kind as Container] : undefined;
    const put = empty && placeOf(objects, made, above);
    if (put)
      return (x) => {
        const fresh = objects.get(above) ?? empty();
        if (!objects.has(above)) put(fresh);
        objects.set(above, fresh);
        setPart(fresh, key, x);
      };
    if (end <= 0) return undefined;
  }
}

const EMPTY: Readonly<Record<Container, () => object>> = {
  list: () => [],
  map: () => new Map(),
  'numbered map': () => new Map(),
  object: () => ({}),
};

function isOpen(whole: object, key: string | number, kind: unknown): boolean {
  if (whole instanceof Set) return false;
  if (whole instanceof Map) return whole.has(key) || kind === 'map' || kind === 'numbered map';
  // What plain objects inherit is in the way of no name that was one of theirs.
  const isFree = (kind === 'object' && isPlainObject(whole)) || !(key in whole);
  const own = Object.getOwnPropertyDescriptor(whole, key);
  return own ? own.writable === true : isFree && Object.isExtensible(whole);
}

function setPart(whole: object, key: string | number, x: unknown): void {
  if (whole instanceof Map) whole.set(key, x);
  else Object.defineProperty(whole, key, { value: x, writable: true, enumerable: true, configurable: true });
}

const sameNumbers = (a: Tensor | Numbers, b: Tensor): boolean =>
  a instanceof Tensor && a.dtype === b.dtype && sameShape(a.sizes, b.sizes) && a.numbers.every((x, i) => Object.is(x, b.numbers[i]));
