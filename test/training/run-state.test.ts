/** The whole state of a training: what is stopped anywhere and gone on with by fresh objects is the same training. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataLoader, Dataset, examples } from '../../src/datasets/index.ts';
import {
  Adam,
  BatchNorm,
  Dropout,
  EarlyStopping,
  Linear,
  loadRunState,
  mseLoss,
  Parameter,
  Random,
  ReduceOnPlateau,
  Run,
  relu,
  runState,
  Sequential,
  SGD,
  StateError,
  Tensor,
  tanh,
  train,
} from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/index.ts';
import { putTogether, takeApart } from '../../src/io/structure.ts';
import { bytesOf, type Features, goOn, made, optimizers } from '../lib/resumable.ts';
import { runs } from '../lib/runs.ts';

/** Features at random that go together. */
const features = (optimizer: string): fc.Arbitrary<Features> =>
  fc
    .record({
      rate: fc.constantFrom('number' as const, 'schedule' as const, 'plateau' as const),
      dropout: fc.boolean(),
      batchNorm: fc.boolean(),
      shuffle: fc.boolean(),
      accumulate: fc.constantFrom(1, 3),
      carried: fc.constantFrom('no' as const, 'kept' as const, 'in the model' as const),
      tied: fc.boolean(),
      late: fc.boolean(),
      groups: fc.boolean(),
      ownRandom: fc.boolean(),
      byHand: fc.boolean(),
      freezing: fc.boolean(),
      dtype: fc.constantFrom('float32' as const, 'float64' as const),
    })
    .map((found) => ({ ...found, optimizer, ...(optimizer === 'LBFGS' && { groups: false, accumulate: 1 }) }));

describe.each(Object.keys(optimizers))('%s', (optimizer) => {
  test('goes on from its state to the same bits, at every step, in memory and from bytes', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(features(optimizer), fc.boolean(), async (given, asBytes) => {
        const whole = made(given);
        const states: (() => ReturnType<typeof runState>)[] = [];
        await goOn(whole, given, () => {
          const state = runState(whole);
          if (!asBytes) states.push(() => state);
          else {
            const { text, tensors } = takeApart(state as never);
            const bytes = writeSafetensors(tensors);
            states.push(() => putTogether({ text, tensors: readSafetensors(bytes).tensors }, 'bytes') as never);
          }
        });
        const expected = bytesOf(whole);
        expect(states.length).toBe(given.accumulate === 3 ? 4 : 8);
        for (const stateOf of states) {
          const run = made(given, 99);
          loadRunState(run, stateOf());
          await goOn(run, given);
          expect(Buffer.compare(bytesOf(run), expected)).toBe(0);
        }
      }),
      // One that is interrupted would go on beside the next, and draw from the same default generator.
      { numRuns: runs(4), interruptAfterTimeLimit: 3_600_000 },
    );
  });
});

const dataset = new Dataset(Tensor.normal([8, 2], { seed: 1 }), Tensor.normal([8, 1], { seed: 2 }));
interface Parts {
  readonly model?: object;
  readonly rate?: number;
  readonly batchSize?: number;
  readonly keep?: object;
  readonly random?: Random;
  readonly optimizer?: (model: object) => Adam | SGD;
}
function small({ rate = 0.1, batchSize = 2, keep = {}, random, ...others }: Parts = {}) {
  const model = others.model ?? new Sequential(new Linear(2, 3, { seed: 3 }), relu, new Dropout(rate), new Linear(3, 1, { seed: 4 }));
  const optimizer = others.optimizer?.(model) ?? new Adam(model);
  const data = new DataLoader(dataset, { batchSize, shuffle: true });
  const loss = ([x, y]: [Tensor, Tensor]) => mseLoss((model as Sequential).forward(x), y);
  return new Run<[Tensor, Tensor], any>({ model, optimizer, data, loss, keep, ...(random && { random }) });
}

/** What a state that does not fit is refused with; nothing of the run is another than before. */
function refusal(run: Run<any, any>, state: unknown): string {
  const before = bytesOf(run);
  let message = '';
  try {
    loadRunState(run, state as never);
  } catch (error) {
    expect(error).toBeInstanceOf(StateError);
    message = (error as Error).message;
  }
  expect(Buffer.compare(bytesOf(run), before)).toBe(0);
  return message;
}

/** What a model may carry along: tensors and numbers in lists, Maps and objects, whatever the names. */
const carried = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer().map((seed) => Tensor.normal([2], { seed: Math.abs(seed) })),
    fc.float64Array({ minLength: 1, maxLength: 3 }),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    fc.dictionary(fc.constantFrom('h', 'c', 'with.dots.in', '__proto__', 'constructor', '0', ''), tie('value'), { minKeys: 1, maxKeys: 3 }),
    fc.array(fc.tuple(fc.constantFrom('lstm', 'layers.0', '7'), tie('value')), { minLength: 1, maxLength: 3 }).map((all) => new Map(all)),
    fc.array(fc.tuple(fc.nat(9), tie('value')), { minLength: 1, maxLength: 3 }).map((all) => new Map(all)),
  ),
})).value;
/** The same as text. */
const shown = (x: unknown): unknown => {
  if (x instanceof Tensor || ArrayBuffer.isView(x)) return [x.constructor.name, ...((x as Tensor).data ?? x)].map(String);
  if (Array.isArray(x)) return ['list', ...x.map(shown)];
  if (x instanceof Map) return ['map', ...[...x].map(([key, part]) => [key, shown(part)])];
  return ['object', ...Object.entries(x as object).map(([key, part]) => [key, shown(part)])];
};

test('what a model carries along comes back where it has nothing of it yet, in whatever it stands', () => {
  class Model {
    readonly w = new Parameter(Tensor.of([1]));
    state: unknown = undefined;
    again: unknown = undefined;
  }
  const making = () => {
    const model = new Model();
    return new Run({ model, optimizer: new Adam(model), data: [Tensor.of([[1]])], loss: () => model.w.sum() });
  };
  fc.assert(
    fc.property(carried, fc.boolean(), (state, twice) => {
      const [run, fresh] = [making(), making()];
      Object.assign(run.model, { state, again: twice ? state : undefined });
      const { text, tensors } = takeApart(runState(run) as never);
      const read = readSafetensors(writeSafetensors(tensors)).tensors;
      loadRunState(fresh, putTogether({ text, tensors: read }, 'run') as never);
      const found = fresh.model as Model;
      expect(shown(found.state)).toEqual(shown(state));
      expect(found.again === undefined ? undefined : shown(found.again)).toEqual(twice ? shown(state) : undefined);
      expect(Object.keys(found)).toEqual(['w', 'state', 'again']);
    }),
    { numRuns: runs(200) },
  );
});

test('numbers in a typed array of a model are part of its state, and stay in that array', () => {
  const making = () => {
    const model = { w: new Parameter(Tensor.of([1])), counts: new Int32Array(2) };
    return new Run({ model, optimizer: new Adam(model), data: [Tensor.of([[1]])], loss: () => model.w.sum() });
  };
  const [run, fresh] = [making(), making()];
  (run.model as { counts: Int32Array }).counts[1] = 5;
  const { counts } = fresh.model as { counts: Int32Array };
  loadRunState(fresh, runState(run));
  expect([...counts]).toEqual([0, 5]);
  (run.model as { counts: Int32Array }).counts = new Int32Array(3);
  expect(() => loadRunState(fresh, runState(run))).toThrow(/left over: counts, a tensor/);
});

describe('loadRunState', () => {
  test('fills lists and objects in place, and replaces what else is kept', () => {
    const run = small({
      keep: { history: [1, { loss: 2 }], record: { best: Number.NaN }, last: Tensor.of([1]), count: 3, text: undefined },
    });
    const [history, record] = [[5, 6, 7], { old: 1 }];
    const keep = { history, record, last: undefined, count: 0, text: 'a' };
    loadRunState(small({ keep }), runState(run));
    expect([history, record]).toEqual([[1, { loss: 2 }], { best: Number.NaN }]);
    expect([keep.count, keep.text]).toEqual([3, undefined]);
    expect((keep.last as unknown as Tensor).toArray()).toEqual([1]);
  });

  test('refuses another model, optimizer, generator and other things that are kept, all at once, and restores nothing', async () => {
    const model = { a: new Linear(2, 1, { seed: 1 }) };
    const run = small({ keep: { stopping: new EarlyStopping(model), plateau: new ReduceOnPlateau(1), count: 1 }, random: new Random(1) });
    const message = refusal(small({ keep: { plateau: new ReduceOnPlateau(1), other: 1 } }), runState(run));
    expect(message.split('\n  ')).toEqual([
      'loadRunState: the state does not fit the run, so nothing was loaded',
      'missing: other, which run.keep has',
      'left over: stopping, which run.keep does not have',
      'left over: count, which run.keep does not have',
      'misfit: expected a run with a generator of its own, { random }',
    ]);
    const others = small({ optimizer: (model) => new SGD(model, { learningRate: 1 }), keep: { stopping: 1, plateau: new EarlyStopping(model), count: new Random(1) }, random: new Random(2) }); // biome-ignore format: one list
    expect(refusal(others, runState(run)).split('\n  ').slice(1)).toEqual([
      'misfit: run.keep.stopping, expected what has state and restore, got 1',
      'misfit: run.keep.count, expected plain data, got an object of class Random',
      expect.stringMatching(/^run\.keep\.plateau: EarlyStopping\.restore: expected a state that one gave/),
      'the optimizer: SGD: expected the state of a SGD, got that of a Adam',
    ]);
    const wide = new Sequential(new Linear(2, 4), relu, new Dropout(0.1), new Linear(4, 1));
    expect(refusal(small({ model: wide }), runState(small()))).toMatch(
      /misfit: layers\.0\.weight, expected float32 \[2, 4\], got [\s\S]*changed: layers\.0\.outputs, which was 3, and is 4/,
    );
  });

  test('refuses a model that is configured in another way, and other data, by default', () => {
    const state = runState(small());
    expect(refusal(small({ rate: 0.2, batchSize: 4 }), state)).toMatch(
      /changed: layers\.2\.p, which was 0\.1, and is 0\.2\n {2}changed: data\.length, which was 4, and is 2\n {2}changed: data\.batchSize[\s\S]*allowed by \{ allowChanges: true \}/,
    );
    loadRunState(small({ rate: 0.2, batchSize: 4 }), state, { allowChanges: true });
    const model = new Sequential(new Linear(2, 3), tanh, new Dropout(0.1), new Linear(3, 1));
    expect(refusal(small({ model }), state)).toMatch(/changed: layers\.1, which was function relu, and is function tanh/);
    // A bundler may have given another name.
    loadRunState(small(), { ...state, configuration: { ...state.configuration, 'layers.1': 'function e', 'layers.0': 'class Qt' } });
    expect(refusal(small(), { ...state, configuration: { ...state.configuration, 'layers.1': '"e"' } })).toMatch(/changed: layers\.1/);
  });

  test('refuses what is no state, and runs that are none', () => {
    const state = runState(small());
    for (const wrong of [undefined, null, 3, {}, { ...state, format: 2 }, { ...state, place: {} }, { ...state, tensors: { a: 1 } }, { ...state, keep: { a: 1 } }, { ...state, random: 3 }, { ...state, place: { ...state.place, batch: -1 } }]) // biome-ignore format: one list
      expect(refusal(small(), wrong)).toMatch(/expected what runState\(run\) gives/);
    for (const name of ['configuration', 'data', 'model', 'tensors', 'stateful', 'optimizer', 'defaultRandom', 'place', 'keep'])
      for (const part of [undefined, 3, []])
        expect(refusal(small(), { ...state, [name]: part })).toMatch(/expected what runState\(run\) gives/);
    for (const name of Object.keys(state.place))
      expect(refusal(small(), { ...state, place: { ...state.place, [name]: 'a' } })).toMatch(/expected what runState\(run\) gives/);
    expect(() => runState({} as never)).toThrow(/runState: expected a run, new Run/);
    expect(() => loadRunState(small(), state, { allowchanges: true } as never)).toThrow(/did you mean allowChanges/);
    const strange = JSON.parse('{"__proto__": 0}');
    expect(refusal(small(), { ...state, tensors: Object.fromEntries(Object.keys(strange).map((key) => [key, Tensor.of(1)])) })).toMatch(
      /left over: __proto__, a tensor/,
    );
    expect(refusal(small(), { ...state, defaultRandom: {} })).toMatch(/the default generator: Random\.restore/);
  });

  test('refuses to save what would be lost', () => {
    expect(() => runState(small({ keep: { w: new Parameter(Tensor.of([1])) } }))).toThrow(/run\.keep\.w: a parameter belongs to the model/);
    expect(() => runState(small({ keep: { since: new Date() } }))).toThrow(
      /run\.keep\.since: expected plain data .*, got an object of class Date/,
    );
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => runState(small({ keep: { circle } }))).toThrow(/does it stand in itself/);
    expect(() => small({ keep: [] })).toThrow(/Run: expected keep to be an object/);
  });
});

test('an optimizer and a generator that stand in the model too are saved once', () => {
  const net = new Linear(2, 1);
  const [optimizer, random] = [new SGD(net, { learningRate: 0.1 }), new Random(1)];
  const model = { net, optimizer, random, own: new Random(2) };
  const run = new Run({ model, optimizer, random, data: [Tensor.ones([1, 2])], loss: (x: Tensor) => net.forward(x).sum() });
  expect(Object.keys(runState(run).stateful)).toEqual(['own']);
  loadRunState(run, runState(run));
});

test('a run that goes on within an epoch draws for its batches what it would have drawn', async () => {
  const noisy = () => examples([1, 2, 3, 4, 5, 6], { transform: (x) => Tensor.of([x]).add(Tensor.normal([1])) });
  const runOf = () => {
    const model = { w: new Parameter(Tensor.of([0])) };
    const data = new DataLoader(noisy(), { batchSize: 2 });
    return new Run<Tensor>({ model, optimizer: new SGD(model, { learningRate: 0.1 }), data, loss: (x) => model.w.sub(x).pow(2).mean() });
  };
  const whole = runOf();
  const states: ReturnType<typeof runState>[] = [];
  for await (const _ of train(whole, { epochs: 2 })) states.push(runState(whole));
  for (const state of states) {
    const run = runOf();
    loadRunState(run, state);
    for await (const _ of train(run, { epochs: 2 }));
    expect(Buffer.compare(bytesOf(run), bytesOf(whole))).toBe(0);
  }
});

test('the statistics and what a layer says of itself do not make it another one', async () => {
  const make = () => small({ model: new Sequential(new Linear(2, 3, { seed: 1 }), new BatchNorm(3), relu, new Linear(3, 1, { seed: 2 })) });
  const run = make();
  for await (const _ of train(run, { epochs: 1 }));
  const again = make();
  loadRunState(again, runState(run));
  expect(Buffer.compare(bytesOf(again), bytesOf(run))).toBe(0);
});
