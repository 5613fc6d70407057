/** Parameters are found by looking through a model. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Buffer,
  Linear,
  loadStateDict,
  namedBuffers,
  namedParameters,
  Parameter,
  parameters,
  Random,
  ReLU,
  Sequential,
  SGD,
  Softmax,
  stateDict,
  Tanh,
  Tape,
  Tensor,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const w = (value = 1) => new Parameter(Tensor.of([value]));

test('two buffers under one path, and what is no model, are refused', () => {
  const buffer = () => new Buffer(Tensor.of([1]));
  expect(() => namedBuffers({ 'a.b': buffer(), a: { b: buffer() } })).toThrow(
    'namedBuffers: two buffers have the path a.b; give one of the properties another name',
  );
  expect(() => namedParameters({ 'a.b': w(), a: { b: w() } })).toThrow('namedParameters: two parameters have the path a.b; give');
  for (const model of [undefined, null, 3, 'model', () => {}])
    expect(() => namedBuffers(model as never)).toThrow('namedBuffers: expected a model, an object that has parameters, got ');
});

test('parameters are named by the path through layers, arrays and plain objects', () => {
  const model = {
    encoder: new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 2, { bias: false })),
    heads: [w(), { scale: w() }],
    rate: 0.1,
    note: null,
  };
  const found = namedParameters(model);
  expect([...found.keys()]).toEqual([
    'encoder.layers.0.weight',
    'encoder.layers.0.bias',
    'encoder.layers.2.weight',
    'heads.0',
    'heads.1.scale',
  ]);
  expect(parameters(model)).toEqual([...found.values()]);
});

test('a parameter that stands at two places is found once, and a cyclic model is walked once', () => {
  const shared = w();
  const model: Record<string, unknown> = { a: shared, b: { again: shared } };
  model['self'] = model;
  expect([...namedParameters(model).keys()]).toEqual(['a']);
});

test('tensors that are not parameters are not found, and a parameter alone has the empty path', () => {
  expect(parameters({ x: Tensor.of([1]), data: new Float32Array(3) })).toEqual([]);
  expect([...namedParameters(w()).keys()]).toEqual(['']);
});

test('a state is read and loaded by copy', () => {
  const make = (seed: number) =>
    new Sequential(new Linear(2, 3, { random: new Random(seed) }), new ReLU(), new Linear(3, 2, { random: new Random(seed + 1) }));
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), (seed) => {
      const [from, to] = [make(seed), make(seed + 5)];
      const state = stateDict(from);
      loadStateDict(to, state);
      expect(to.forward(Tensor.ones([1, 2])).toArray()).toEqual(from.forward(Tensor.ones([1, 2])).toArray());
      for (const parameter of parameters(from)) parameter.assign(parameter.mul(0));
      expect(to.forward(Tensor.ones([1, 2])).toArray()).not.toEqual([[0, 0]]);
      expect(Object.values(state)[0]!.toArray()).not.toEqual(Tensor.zeros([2, 3]).toArray());
    }),
    { numRuns: runs(20) },
  );
});

test('each assignment counts a new version', () => {
  const parameter = w(2);
  expect(parameter.version).toBe(0);
  parameter.assign(parameter.mul(3));
  expect([parameter.version, parameter.toArray()]).toEqual([1, [6]]);
});

test('a parameter starts as a copy', () => {
  const x = Tensor.of([1]);
  new Parameter(x).assign(Tensor.of([5]));
  expect(x.toArray()).toEqual([1]);
});

describe('initial weights', () => {
  const [inputs, outputs] = [200, 300];
  const drawn = (
    initialization: 'fanIn' | 'xavierUniform' | 'xavierNormal' | 'kaimingUniform' | 'kaimingNormal' | 'standardNormal' | 'zeros',
  ) => new Linear(inputs, outputs, { initialization, random: new Random(1), dtype: 'float64' });
  const bounds = {
    fanIn: 1 / Math.sqrt(inputs),
    xavierUniform: Math.sqrt(6 / (inputs + outputs)),
    kaimingUniform: Math.sqrt(6 / inputs),
    zeros: 0,
  };
  const deviations = { xavierNormal: Math.sqrt(2 / (inputs + outputs)), kaimingNormal: Math.sqrt(2 / inputs), standardNormal: 1 };

  test.each(Object.entries(bounds) as ['fanIn', number][])('%s keeps within its bound, and uses all of it', (name, bound) => {
    const { weight } = drawn(name);
    const [least, most] = [weight.min().item(), weight.max().item()];
    expect(most).toBeLessThanOrEqual(bound);
    expect(least).toBeGreaterThanOrEqual(-bound);
    expect(most - least).toBeGreaterThanOrEqual(1.99 * bound);
    expect(Math.abs(weight.mean().item())).toBeLessThanOrEqual(bound / 50);
  });

  test.each(Object.entries(deviations) as ['xavierNormal', number][])('%s has its standard deviation', (name, deviation) => {
    const { weight } = drawn(name);
    const mean = weight.mean().item();
    expect(Math.abs(mean)).toBeLessThan(deviation / 50);
    expect(Math.abs(Math.sqrt(weight.sub(mean).pow(2).mean().item()) / deviation - 1)).toBeLessThan(0.02);
  });

  test('have biases within the bound of fanIn, or of 0', () => {
    const bias = drawn('fanIn').bias!;
    expect(bias.abs().max().item()).toBeLessThanOrEqual(1 / Math.sqrt(inputs));
    expect(bias.abs().max().item()).toBeGreaterThan(0.9 / Math.sqrt(inputs));
    expect(drawn('kaimingNormal').bias!.abs().max().item()).toBe(0);
  });

  test('can be drawn by a function', () => {
    const { weight } = new Linear(2, 2, { initialization: ([n], { dtype }) => Tensor.eye(n!, dtype).mul(3) });
    expect(weight.toArray()).toEqual([
      [3, 0],
      [0, 3],
    ]);
  });
});

test('activation layers compute the functions of their names', () => {
  const x = Tensor.of([[-1, 0, 2]]);
  expect(new ReLU().forward(x).toArray()).toEqual([[0, 0, 2]]);
  expect(new Tanh().forward(x).toArray()).toEqual(x.tanh().toArray());
  expect(new Softmax(0).forward(x).toArray()).toEqual([[1, 1, 1]]);
  const linear = new Linear(3, 2);
  expect(linear.forward(x).toArray()).toEqual(
    x
      .matmul(linear.weight as Tensor)
      .add(linear.bias as Tensor)
      .toArray(),
  );
});

describe('a tape that is given a model', () => {
  test('names its parameters by their paths, and leaves the model as it was', () => {
    const model = new Sequential(new Linear(2, 1));
    const tape = new Tape({ model });
    tape.record(() => model.forward(Tensor.ones([1, 2])));
    expect(String(tape)).toContain('layers.0.weight');
    expect(parameters(model).map(({ path }) => path)).toEqual([undefined, undefined]);
  });

  test('names a parameter that stands at two places once, and nothing in a model without tensors', () => {
    const shared = w();
    const tape = new Tape({ model: { a: shared, b: shared }, empty: new Sequential(new ReLU()) });
    tape.record(() => shared.neg());
    expect(String(tape)).toContain('neg(a)');
    expect(() => new Tape({ x: [1, 2] })).toThrow(/Tape: expected a tensor for x, got an array/);
  });
});

describe('reading a model', () => {
  /** Models within models: layers, functions, arrays, plain objects, and parameters that are shared. */
  const shared = () => new Parameter(Tensor.of([1, 2]));
  const { model: models } = fc.letrec<{ model: object }>((tie) => ({
    model: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc
        .constantFrom(
          () => new Linear(2, 3, { seed: 1 }),
          shared,
          () => new ReLU(),
          () => Tensor.of([1]),
        )
        .map((make) => make() as object),
      fc.array(tie('model'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('model'), { maxKeys: 3, noNullPrototype: true }),
      fc.array(tie('model'), { minLength: 1, maxLength: 2 }).map((parts) => ({ parts, again: parts[0]!, rate: 0.1 })),
    ),
  }));

  /** All that can be seen of a model: every property of everything in it, and what a tape prints of its parameters. */
  function snapshot(model: object): string {
    const ids = new Map<object, number>();
    const tape = new Tape();
    const text = JSON.stringify(model, (_, value) => {
      if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'function' : value;
      if (ids.has(value)) return `the same as ${ids.get(value)}`;
      ids.set(value, ids.size);
      // What was read once is remembered.
      if (value instanceof Tensor) void value.data;
      if (value instanceof Parameter) tape.record(() => value.mul(2));
      return ArrayBuffer.isView(value) ? [...(value as Float32Array)] : { ...value };
    });
    return `${text}\n${tape}`;
  }

  test('writes nothing, however often and from whichever part', () => {
    fc.assert(
      fc.property(
        models,
        fc.array(fc.tuple(fc.constantFrom(parameters, namedParameters, stateDict), fc.nat()), { maxLength: 6 }),
        (model, reads) => {
          const parts: object[] = [];
          JSON.stringify(model, (_, value) => {
            if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || parts.includes(value)) return undefined;
            parts.push(value);
            return value instanceof Tensor ? undefined : value;
          });
          const before = snapshot(model);
          for (const [read, part] of reads) read(parts[part % parts.length]!);
          expect(snapshot(model)).toBe(before);
        },
      ),
    );
  });

  test('of a part does not change the paths that the whole model gave', () => {
    const model = new Sequential(new Linear(2, 1));
    new SGD(model, { learningRate: 1 });
    stateDict(model.layers[0]);
    expect(parameters(model).map(({ path }) => path)).toEqual(['layers.0.weight', 'layers.0.bias']);
  });

  test('comes to an end in models nested deeper than the call stack', () => {
    let model: object = { w: w() };
    for (let i = 0; i < 50_000; i++) model = [model];
    expect(parameters(model).length).toBe(1);
  });
});

describe('a state dict that is none', () => {
  const layer = () => new Linear(1, 1);
  const load = (state: unknown) => () => loadStateDict(layer(), state as never);

  test('but what JSON or a structured clone made of one, says how to keep numbers', () => {
    const kept = JSON.parse(JSON.stringify(stateDict(layer())));
    expect(load(kept)).toThrow(
      /no tensor: weight, expected float32 \[1, 1\], got an object; JSON and structuredClone keep no tensors: .*\n {2}no tensor: bias/,
    );
    expect(load({ weight: [[1]], bias: 3 })).toThrow(/no tensor: weight, .* got an array; write Tensor\.of\(values\)\n.* got the number 3/);
  });

  test('is refused as a whole where it is no object by paths', () => {
    for (const [state, got] of [
      [new Map(), 'an object of class Map'],
      [[], '[]'],
      [null, 'null'],
      [5, '5'],
      ['a', "'a'"],
    ] as const)
      expect(load(state)).toThrow(`loadStateDict: expected an object of tensors by path, got ${got}`);
  });

  test('of a model in a Map is one by its keys', () => {
    const [a, b] = [1, 2].map((seed) => new Map([['only', new Linear(1, 1, { seed })]])) as [Map<string, Linear>, Map<string, Linear>];
    expect(Object.keys(stateDict(a))).toEqual(['only.weight', 'only.bias']);
    loadStateDict(b, stateDict(a));
    expect(b.get('only')!.weight.toArray()).toEqual(a.get('only')!.weight.toArray());
  });
});
