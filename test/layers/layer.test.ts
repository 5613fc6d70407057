/** An error raised inside a model names the layer. */

import { describe, expect, test } from 'vitest';
import { type LayerOrFunction, Linear, relu, Sequential, SGD, ShapeError, Sigmoid, TapegradError, Tensor } from '../../src/index.ts';

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
    expect(error.stack).toContain('ShapeError: layers.2: matmul: inner');
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

test('a layer that returns no tensor is named, and what it returned', () => {
  expect(() => new Sequential((() => 5) as unknown as LayerOrFunction).forward(Tensor.ones([1, 1]))).toThrow(
    'layers.0: forward: expected a tensor for what this layer returns, got number',
  );
  expect(() => new Sequential((() => undefined) as unknown as LayerOrFunction, new Linear(1, 1)).forward(Tensor.ones([1, 1]))).toThrow(
    /^layers\.0: /,
  );
});
