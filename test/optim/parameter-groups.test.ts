/** Groups of parameters with options of their own, and what is frozen. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import {
  Adam,
  AdamW,
  BatchNorm,
  biasesAndNorms,
  Gradients,
  LBFGS,
  Linear,
  linearWarmup,
  namedParameters,
  type OptimizerOptions,
  oneCycle,
  Parameter,
  ParameterGroups,
  parameters,
  relu,
  Sequential,
  SGD,
  stateDict,
  Tensor,
  TransformerEncoderLayer,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

const network = () => new Sequential(new Linear(3, 4, { seed: 1 }), relu, new Linear(4, 2, { seed: 2 }));
const x = Tensor.normal([5, 3], { seed: 3 });
const lossOf = (model: Sequential) => () => (model.forward(x) as Tensor).pow(2).sum();

/** The optimizers that take groups, with settings that use all of what they remember. */
const optimizers: Readonly<Record<string, (model: object, options: object) => tapegrad.Optimizer<any, any>>> = {
  SGD: (model, options) => new SGD(model, { learningRate: 0.01, momentum: 0.9, weightDecay: 0.1, ...options }),
  Adam: (model, options) => new Adam(model, { weightDecay: 0.1, ...options }),
  AdamW: (model, options) => new AdamW(model, { weightDecay: 0.1, ...options }),
  Adagrad: (model, options) => new tapegrad.Adagrad(model, options),
  Adadelta: (model, options) => new tapegrad.Adadelta(model, options),
  Adamax: (model, options) => new tapegrad.Adamax(model, options),
  NAdam: (model, options) => new tapegrad.NAdam(model, options),
  RAdam: (model, options) => new tapegrad.RAdam(model, options),
  RMSprop: (model, options) => new tapegrad.RMSprop(model, { momentum: 0.5, centered: true, ...options }),
  Rprop: (model, options) => new tapegrad.Rprop(model, options),
  Lion: (model, options) => new tapegrad.Lion(model, { weightDecay: 0.1, ...options }),
};

const stepThrice = (model: Sequential, ...all: readonly tapegrad.Optimizer<any, any>[]): Record<string, Tensor> => {
  for (let step = 0; step < 3; step++) {
    const tape = new tapegrad.Tape();
    const gradients = tape.backward(tape.record(lossOf(model)));
    for (const optimizer of all) optimizer.step(gradients);
  }
  return stateDict(model);
};
const expectSameState = (found: Record<string, Tensor>, wanted: Record<string, Tensor>): void => {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [path, { data }] of Object.entries(found)) expectSameBits(data, wanted[path]!.data);
};

describe('a group is as if another optimizer, with its options, moved its parameters', () => {
  test.each(Object.entries(optimizers))('%s', (_, make) => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 3 }), fc.constantFrom(0.1, 0.003), (chosen, learningRate) => {
        const [one, other] = [network(), network()];
        const paths = [...namedParameters(one).keys()].filter((_, i) => chosen.includes(i));
        const grouped = make(one, { groups: new ParameterGroups(one, [{ parameters: paths, learningRate }]) });
        const all = parameters(other);
        const [inside, outside] = [all.filter((_, i) => chosen.includes(i)), all.filter((_, i) => !chosen.includes(i))];
        const [own, rest] = [make(inside, { learningRate }), make(outside, {})];
        expectSameState(stepThrice(one, grouped), stepThrice(other, own, rest));
      }),
      { numRuns: runs(6) },
    );
  });
});

test('no decay for biases: they move by their gradients alone', () => {
  const model = network();
  const groups = new ParameterGroups(model, [{ parameters: biasesAndNorms(model), weightDecay: 0 }]);
  const optimizer = new AdamW(model, { learningRate: 0.5, weightDecay: 0.5, groups });
  const before = stateDict(model);
  optimizer.step(new Gradients(parameters(model).map((w) => [w, Tensor.zeros(w.shape)])));
  const after = stateDict(model);
  for (const path of Object.keys(before))
    expectSameBits(after[path]!.data, path.endsWith('bias') ? before[path]!.data : before[path]!.mul(0.75).data);
});

describe('groups', () => {
  const model = network();
  const [first, , second] = model.layers;

  test('name their parameters by parts, by paths or by a function, and are plain data', () => {
    const { list } = new ParameterGroups(model, [
      { parameters: [first.bias!, second], learningRate: 0.1 },
      { parameters: ['layers.0.weight'], weightDecay: 0 },
    ]);
    expect(JSON.parse(JSON.stringify(list))).toEqual([
      { parameters: ['layers.0.bias', 'layers.2.weight', 'layers.2.bias'], learningRate: 0.1 },
      { parameters: ['layers.0.weight'], weightDecay: 0 },
    ]);
    expect(new ParameterGroups(model, JSON.parse(JSON.stringify(list))).list).toEqual(list);
    expect(new ParameterGroups(model, [{ parameters: (path, { rank }) => path.startsWith('layers.2') && rank > 1 }]).list[0]).toEqual({
      parameters: ['layers.2.weight'],
    });
    expect(new ParameterGroups(model, [{ parameters: [] }]).list).toEqual([{ parameters: [] }]);
  });

  test('may have schedules, a cycle of two among them, and may change between steps', () => {
    const w = { a: new Parameter(Tensor.of(1, 'float64')), b: new Parameter(Tensor.of(1, 'float64')) };
    const groups = new ParameterGroups(w, [{ parameters: ['a'], learningRate: linearWarmup(1, { steps: 4, startFactor: 0 }) }]);
    const optimizer = new SGD(w, { learningRate: 0.5, groups });
    const step = () => optimizer.step(new Gradients([[w.a, Tensor.of(1, 'float64')], [w.b, Tensor.of(1, 'float64')]])); // biome-ignore format: a list
    const rates: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = w.a.item();
      step();
      rates.push(before - w.a.item());
    }
    expect(rates).toEqual([0, 0.25, 0.5]);
    expect(w.b.item()).toBe(-0.5);
    groups.list[0]!.learningRate = 2;
    step();
    expect(w.a.item()).toBe(0.25 - 2);
    optimizer.options.groups = undefined;
    step();
    expect(w.a.item()).toBe(-2.25);
    expect(
      () => new SGD(w, { learningRate: 1, groups: new ParameterGroups(w, [{ parameters: ['b'], ...oneCycle({ max: 1, steps: 9 }) }]) }),
    ).not.toThrow();
  });

  test('may go uphill, and what is frozen does not move in any', () => {
    const w = { a: new Parameter(Tensor.of([1])), b: new Parameter(Tensor.of([1])) };
    const groups = new ParameterGroups(w, [{ parameters: ['a'], maximize: true }, { parameters: ['b'], learningRate: 9 }]); // biome-ignore format: a list
    const options: OptimizerOptions & { learningRate: number } = { learningRate: 0.5, groups, frozen: { b: w.b } };
    new SGD(w, options).minimize(() => w.a.add(w.b).sum());
    expect([w.a.item(), w.b.item()]).toEqual([1.5, 1]);
  });

  const group = (parameters: unknown, more = {}) => new ParameterGroups(model, [{ parameters, ...more } as never]);
  const use = (more: object) => new SGD(model, { learningRate: 1, groups: group(['layers.0.bias'], more) });
  refuses('%s are refused', [
    ['parameters in two groups', () => new ParameterGroups(model, [{ parameters: first }, { parameters: ['layers.0.bias'] }]), ValueError, /layers.0.bias is in group 0 and in group 1/], // biome-ignore format: one line
    ['parameters twice in one', () => group(['layers.0.bias', 'layers.0.bias']), /group 0: has layers.0.bias twice/],
    ['paths that are none', () => group(['layers.1.bias']), /the model has no parameter 'layers.1.bias'/],
    ['parts of another model', () => group(network()), /group 0: layers.0.weight is no parameter of the model/],
    ['functions that choose none', () => group(() => false), /chooses none of the parameters layers.0.weight/],
    ['parameters left out', () => group(undefined), /expected parameters to be parts of the model/],
    ['groups that are no objects', () => new ParameterGroups(model, [first.bias as never]), ValueError, /group 0: expected an object/],
    ['a group that is in no list', () => new ParameterGroups(model, {} as never), ValueError, /expected a list of groups/],
    ['options of the whole', () => group([], { frozen: first }), /frozen is an option of the whole optimizer/],
    ['misspelt options', () => use({ lr: 1 }), ValueError, /^SGD, group 0: there is no option lr; did you mean learningRate\?/],
    ['numbers out of range', () => use({ learningRate: -1 }), ValueError, /^SGD, group 0: expected learningRate/],
    ['options that do not go together', () => use({ nesterov: true }), /needs a momentum above 0/],
    ['lists of groups as they are', () => new SGD(model, { learningRate: 1, groups: [{ parameters: first }] as never }), ValueError, /new ParameterGroups/], // biome-ignore format: one line
    ['groups of another model', () => new SGD(network(), { learningRate: 1, groups: group(['layers.0.bias']) }), /group 0 has layers.0.bias, which is no parameter of its model/], // biome-ignore format: one line
    ['groups of L-BFGS', () => new LBFGS(model, { groups: group(['layers.0.bias']) }), ValueError, /has no groups/],
  ]);

  test('with a momentum of their own may look ahead', () => {
    expect(() => use({ nesterov: true, momentum: 0.9 })).not.toThrow();
  });
});

test('biases and norms are found by what they are', () => {
  const layer = new TransformerEncoderLayer(4, 2);
  const found = new Set(biasesAndNorms(layer));
  const names = [...namedParameters(layer)].filter(([, w]) => found.has(w)).map(([path]) => path);
  expect(names.every((path) => /bias$|Norm\.weight$/.test(path))).toBe(true);
  expect(names.length).toBe([...namedParameters(layer).keys()].filter((path) => /bias$|Norm\.weight$/.test(path)).length);
  const matrixBias = { shiftBias: new Parameter(Tensor.zeros([2, 2])), weight: new Parameter(Tensor.zeros([2, 2])) };
  expect(biasesAndNorms(matrixBias)).toEqual([matrixBias.shiftBias]);
});

describe('what is frozen', () => {
  test.each(Object.entries(optimizers))('does not move by decay, momentum or statistics, and goes on with what it had: %s', (_, make) => {
    const model = new Sequential(new Linear(3, 4, { seed: 1 }), new BatchNorm(4), new Linear(4, 2, { seed: 2 }));
    const loss = () => (model.forward(x) as Tensor).pow(2).sum();
    const optimizer = make(model, {});
    optimizer.minimize(loss);
    const before = stateDict(model);
    optimizer.options['frozen'] = model.layers.slice(0, 2);
    for (let i = 0; i < 3; i++) optimizer.minimize(loss);
    const after = stateDict(model);
    for (const path of Object.keys(before)) {
      const moved = after[path]!.data.some((y, i) => y !== before[path]!.data[i]);
      expect([path, moved]).toEqual([path, path.startsWith('layers.2')]);
    }
    optimizer.options['frozen'] = undefined;
    optimizer.minimize(loss);
    const later = stateDict(model);
    expect(later['layers.0.weight']!.data).not.toEqual(after['layers.0.weight']!.data);
    expect(later['layers.1.runningMean']!.data).not.toEqual(after['layers.1.runningMean']!.data);
  });

  test('begins again with the moments that it had', () => {
    const step = (optimizer: Adam, w: Parameter) => optimizer.step(new Gradients([[w, Tensor.of([1, -2])]]));
    const [a, b, other] = [new Parameter(Tensor.of([1, 1])), new Parameter(Tensor.of([1, 1])), new Parameter(Tensor.of(1))];
    const [still, moving] = [new Adam({ a, other }), new Adam({ b })];
    for (const [optimizer, w] of [[still, a], [moving, b]] as const) step(optimizer, w); // biome-ignore format: pairs
    still.options.frozen = a;
    still.step(new Gradients([[a, Tensor.of([5, 5])], [other, Tensor.of(1)]])); // biome-ignore format: a list
    still.options.frozen = undefined;
    step(still, a);
    step(moving, b);
    expectSameBits(a.data, b.data);
  });
});
