/** Layers that are called with a weight in place of their own. */

import { describe, expect, test } from 'vitest';
import {
  Adam,
  checkpoint,
  eigh,
  GRUCell,
  Linear,
  loadStateDict,
  namedBuffers,
  namedParameters,
  Parameter,
  Random,
  Sequential,
  ShapeError,
  SpectralNorm,
  stateDict,
  Tape,
  Tensor,
  tanh,
  training,
  ValueError,
  WeightNorm,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const x = Tensor.normal([4, 3], { seed: 1, dtype: 'float64' }) as Tensor;
const linear = (seed = 2) => new Linear(3, 2, { seed, dtype: 'float64' });

describe('WeightNorm', () => {
  test('computes at first what the layer did, and is made of a direction and lengths', () => {
    const layer = new WeightNorm(linear());
    expect(layer.forward(x).sub(linear().forward(x)).abs().max().item()).toBeLessThan(1e-15);
    expect([...namedParameters(layer).keys()]).toEqual(['layer.weight', 'layer.bias', 'magnitude']);
  });

  test('does not change with the length of the direction', () => {
    const layer = new WeightNorm(linear());
    const before = layer.forward(x);
    layer.layer.weight.assign(layer.layer.weight.mul(7));
    expect(layer.forward(x).sub(before).abs().max().item()).toBeLessThan(1e-14);
  });

  test('is trained, in a Sequential, and its weight can be given to the layer in the end', () => {
    const normed = new WeightNorm(new Linear(3, 8, { seed: 1, dtype: 'float64' }));
    const model = new Sequential(normed, tanh, new WeightNorm(new Linear(8, 1, { seed: 2, dtype: 'float64' })));
    const optimizer = new Adam(model, { learningRate: 0.03 });
    const target = x.slice([null, [0, 1]]).tanh() as Tensor;
    let loss = 1;
    for (let step = 0; step < 200; step++) loss = optimizer.minimize(() => model.forward(x).sub(target).pow(2).mean());
    expect(loss).toBeLessThan(1e-3);
    const before = normed.forward(x);
    normed.layer.weight.assign(normed.weight);
    expect(normed.layer.forward(x).toArray()).toEqual(before.toArray());
  });

  test('takes any parameter of a layer, and what the layer takes beside its input', () => {
    const cell = new WeightNorm(new GRUCell(3, 2, { seed: 1, dtype: 'float64' }), { parameter: 'weightHidden' });
    const h = Tensor.ones([4, 2], 'float64') as Tensor;
    expect(cell.magnitude.shape).toEqual([6]);
    expect(
      cell
        .forward(x, h)
        .sub(new GRUCell(3, 2, { seed: 1, dtype: 'float64' }).forward(x, h))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-15);
  });

  test('leaves the layer its own weight, also where the layer throws, and if it has private parts', () => {
    class Picky {
      readonly weight = new Parameter(Tensor.eye(2));
      #calls = 0;
      forward(x: Tensor): Tensor {
        if (++this.#calls > 1) throw new ValueError('Picky: enough');
        return x.matmul(this.weight);
      }
    }
    const layer = new WeightNorm(new Picky());
    layer.magnitude.assign(Tensor.of([2, 3]));
    expect(layer.forward(Tensor.ones([1, 2])).toArray()).toEqual([[2, 3]]);
    expect(() => layer.forward(Tensor.ones([1, 2]))).toThrow('Picky: enough');
    expect(layer.layer.weight.toArray()).toEqual([[1, 0], [0, 1]]); // biome-ignore format: a matrix
  });
});

describe('SpectralNorm', () => {
  const largest = (w: Tensor) => Math.sqrt(eigh(w.transposedTimes(w)).values.max().item());

  test('divides by the largest singular value, which its buffers know from the start', () => {
    const layer = new SpectralNorm(linear(), { seed: 1 });
    expect(largest(layer.weight)).toBeCloseTo(1, 6);
    expect([...namedParameters(layer).keys()]).toEqual(['layer.weight', 'layer.bias']);
    expect([...namedBuffers(layer).keys()]).toEqual(['left', 'right']);
  });

  test('follows the weight by one step of the power iteration a step of training, also within checkpoint', () => {
    const moved = (call: (layer: SpectralNorm<Linear>) => Tensor) => {
      const layer = new SpectralNorm(linear(), { seed: 1 });
      layer.layer.weight.assign(Tensor.normal([3, 2], { seed: 5, dtype: 'float64' }));
      const tape = new Tape();
      tape.backward(tape.record(() => call(layer).sum()));
      return { layer, state: [layer.left.value.toArray(), layer.right.value.toArray()] };
    };
    const { layer, state } = moved((layer) => layer.forward(x));
    expect(moved((layer) => checkpoint((x: Tensor) => layer.forward(x))(x)).state).toEqual(state);
    expect(moved((layer) => layer.forward(x).add(layer.forward(x))).state).toEqual(state);
    for (let step = 0; step < 100; step++) training(() => layer.forward(x));
    expect(largest(layer.weight)).toBeCloseTo(1, 12);
  });

  test('stays as it is in evaluation, and is the same from the same seed', () => {
    const [one, other] = [new SpectralNorm(linear(), { seed: 3 }), new SpectralNorm(linear(), { random: new Random(3) })];
    one.forward(x);
    expect(stateDict(one)).toEqual(stateDict(other));
    const third = new SpectralNorm(linear(4), { seed: 4 });
    loadStateDict(third, stateDict(one));
    expect(third.forward(x).toArray()).toEqual(one.forward(x).toArray());
  });
});

describe('what does not fit is refused, by name', () => {
  class Hidden {
    get weight(): Parameter {
      return new Parameter(Tensor.eye(2));
    }
    forward = (x: Tensor): Tensor => x;
  }
  refuses('%s', [
    ['no layer', () => new WeightNorm(tanh as never), ValueError, /^WeightNorm: expected a layer, with a forward method, got a function/],
    [
      'a layer without it',
      () => new SpectralNorm(new Sequential(tanh)),
      /^SpectralNorm: expected a layer with a parameter 'weight' in a property of its own/,
    ],
    ['a parameter that cannot be replaced', () => new WeightNorm(new Hidden()), /^WeightNorm: expected a layer with a parameter 'weight'/],
    [
      'a parameter of no such name',
      () => new WeightNorm(linear(), { parameter: 'wight' }),
      /^WeightNorm: expected a layer with a parameter 'wight'/,
    ],
    [
      'a bias',
      () => new WeightNorm(linear(), { parameter: 'bias' }),
      ShapeError,
      /^WeightNorm: expected a weight of at least two axes, got \[2\]/,
    ],
    ['an axis beyond', () => new SpectralNorm(linear(), { axis: 2 }), ShapeError, /^SpectralNorm: .*axis/],
    [
      'no step',
      () => new SpectralNorm(linear(), { iterations: 0 }),
      /^SpectralNorm: expected iterations to be a whole number from 1, got 0/,
    ],
    ['PyTorch’s word', () => new SpectralNorm(linear(), { dim: 0 } as never), /^SpectralNorm: there is no option dim/],
  ]);
});
