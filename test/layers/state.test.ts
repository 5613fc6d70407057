/** Parameters are found by looking through a model. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Linear,
  loadStateDict,
  Parameter,
  parameters,
  Random,
  ReLU,
  Sequential,
  Softmax,
  stateDict,
  Tanh,
  Tape,
  Tensor,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const w = (value = 1) => new Parameter(Tensor.of([value]));

test('they go by the path through layers, arrays and plain objects', () => {
  const model = {
    encoder: new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 2, { bias: false })),
    heads: [w(), { scale: w() }],
    rate: 0.1,
    note: null,
  };
  const found = parameters(model);
  expect([...found.keys()]).toEqual([
    'encoder.layers.0.weight',
    'encoder.layers.0.bias',
    'encoder.layers.2.weight',
    'heads.0',
    'heads.1.scale',
  ]);
  for (const [path, parameter] of found) expect(parameter.path).toBe(path);
});

test('one that stands at two places is found once, and a model that contains itself comes to an end', () => {
  const shared = w();
  const model: Record<string, unknown> = { a: shared, b: { again: shared } };
  model['self'] = model;
  expect([...parameters(model).keys()]).toEqual(['a']);
});

test('tensors that are not parameters are none, and a parameter alone has the empty path', () => {
  expect(parameters({ x: Tensor.of([1]), data: new Float32Array(3) }).size).toBe(0);
  expect([...parameters(w()).keys()]).toEqual(['']);
});

test('a state goes out and in again, by copy', () => {
  const make = (seed: number) =>
    new Sequential(new Linear(2, 3, { random: new Random(seed) }), new ReLU(), new Linear(3, 2, { random: new Random(seed + 1) }));
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), (seed) => {
      const [from, to] = [make(seed), make(seed + 5)];
      const state = stateDict(from);
      loadStateDict(to, state);
      expect(to.forward(Tensor.ones([1, 2])).toArray()).toEqual(from.forward(Tensor.ones([1, 2])).toArray());
      for (const parameter of parameters(from).values()) parameter.assign(parameter.mul(0));
      expect(to.forward(Tensor.ones([1, 2])).toArray()).not.toEqual([[0, 0]]);
      expect(Object.values(state)[0]!.toArray()).not.toEqual(Tensor.zeros([2, 3]).toArray());
    }),
    { numRuns: runs(20) },
  );
});

test('each assignment is a new version', () => {
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
    const [least, most] = [weight.amin().item(), weight.amax().item()];
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

  test('a bias starts within the bound of fanIn, and from 0 otherwise', () => {
    const bias = drawn('fanIn').bias!;
    expect(bias.abs().amax().item()).toBeLessThanOrEqual(1 / Math.sqrt(inputs));
    expect(bias.abs().amax().item()).toBeGreaterThan(0.9 / Math.sqrt(inputs));
    expect(drawn('kaimingNormal').bias!.abs().amax().item()).toBe(0);
  });

  test('a function may draw them', () => {
    const { weight } = new Linear(2, 2, { initialization: (n, m, _, dtype) => Tensor.eye(Math.max(n, m), dtype).mul(3) });
    expect(weight.toArray()).toEqual([
      [3, 0],
      [0, 3],
    ]);
  });
});

test('layers do what they are named for', () => {
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

test('a model’s parameters have their names on its tape', () => {
  const model = new Sequential(new Linear(2, 1));
  parameters(model);
  const tape = new Tape();
  tape.record(() => model.forward(Tensor.ones([1, 2])));
  expect(String(tape)).toContain('layers.0.weight');
});
