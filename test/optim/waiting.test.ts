/** A gradient that nobody looks at is never formed. Whoever looks finds the same numbers, and every step goes to the same bits. */

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Parameter, SGD, type SGDOptions, Tape, Tensor, useKernels } from '../../src/index.ts';
import { LazyMatmul } from '../../src/machine/machine.ts';
import { runs } from '../lib/runs.ts';

afterEach(() => useKernels(true));

const options: fc.Arbitrary<SGDOptions> = fc
  .record({
    learningRate: fc.constantFrom(0.1, 1),
    momentum: fc.constantFrom(0, 0.5),
    weightDecay: fc.constantFrom(0, 0.01),
    nesterov: fc.boolean(),
  })
  .map((chosen) => ({ ...chosen, nesterov: chosen.nesterov && chosen.momentum > 0 }));
const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));

/** Some steps of a small regression, told by the bits of its parameters. */
function train(
  [rows, inputs, outputs]: readonly [number, number, number],
  chosen: SGDOptions,
  look: (gradient: Tensor) => void = () => {},
) {
  const [w, b] = [new Parameter(Tensor.normal([inputs, outputs], { seed: 1 })), new Parameter(Tensor.normal([outputs], { seed: 2 }))];
  const optimizer = new SGD({ w, b }, chosen);
  const x = Tensor.normal([rows, inputs], { seed: 3 });
  for (let step = 0; step < 3; step++) {
    const tape = new Tape();
    const gradients = tape.backward(tape.record(() => x.matmul(w).add(b).tanh().sum()));
    look(gradients.get(w));
    optimizer.step(gradients);
  }
  return [...w.data, ...b.data];
}

test('the gradient of a weight waits as a product, until somebody looks', () => {
  const [x, w] = [Tensor.of([[1, 2]]), new Parameter(Tensor.of([[3], [4]]))];
  const tape = new Tape();
  const gradient = tape.backward(tape.record(() => x.matmul(w).sum())).get(w);
  expect(gradient.storage).toBeInstanceOf(LazyMatmul);
  expect(gradient.toArray()).toEqual([[1], [2]]);
  expect(gradient.storage).toBe(undefined);
  expect(gradient.data).toBe(gradient.data);
  // Only the sweep lets products wait.
  expect(x.matmul(w.add(0)).storage).toBe(undefined);
});

test('but not where somebody named the weight, or records the sweep', () => {
  const [x, w] = [Tensor.of([[1, 2]]), new Parameter(Tensor.of([[3], [4]]))];
  const record = () => {
    const tape = new Tape();
    return { tape, y: tape.record(() => x.matmul(w).sum()) };
  };
  const [named, recorded, both] = [record(), record(), record()];
  expect(named.tape.backward(named.y, [w])[0].storage).toBe(undefined);
  expect(new Tape().record(() => recorded.tape.backward(recorded.y)).get(w).storage).toBe(undefined);
  expect(new Tape().record(() => both.tape.backward(both.y, [w]))[0].storage).toBe(undefined);
});

describe('every step goes to the same bits', () => {
  test('whether somebody looked at the gradient before or not', () => {
    fc.assert(
      fc.property(sizes, options, (size, chosen) => {
        expect(train(size, chosen, (gradient) => gradient.data)).toEqual(train(size, chosen));
      }),
      { numRuns: runs(60) },
    );
  });

  test('with kernels and without', () => {
    fc.assert(
      fc.property(sizes, options, (size, chosen) => {
        const fast = train(size, chosen);
        useKernels(false);
        const plain = train(size, chosen);
        useKernels(true);
        expect(plain).toEqual(fast);
      }),
      { numRuns: runs(60) },
    );
  });

  test('also where the batch is large, and the product of its kind', () => {
    const size = [130, 37, 41] as const;
    const fast = train(size, { learningRate: 0.1 });
    useKernels(false);
    expect(train(size, { learningRate: 0.1 })).toEqual(fast);
  });
});

test('a gradient that was not looked at in time is still that of the parameters as they were', () => {
  const [a, b] = [
    new Parameter(
      Tensor.of([
        [1, 2],
        [3, 4],
      ]),
    ),
    new Parameter(
      Tensor.of([
        [5, 6],
        [7, 8],
      ]),
    ),
  ];
  const tape = new Tape();
  const gradients = tape.backward(tape.record(() => a.matmul(b).sum()));
  const expected = Tensor.of([
    [1, 1],
    [1, 1],
  ])
    .timesTransposed(b)
    .toArray();
  b.assign(b.mul(100));
  a.assign(a.mul(100));
  expect(gradients.get(a).toArray()).toEqual(expected);
  expect(gradients.get(b).toArray()).toEqual([
    [4, 4],
    [6, 6],
  ]);
});

test('gradients that are added or scaled are formed on the way', () => {
  const [x, w] = [Tensor.of([[1, 2]]), new Parameter(Tensor.of([[3], [4]]))];
  const gradientsOf = () => {
    const tape = new Tape();
    return tape.backward(tape.record(() => x.matmul(w).sum()));
  };
  expect(gradientsOf().add(gradientsOf()).scale(0.5).get(w).toArray()).toEqual([[1], [2]]);
});

test('parameters of one model move by the gradients they had together, though one moves before the other', () => {
  const [a, b] = [
    new Parameter(
      Tensor.of([
        [1, 2],
        [3, 4],
      ]),
    ),
    new Parameter(
      Tensor.of([
        [5, 6],
        [7, 8],
      ]),
    ),
  ];
  const optimizer = new SGD({ a, b }, { learningRate: 1 });
  optimizer.minimize(() => a.matmul(b).sum());
  expect(a.toArray()).toEqual([
    [1 - 11, 2 - 15],
    [3 - 11, 4 - 15],
  ]);
  expect(b.toArray()).toEqual([
    [5 - 4, 6 - 4],
    [7 - 6, 8 - 6],
  ]);
});
