/** A convolution, relu and max pooling are one pass where nobody sees what lies between: the same bits as one after another. */

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  Conv2d,
  crossEntropy,
  Flatten,
  grad,
  MaxPool2d,
  ReLU,
  relu,
  Sequential,
  SGD,
  sigmoid,
  Tape,
  Tensor,
  useBackend,
  vmap,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { trained } from '../lib/trained.ts';

afterEach(() => useBackend('wasm'));

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const networks = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    filters: fc.integer({ min: 1, max: 5 }),
    size: pair(4, 13),
    kernel: pair(1, 3),
    stride: pair(1, 2),
    padding: fc.oneof(pair(0, 1), fc.constant('same' as const), fc.constant('valid' as const)),
    // Mostly of two columns, next to each other, for which there is a kernel.
    pool: fc.oneof(
      fc.record({
        windows: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.constant(2)),
        apart: fc.tuple(fc.integer({ min: 2, max: 3 }), fc.constant(2)),
      }),
      fc.record({ windows: pair(1, 3), apart: fc.option(pair(1, 3), { nil: undefined }) }),
    ),
    ceilMode: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    bias: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
    activation: fc.constantFrom(relu, relu, new ReLU(), sigmoid),
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    special: fc.constantFrom('no', 'no', 'ties', 'infinities'),
  })
  .map((given) => ({ ...given, stride: given.padding === 'same' ? ([1, 1] as const) : given.stride }));
type Network = typeof networks extends fc.Arbitrary<infer T> ? T : never;

/** A network whose second convolution takes what the first gives, so that images have a gradient too. */
function made({ groups, channels, filters, kernel, stride, padding, pool, ceilMode, bias, activation, dtype }: Network) {
  const options = { stride, padding, groups, bias, dtype };
  return new Sequential(
    new Conv2d(groups * channels, groups * channels, 1, { seed: 3, dtype }),
    new Conv2d(groups * channels, groups * filters, kernel, { seed: 1, ...options }),
    activation,
    new MaxPool2d(pool.windows, { ...(pool.apart && { stride: pool.apart }), ceilMode }),
    new Flatten(),
  );
}

function dataOf({ n, groups, channels, size, dtype, special }: Network): Tensor {
  const x = Tensor.normal([n, groups * channels, ...size], { seed: 7, dtype }) as Tensor;
  if (special === 'no') return x;
  // Whole numbers, zeros of both signs among them, which tie; and what is not finite, after which all parameters are NaN.
  const others = special === 'ties' ? [] : [Infinity, NaN, -Infinity];
  const data = (x.data as Float32Array).map((value, i) => others[i % 41] ?? Math.round(value));
  return Tensor.of(Array.from(data), dtype).reshape([...x.shape]) as Tensor;
}

/** Whether there is a window at all. */
function isPossible(network: Network): boolean {
  try {
    made(network).forward(dataOf(network));
    return true;
  } catch {
    return false;
  }
}

const cases = networks.filter(isPossible);

describe.each(['wasm', 'plain'] as const)('on %s', (backend) => {
  test('a training by minimize finds the bits of one by a tape, on which each operation is seen', () => {
    useBackend(backend);
    fc.assert(
      fc.property(cases, (network) => {
        const x = dataOf(network);
        const y = Tensor.zeros([network.n], 'int32');
        const { seen, unseen } = trained(() => {
          const model = made(network);
          return { model, optimizer: new SGD(model, { learningRate: 0.1 }), loss: () => crossEntropy(model.forward(x) as Tensor, y) };
        });
        expect(unseen).toEqual(seen);
      }),
      { numRuns: runs(100) },
    );
  });

  test('a prediction has the bits of its layers one after another', () => {
    useBackend(backend);
    fc.assert(
      fc.property(cases, (network) => {
        const model = made(network);
        let h = dataOf(network);
        const expected = model.forward(h) as Tensor;
        for (const layer of model.layers) h = (typeof layer === 'function' ? layer(h) : layer.forward(h)) as Tensor;
        expectSameBits(expected.data, h.data);
      }),
      { numRuns: runs(100) },
    );
  });
});

const images = Tensor.normal([2, 1, 8, 8], { seed: 5 }) as Tensor;
const small = () => [new Conv2d(1, 3, 3, { seed: 1 }), relu, new MaxPool2d(2)] as const;

test('what lies between is there for whoever can see it', () => {
  const model = new Sequential(...small());
  const between = model.layers[0].forward(images);
  const tape = new Tape();
  tape.record(() => model.forward(images));
  expect(tape.values.map(({ tensor }) => tensor!.toArray())).toContainEqual(between.toArray());
  expect(String(tape)).toMatch(/conv.*\n.*relu.*\n.*largestOfWindows.*\n.*atPlaces/);
});

test('layers of one’s own are called, and so is what took the place of a method', () => {
  class Doubled extends Conv2d {
    override forward(x: Tensor): Tensor {
      return super.forward(x).mul(2);
    }
  }
  class Negative extends MaxPool2d {
    override forward(x: Tensor): Tensor {
      return super.forward(x).neg();
    }
  }
  const [convolution, , pool] = small();
  const pooled = (x: Tensor) => pool.forward(x.relu());
  const expected = pooled(convolution.forward(images).mul(2)).toArray();
  expect(new Sequential(new Doubled(1, 3, 3, { seed: 1 }), relu, pool).forward(images).toArray()).toEqual(expected);
  const before = pooled(convolution.forward(images));
  expect(new Sequential(convolution, relu, new Negative(2)).forward(images).toArray()).toEqual(before.neg().toArray());
  const forward = convolution.forward.bind(convolution);
  convolution.forward = (x: Tensor) => forward(x).mul(2);
  expect(new Sequential(convolution, relu, pool).forward(images).toArray()).toEqual(expected);
});

test('derivatives of predictions, and predictions for many examples at once, are what they are layer by layer', () => {
  const model = new Sequential(...small());
  const [convolution, , pool] = model.layers;
  const slow = (x: Tensor) => pool.forward(convolution.forward(x).relu());
  const slope = (f: (x: Tensor) => Tensor) => grad((x) => f(x).mul(f(x)).sum())(images);
  expectSameBits(slope((x) => model.forward(x) as Tensor).data, slope(slow).data);
  const many = Tensor.normal([3, 1, 1, 8, 8], { seed: 3 });
  expectSameBits(vmap((x) => model.forward(x) as Tensor)(many).data, vmap(slow)(many).data);
});

test('errors name the layer and the operation as they do one after another', () => {
  const model = new Sequential(...small());
  expect(() => model.forward(Tensor.zeros([1, 2, 8, 8]))).toThrow(
    /^layers\.0: conv2d: filters \[3, 1, 3, 3\] in 1 group see 1 channels, got 2/,
  );
  expect(() => model.forward(Tensor.zeros([1, 1, 2, 2]))).toThrow(/^layers\.0: conv2d: windows of 3 × 3 do not fit on an image of 2 × 2/);
  expect(() => model.forward(Tensor.zeros([1, 1, 3, 3]))).toThrow(
    /^layers\.2: maxPool2d: windows of 2 × 2 do not fit on an image of 1 × 1/,
  );
  expect(() => model.forward(Tensor.zeros([1, 1, 8, 8], 'float64'))).toThrow(/^layers\.0: conv2d: expected filters in float64/);
});
