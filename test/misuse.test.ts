/**
 * Misuse that only a program without types can commit, or that only shows much later: refused where it happens, by an error of ours that
 * names the operation. What goes with a type checker's blessing stands in `bad-input.test.ts`.
 */

import { describe, expect, test } from 'vitest';
import {
  AdamW,
  accuracy,
  checkOperation,
  classificationReport,
  concat,
  confusionMatrix,
  conv2d,
  crossEntropy,
  explain,
  formula,
  Gradients,
  grad,
  gradcheck,
  hessian,
  jvp,
  Linear,
  linearWarmup,
  loadStateDict,
  namedParameters,
  Parameter,
  parameters,
  ReLU,
  relu,
  Sequential,
  SGD,
  stack,
  stateDict,
  steps,
  Tape,
  TapegradError,
  Tensor,
  toMermaid,
  unaryOp,
  vjp,
  vmap,
  where,
} from '../src/index.ts';

type Misuse = readonly [what: string, run: () => unknown, names: RegExp];

/** What the compiler would refuse, as a JavaScript program may say it. */
const any = (value: unknown): any => value;
const x23 = Tensor.of([
  [1, 2, 3],
  [4, 5, 6],
]);
const labels = (...values: number[]) => Tensor.of(values, 'int32');
const w = () => new Parameter(Tensor.of([1, 2]), 'w');
const sweep = (...how: unknown[]) => {
  const parameter = w();
  const tape = new Tape();
  const loss = tape.record(() => parameter.mul(parameter).sum());
  return any(tape).backward(loss, ...how);
};
const step = (gradient: Tensor) => {
  const parameter = w();
  new SGD({ parameter }, { learningRate: 1 }).step(new Gradients([[parameter, gradient]]));
};
/** What can be awaited without being a promise, as those of some libraries. */
const awaitable = Object.fromEntries([['then', () => {}]]);
const sum = formula((a, b) => a.add(b));

/** Unrefused, these would give a wrong result, or wrong numbers later. */
const accepted: Misuse[] = [
  ['a gradient of another shape in a step', () => step(Tensor.of([1, 2, 3])), /SGD/],
  ['a gradient of another dtype in a step', () => step(Tensor.of([1, 2], 'float64')), /SGD/],
  ['a tensor of another dtype in an update', () => w().update(sum, Tensor.of([1, 2], 'float64')), /update/],
  ['a tensor that does not stretch in an update', () => w().update(sum, Tensor.of([1, 2, 3])), /update/],
  ['a wider tensor in an update', () => w().update(sum, Tensor.zeros([2, 2])), /update/],
  ['a tensor where backward takes a list of them', () => sweep(w()), /backward/],
  ['two parameters under one path', () => namedParameters({ 'a.b': w(), a: { b: w() } }), /a\.b/],
  ['a model that is none', () => parameters(any(undefined)), /parameters/],
  ['a number in the place of ranges', () => x23.slice(any(1)), /slice/],
  ['an exact range of fractions', () => x23.slice([{ start: 0, step: 0.5, size: 3 }]), /slice/],
  ['an exact range that stands still', () => x23.slice([{ start: 0, step: 0, size: 5 }]), /slice/],
  ['a fraction of a place to put back', () => Tensor.of([1, 2]).unslice([5], [0.5], [1]), /unslice/],
  ['a step of 0 to put back', () => Tensor.of([1, 2]).unslice([5], [0], [0]), /unslice/],
  ['a value that was forgotten', () => Tensor.full([2], any(undefined)), /Tensor\.full/],
  ['a value that is text', () => Tensor.full([2], any('3')), /Tensor\.full/],
  ['a range from high to low', () => Tensor.uniform([2], { low: 1, high: 0 }), /uniform/],
  ['a range of NaN', () => Tensor.uniform([2], { low: NaN }), /uniform/],
  ['a negative standard deviation', () => Tensor.normal([2], { standardDeviation: -1 }), /normal/],
  ['an initial weight of another dtype', () => new Linear(2, 3, { initialization: () => Tensor.zeros([2, 3], 'float64') }), /Linear/],
  ['a learning rate that is text', () => new SGD(new Linear(2, 3), { learningRate: any('0.1') }), /learningRate/],
  ['a momentum that is null', () => new SGD(new Linear(2, 3), { learningRate: 1, momentum: any(null) }), /momentum/],
  ['what can be awaited, but is no promise', () => new Tape().record(any(() => awaitable)), /record/],
  ['a tape that is to name a number', () => new Tape({ a: any(3) }), /Tape/],
  [
    'a pullback of another shape through a constant function',
    () => vjp((_: Tensor): Tensor => Tensor.of([1, 2]), x23)[1](any(Tensor.of(1))),
    /gradient|pullback/,
  ],
  ['a check of int32', () => gradcheck((x: Tensor) => x.sum(), [labels(1, 2)]), /gradcheck|vjp/],
  ['a check of nothing', () => gradcheck(() => Tensor.of(1), []), /gradcheck/],
  ['negative classes that agree', () => accuracy(labels(-1), labels(-1)), /accuracy/],
  ['a class for which there is no score', () => accuracy(x23, labels(0, 7)), /accuracy/],
  ['a quotient by zero that is text', () => classificationReport(labels(0), labels(1), { zeroDivision: any('warn') }), /zeroDivision/],
];

/** An error of JavaScript's own, or one that says something else. */
const foreign: Misuse[] = [
  ['more elements than an array holds', () => Tensor.zeros([1e9, 1e9]), /Tensor\.zeros/],
  ['a shape that is a number, given to the constructor', () => new Tensor(any(3), new Float32Array(3)), /Tensor/],
  ['a shape that is a number, to reshape to', () => x23.reshape(any(6)), /reshape/],
  ['a shape that is a number, to stretch to', () => Tensor.of(1).broadcastTo(any(3)), /broadcastTo/],
  ['a shape that is a number, to be', () => x23.as(any(6)), /as/],
  ['an axis that is text', () => x23.sum(any('0')), /sum/],
  ['options in the place of axes', () => x23.sum(any({ keepDims: true })), /sum/],
  ['a range that is text', () => x23.slice([any('1')]), /slice/],
  ['no factor', () => x23.matmul(any(undefined)), /matmul/],
  ['a condition that is a truth value', () => where(any(true), x23, x23), /where/],
  ['a kind of number that is none', () => labels(0).oneHot(2, any('bool')), /oneHot/],
  ['a generator that is a function', () => Tensor.uniform([2], { random: any(Math.random) }), /Random|uniform/],
  ['parts that are not in a list', () => concat(any(x23), any(x23)), /concat/],
  ['parts that are numbers', () => concat(any([1, 2])), /concat/],
  ['numbers side by side', () => stack(any([1, 2])), /stack: .*number/],
  ['targets in a plain array', () => crossEntropy(x23, any([0, 1])), /crossEntropy/],
  ['no targets', () => crossEntropy(x23, any(undefined)), /crossEntropy/],
  ['what is no function to record', () => new Tape().record(any(3)), /record/],
  ['a gradient that is a number', () => sweep({ gradient: 1 }), /backward/],
  ['an explanation of something else than a tape', () => explain(any({}), x23, x23), /^explain: expected a tape, got \{\}/],
  ['the steps of nothing', () => steps(any(null), x23), /^steps: expected a tape, got null/],
  ['the gradient of a number', () => sweep([3]), /backward/],
  ['the gradient of what is no tensor, looked up', () => new Gradients().get(any(undefined)), /gradients/],
  ['what is no function to differentiate', () => grad(any(3))(x23), /grad/],
  ['a direction that is a number', () => jvp((x: Tensor) => x, [x23], any([1])), /jvp/],
  ['arguments to check that are not in a list', () => gradcheck((x: Tensor) => x.sum(), any(x23)), /gradcheck/],
  ['an initial weight that is a number', () => new Linear(2, 3, { initialization: any(() => 1) }), /Linear/],
  ['no input', () => new Sequential(new ReLU()).forward(any(undefined)), /Sequential/],
  ['an array to assign', () => w().assign(any([1, 2])), /assign/],
  ['no state', () => loadStateDict({ w: w() }, any(null)), /loadStateDict/],
  ['no options', () => new SGD({ w: w() }, any(undefined)), /SGD/],
  ['a list in the place of gradients', () => new SGD({ w: w() }, { learningRate: 1 }).step(any([])), /SGD/],
  ['predictions in a plain array', () => accuracy(any([1]), any([1])), /accuracy/],
  ['a class so large that no matrix holds it', () => confusionMatrix(labels(2_000_000_000), labels(0)), /confusionMatrix/],
  ['names that are fractions', () => String(classificationReport(labels(0), labels(0), { labels: any([1.5]) })), /labels/],
];

describe.each(Object.entries({ accepted, foreign }))('%s', (_, misuses) => {
  test.each(misuses)('%s', (_, run, names) => {
    let thrown: unknown;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TapegradError);
    expect((thrown as Error).message).toMatch(names);
  });
});

test('a tensor keeps its shape when the array it was given as a shape changes', () => {
  const shape = [2, 3];
  const [made, reshaped, stretched] = [Tensor.zeros(shape), x23.reshape(shape), x23.broadcastTo(shape)];
  shape[0] = 99;
  for (const x of [made, reshaped, stretched]) expect(x.shape).toEqual([2, 3]);
});

test('two parameters may exchange their numbers through a state', () => {
  const model = { a: new Parameter(Tensor.of([1])), b: new Parameter(Tensor.of([2])) };
  loadStateDict(model, { a: model.b, b: model.a });
  expect([model.a.toArray(), model.b.toArray()]).toEqual([[2], [1]]);
});

test('a step whose gradient does not fit one parameter changes no parameter and no velocity', () => {
  const model = { a: w(), b: w() };
  const optimizer = new SGD(model, { learningRate: 1, momentum: 0.9 });
  const slope = Tensor.of([1, 1]);
  const misfit: [Tensor, Tensor][] = [
    [model.a, slope],
    [model.b, Tensor.of([1, 2, 3])],
  ];
  expect(() => optimizer.step(new Gradients(misfit))).toThrow(TapegradError);
  expect([model.a.toArray(), model.a.version, model.b.version]).toEqual([[1, 2], 0, 0]);
  optimizer.step(new Gradients([[model.a, slope]]));
  expect(model.a.toArray()).toEqual([0, 1]);
});

describe('a property that a script has given to all objects', () => {
  const x = Tensor.of([[1, 2], [3, 4]], 'float64'); // biome-ignore format: a matrix
  const labels = Tensor.of([0, 1], 'int32');
  const programs: Record<string, () => unknown> = {
    operations: () =>
      conv2d(Tensor.ones([1, 1, 4, 4]), Tensor.ones([1, 1, 2, 2]), { padding: 'same' })
        .sum()
        .add(1)
        .item(),
    options: () => x.sum(0, { keepDims: true }).toArray(),
    derivatives: () => hessian((y) => y.sigmoid().log().sum())(x).toArray(),
    maps: () => vmap(grad((y: Tensor) => y.mul(y).sum()))(x).toArray(),
    'a training': () => {
      const model = new Sequential(new Linear(2, 3, { seed: 1, dtype: 'float64' }), relu, new Linear(3, 2, { seed: 2, dtype: 'float64' }));
      const optimizer = new AdamW(model, { learningRate: linearWarmup(0.1, { steps: 3 }) });
      return [optimizer.minimize(() => crossEntropy(model.forward(x), labels)), Object.keys(stateDict(model))];
    },
    'pictures and paths': () => {
      const tape = new Tape({ x });
      const y = tape.record(() => x.mul(x).log().sum(), { check: 'finite' });
      return [String(tape), explain(tape, y, x).paths.length, toMermaid(tape), [...steps(tape, y)].length];
    },
    'operations of one’s own': () =>
      checkOperation(unaryOp('tripled', { forward: (y) => y.mul(3), backward: ({ dy }) => dy.mul(3) }), { runs: 2 }),
    reports: () => String(classificationReport(labels, labels, { digits: 2 })),
  };

  test.each(Object.entries(programs))('changes nothing for %s', (_, program) => {
    const before = program();
    const names = ['lr', 'everywhere'];
    for (const name of names)
      Object.defineProperty(Object.prototype, name, {
        value: name === 'lr' ? 3 : () => 1,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    try {
      expect(JSON.stringify(program())).toBe(JSON.stringify(before));
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});
