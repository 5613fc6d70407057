/** Whole models as ONNX graphs, evaluated at sizes of the batch that were not recorded. */

import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BatchNorm,
  concat,
  Dropout,
  det,
  GRU,
  gelu,
  isTraining,
  Linear,
  Parameter,
  perform,
  Random,
  relu,
  Sequential,
  stateDict,
  stopGradient,
  Tensor,
  training,
  unaryOp,
  ValueError,
} from '../../../src/index.ts';
import { exportONNX } from '../../../src/io/index.ts';
import type { LayerCase } from '../../layers/layer-case.ts';
import { expectClose } from '../../lib/onnx/close.ts';
import { decode } from '../../lib/onnx/decode.ts';
import { evaluate, tensorOf } from '../../lib/onnx/evaluate.ts';
import { int32 } from '../../lib/tensors.ts';

const cases: LayerCase[] = [];
for (const file of readdirSync(new URL('../../layers/cases/', import.meta.url)).sort())
  cases.push(...((await import(`../../layers/cases/${file.replace('.ts', '')}.ts`)) as { readonly default: readonly LayerCase[] }).default);

/** So many examples: those of a tensor again and again. */
const repeated = (x: Tensor, batch: number): Tensor =>
  x.rank === 0
    ? x
    : concat(Array.from({ length: batch }, (_, i) => x.slice([[(i * 2 + 1) % x.shape[0]!, ((i * 2 + 1) % x.shape[0]!) + 1]])));

/** Layers that are called with what belongs to a batch of one size and is no input, or whose first axis is no batch. */
const ofOneSize = /with lengths|of a list|a weighted sum|of which one row sees nothing/;

describe.each(cases.map((it) => [it.name, it] as const))('%s', (name, it) => {
  test.each(['float32', 'float64'] as const)('computes in its graph what it computes here, in %s', (dtype) => {
    const random = new Random(1);
    const layer = it.make({ dtype, random });
    const xs = it.inputs({ dtype, random });
    const call = (...inputs: Tensor[]): Tensor => (it.call ?? ((one, ...all) => one.forward(...all)))(layer, ...inputs);
    training(() => call(...xs), { random: new Random(9) });
    const fixed = ofOneSize.test(name);
    const others = xs.flatMap((x, i) => (x.shape[0] === xs[0]!.shape[0] ? [] : [`x${i}`]));
    const named = (of: (x: Tensor) => Tensor) => Object.fromEntries(xs.map((x, i) => [`x${i}`, others.includes(`x${i}`) ? x : of(x)]));
    const model = decode(exportONNX(call, named((x) => x), { fixed: fixed || others, names: { layer } })); // biome-ignore format: a line
    for (const batch of fixed ? [0] : [1, 4]) {
      const inputs = batch === 0 ? named((x) => x) : named((x) => repeated(x, batch));
      expectClose(evaluate(model, inputs)['y'], call(...Object.values(inputs)), 256);
    }
  });
});

describe('the file', () => {
  const model = new Sequential(new Linear(4, 3, { seed: 1 }), relu, new Linear(3, 2, { seed: 2 }));
  const read = decode(exportONNX(model, Tensor.zeros([1, 4])));

  test('is of IR 8 and operators 17, with a free batch', () => {
    expect([read.version, read.opset, read.domain, read.producer]).toEqual([8, 17, '', 'tapegrad']);
    expect(read.inputs).toEqual([{ name: 'x', kind: 1, sizes: ['batch', 4] }]);
    expect(read.outputs).toEqual([{ name: 'y', kind: 1, sizes: ['batch', 2] }]);
  });

  test('has one operation for each of the model, and its weights under their paths', () => {
    expect(read.nodes.map(({ type }) => type)).toEqual(['MatMul', 'Add', 'Relu', 'MatMul', 'Add']);
    const state = stateDict(model);
    expect(read.initializers.map(({ name }) => name).sort()).toEqual(Object.keys(state).sort());
    for (const one of read.initializers) expect(tensorOf(one).toArray()).toEqual(state[one.name]!.toArray());
  });

  test('names each value once, and writes it before it is read', () => {
    const written = [...read.inputs, ...read.initializers, ...read.nodes.flatMap(({ outputs }) => outputs.map((name) => ({ name })))].map(
      ({ name }) => name,
    );
    expect(new Set(written).size).toBe(written.length);
  });

  test('has the same bytes each time', () => {
    expect(exportONNX(model, Tensor.zeros([3, 4]))).toEqual(exportONNX(model, Tensor.zeros([1, 4])));
  });
});

test('a square layer that is not symmetric is not transposed', () => {
  const layer = new Linear(2, 2, { bias: false });
  layer.weight.assign(Tensor.of([[1, 2], [3, 4]])); // biome-ignore format: a line
  const { y } = evaluate(decode(exportONNX(layer, Tensor.of([[1, 10]]))), { x: Tensor.of([[1, 10]]) });
  expect(y!.toArray()).toEqual([[31, 42]]);
});

test('a model is exported as it evaluates, wherever that is called, and not changed', () => {
  const model = new Sequential(new Linear(3, 4, { seed: 1 }), new BatchNorm(4), new Dropout(0.5));
  const x = Tensor.of([[1, 2, 3], [4, 5, 7], [2, 2, 2]]); // biome-ignore format: a line
  training(() => model.forward(x));
  const before = JSON.stringify(Object.values(stateDict(model)).map((one) => one.toArray()));
  const file = training(() => exportONNX(model, x));
  expect(JSON.stringify(Object.values(stateDict(model)).map((one) => one.toArray()))).toBe(before);
  expect(isTraining()).toBe(false);
  expectClose(evaluate(decode(file), { x })['y'], model.forward(x), 8);
});

test("a user's own elementwise operation is written by its formula", () => {
  const swish = unaryOp('mySwish', { forward: (x) => x.mul(x.mul(1.5).sigmoid()), backward: ({ dy }) => dy });
  const read = decode(exportONNX((x: Tensor) => perform(swish, { x }), Tensor.zeros([1, 2])));
  expect(read.nodes.map(({ type }) => type)).toEqual(['Mul', 'Sigmoid', 'Mul']);
});

test('a formula that makes no use of an input is as large as it all the same', () => {
  const x = Tensor.of([[1, 2], [3, 4]]); // biome-ignore format: a line
  const f = (x: Tensor) => stopGradient(x.less(Infinity).where(Tensor.ones([2, 2]), 7));
  expect(evaluate(decode(exportONNX(f, { x }, { fixed: true })), { x })['y']!.toArray()).toEqual([[1, 1], [1, 1]]); // biome-ignore format: a line
});

test('a long formula is no recursion', () => {
  const long = unaryOp('long', { forward: (x) => Array.from({ length: 5_000 }).reduce<typeof x>((y) => y.add(1), x), backward: null });
  expect(decode(exportONNX((x: Tensor) => perform(long, { x }), Tensor.zeros([1]))).nodes).toHaveLength(5_000);
});

describe('what changes with the batch', () => {
  const close = (f: (x: Tensor) => Tensor, x: Tensor) => expectClose(evaluate(decode(exportONNX(f, repeated(x, 3))), { x })['y'], f(x), 4);
  const x = Tensor.of([[1, 2], [3, 5], [7, 1], [0, 1], [4, 4], [6, 2], [2, 9]]); // biome-ignore format: a line

  test.each<[string, (x: Tensor) => Tensor]>([
    ['zeros in the shape of a state', (x) => Tensor.zeros([x.shape[0]!, 3]).add(x.sum(1, { keepDims: true }))],
    ['a mean over the batch', (x) => x.sub(x.mean(0))],
    ['the same row for each example', (x) => x.mul(Tensor.of([[2, 3]]).broadcastTo(x.shape).reshape(x.shape))], // biome-ignore format: a line
    ['a reshape of two axes into one', (x) => x.unsqueeze(1).broadcastTo([x.shape[0]!, 4, 2]).reshape([x.shape[0]! * 4, 2])], // biome-ignore format: a line
    ['a product of each with each', (x) => x.matmul(x.permute([1, 0]))],
    ['all but the last', (x) => x.slice([[0, x.shape[0]! - 1]])],
    ['the order of the batch turned round', (x) => x.slice([{ start: x.shape[0]! - 1, step: -1, size: x.shape[0]! }])],
    ['zeros before the first', (x) => concat([Tensor.zeros([1, 2]), x])],
    ['the largest of the batch', (x) => x.max(0)],
    ['the numbers of the examples', (x) => x.add(Tensor.arange(x.shape[0]!).reshape([x.shape[0]!, 1]))],
  ])('%s', (_, f) => close(f, x));

  test.each<[string, (x: Tensor) => unknown, string]>([
    [
      'an operation for each example',
      (x) => [...Array(x.shape[0]!).keys()].reduce((y, i) => y.add(i), x),
      'changes with the size of the batch',
    ],
    ['other numbers', (x) => x.mul(1 / x.shape[0]!), 'has other numbers for another size of the batch'],
    ['another operation', (x) => (x.shape[0]! > 2 ? x.exp() : x.log()), 'operation 0, log, changes'],
    ['a window over the batch', (x) => x.slice([[Math.floor(x.shape[0]! / 2), null]]), 'changes with the size of the batch'],
  ])('%s is refused, and exported for one size', (_, f, message) => {
    expect(() => exportONNX(f, x)).toThrow(message);
    expect(() => exportONNX(f, x)).toThrow(ValueError);
    expect(decode(exportONNX(f, x, { fixed: true })).inputs[0]!.sizes).toEqual([7, 2]);
  });
});

describe('inputs and outputs', () => {
  test('of several names some have no batch', () => {
    const f = (x: Tensor, mask: Tensor) => ({ shown: x.mul(mask), all: [x, x.add(1)] });
    const given = { x: Tensor.ones([4, 2]), mask: Tensor.of([1, 0]) };
    expect(() => exportONNX(f, given)).toThrow("fixed: ['mask']");
    const read = decode(exportONNX(f, given, { fixed: ['mask'] }));
    expect(read.inputs.map(({ sizes }) => sizes)).toEqual([['batch', 2], [2]]);
    expect(read.outputs.map(({ name }) => name)).toEqual(['shown', 'all.0', 'all.1']);
    const y = evaluate(read, { ...given, x: Tensor.of([[3, 4]]) });
    expect(Object.values(y).map((one) => one.toArray())).toEqual([[[3, 0]], [[3, 4]], [[4, 5]]]);
  });

  test('a result that stands at several places is a result at each', () => {
    const x = Tensor.of([[1, 2]]);
    const model = decode(
      exportONNX((x) => {
        const y = x.mul(2);
        return { y, again: y, list: [y, x, { deep: y }] };
      }, x),
    );
    const found = evaluate(model, { x });
    expect(Object.keys(found)).toEqual(['y', 'again', 'list.0', 'list.1', 'list.2.deep']);
    for (const [name, y] of Object.entries(found)) expectClose(y, name === 'list.1' ? x : x.mul(2), 0);
    expect(Object.keys(evaluate(decode(exportONNX((x) => [x, x], x)), { x }))).toEqual(['y.0', 'y.1']);
  });

  test('names of inputs and weights do not collide', () => {
    const w = new Parameter(Tensor.of([2, 3]), 'x');
    const { y_1 } = evaluate(decode(exportONNX((y: Tensor) => y.mul(w), { y: Tensor.ones([1, 2]) })), { y: Tensor.ones([1, 2]) });
    expect(y_1!.toArray()).toEqual([[2, 3]]);
  });

  test('a recurrent layer takes any batch and gives its state', () => {
    const gru = new GRU(2, 3, { seed: 1 });
    const read = decode(exportONNX(gru, Tensor.zeros([1, 4, 2])));
    expect(read.outputs.map(({ sizes }) => sizes)).toEqual([['batch', 4, 3], expect.arrayContaining(['batch', 3])]);
  });

  test('whole numbers are computed as here, rounded down', () => {
    const f = (a: Tensor, b: Tensor) => [a.div(b), a.mul(b), a.sub(b).abs(), a.maximum(b)];
    const given = { a: int32([7, -7, 9]), b: int32([2, 2, -4]) };
    const y = evaluate(decode(exportONNX(f, given)), given);
    f(given.a, given.b).forEach((wanted, i) => expectClose(y[`y.${i}`], wanted, 0));
  });

  test.each<[string, () => unknown, string]>([
    ['no function', () => exportONNX(7 as never, Tensor.ones([1])), 'expected a function of tensors or a model with forward, got 7'],
    ['no inputs', () => exportONNX(gelu, {}), 'expected an example of the input'],
    ['an input that is no tensor', () => exportONNX(gelu, { x: [1] as never }), "the input 'x'"],
    ['an input without a name', () => exportONNX(gelu, { '': Tensor.ones([1]) }), 'got an empty one'],
    ['no rows', () => exportONNX(gelu, Tensor.ones([0, 2])), 'an example has at least one row'],
    ['an unknown input', () => exportONNX(gelu, Tensor.ones([1]), { fixed: ['z'] }), "expected fixed to name inputs, 'x', got 'z'"],
    ['a misspelt option', () => exportONNX(gelu, Tensor.ones([1]), { fixd: true } as never), 'fixed'],
    ['other weights', () => exportONNX(gelu, Tensor.ones([1]), { weights: 'int8' as never }), "expected weights to be 'float16'"],
    ['a result that is no tensor', () => exportONNX(() => 3, Tensor.ones([1])), 'expected a tensor or several to be returned, got 3'],
    ['a constant', () => exportONNX(() => Tensor.ones([1]), Tensor.ones([1])), 'the result y does not depend on any input'],
    ['an asynchronous function', () => exportONNX(async (x: Tensor) => x, Tensor.ones([1])), 'synchronous'],
  ])('%s is refused', (_, f, message) => {
    expect(f).toThrow(message);
  });

  test('what ONNX does not have is refused by its name and place in the model', () => {
    const model = new Sequential(new Linear(4, 4, { seed: 1 }), (x: Tensor) => det(x.reshape([x.shape[0]!, 2, 2])));
    expect(() => exportONNX(model, Tensor.ones([1, 4]))).toThrow('exportONNX: det after layers.0.bias: ONNX has no such operation');
  });

  test('what no result needs need not be written', () => {
    const f = (x: Tensor) => {
      det(x.reshape([x.shape[0]!, 2, 2]));
      return x.exp();
    };
    expect(decode(exportONNX(f, Tensor.ones([1, 4]))).nodes.map(({ type }) => type)).toEqual(['Exp']);
  });
});

describe('weights in float16', () => {
  test('take half the space, are cast, and are computed with in float32', () => {
    const model = new Sequential(new Linear(64, 64, { seed: 1 }), new BatchNorm(64));
    const x = Tensor.ones([1, 64]);
    training(() => model.forward(repeated(x, 2)));
    const [whole, halves] = [exportONNX(model, x), exportONNX(model, x, { weights: 'float16' })];
    expect(halves.length).toBeLessThan(0.55 * whole.length);
    const read = decode(halves);
    expect(read.inputs[0]!.kind).toBe(1);
    expect(read.initializers.find(({ name }) => name === 'layers.0.weight')!.kind).toBe(10);
    expectClose(evaluate(read, { x })['y'], model.forward(x), 2 ** 14);
  });

  test('are refused where a number is too large', () => {
    const layer = new Linear(1, 1);
    layer.weight.assign(Tensor.of([[70000]]));
    expect(() => exportONNX(layer, Tensor.ones([1, 1]), { weights: 'float16' })).toThrow('weight has 70000 at place 0');
  });
});

test('numbers of every kind are kept as constants', () => {
  fc.assert(
    fc.property(fc.float(), (x) => {
      const read = decode(exportONNX((y: Tensor) => y.mul(Tensor.of([x, x])), Tensor.ones([1, 2])));
      expect(tensorOf(read.initializers[0]!).toArray()).toEqual([x, x]);
    }),
  );
});
