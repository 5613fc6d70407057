/** Norms of channels against PyTorch's numbers, and the running statistics of instances. */

import { describe, expect, test } from 'vitest';
import {
  Adam,
  DtypeError,
  evaluation,
  GroupNorm,
  InstanceNorm,
  loadStateDict,
  namedParameters,
  Parameter,
  ShapeError,
  StateError,
  stateDict,
  TapeError,
  Tensor,
  training,
  ValueError,
  vmap,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { expectClose, spread } from '../lib/spread.ts';
import { float64 } from '../lib/tensors.ts';

const x = spread(29, 2, 4, 3);

function scaled<Norm extends { readonly weight: Parameter | undefined; readonly bias?: Parameter | undefined }>(norm: Norm): Norm {
  norm.weight!.assign(spread(5, norm.weight!.size));
  norm.bias?.assign(spread(7, norm.bias.size));
  return norm;
}

describe('has the numbers of PyTorch 2.13.0', () => {
  const float = { dtype: 'float64' } as const;

  test('a group norm', () => {
    expectClose(scaled(new GroupNorm(2, 4, float)).forward(x), [0.4601727601, -1.9292008473, -0.9336285109, 0.2732289346]);
  });

  test('an instance norm with running statistics, in training and in evaluation', () => {
    const norm = scaled(new InstanceNorm(4, { ...float, affine: true, running: true }));
    expectClose(
      training(() => norm.forward(x)),
      [0.2868253767, -2.1513700739, -1.1354553028, 0.3575595162],
    );
    training(() => norm.forward(spread(11, 2, 4, 3)));
    expectClose(norm.runningMean!.value, [-0.0285416667, -0.015, 0.0304166667, 0.0085416667]);
    expectClose(norm.runningVariance!.value, [0.9129166667, 0.909375, 0.9049479167, 0.9049479167]);
    expectClose(norm.forward(x), [0.0167313891, -1.5531733936, -0.8990464008, 0.1640311918, -0.4258283833]);
  });
});

test('constants, however large, are normalized to 0', () => {
  const far = Tensor.full([2, 4, 3], 16_777_217) as Tensor;
  for (const norm of [new GroupNorm(2, 4), new InstanceNorm(4)]) expect(norm.forward(far).abs().max().item()).toBe(0);
});

test('weights are 1 and biases 0 at first, where they are wanted', () => {
  expect([...namedParameters(new GroupNorm(1, 2)).keys()]).toEqual(['weight', 'bias']);
  expect(stateDict(new GroupNorm(1, 2))).toEqual({ weight: Tensor.ones([2]), bias: Tensor.zeros([2]) });
  expect(Object.keys(stateDict(new InstanceNorm(2)))).toEqual([]);
  expect(Object.keys(stateDict(new InstanceNorm(2, { running: true })))).toEqual(['runningMean', 'runningVariance', 'batches']);
});

describe('the running statistics of instances', () => {
  const tracked = () => new InstanceNorm(4, { running: true, dtype: 'float64' });

  test('are moved once by each step of an optimizer, and not in evaluation', () => {
    const norm = new InstanceNorm(4, { running: true, affine: true, dtype: 'float64' });
    const optimizer = new Adam(norm, { learningRate: 0.1 });
    for (let step = 0; step < 3; step++) optimizer.minimize(() => norm.forward(x).sum());
    norm.forward(x);
    expect(norm.batches!.value.item()).toBe(3);
  });

  test('are what a layer that never saw a batch refuses to do without, by its name', () => {
    expect(() => tracked().forward(x)).toThrow(StateError);
    expect(() => tracked().forward(x)).toThrow(/^InstanceNorm: has seen no batch/);
  });

  test('are saved and loaded', () => {
    const [from, to] = [tracked(), tracked()];
    training(() => from.forward(x));
    loadStateDict(to, stateDict(from));
    expect(to.forward(x).toArray()).toEqual(from.forward(x).toArray());
  });

  test('are kept, and used, where an optimizer has the layer frozen', () => {
    const norm = new InstanceNorm(4, { running: true, affine: true, dtype: 'float64' });
    const head = new Parameter(float64(1));
    training(() => norm.forward(x));
    const before = stateDict(norm);
    const optimizer = new Adam({ norm, head }, { learningRate: 0.1, frozen: norm });
    let seen: Tensor | undefined;
    optimizer.minimize(() => {
      seen = norm.forward(x);
      return seen.sum().mul(head);
    });
    expect(stateDict(norm)).toEqual(before);
    expect(seen!.toArray()).toEqual(norm.forward(x).toArray());
  });

  test('belong to a batch: examples cannot be mapped one by one in training, in evaluation they can', () => {
    const norm = tracked();
    training(() => norm.forward(x));
    const each = (x: Tensor) => norm.forward(x.unsqueeze(0)).squeeze(0);
    expect(() => training(() => vmap(each)(x))).toThrow(TapeError);
    expect(() => training(() => vmap(each)(x))).toThrow(/^InstanceNorm: takes in running statistics/);
    expect(evaluation(() => vmap(each)(x)).toArray()).toEqual(norm.forward(x).toArray());
  });
});

test('an instance norm takes no statistics from an empty batch', () => {
  for (const shape of [
    [0, 4, 3],
    [2, 4, 0],
  ]) {
    const norm = new InstanceNorm(4, { running: true });
    expect(training(() => norm.forward(Tensor.zeros(shape))).shape).toEqual(shape);
    expect([norm.batches!.value.item(), ...norm.runningMean!.value.data, ...norm.runningVariance!.value.data]).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1, 1,
    ]);
  }
});

describe('what does not fit is refused, by name', () => {
  refuses('%s', [
    ['a dtype', () => new GroupNorm(1, 2, { dtype: 'int32' as never }), /^GroupNorm: expected the dtype/],
    ['groups that do not divide', () => new GroupNorm(3, 4), ValueError, /^GroupNorm: expected groups that divide 4 channels, got 3/],
    ['channels', () => new InstanceNorm(0), ShapeError, /^InstanceNorm: expected channels to be a whole number from 1/],
    ['momentum', () => new InstanceNorm(1, { momentum: 2 }), /^InstanceNorm: expected momentum to be a number from 0 to 1, got 2/],
    ['other channels', () => new GroupNorm(1, 2).forward(x), /^GroupNorm: expected x of shape \[n, 2, …\], got \[2, 4, 3\]/],
    [
      'no axis to normalize over',
      () => new InstanceNorm(4).forward(Tensor.zeros([2, 4])),
      /^InstanceNorm: expected x of shape \[n, 4, size, …\]/,
    ],
    [
      'one number a channel',
      () => training(() => new InstanceNorm(4, { running: true }).forward(Tensor.zeros([2, 4, 1]))),
      /^InstanceNorm: expected more than one number for each channel/,
    ],
    [
      'one number a channel, without running statistics too',
      () => new InstanceNorm(4).forward(Tensor.zeros([2, 4, 1])),
      ShapeError,
      /^InstanceNorm: expected more than one number for each channel of an example, .* got x \[2, 4, 1\]/,
    ],
    [
      'another dtype than that of the running statistics',
      () => training(() => new InstanceNorm(4, { running: true }).forward(Tensor.zeros([2, 4, 3], 'float64'))),
      DtypeError,
      /^InstanceNorm: expected x in float32, as the layer is, got float64/,
    ],
  ]);
});
