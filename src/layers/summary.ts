/** What a model is made of, and what one call of it costs. */

import { bytesIn, type FloatData } from '../base/dtype.ts';
import { StateError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { Random } from '../base/random.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { machine, withMachine } from '../machine/backend.ts';
import type { Machine } from '../machine/machine.ts';
import type { KeptStorage, MatmulTask } from '../machine/storage.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { recordedBy, unrecorded } from '../tensor/recorders.ts';
import { Tensor } from '../tensor/tensor.ts';
import { evaluation, training } from '../tensor/training-scope.ts';
import { partsOf, tensorsOf } from '../tensor/walk.ts';

/** What a model or a layer holds and does. */
export interface Costs {
  /** How many numbers are trained, counted once where they are used at several places. */
  readonly parameters: number;
  /** How many numbers are saved with them and not trained, such as running statistics. */
  readonly buffers: number;
  /** The bytes of both. */
  readonly bytes: number;
  /** The multiplications of matrix products and convolutions in the call, each with an addition. */
  readonly multiplications: number;
}

/** A layer, with all that is in it. */
export interface LayerSummary extends Costs {
  /** Where in the model it is, such as `layers.0`; `''` for the model itself. */
  readonly path: string;
  /** The name of its class, or of the function. */
  readonly name: string;
  /** In how many other layers it is. */
  readonly depth: number;
  /** How often it was called. */
  readonly calls: number;
  /** The shapes of the tensors that its last call returned. */
  readonly outputs: readonly Shape[];
}

/** What `summary` found. As text it is a table. */
export interface Summary extends Costs {
  /** The model itself, and all layers in it, the outer ones before the inner ones. */
  readonly layers: readonly LayerSummary[];
  toString(): string;
}

/**
 * Calls a model once, and tells of each layer its shape, its numbers and its multiplications. Layers are all objects with a `forward` method in the model's
 * properties, arrays, Maps and Sets, and the functions beside them that were handed a tensor; of each the numbers are those of all that is in it.
 *
 * The call is in evaluation and changes nothing. A model whose running statistics have seen no batch yet is called in training, with draws of its own.
 * @param model a layer, or a function of tensors
 * @param inputs what it is called with: a tensor, and whatever else its `forward` takes
 * @throws ValueError for what is no layer; what the model throws.
 * @example
 * const { parameters, multiplications, layers } = summary(new Sequential(new Linear(4, 8), relu, new Linear(8, 2)), Tensor.zeros([16, 4]));
 * [parameters, multiplications] // => [58, 768]
 * layers.map(({ path, name, outputs }) => [path, name, ...outputs])
 * // => [['', 'Sequential', [16, 2]], ['layers.0', 'Linear', [16, 8]], ['layers.1', 'relu', [16, 8]], ['layers.2', 'Linear', [16, 2]]]
 */
export function summary(model: object, ...inputs: readonly unknown[]): Summary {
  const places = placesIn(model);
  const counter = new Counter(machine());
  const call = () => {
    for (const place of places) place.calls = place.multiplications = 0;
    return callWatched(places, counter, inputs);
  };
  // Somebody looks on, so that each layer computes by itself.
  unrecorded(() => recordedBy({ add: () => {} }, () => withMachine(counter, () => inEvaluation(call))));
  const layers = places.filter(({ isLayer, calls }) => isLayer || calls > 0).map(told);
  const { parameters, buffers, bytes, multiplications } = layers[0]!;
  return { parameters, buffers, bytes, multiplications, layers, toString: () => table(layers) };
}

/** In evaluation; where a layer cannot be evaluated yet, in training, of which nothing remains. */
function inEvaluation(call: () => void): void {
  try {
    evaluation(call);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    training(call, { random: new Random(0), statistics: false });
  }
}

type AnyFunction = (this: unknown, ...given: unknown[]) => unknown;

/** A layer, or a function that may be one, and what is seen of it. */
interface Place {
  readonly path: string;
  readonly depth: number;
  readonly layer: object | AnyFunction;
  readonly isLayer: boolean;
  /** What holds the function that is called, and under which name. Nothing holds a model that is a function. */
  readonly holder: object | undefined;
  readonly key: string;
  calls: number;
  multiplications: number;
  outputs: readonly Shape[];
}

const isObject = (x: unknown): x is object => typeof x === 'object' && x !== null;
/** A class in a property is not called but constructed. */
const isClass = (f: object): boolean => Object.getOwnPropertyDescriptor(f, 'prototype')?.writable === false;
const hasForward = (x: object): boolean => typeof (x as { readonly forward?: unknown }).forward === 'function';

/** All places of a model, the outer ones before the inner ones. */
function placesIn(model: unknown): Place[] {
  if (!(typeof model === 'function' ? !isClass(model) : isObject(model) && hasForward(model)))
    throw new ValueError(`summary: expected a layer, with a forward method, or a function of tensors, got ${quote(model)}`);
  const places: Place[] = [];
  const seen = new Set<object>();
  const add = (layer: object, place: Pick<Place, 'path' | 'depth' | 'isLayer' | 'holder' | 'key'>) =>
    places.push({ ...place, layer, calls: 0, multiplications: 0, outputs: [] });
  // What is still to be looked at, the next one last. Not a recursion, since models may be nested deeper than a call stack.
  const ahead: { path: string; depth: number; value: unknown; holder: object | undefined; key: string }[] = [
    { path: '', depth: 0, value: model, holder: undefined, key: '' },
  ];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { path, depth, value, holder, key } = next;
    if (typeof value === 'function' && !isClass(value)) add(value, { path, depth, isLayer: value === model, holder, key });
    if (!isObject(value) || ArrayBuffer.isView(value) || value instanceof Tensor || value instanceof Buffer || seen.has(value)) continue;
    seen.add(value);
    const isLayer = hasForward(value);
    if (isLayer) add(value, { path, depth, isLayer, holder: value, key: 'forward' });
    for (const [name, part] of partsOf(value).reverse())
      if (!(isLayer && name === 'forward'))
        ahead.push({ path: path ? `${path}.${name}` : name, depth: depth + Number(isLayer), value: part, holder: value, key: name });
  }
  return places;
}

/** Calls the model while each place tells of its calls. */
function callWatched(places: readonly Place[], counter: Counter, inputs: readonly unknown[]): void {
  const restore: (() => void)[] = [];
  const watched = (place: Place, f: AnyFunction): AnyFunction =>
    function (this: unknown, ...given) {
      const before = counter.multiplications;
      const y = f.apply(this, given);
      if (!place.isLayer && !(given[0] instanceof Tensor && y instanceof Tensor)) return y;
      place.calls++;
      place.multiplications += counter.multiplications - before;
      place.outputs = [...tensorsOf(y)].map(([, x]) => x.shape);
      return y;
    };
  try {
    for (const place of places) {
      const { holder, key } = place;
      if (!holder || !Object.isExtensible(holder)) continue;
      const own = Object.getOwnPropertyDescriptor(holder, key);
      if (own && !(own.configurable && 'value' in own)) continue;
      const value = watched(place, (holder as Record<string, AnyFunction>)[key]!);
      Object.defineProperty(holder, key, { configurable: true, enumerable: false, writable: true, ...own, value });
      restore.push(() => (own ? Object.defineProperty(holder, key, own) : Reflect.deleteProperty(holder, key)));
    }
    const [{ layer, holder }] = places as [Place];
    if (holder) (layer as { forward: AnyFunction }).forward(...inputs);
    else watched(places[0]!, layer as AnyFunction)(...inputs);
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}

/** What is told of a place when the call has ended. */
function told({ path, depth, layer, calls, outputs, multiplications }: Place): LayerSummary {
  const state = typeof layer === 'function' ? [] : [...tensorsOf(layer)].map(([, x]) => x);
  const [parameters, buffers] = [state.filter((x) => x instanceof Parameter), state.filter((x) => x instanceof Buffer)];
  const total = (parts: readonly { readonly shape: Shape }[]) => parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bytes = [...parameters, ...buffers].reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesIn[dtype], 0);
  const name = (typeof layer === 'function' ? layer.name : layer.constructor?.name) || 'a function';
  return { path, name, depth, calls, outputs, parameters: total(parameters), buffers: total(buffers), bytes, multiplications };
}

/** Lines with columns, numbers at the right. */
function table(layers: readonly LayerSummary[]): string {
  // The paths of the layers around, by depth.
  const around: string[] = [];
  const inside = (path: string, depth: number): string => {
    around[depth] = path;
    const outer = around[depth - 1];
    return outer ? path.slice(outer.length + 1) : path;
  };
  const rows = layers.map(({ path, name, depth, calls, outputs, parameters, buffers, bytes, multiplications }) => [
    '  '.repeat(depth) + [inside(path, depth), name].filter(Boolean).join(' '),
    calls === 0 ? 'not called' : `${outputs.map(formatShape).join(' ')}${calls > 1 ? ` × ${calls}` : ''}`,
    ...[parameters, buffers, bytes, multiplications].map(String),
  ]);
  const lines = [['layer', 'output', 'parameters', 'buffers', 'bytes', 'multiplications'], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const cell = (text: string, column: number) => (column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!));
  return lines.map((line) => line.map(cell).join('  ')).join('\n');
}

/** A machine that counts the multiplications of matrix products, which convolutions are made of as well. */
class Counter implements Machine {
  multiplications = 0;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  matmul(task: MatmulTask): FloatData {
    this.multiplications += task.m * task.k * task.n * task.pairs.length;
    return this.#machine.matmul(task);
  }
  map(...task: Parameters<Machine['map']>): FloatData {
    return this.#machine.map(...task);
  }
  update(...task: Parameters<Machine['update']>): void {
    this.#machine.update(...task);
  }
  sum(...task: Parameters<Machine['sum']>): FloatData {
    return this.#machine.sum(...task);
  }
  extreme(...task: Parameters<Machine['extreme']>): FloatData {
    return this.#machine.extreme(...task);
  }
  keep(initial: FloatData): KeptStorage {
    return this.#machine.keep(initial);
  }
}
