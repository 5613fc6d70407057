/** An error raised inside a model names the layer. */

import { describe, expect, test } from 'vitest';
import {
  DtypeError,
  type LayerOrFunction,
  Linear,
  parameters,
  ReLU,
  relu,
  Sequential,
  SGD,
  ShapeError,
  Sigmoid,
  Softmax,
  Tanh,
  TapegradError,
  Tensor,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const raised = (f: () => unknown): TapegradError => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(TapegradError);
    return error as TapegradError;
  }
  throw new Error('nothing was thrown');
};

describe('an error inside a model', () => {
  const layers: LayerOrFunction[] = [new Linear(4, 3), new Sigmoid(), new Linear(2, 3)];
  const broken = () => new Sequential(...layers);

  test('begins with the path of the layer, and keeps its kind', () => {
    const error = raised(() => broken().forward(Tensor.zeros([5, 4])));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toBe('layers.2: matmul: inner sizes 3 and 2 differ, in [5, 3] × [2, 3]');
    expect(error.layer).toBe('layers.2');
    // What is raised elsewhere has no property that consoles would print as undefined.
    expect(Object.keys(raised(() => Tensor.zeros([2]).item()))).not.toContain('layer');
    expect(error.stack).toContain('ShapeError: layers.2: matmul: inner');
  });

  test('that is frozen, or no error, is thrown as it is', () => {
    for (const thrown of [Object.freeze(new ValueError('bad')), Object.freeze(new Error('bad')), 'bad', null]) {
      let caught: unknown;
      try {
        new Sequential(() => {
          throw thrown;
        }).forward(Tensor.zeros([1]));
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
    }
  });

  test('joins the paths of layers within layers', () => {
    const outer = new Sequential(new Sigmoid(), new Sequential(new Sigmoid(), broken()));
    expect(raised(() => outer.forward(Tensor.zeros([5, 4]))).message).toMatch(/^layers\.1\.layers\.1\.layers\.2: matmul: /);
  });

  test('names the function among the layers that threw it', () => {
    const model = new Sequential(relu, (x) => x.matmul(Tensor.zeros([3, 2])), relu);
    expect(raised(() => model.forward(Tensor.zeros([5, 4]))).message).toMatch(/^layers\.1: matmul: inner sizes 4 and 3 differ/);
  });

  test('has the whole path once an optimizer has named the parameters, in models of any kind, and only once', () => {
    class Model {
      encoder = broken();
      forward(x: Tensor): Tensor {
        return this.encoder.forward(x);
      }
    }
    const model = new Model();
    expect(raised(() => model.forward(Tensor.zeros([5, 4]))).layer).toBe('layers.2');
    new SGD(model, { learningRate: 1 });
    const { message, stack } = raised(() => model.forward(Tensor.zeros([5, 4])));
    expect(message).toMatch(/^encoder\.layers\.2: matmul: /);
    expect(stack!.split('encoder.layers.2').length).toBe(2);
  });

  test('of another class passes unchanged, and outside of models no path is added', () => {
    const odd = new Sequential({
      forward() {
        throw new RangeError('mine');
      },
    });
    expect(() => odd.forward(Tensor.zeros([1]))).toThrow(new RangeError('mine'));
    expect(raised(() => Tensor.zeros([2, 3]).matmul(Tensor.zeros([2, 3]) as never)).message).toMatch(/^matmul: /);
  });
});

refuses('a layer that returns %s is named, and what it returned', [
  ['a number', () => through(() => 5), DtypeError, /^layers\.1: Sequential: expected this layer to return a tensor, got 5$/],
  [
    'nothing',
    () => through(function empty() {}),
    DtypeError,
    /^layers\.1: Sequential: expected this layer, empty, to return a tensor, got undefined$/,
  ],
  ['a promise', () => through(async (x: Tensor) => x), DtypeError, /got a promise; it cannot be asynchronous: await the data first$/],
  ['an output and a state', () => through(() => [1, 2]), DtypeError, /to return a tensor, got \[1,2\]; a layer of your own can pick one$/],
  ['a generator', () => through(function* draws() {}), DtypeError, /layer, draws, to return a tensor, got a generator, whose operations/],
  [
    'an array',
    () =>
      through(
        new (class Odd {
          forward = () => [1];
        })(),
      ),
    DtypeError,
    /this layer, Odd, to return a tensor, got \[1\]; a layer of your own can pick one$/,
  ],
  [
    'null, without a class,',
    () => through(Object.assign(Object.create(null), { forward: () => null })),
    DtypeError,
    /this layer to return a tensor, got null$/,
  ],
]);

function through(layer: unknown): Tensor {
  return new Sequential(relu, layer as LayerOrFunction, relu).forward(Tensor.ones([1, 1]));
}

describe('one error object', () => {
  const error = new ShapeError('bad');
  const thrower = {
    forward(): Tensor {
      throw error;
    },
  };
  class Model {
    readonly inner: Sequential;
    constructor(...layers: LayerOrFunction[]) {
      this.inner = new Sequential(...layers);
    }
    forward(x: Tensor): Tensor {
      return this.inner.forward(x);
    }
  }

  test.each<[string, LayerOrFunction & { forward(x: Tensor): Tensor }, string]>([
    ['of a chain', new Sequential(relu, thrower), 'layers.1'],
    ['of a chain in a chain', new Sequential(new Sequential(relu, new Sequential(thrower))), 'layers.0.layers.1.layers.0'],
    ['of a chain in a model in a chain', new Sequential(relu, new Model(relu, relu, thrower)), 'layers.1.layers.2'],
    ['of a chain in a model in a model in a chain', new Sequential(new Model(new Model(thrower))), 'layers.0.layers.0.layers.0'],
  ])('%s that is thrown again has the path of where it was thrown', (_, model, path) => {
    for (let batch = 0; batch < 3; batch++) {
      const { message, layer, stack } = raised(() => model.forward(Tensor.ones([1])));
      expect([message, layer]).toEqual([`${path}: bad`, path]);
      expect(stack).toContain(`ShapeError: ${path}: bad`);
      expect(raised(() => new Sequential(thrower).forward(Tensor.ones([1]))).message).toBe('layers.0: bad');
    }
  });
});

test('chains of chains may be nested deeper than a call stack, and give and learn what one chain does', () => {
  const [flat, inner] = [1, 2].map(() => [new Linear(2, 2, { seed: 1 }), relu, new Linear(2, 1, { seed: 2 })] as const);
  let deep: Sequential = new Sequential(...inner!) as Sequential;
  for (let i = 0; i < 10_000; i++) deep = new Sequential(deep, ...(i % 2 ? [] : [relu])) as Sequential;
  const x = Tensor.ones([3, 2]);
  const whole = new Sequential(...flat!, relu);
  expect(deep.forward(x).toArray()).toEqual(whole.forward(x).toArray());
  expect(parameters(deep)).toHaveLength(4);
  const step = (model: { forward(x: Tensor): Tensor }) =>
    new SGD(model, { learningRate: 0.1 }).minimize(() => model.forward(x).sub(1).pow(2).sum());
  expect(step(deep)).toBe(step(whole));
  expect(parameters(deep).map((w) => w.toArray())).toEqual(parameters(whole).map((w) => w.toArray()));
});

test('a chain of a class of its own is called by its own forward', () => {
  class Doubled extends Sequential {
    override forward(x: Tensor): Tensor {
      return super.forward(x).mul(2);
    }
  }
  expect(new Sequential(new Doubled(relu), relu).forward(Tensor.of([-1, 3])).toArray()).toEqual([0, 6]);
});

refuses('%s is refused', [
  [
    'an array in the place of a tensor',
    () => new Sequential(relu).forward([1] as never),
    DtypeError,
    /^Sequential: expected a tensor for x, got an array/,
  ],
  [
    'a number for a linear layer',
    () => new Linear(1, 1).forward(5 as never),
    DtypeError,
    /^Linear: expected a tensor for x, got the number 5/,
  ],
  ...[ReLU, Sigmoid, Tanh, Softmax].map(
    (Activation) =>
      [
        `text for ${Activation.name}`,
        () => new Activation().forward('a' as never),
        DtypeError,
        new RegExp(`^${Activation.name}: expected a tensor for x, got 'a'$`),
      ] as const,
  ),
  ['an axis that is text', () => new Softmax('1' as never), ValueError, /^Softmax: expected axis to be the number of an axis, got '1'$/],
  ['an axis that is a fraction', () => new Softmax(0.5), ValueError, /^Softmax: expected axis/],
  [
    'a bias without a name',
    () => new Linear(2, 3, false as never),
    ValueError,
    /^Linear: expected options, such as \{ bias: … \}, got false$/,
  ],
  ['a misspelt option', () => new Linear(2, 3, { bais: false } as never), ValueError, /there is no option bais; did you mean bias\?$/],
  [
    'whole numbers for weights',
    () => new Linear(2, 3, { dtype: 'int32' as never }),
    DtypeError,
    /^Linear: expected the dtype 'float32' or 'float64', got 'int32'$/,
  ],
  ['a size that is text', () => new Linear('2' as never, 2), ShapeError, /got '2' inputs and 2 outputs$/],
]);
