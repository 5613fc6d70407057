/** What a model holds besides parameters and buffers. */

import { expect, test } from 'vitest';
import { Adam, Linear, optimizerState, Parameter, Random, Tensor } from '../../src/index.ts';
import { changes, contentsOf, placing, statefulOf } from '../../src/training/contents.ts';

const step = (model: Linear, optimizer: Adam) => optimizer.minimize(() => model.forward(Tensor.of([[1, 2]])).sum());

test('an optimizer is gone on with by its own state', () => {
  const [model, other] = [new Linear(2, 1, { seed: 1 }), new Linear(2, 1, { seed: 1 })];
  const [optimizer, restored] = [new Adam(model), new Adam(other)];
  step(model, optimizer);
  const { state } = statefulOf(optimizer)!;
  expect(state).toEqual(optimizerState(optimizer));
  statefulOf(restored)!.restore(state);
  expect(optimizerState(restored)).toEqual(state);
});

test('what has a state and can restore one is stateful, and nothing else is', () => {
  const random = new Random(1);
  expect(statefulOf(random)).toBe(random);
  const own = { state: 1, restore: () => {} };
  expect(statefulOf(own)).toBe(own);
  for (const x of [null, undefined, 1, 'state', () => {}, {}, { state: 1 }, { restore: () => {} }, { state: 1, restore: 1 }])
    expect(statefulOf(x)).toBe(undefined);
});

test('each thing is found once, by its path, as what it is', () => {
  class Mixer {
    readonly rate = -0;
    readonly kind = 'wide';
    readonly isOpen = false;
    readonly steps = 7n;
    readonly squash = Math.tanh;
    readonly state = new Parameter(Tensor.of([1]));
    readonly memory = Tensor.of([2]);
    readonly random = new Random(3);
    readonly parts = new Map<unknown, unknown>([['a', Tensor.of([4])]]);
    readonly numbers = Float32Array.of(1);
    readonly nothing = null;
    readonly self = this;
  }
  const model = new Mixer();
  const { configuration, tensors, stateful, objects } = contentsOf(model);
  expect(Object.fromEntries(configuration)).toEqual({
    '': 'class Mixer',
    rate: '-0',
    kind: '"wide"',
    isOpen: 'false',
    steps: '7',
    squash: 'function tanh',
    self: 'class Mixer',
    random: 'class Random',
  });
  expect([...tensors]).toEqual([
    ['memory', model.memory],
    ['parts.a', model.parts.get('a')],
    ['numbers', model.numbers],
  ]);
  expect([...stateful]).toEqual([['random', model.random]]);
  expect([...objects]).toEqual([
    ['', model],
    ['parts', model.parts],
  ]);
});

test('changes are told with what was and what is, but for names that a bundler shortened', () => {
  const now = new Map([
    ['', 'class Net'],
    ['rate', '2'],
    ['act', 'function relu'],
    ['layer', 'class Linear'],
    ['late', 'function t'],
    ['same', '1'],
    ['more', 'true'],
  ]);
  const before = { '': 'class Old', rate: 1, act: 'function aB', layer: 'class $', late: 'function tanh', same: '1', less: 'class q' };
  expect(changes(before, now)).toEqual([
    'changed: the model, which was class Old, and is class Net',
    'changed: rate, which was 1, and is 2',
    'changed: less, which was class q, and is not there',
    'changed: more, which was not there, and is true',
  ]);
  expect(changes({ act: 'function abc' }, new Map([['act', 'function abd']]))).toHaveLength(1);
  expect(changes({}, new Map([['act', 'function t']]))).toHaveLength(1);
});

test('a tensor is put where one stands, or where a property may be written, and nowhere else', () => {
  const x = Tensor.of([1, 2]);
  const model = {
    memory: Tensor.of([0, 0]),
    inner: { last: undefined as unknown, kept: Object.freeze({ fixed: Tensor.of([0, 0]) }) },
    named: new Map<string, unknown>([['a', Tensor.of([0, 0])]]),
    several: new Set([Tensor.of([0, 0])]),
    get made() {
      return 1;
    },
    same: Tensor.of([1, 2]),
  };
  const same = model.same;
  const contents = contentsOf(model);
  const put = (path: string) => placing(contents, {}, path, x)?.();
  put('memory');
  put('inner.last');
  put('inner.fresh');
  put('named.a');
  put('same');
  expect([model.memory, model.inner.last, (model.inner as any).fresh, model.named.get('a')]).toEqual([x, x, x, x]);
  expect(model.same).toBe(same);
  for (const path of ['inner.kept.fixed', 'inner.kept.fresh', 'named.b', 'several.0', 'made'])
    expect(placing(contents, {}, path, x), path).toBe(undefined);
  expect(model.named.has('b')).toBe(false);
});

test.each([
  ['another dtype', Tensor.of([1, 2], 'float64')],
  ['another shape', Tensor.of([[1, 2]])],
  ['another number', Tensor.of([1, 3])],
  ['another sign of 0', Tensor.of([1, -0])],
])('a tensor of %s takes the place', (_, x) => {
  const model = { memory: Tensor.of([1, x.size === 2 && Object.is(x.numbers[1], -0) ? 0 : 2]) as Tensor };
  placing(contentsOf(model), {}, 'memory', x)!();
  expect(model.memory).toBe(x);
});
