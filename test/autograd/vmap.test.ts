/** One example made many, without a loop: held against the loop. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyOp } from '../../src/autograd/operation-properties.ts';
import {
  customVjp,
  DerivativeError,
  grad,
  jacobian,
  jvp,
  Linear,
  parameters,
  perExampleGradients,
  perform,
  Sequential,
  ShapeError,
  Sigmoid,
  SoftmaxCrossEntropy,
  stack,
  Tape,
  TapeError,
  Tensor,
  vmap,
} from '../../src/index.ts';
import * as ops from '../../src/tensor/ops/index.ts';
import { anyFunction, expectClose, tensor, vectors } from '../book/lib.ts';
import { samples } from '../lib/samples.ts';

const many = fc.integer({ min: 1, max: 4 }).chain((n) => fc.integer({ min: 1, max: 3 }).chain((m) => tensor([n, m])));

describe.each(Object.entries(ops) as [string, AnyOp][])('%s', (_, op) => {
  test('does for many examples at once what it does for each, whichever of its inputs differ', () => {
    fc.assert(
      fc.property(samples(op), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), ({ inputs, attributes }, choices) => {
        const names = Object.keys(inputs);
        const mapped = names.map((_, i) => choices[i] ?? false);
        if (!mapped.includes(true)) mapped[0] = true;
        // The same numbers the other way round are as valid an example.
        const examples = names.map((name, i) => {
          const x = inputs[name]!;
          return mapped[i] ? stack([x, new Tensor(x.shape, x.data.slice().reverse()), x]) : x;
        });
        const run = (...xs: Tensor[]) => perform(op, Object.fromEntries(names.map((name, i) => [name, xs[i]!])), attributes);
        const wanted = stack([0, 1, 2].map((which) => run(...examples.map((x, i) => (mapped[i] ? x.slice([which]) : x)))));
        const found = vmap(run, { axes: mapped.map((is) => (is ? 0 : null)) })(...examples);
        expect(found.shape).toEqual(wanted.shape);
        expect(found.dtype).toBe(wanted.dtype);
        expectClose(found, wanted, 1e-12);
      }),
      { numRuns: 30 },
    );
  });
});

test('the gradient of each example is the gradient of that example', () => {
  fc.assert(
    fc.property(anyFunction, many, ({ f }, xs) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      const each = Array.from({ length: xs.shape[0]! }, (_, i) => grad(scalar)(xs.slice([i])));
      expectClose(vmap(grad(scalar))(xs), stack(each));
      const bent = (x: Tensor) => grad((x: Tensor) => grad(scalar)(x).sin().sum())(x);
      expectClose(vmap(bent)(xs), stack(Array.from({ length: xs.shape[0]! }, (_, i) => bent(xs.slice([i])))), 1e-9);
    }),
  );
});

test('it may be differentiated, and be inside itself', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [a, b]) => {
      const table = (a: Tensor, b: Tensor) => vmap((x: Tensor) => vmap((y: Tensor) => f(stack([x, y])).sum())(b))(a);
      const wanted = (a: Tensor, b: Tensor) =>
        stack(
          Array.from({ length: a.size }, (_, i) =>
            stack(Array.from({ length: b.size }, (_, j) => f(stack([a.slice([i]), b.slice([j])])).sum())),
          ),
        );
      expectClose(table(a, b), wanted(a, b));
      const slope = (f: typeof table) => grad((a: Tensor) => f(a, b).mul(f(a, b)).sum())(a);
      expectClose(slope(table), slope(wanted), 1e-9);
    }),
    { numRuns: 30 },
  );
});

test('examples may lie along any axis, and what is the same for all need not have one', () => {
  const [x, w] = [
    Tensor.of([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    Tensor.of([10, 100]),
  ];
  expect(vmap((x: Tensor, w: Tensor) => x.mul(w).sum(), { axes: [1, null] })(x, w).toArray()).toEqual([410, 520, 630]);
  expect(vmap((x: Tensor) => w.mul(2).add(x.mul(0)))(x.transpose()).toArray()).toEqual([
    [20, 200],
    [20, 200],
    [20, 200],
  ]);
  expect(vmap((_: Tensor) => w)(x).toArray()).toEqual([
    [10, 100],
    [10, 100],
  ]);
});

describe('it refuses', () => {
  const xs = Tensor.of([1, 2, 3]);
  test('numbers taken out of tensors, branches on them, and different numbers of examples', () => {
    expect(() => vmap((x: Tensor) => x.mul(x.item()))(xs)).toThrow(/does not do the same for every example/);
    expect(() => vmap((x: Tensor) => (x.item() > 2 ? x.exp() : x))(xs)).toThrow(TapeError);
    expect(() => vmap((x: Tensor) => (x.item() > 2 ? x.exp() : x.log()))(xs)).toThrow(/log .* for the first, exp/);
    expect(() => vmap((x: Tensor, y: Tensor) => x.add(y))(xs, Tensor.of([1, 2]))).toThrow(/as many examples in each argument, got 3 and 2/);
    expect(() => vmap((x: Tensor) => x)(Tensor.zeros([0, 2]))).toThrow(/at least one example, got an axis of size 0/);
    expect(() => vmap((x: Tensor) => x, { axes: [] })(xs)).toThrow(ShapeError);
    expect(() => vmap((() => 3) as never)(xs)).toThrow(/return a tensor or a list of tensors, got number/);
  });

  test('operations that are done one by one; Jacobians fall back to a loop', () => {
    const opaque = customVjp(
      (x: Tensor) => x.mul(x),
      ({ xs: [x], dy }) => [dy.mul(x!).mul(2)],
    );
    expect(() => vmap(opaque)(xs)).toThrow(DerivativeError);
    const odd = customVjp(
      (x: Tensor) => x.mul(3),
      ({ dy }) => [
        customVjp(
          (d: Tensor) => d.mul(3),
          ({ dy }) => [dy.mul(3)],
        )(dy),
      ],
    );
    expect(jacobian(odd)(xs).toArray()).toEqual([
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ]);
  });
});

test('the Jacobian is the same row by row and column by column: tall, wide and square', () => {
  fc.assert(
    fc.property(anyFunction, tensor([3]), fc.constantFrom(1, 3, 5), ({ f }, x, rows) => {
      const w = Tensor.arange(rows * 3, undefined, 1, 'float64')
        .reshape([rows, 3])
        .sin();
      const g = (x: Tensor) => w.matmul(f(x)).tanh();
      const columns = [0, 1, 2].map((i) => jvp(g, [x], [Tensor.eye(3, 'float64').slice([i])])[1]);
      expectClose(jacobian(g)(x), stack(columns, 1));
    }),
  );
});

test('a Jacobian takes the way that has less to do: backward for few values, forward for few arguments', () => {
  const lines = (rows: number, columns: number) => {
    const w = Tensor.arange(rows * columns, undefined, 1, 'float64')
      .reshape([rows, columns])
      .sin();
    const tape = new Tape();
    tape.record(() => jacobian((x: Tensor) => w.matmul(x))(Tensor.ones([columns], 'float64')));
    return tape.values.map(({ shape }) => shape[0] ?? 0);
  };
  // The basis has as many rows as the smaller side.
  expect(lines(2, 7)).not.toContain(49);
  expect(Math.max(...lines(2, 40))).toBeLessThanOrEqual(40);
  const basis = (rows: number, columns: number) => lines(rows, columns).filter((n) => n === Math.min(rows, columns)).length;
  expect(basis(2, 7)).toBeGreaterThan(0);
  expect(basis(7, 2)).toBeGreaterThan(0);
  expect(lines(7, 2).length).toBeGreaterThan(lines(2, 7).length);
  expect(lines(3, 3).length).toBe(lines(2, 7).length);
});

test('what goes wrong inside of a Jacobian is told as it is', () => {
  const broken = (x: Tensor) =>
    customVjp(
      (x: Tensor) => x.mul(2),
      () => {
        throw new RangeError('mine');
      },
    )(x);
  expect(() => jacobian(broken)(Tensor.of([1, 2]))).toThrow(new RangeError('mine'));
  expect(() => grad(3 as never)).toThrow(TapeError);
  expect(jacobian((x) => x.reshape([0, 2]).sum(0))(Tensor.zeros([0])).shape).toEqual([2, 0]);
});

describe('gradients of each example', () => {
  const model = new Sequential(
    new Linear(3, 4, { seed: 1, dtype: 'float64' }),
    new Sigmoid(),
    new Linear(4, 2, { seed: 2, dtype: 'float64' }),
  );
  const criterion = new SoftmaxCrossEntropy();
  const [x, y] = [Tensor.normal([5, 3], { seed: 3, dtype: 'float64' }), Tensor.of([0, 1, 1, 0, 1], 'int32')];
  const lossOf = (x: Tensor, y: Tensor) => criterion.forward(model.forward(x), y) as Tensor;

  test('are what a loop over batches of one finds, and their mean is the gradient of the mean', () => {
    const found = perExampleGradients(lossOf, x, y);
    const sweep = (x: Tensor, y: Tensor) => {
      const tape = new Tape();
      return tape.backward(tape.record(() => lossOf(x, y)));
    };
    const whole = sweep(x, y);
    for (const w of parameters(model).values()) {
      const each = [0, 1, 2, 3, 4].map((i) => sweep(x.slice([[i, i + 1]]), y.slice([[i, i + 1]])).get(w));
      expectClose(found.get(w), stack(each), 1e-13);
      expectClose(found.get(w).mean(0), whole.get(w), 1e-13);
    }
  });

  test('are refused where there is no parameter', () => {
    expect(() => perExampleGradients((x: Tensor) => x.sum(), x)).toThrow(/depends on no parameter/);
  });
});
