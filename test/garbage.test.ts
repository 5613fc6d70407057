/**
 * Calls that no program should make, of every export, every method and every function that these return: each is refused by an error of ours, or
 * gives a value; none ends in an error of JavaScript's own, which would say what is wrong inside of this package.
 */

import fc from 'fast-check';
import { afterAll, describe, test } from 'vitest';
import * as datasets from '../src/datasets/index.ts';
import * as tapegrad from '../src/index.ts';
import * as io from '../src/io/index.ts';
import * as sweeps from '../src/sweep/index.ts';
import { runs } from './lib/runs.ts';

const { Dataset, DataLoader, Table } = datasets;
const { Gradients, Linear, manualSeed, Parameter, Random, Sequential, SGD, Tape, Tensor, TapegradError, useBackend } = tapegrad;

type AnyFunction = (...given: unknown[]) => unknown;

const matrix = Tensor.of([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: a matrix
const tensors = [
  Tensor.of(2),
  Tensor.of([1, 2, 3]),
  matrix,
  Tensor.of([[4, 1], [1, 3]]), // biome-ignore format: a matrix
  Tensor.zeros([0, 3]),
  Tensor.arange(16).reshape([1, 1, 4, 4]),
  Tensor.arange(6).reshape([1, 2, 3]),
  Tensor.of([0, 1, 1], 'int32'),
  Tensor.of([-1, 5], 'int32'),
  Tensor.of([0.5, 0.25], 'float64'),
  Tensor.of([NaN, Infinity, 0]),
];
const w = new Parameter(matrix);
const layer = new Linear(3, 2, { seed: 1 });
const swept = () => {
  const tape = new Tape();
  return tape.backward(tape.record(() => w.sum()));
};
const recorded = () => {
  const tape = new Tape({ w });
  tape.record(() => w.mul(w).sum());
  return tape;
};

/** Whatever a program may hold; tensors most often, since most calls begin with one. */
const anything = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>(...tensors) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<unknown>(
      undefined,
      null,
      true,
      false,
      0,
      1,
      2,
      -1,
      0.5,
      NaN,
      Infinity,
      1e15,
      '',
      'sum',
      'float64',
      '1',
      10n,
      Symbol('s'),
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom<unknown>([], [0], [1, 1], [2, 3], [-1], [1.5], [1e9, 1e9], [null], ['a'], [[1, 2], [3]], [[0, 1]], tensors.slice(0, 2)) }, // biome-ignore format: one list
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      {},
      { keepDims: 1 },
      { dtype: 'half' },
      { seed: -1 },
      { axis: 0 },
      { learningRate: 0.1 },
      { stride: 0 },
      { padding: -1 },
      { reduction: 'all' },
      { length: 3 },
      { x: matrix },
      Object.create(null),
      new Map([['a', 1]]),
      new Set([matrix]),
      new Date(0),
      new Float32Array(3),
      new Uint8Array(3),
      /x/,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      () => undefined,
      (x: unknown) => x,
      () => matrix,
      (x: any) => (x instanceof Tensor ? x.sum() : 1),
      () => [matrix, 3],
      () => 3,
      w,
      layer,
      new Random(1),
      new Tape(),
      new Gradients(),
    ),
  },
);
const given = fc.array(anything, { maxLength: 5 });

const isClass = (f: AnyFunction) => /^class\b/.test(Function.prototype.toString.call(f));

/** Calls or constructs, and calls once more what is a function itself; refuses any error but ours. */
function tried(what: string, call: () => unknown, more: readonly unknown[]): void {
  try {
    const result = call();
    if (typeof result === 'function' && !isClass(result as AnyFunction)) (result as AnyFunction)(...more);
    if (typeof (result as Promise<unknown> | undefined)?.then === 'function') (result as Promise<unknown>).catch(() => undefined);
  } catch (error) {
    if (error instanceof TapegradError) return;
    throw new Error(`${what}: ${error}`, { cause: error });
  }
}

const exported = Object.entries<unknown>({ ...tapegrad, ...datasets, ...io, ...sweeps }).filter(
  // Without what to read, `mnist` downloads; an optimizer is made by the classes that extend it.
  ([name, value]) => typeof value === 'function' && !name.endsWith('Error') && !['mnist', 'Optimizer'].includes(name),
) as [string, AnyFunction][];

afterAll(() => {
  manualSeed(0);
  useBackend('wasm');
});

describe('an export refuses garbage by an error of ours', () => {
  test.each(exported)('%s', (name, f) => {
    fc.assert(
      fc.property(given, given, (some, more) => {
        tried(name, () => (isClass(f) ? new (f as unknown as new (...given: unknown[]) => unknown)(...some) : f(...some)), more);
      }),
      { numRuns: runs(60) },
    );
  });
});

/** An object of each class, made anew for each call, since a call may change it. */
const objects: Readonly<Record<string, () => object>> = {
  Tensor: () => matrix,
  'Tensor of int32': () => tensors[7]!,
  'Tensor itself': () => Tensor,
  Parameter: () => new Parameter(matrix),
  Gradients: swept,
  Tape: recorded,
  Random: () => new Random(1),
  Linear: () => new Linear(3, 2, { seed: 1 }),
  Sequential: () => new Sequential(layer),
  LSTM: () => new tapegrad.LSTM(3, 2, { seed: 1 }),
  GRUCell: () => new tapegrad.GRUCell(3, 2, { seed: 1 }),
  EmbeddingBag: () => new tapegrad.EmbeddingBag(3, 2, { seed: 1 }),
  Bilinear: () => new tapegrad.Bilinear(3, 3, 2, { seed: 1 }),
  InstanceNorm: () => new tapegrad.InstanceNorm(2, { running: true }),
  SpectralNorm: () => new tapegrad.SpectralNorm(new Linear(3, 2, { seed: 1 }), { seed: 1 }),
  SGD: () => new SGD(layer, { learningRate: 0.1 }),
  Dataset: () => new Dataset(matrix, Tensor.of([1, 0], 'int32')),
  Table: () => new Table({ a: [1, 2], b: ['x', null] }),
  RunningMean: () => new tapegrad.RunningMean(tapegrad.accuracy),
  Collected: () => new tapegrad.Collected(tapegrad.accuracy),
  DataLoader: () => new DataLoader(new Dataset(matrix, Tensor.of([0, 1], 'int32')), { batchSize: 1 }),
};

/** Methods that only those can call who write a class of the kind. */
const PROTECTED: Readonly<Record<string, readonly string[]>> = {
  SGD: ['check', 'close', 'init', 'movedBy', 'optionsNow', 'update'],
  LSTM: ['along'],
  GRUCell: ['next'],
};

/** The names of all methods of an object, its own and those of its classes, but for those that layers and optimizers alone call. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('tapegrad.')) names.add(name);
  return [...names];
}

describe('a method refuses garbage by an error of ours', () => {
  const methods = Object.entries(objects).flatMap(([kind, make]) =>
    methodsOf(make())
      .filter((name) => !PROTECTED[kind]?.includes(name))
      .map((name) => [kind, name, make] as const),
  );
  test.each(methods)('%s.%s', (kind, name, make) => {
    fc.assert(
      fc.property(given, given, (some, more) => {
        const object = make() as Record<string, AnyFunction>;
        tried(`${kind}.${name}`, () => object[name]!(...some), more);
      }),
      { numRuns: runs(40) },
    );
  });
});
