/** The state of optimizers: what it holds, and what is refused. That it is all there is, `test/training/run-state.test.ts` holds. */

import { describe, expect, test } from 'vitest';
import {
  Adam,
  AdamW,
  BatchNorm,
  cosineAnnealing,
  Gradients,
  LBFGS,
  Linear,
  loadOptimizerState,
  loadStateDict,
  Optimizer,
  type OptimizerState,
  optimizerState,
  Parameter,
  ParameterGroups,
  ReduceOnPlateau,
  relu,
  Sequential,
  SGD,
  StateError,
  stateDict,
  Tape,
  Tensor,
  ValueError,
} from '../../src/index.ts';

const x = Tensor.normal([5, 3], { seed: 1 });
const make = () => new Sequential(new Linear(3, 4, { seed: 2 }), new BatchNorm(4), relu, new Linear(4, 2, { seed: 3 }));
const step = (model: Sequential, optimizer: Optimizer<any, any>) => optimizer.minimize(() => model.forward(x).pow(2).mean());

/** An Adam that has made two steps, and its state. */
function stepped(options: object = {}) {
  const model = make();
  const optimizer = new Adam(model, { learningRate: 0.1, ...options });
  step(model, optimizer);
  step(model, optimizer);
  return { model, optimizer, state: optimizerState(optimizer) };
}
const edited = (state: OptimizerState, change: object): OptimizerState => ({ ...state, ...change });

/** What a state that does not fit is refused with; nothing of the optimizer is another than before. */
function refusal(optimizer: Optimizer<any, any>, state: unknown): string {
  const before = optimizerState(optimizer);
  let message = '';
  try {
    loadOptimizerState(optimizer, state as never);
  } catch (error) {
    expect(error).toBeInstanceOf(StateError);
    message = (error as Error).message;
  }
  expect(optimizerState(optimizer)).toEqual(before);
  return message;
}

describe('optimizerState', () => {
  test('is plain data by the paths of the model, and stays what it was', () => {
    const { model, optimizer, state } = stepped();
    expect(Object.keys(state)).toEqual(['name', 'steps', 'options', 'schedules', 'groups', 'frozen', 'parameters', 'shared']);
    expect(Object.keys(state.parameters).sort()).toEqual(['layers.0.bias', 'layers.0.weight', 'layers.1.bias', 'layers.1.weight', 'layers.3.bias', 'layers.3.weight']); // biome-ignore format: a list
    expect(state.options).toMatchObject({ learningRate: 0.1, betas: [0.9, 0.999], amsgrad: false, maximize: false });
    const { mean } = state.parameters['layers.0.weight'] as { mean: Tensor };
    expect(mean).not.toBeInstanceOf(Parameter);
    const before = [...mean.data];
    step(model, optimizer);
    expect([...mean.data]).toEqual(before);
  });

  test('holds null for a parameter that has not moved yet', () => {
    const [a, b] = [new Parameter(Tensor.of([1])), new Parameter(Tensor.of([2]))];
    const optimizer = new Adam({ a, b });
    optimizer.minimize(() => a.mul(a).sum());
    expect(optimizerState(optimizer).parameters['b']).toBeNull();
  });

  test('is not found in a model that holds its optimizer', () => {
    const { model, optimizer } = stepped();
    expect(new SGD({ model, optimizer }, { learningRate: 1 })).toBeInstanceOf(SGD);
    expect(Object.keys(optimizerState(new SGD({ optimizer, model }, { learningRate: 1 })).parameters)).toHaveLength(6);
  });

  test('refuses what is no optimizer', () => {
    expect(() => optimizerState({} as never)).toThrow(/optimizerState: expected an optimizer, such as new Adam\(model\), got \{\}/);
    expect(() => loadOptimizerState(undefined as never, {} as never)).toThrow(ValueError);
  });
});

describe('loadOptimizerState', () => {
  test('brings options that were changed by hand, and those of groups', () => {
    const model = make();
    const groups = () => new ParameterGroups(model, [{ parameters: ['layers.0.weight'], weightDecay: 0.5 }]);
    const optimizer = new AdamW(model, { groups: groups() });
    optimizer.learningRate = 0.25;
    optimizer.options.groups!.list[0]!.learningRate = 0.125;
    const other = new AdamW(model, { groups: groups(), learningRate: cosineAnnealing(1, { steps: 3 }) });
    loadOptimizerState(other, optimizerState(optimizer));
    expect(other.learningRate).toBe(0.25);
    expect(other.options.groups!.list).toEqual([{ parameters: ['layers.0.weight'], weightDecay: 0.5, learningRate: 0.125 }]);
  });

  test('keeps the schedule that is there, if it gives what the other gave', () => {
    const { optimizer, state } = stepped({ learningRate: cosineAnnealing(0.1, { steps: 10 }) });
    const other = new Adam(make(), { learningRate: cosineAnnealing(0.1, { steps: 10 }) });
    loadOptimizerState(other, state);
    expect(other.currentLearningRate).toBe(optimizer.currentLearningRate);
    expect(refusal(new Adam(make(), { learningRate: cosineAnnealing(0.1, { steps: 11 }) }), state)).toMatch(
      /learningRate is a schedule that gives 0\.09\d* at step 2, where it gave 0\.09\d*; make the optimizer with the schedule that it had/,
    );
    expect(refusal(new Adam(make()), state)).toMatch(
      /missing: Adam, the schedule that learningRate was; make the optimizer with the same one/,
    );
    const saved = optimizerState(new Adam(make(), { learningRate: () => 0.1 }));
    const nearly = new Adam(make(), { learningRate: () => 0.1 * (1 + 9e-13) });
    loadOptimizerState(nearly, saved);
    expect(nearly.currentLearningRate).toBe(0.1 * (1 + 9e-13));
    expect(refusal(new Adam(make(), { learningRate: () => 0.1 * (1 + 2e-12) }), saved)).toMatch(/where it gave 0\.1;/);
    const plateau = new ReduceOnPlateau(0.1, { patience: 0 });
    const first = new Adam(make(), { learningRate: plateau.learningRate });
    [1, 2, 3].map((loss) => plateau.observe(loss));
    const reduced = optimizerState(first);
    const fresh = new ReduceOnPlateau(0.1, { patience: 0 });
    const second = new Adam(make(), { learningRate: fresh.learningRate });
    expect(refusal(second, reduced)).toMatch(/restore a ReduceOnPlateau before/);
    fresh.restore(plateau.state);
    loadOptimizerState(second, reduced);
    expect(second.currentLearningRate).toBe(first.currentLearningRate);
  });

  test('freezes what was frozen, statistics too, before anything is recorded', () => {
    const { model, optimizer } = stepped();
    optimizer.options.frozen = { norm: model.layers[1] as object };
    const state = optimizerState(optimizer);
    expect(state.frozen).toEqual([
      'layers.1.weight',
      'layers.1.bias',
      'layers.1.runningMean',
      'layers.1.runningVariance',
      'layers.1.batches',
    ]);
    const again = make();
    loadStateDict(again, stateDict(model));
    const other = new Adam(again);
    loadOptimizerState(other, state);
    const norm = again.layers[1] as BatchNorm;
    const before = norm.runningMean.value.toArray();
    new Tape().record(() => again.forward(x).sum());
    expect(norm.runningMean.value.toArray()).toEqual(before);
    step(again, other);
    expect(norm.weight!.toArray()).toEqual((model.layers[1] as BatchNorm).weight!.toArray());
    // And back: what is not frozen in the state is free.
    loadOptimizerState(other, { ...optimizerState(other), frozen: [] });
    expect(other.options.frozen).toBeUndefined();
    step(again, other);
    expect(norm.runningMean.value.toArray()).not.toEqual(before);
  });

  test('refuses the state of another optimizer by name', () => {
    const { state } = stepped();
    expect(refusal(new AdamW(make()), state)).toBe('AdamW: expected the state of a AdamW, got that of a Adam');
  });

  test('lists all that does not fit, and restores nothing', () => {
    const { state } = stepped();
    const { 'layers.0.bias': _, ...others } = state.parameters;
    const wide = Tensor.zeros([3, 5]);
    const message = refusal(
      new Adam(make()),
      edited(state, {
        parameters: {
          ...others,
          'layers.9.bias': null,
          'layers.0.weight': { mean: wide, square: Tensor.zeros([3, 4], 'float64'), unseen: [1], largest: 3 },
          'layers.1.weight': { ...(others['layers.1.weight'] as object), velocity: wide },
          'layers.3.bias': 7,
        },
      }),
    );
    expect(message.split('\n  ')).toEqual([
      'Adam: the state does not fit the optimizer, so nothing was loaded',
      'left over: layers.9.bias, which the optimizer does not have',
      'misfit: layers.0.weight.mean, expected float32 [3, 4], got float32 [3, 5]',
      'misfit: layers.0.weight.unseen, expected a list of 2, got [1]',
      'misfit: layers.0.weight.square, expected float32 [3, 4], got float64 [3, 4]',
      'misfit: layers.0.weight.largest, expected float32 [3, 4], got 3',
      'missing: layers.0.bias, which the optimizer has',
      'left over: layers.1.weight.velocity, which the optimizer does not have',
      'misfit: layers.3.bias, expected an object with mean, unseen, square, largest, got 7',
    ]);
  });

  test('refuses options that are out of range or none, and other groups', () => {
    const { state } = stepped();
    const options = (change: object) => edited(state, { options: { ...state.options, ...change } });
    expect(refusal(new Adam(make()), options({ learningRate: -1 }))).toMatch(/expected learningRate to be a finite number from 0/);
    expect(refusal(new Adam(make()), options({ betas: [0.9, 1] }))).toMatch(/expected betas to be/);
    expect(refusal(new Adam(make()), options({ lr: 1 }))).toMatch(/did you mean learningRate/);
    expect(refusal(new Adam(make()), options(JSON.parse('{"__proto__": {}}')))).toMatch(/expected what optimizerState/);
    const model = make();
    const groups = new ParameterGroups(model, [{ parameters: ['layers.0.bias'], weightDecay: 1 }]);
    expect(refusal(new Adam(model, { groups }), state)).toMatch(/expected the groups of parameters null, got \["layers\.0\.bias"\]/);
    expect(refusal(new Adam(make()), edited(state, { frozen: ['layers.7.bias'] }))).toMatch(/left over: layers\.7\.bias, which was frozen/);
    for (const wrong of [
      undefined,
      null,
      3,
      {},
      [],
      edited(state, { steps: -1 }),
      edited(state, { groups: [{}] }),
      edited(state, { frozen: [1] }),
    ])
      expect(refusal(new Adam(make()), wrong)).toMatch(/Adam: expected what optimizerState\(optimizer\) gives, got/);
  });

  test('refuses the curvature of other parameters', () => {
    const model = make();
    const optimizer = new LBFGS(model, { maxIterations: 3 });
    step(model, optimizer);
    const state = optimizerState(optimizer);
    const { moving, pairs, gradient } = state.shared as { moving: number[]; pairs: { step: Float64Array; change: Float64Array; curvature: number }[]; gradient: Float64Array }; // biome-ignore format: one type
    expect(moving).toHaveLength(6);
    expect(pairs.length).toBeGreaterThan(0);
    const fresh = () => new LBFGS(make(), { maxIterations: 3 });
    loadOptimizerState(fresh(), state);
    for (const shared of [undefined, null, {}, { moving, pairs: [{}], gradient }, { moving: [0, 0], pairs: [] }, { moving: [99], pairs: [] }, { moving, pairs: [], gradient: gradient.slice(1) }, { moving, pairs: [{ ...pairs[0], curvature: 0 }] }, { moving, pairs: [null] }]) // biome-ignore format: one list
      expect(refusal(fresh(), edited(state, { shared }))).toMatch(
        /LBFGS: expected the curvature that one with the same parameters remembers/,
      );
  });
});

describe('an optimizer of your own', () => {
  class Own extends Optimizer<any> {
    readonly first: unknown;
    constructor(w: Parameter, first: unknown) {
      super('Own', { w }, { learningRate: 1 });
      this.first = first;
    }
    protected override init() {
      return (
        structuredClone(this.first) ?? {
          constant: Tensor.of(2),
          list: [],
          numbers: new Float64Array(2),
          count: 0,
          note: '',
          later: undefined,
        }
      );
    }
    protected override update(w: Parameter, gradient: Tensor, state: any) {
      state.later ??= new Parameter(gradient);
      state.count++;
      state.list?.push({ at: state.count });
      w.assign(w.sub(gradient));
    }
  }
  const w = () => new Parameter(Tensor.of([1, 2]));
  const moved = (first?: unknown) => {
    const own = w();
    const optimizer = new Own(own, first);
    optimizer.step(new Gradients([[own, Tensor.of([3, 4])]]));
    return optimizer;
  };

  test('is saved as others are', () => {
    const state = optimizerState(moved());
    const other = new Own(w(), undefined);
    loadOptimizerState(other, state);
    expect(optimizerState(other)).toEqual(state);
    expect(state.parameters['w']).toMatchObject({ count: 1, list: [{ at: 1 }] });
  });

  test('is told when it is saved that a state comes later that init does not name', () => {
    expect(() => optimizerState(moved({ count: 0 }))).toThrow(/Own: expected init to name all that is remembered \(left over: w\.later/);
  });
});
