/** A linear layer and the activation after it are one kernel where nobody sees what lies between: the same bits as one after another. */

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Adam,
  crossEntropy,
  gelu,
  grad,
  Linear,
  ReLU,
  relu,
  Sequential,
  SGD,
  Sigmoid,
  sigmoid,
  Tanh,
  Tape,
  Tensor,
  tanh,
  useBackend,
  vmap,
} from '../../src/index.ts';
import { machine } from '../../src/machine/backend.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { trained } from '../lib/trained.ts';

afterEach(() => useBackend('wasm'));

const activations = { none: (x: Tensor) => x, relu, sigmoid, tanh, gelu, ReLU: new ReLU(), Sigmoid: new Sigmoid(), Tanh: new Tanh() };
const names = fc.constantFrom(...(Object.keys(activations) as (keyof typeof activations)[]));
const networks = fc.record({
  leading: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  rows: fc.integer({ min: 1, max: 9 }),
  widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }),
  names: fc.array(names, { minLength: 4, maxLength: 4 }),
  bias: fc.boolean(),
  dtype: fc.constantFrom('float32' as const, 'float64' as const),
});
type Network = typeof networks extends fc.Arbitrary<infer T> ? T : never;

function made({ widths, names, bias, dtype }: Network): Sequential {
  const layers = widths.slice(1).flatMap((width, i) => [new Linear(widths[i]!, width, { seed: i, bias, dtype }), activations[names[i]!]]);
  return new Sequential(...(layers as never[]));
}

const dataOf = ({ leading, rows, widths, dtype }: Network) => ({
  x: Tensor.normal([...leading, rows, widths[0]!], { seed: 7, dtype }),
  y: Tensor.zeros([leading.reduce((product, size) => product * size, rows)], 'int32'),
});

describe.each(['wasm', 'plain'] as const)('on %s', (backend) => {
  test('a training by minimize finds the bits of one by a tape, on which each operation is seen', () => {
    useBackend(backend);
    fc.assert(
      fc.property(networks, fc.boolean(), (network, withAdam) => {
        const { x, y } = dataOf(network);
        const { seen, unseen } = trained(() => {
          const model = made(network);
          const optimizer = withAdam ? new Adam(model) : new SGD(model, { learningRate: 0.1, momentum: 0.5 });
          return { model, optimizer, loss: () => crossEntropy((model.forward(x) as Tensor).reshape([y.size, -1]), y) };
        });
        expect(unseen).toEqual(seen);
      }),
      { numRuns: runs(100) },
    );
  });

  test('a prediction has the bits of its layers one after another', () => {
    useBackend(backend);
    fc.assert(
      fc.property(networks, (network) => {
        const { x } = dataOf(network);
        const model = made(network);
        let h: Tensor = x;
        for (const layer of model.layers) {
          if (layer instanceof Linear) {
            h = h.matmul(layer.weight);
            if (layer.bias) h = h.add(layer.bias);
          } else h = (typeof layer === 'function' ? layer(h) : layer.forward(h)) as Tensor;
        }
        expectSameBits((model.forward(x) as Tensor).data, h.data);
      }),
      { numRuns: runs(100) },
    );
  });
});

const x = Tensor.of([[1, -2, 0.5]]);

test('what lies between is there for whoever can see it', () => {
  const model = new Sequential(new Linear(3, 2, { seed: 1 }), relu);
  const between = model.layers[0].forward(x);
  const tape = new Tape();
  tape.record(() => model.forward(x));
  expect(tape.values.map(({ tensor }) => tensor!.toArray())).toContainEqual(between.toArray());
  expect(String(tape)).toMatch(/matmul.*\n.*add.*\n.*relu/);
  const kept: Tensor[] = [];
  const own = new Sequential(
    model.layers[0],
    (h: Tensor) => {
      kept.push(h);
      return h.relu();
    },
    new Linear(2, 1, { seed: 2 }),
  );
  new SGD(own, { learningRate: 1 }).minimize(() => own.forward(x).sum());
  expect(kept[0]!.toArray()).toEqual(between.toArray());
});

test('layers of one’s own are called, and so is what took the place of a method', () => {
  class Doubled extends Linear {
    override forward(x: Tensor): any {
      return super.forward(x).mul(2);
    }
  }
  const plain = new Linear(3, 2, { seed: 1 });
  const expected = plain.forward(x).mul(2).relu().toArray();
  expect(new Sequential(new Doubled(3, 2, { seed: 1 }), relu).forward(x).toArray()).toEqual(expected);
  const forward = plain.forward.bind(plain);
  plain.forward = ((x: Tensor) => forward(x).mul(2)) as never;
  expect(new Sequential(plain, relu).forward(x).toArray()).toEqual(expected);
  class Negative extends ReLU {
    override forward(x: Tensor): any {
      return x.neg();
    }
  }
  const linear = new Linear(3, 2, { seed: 1 });
  expect(new Sequential(linear, new Negative()).forward(x).toArray()).toEqual(linear.forward(x).neg().toArray());
});

test('derivatives of predictions, and predictions for many examples at once, are what they are layer by layer', () => {
  const model = new Sequential(new Linear(3, 2, { seed: 1 }), tanh, new Linear(2, 1, { seed: 2 }), sigmoid);
  const slow = (x: Tensor) => {
    const [first, , second] = model.layers;
    const h = x.matmul(first.weight).add(first.bias!).tanh();
    return h.matmul(second.weight).add(second.bias!).sigmoid();
  };
  const slope = (f: (x: Tensor) => Tensor) => grad((x) => grad((x) => f(x).sum())(x).sum())(x);
  expectSameBits(slope((x) => model.forward(x) as Tensor).data, slope(slow).data);
  const many = Tensor.normal([4, 1, 3], { seed: 3 });
  expectSameBits(vmap((x) => model.forward(x) as Tensor)(many).data, vmap(slow)(many).data);
});

test('errors name the layer and the operation as they do one after another', () => {
  const model = new Sequential(new Linear(3, 2), relu);
  expect(() => model.forward(Tensor.zeros([1, 4]) as never)).toThrow(/^layers\.0: matmul: inner sizes 4 and 3 differ/);
  expect(() => model.forward(Tensor.zeros([1, 3], 'float64'))).toThrow(/^layers\.0: matmul: expected tensors of one dtype/);
});

test('a step makes one array for a layer and its activation, not three', () => {
  const model = new Sequential(new Linear(3, 2, { seed: 1 }), sigmoid, new Linear(2, 1, { seed: 2 }));
  const [map, matmul] = [vi.spyOn(machine(), 'map'), vi.spyOn(machine(), 'matmul')];
  model.forward(x);
  expect([map.mock.calls.length, matmul.mock.calls.length]).toEqual([2, 0]);
  new SGD(model, { learningRate: 1 }).minimize(() => model.forward(x).sum());
  expect(matmul).not.toHaveBeenCalled();
  map.mockRestore();
  matmul.mockRestore();
});
