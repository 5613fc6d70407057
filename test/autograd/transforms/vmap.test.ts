/** A function of one example applied to a batch, compared with a loop over the examples. */

import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkOperation,
  checkpoint,
  crossEntropy,
  customVjp,
  type Dtype,
  det,
  grad,
  gradcheck,
  jacobian,
  jvp,
  Linear,
  manualSeed,
  type Op,
  onGradient,
  Parameter,
  parameters,
  perExampleGradients,
  perform,
  Sequential,
  ShapeError,
  Sigmoid,
  SoftmaxCrossEntropy,
  sin,
  stack,
  Tape,
  TapeError,
  TapegradError,
  Tensor,
  take,
  vmap,
} from '../../../src/index.ts';
import { anyFunction, expectClose, tensor, vectors } from '../../book/lib.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

const many = fc.integer({ min: 1, max: 4 }).chain((n) => fc.integer({ min: 1, max: 3 }).chain((m) => tensor([n, m])));

test('the gradient of each example is the gradient of that example', () => {
  fc.assert(
    fc.property(anyFunction, many, ({ f }, xs) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      const each = Array.from({ length: xs.shape[0]! }, (_, i) => grad(scalar)(xs.slice([i])));
      expectClose(vmap(grad(scalar))(xs), stack(each));
      const bent = (x: Tensor) => grad((x: Tensor) => sin(grad(scalar)(x)).sum())(x);
      expectClose(vmap(bent)(xs), stack(Array.from({ length: xs.shape[0]! }, (_, i) => bent(xs.slice([i])))), 1e-9);
    }),
  );
});

test('vmap can be differentiated and nested', () => {
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
    { numRuns: runs(30) },
  );
});

test('examples may lie along any axis, and inputs shared by all examples need no such axis', () => {
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
  test('to show numbers that differ from example to example, in whatever way, and whichever example they belong to', () => {
    const looks: ((x: Tensor) => unknown)[] = [
      (x) => x.item(),
      (x) => x.data,
      (x) => x.toArray(),
      (x) => String(x),
      (x) => `${x.reshape([1])}`,
      (x) => new Parameter(x),
      (x) => Tensor.fromTypedArray(x.data),
      (x) => Tensor.of(2 * x.sum().item()),
      (x) => new Parameter(Tensor.of(1, x.dtype === 'float64' ? 'float64' : 'float32')).assign(x.reshape([])),
    ];
    const numbers = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(numbers, fc.constantFrom(...looks), fc.constantFrom<Dtype>('float32', 'float64', 'int32'), (values, look, dtype) => {
        for (const change of [(x: Tensor) => x, (x: Tensor) => x.reshape([1]).reshape([])])
          for (const returned of [(x: Tensor, y: unknown) => x.mul(y as number), (_: Tensor, y: unknown) => Tensor.of(y as number)]) {
            const run = () => vmap((x: Tensor) => returned(x, look(change(x))))(Tensor.of(values, dtype));
            // Parameters and sums are floats.
            if (dtype === 'int32' && looks.indexOf(look) in { 5: 1, 7: 1, 8: 1 }) expect(run).toThrow(TapegradError);
            else
              expect(run).toThrow(
                /^vmap: a tensor of shape \[1?\] differs from example to example, so the function cannot look at its numbers; .* where/,
              );
          }
      }),
      { numRuns: runs(40) },
    );
    expect(() => vmap((x: Tensor) => (x.item() > 2 ? x.exp() : x.log()))(xs)).toThrow(TapeError);
    const w = new Parameter(Tensor.zeros([2, 3]));
    const lossOf = (x: Tensor, y: Tensor) => x.matmul(w).logSoftmax().slice([0, y.item()]).neg();
    expect(() => perExampleGradients(lossOf, Tensor.ones([3, 2]), Tensor.of([0, 2, 0], 'int32'))).toThrow(
      /^perExampleGradients: a tensor of shape \[1\] differs/,
    );
  });

  test('what it cannot show is told to a console by its shape', () => {
    let seen = '';
    vmap((x: Tensor) => {
      seen = inspect(x);
      return x;
    })(Tensor.zeros([2, 3]));
    expect(seen).toBe('Tensor float32 [3] inside of a vmap');
  });

  test('different numbers of examples, and what is no function, no axes and no options', () => {
    for (const axes of [0, [0.5], ['0'], {}])
      expect(() => vmap((x: Tensor) => x, { axes: axes as never })(xs)).toThrow(/an axis or null for each/);
    expect(() => vmap((x: Tensor) => x, [0, null] as never)).toThrow(/expected options, such as \{ axes/);
    expect(() => vmap((x: Tensor) => x, { in_axes: [0] } as never)).toThrow(/there is no option in_axes/);
    expect(() => vmap(5 as never)).toThrow(/vmap: expected a function of tensors, got 5/);
    expect(() => vmap((async (x: Tensor) => x) as never)(xs)).toThrow(/got a promise; it cannot be asynchronous/);
    expect(() =>
      vmap(function* (x: Tensor) {
        yield x;
      } as never)(xs),
    ).toThrow(/got a generator/);
    expect(() => vmap((x: Tensor) => [x, 3] as never)(xs)).toThrow(/vmap: expected a tensor for value 1 of the function/);
    expect(() => vmap((x: Tensor) => x)([1, 2] as never)).toThrow(/vmap: expected a tensor for argument 0/);
    expect(() => vmap((x: Tensor, y: Tensor) => x.add(y))(xs, Tensor.of([1, 2]))).toThrow(/as many examples in each argument, got 3 and 2/);
    expect(() => vmap((x: Tensor) => x)(Tensor.zeros([0, 2]))).toThrow(/at least one example, got an axis of size 0/);
    expect(() => vmap((x: Tensor) => x, { axes: [] })(xs)).toThrow(ShapeError);
    expect(() => vmap((() => 3) as never)(xs)).toThrow(/return a tensor or a list of tensors, got 3/);
  });

  test('a rule of a custom derivative that closes over values which differ between examples, where it is swept from outside', () => {
    const closing = (inForward: boolean) => (x: Tensor) => {
      const w = x.mul(0).add(2);
      const double = customVjp(
        (x: Tensor) => x.mul(inForward ? w : 2),
        ({ dy }) => [dy.mul(inForward ? 2 : w)],
      );
      return double(x);
    };
    for (const inForward of [true, false]) {
      expect(grad(closing(inForward))(Tensor.of(3)).item()).toBe(2);
      expect(vmap(closing(inForward))(xs).toArray()).toEqual([2, 4, 6]);
      expect(vmap(grad(closing(inForward)))(xs).toArray()).toEqual([2, 2, 2]);
    }
    const slopes = (f: (x: Tensor) => Tensor) => () => grad((xs: Tensor) => vmap(f)(xs).sum())(xs);
    expect(slopes(closing(true))().toArray()).toEqual([2, 2, 2]);
    expect(slopes(closing(false))).toThrow(/closes over a tensor of shape \[\] that was made for one example/);
  });

  test('tensors of a vmap that is over', () => {
    let kept: Tensor | undefined;
    vmap((x: Tensor) => (kept = x.mul(2)))(xs);
    expect(() => kept!.item()).toThrow(/shape \[\] differs/);
    expect(() => kept!.add(1)).toThrow(/made for one example of another vmap/);
    expect(() =>
      customVjp(
        (_: Tensor) => kept!,
        ({ dy }) => [dy],
      )(xs),
    ).toThrow(/made for one example of another vmap/);
    expect(() => vmap((x: Tensor) => x.mul(kept!))(xs)).toThrow(/made for one example of another vmap/);
    expect(() => vmap((_: Tensor) => kept!)(xs)).toThrow(TapeError);
  });
});

test('batched rows times a shared matrix are computed as one product with more rows', () => {
  const [xs, w] = [Tensor.ones([4, 3, 2]), Tensor.ones([2, 5])];
  const products = (f: (x: Tensor) => Tensor) => {
    const tape = new Tape();
    tape.record(() => vmap(f)(xs));
    return tape.entries.filter(({ op }) => /matmul|Transposed|transposed/.test(op.name)).map(({ output }) => tape.values[output]!.shape);
  };
  expect(products((x) => x.matmul(w))).toEqual([[12, 5]]);
  expect(products((x) => x.timesTransposed(w.transpose()))).toEqual([[12, 5]]);
  // On its side, rows are summed over: each example has a product of its own.
  expect(products((x) => x.transposedTimes(Tensor.ones([3, 5])))).toEqual([[4, 2, 5]]);
});

describe('a custom operation', () => {
  /** Numbers in the opposite order, along the last axis. Its name is that of another operation, which is another matter. */
  const turn: Op<'x'> = {
    name: 'sum',
    shape: ({ x }) => x.shape,
    forward({ x }) {
      const n = x.shape.at(-1)!;
      return x.data.map((_, i) => x.data[i - (i % n) + n - 1 - (i % n)]!);
    },
    backward: { x: ({ dy }) => perform(turn, { x: dy }) },
    sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]) }),
  };
  const xs = Tensor.of([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const turned = [
    [3, 2, 1],
    [6, 5, 4],
  ];
  const linesOf = (op: Op<'x'>) => {
    const tape = new Tape();
    const y = tape.record(() => vmap((x: Tensor) => perform(op, { x }))(xs));
    expect(y.toArray()).toEqual(turned);
    return tape.entries.filter(({ op: { name } }) => name === op.name).length;
  };

  test('runs for one example after another, unless it has a batching function', () => {
    checkOperation(turn);
    expect(linesOf(turn)).toBe(2);
    const matrices: Op<'x'> = { ...turn, batching: 'matrices' };
    const own: Op<'x'> = { ...turn, batching: ({ inputs, perform }) => perform({ x: inputs.x.x }) };
    const sometimes: Op<'x'> = { ...turn, batching: ({ inputs, count, perform }) => (count > 1 ? perform({ x: inputs.x.x }) : 'matrices') };
    for (const op of [matrices, own, sometimes]) {
      checkOperation(op);
      expect(linesOf(op)).toBe(1);
    }
    expect(vmap((x: Tensor) => perform(sometimes, { x }))(xs.slice([[0, 1]])).toArray()).toEqual([turned[0]]);
    expect(() => linesOf({ ...turn, batching: 'row' as never })).toThrow(
      /^sum: expected batching to be a function, axes, matrices, rows, got "row"/,
    );
    expect(() => checkOperation({ ...turn, batching: ({ inputs }) => inputs.x.x })).toThrow(
      /gives for many examples at once what it gives for each/,
    );
  });
});

describe('a custom derivative', () => {
  test('of a function that closes over what differs has the value and the derivative of each example', () => {
    const scaled = (w: Tensor) =>
      customVjp(
        (x: Tensor) => x.mul(w),
        ({ dy }) => [dy.mul(w)],
      );
    const [xs, one] = [Tensor.of([1, 2, 3]), Tensor.of(1)];
    expect(vmap((w: Tensor) => scaled(w)(one))(xs).toArray()).toEqual([1, 2, 3]);
    expect(vmap((w: Tensor) => grad(scaled(w))(one))(xs).toArray()).toEqual([1, 2, 3]);
    expect(() => grad((x: Tensor) => vmap((w: Tensor) => scaled(w)(x))(xs).sum())(one)).toThrow(/made for one example of another vmap/);
  });

  const product = customVjp(
    (a: Tensor, b: Tensor) => a.mul(b),
    ({ xs: [a, b], dy }) => [dy.mul(b!), dy.mul(a!)],
  );

  test('is batched together with its function, whichever arguments are batched, to second order', () => {
    fc.assert(
      fc.property(vectors(2), fc.constantFrom([0, 0], [0, null], [null, 0]), ([a, b], axes) => {
        const run = (f: (a: Tensor, b: Tensor) => Tensor) => (a: Tensor) =>
          vmap((a: Tensor, b: Tensor) => f(sin(a).sum(), b.exp().sum()), { axes })(a, b);
        const [found, wanted] = [run(product), run((a, b) => a.mul(b))];
        expectClose(found(a), wanted(a));
        const slope = (f: (a: Tensor) => Tensor) => grad((a: Tensor) => f(a).tanh().sum());
        expectClose(slope(found)(a), slope(wanted)(a));
        const bend = (f: (a: Tensor) => Tensor) => grad((a: Tensor) => sin(slope(f)(a)).sum());
        expectClose(bend(found)(a), bend(wanted)(a));
      }),
    );
  });

  test('gives 0 to an argument for which it returns no gradient', () => {
    const first = customVjp(
      (a: Tensor, _: Tensor) => a.mul(2),
      ({ dy }) => [dy.mul(2), null],
    );
    const [a, b] = [Tensor.of([1, 2]), Tensor.of([3, 4])];
    expect(grad((b: Tensor) => vmap(first)(a, b).sum())(b).toArray()).toEqual([0, 0]);
    expect(grad((a: Tensor) => vmap(first)(a, b).sum())(a).toArray()).toEqual([2, 2]);
  });

  test('may read the numbers of the gradient of each example', () => {
    const seen: number[] = [];
    const looking = (x: Tensor) => {
      const y = onGradient(x.mul(2), (dy) => {
        seen.push(dy.item());
        return dy.mul(10);
      });
      return y.mul(y);
    };
    const xs = Tensor.of([1, 2, 3]);
    expect(vmap(grad(looking))(xs).toArray()).toEqual([80, 160, 240]);
    expect(seen).toEqual([4, 8, 12]);
    expect(grad((xs: Tensor) => vmap(looking)(xs).sum())(xs).toArray()).toEqual([80, 160, 240]);
    expect(seen).toEqual([4, 8, 12, 4, 8, 12]);
  });

  test('may perform different operations for different examples, such as an iteration that converges earlier for some', () => {
    let steps: number[] = [];
    const root = customVjp(
      (a: Tensor, scale: Tensor) => {
        let [x, count] = [a as Tensor, 0];
        for (; Math.abs(x.item() ** 2 - a.item()) > 1e-12 * a.item(); count++) x = x.add(a.div(x)).mul(0.5);
        steps.push(count);
        return x.mul(scale);
      },
      ({ xs: [a, scale], y, dy }) => [dy.mul(y).div(a!.mul(2)), dy.mul(y).div(scale!)],
    );
    const [a, scale] = [Tensor.of([1, 4, 1e6], 'float64'), Tensor.of(3, 'float64')];
    const total = (a: Tensor, scale: Tensor) => vmap(root, { axes: [0, null] })(a, scale);
    total(a, scale).data.forEach((y, i) => expect(y).toBeCloseTo(3 * Math.sqrt(a.data[i]!), 9));
    expect(new Set(steps).size).toBe(3);
    steps = [];
    gradcheck((a: Tensor, scale: Tensor) => total(a, scale), [a, scale]);
    expect(vmap((a: Tensor) => grad(root)(a, scale))(a).data[1]).toBeCloseTo(0.75, 9);
    const summed = grad((scale: Tensor) => total(a, scale).sum())(scale);
    expect(summed.item()).toBeCloseTo(1003, 6);
  });

  test('that performs different operations for different gradients has a Jacobian, computed row by row', () => {
    const odd = customVjp(
      (x: Tensor) => x.mul(3),
      ({ dy }) => [dy.data[0] === 0 ? dy.mul(3) : dy.add(dy).add(dy)],
    );
    expect(jacobian(odd)(Tensor.of([1, 2, 3])).toArray()).toEqual([
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ]);
  });
});

test('the default generator draws the same numbers for all examples, and advances as for one example', () => {
  const noisy = (x: Tensor) => x.mul(Tensor.uniform(x.shape)).add(Tensor.uniform([]));
  const own = customVjp(noisy, ({ dy }) => [dy]);
  const xs = Tensor.of([
    [1, 1],
    [2, 2],
    [1, 1],
  ]);
  for (const f of [noisy, checkpoint(noisy), own]) {
    const one = (size: number) => {
      manualSeed(5);
      return noisy(Tensor.full([2], size));
    };
    const wanted = [stack([1, 2, 1].map(one)), Tensor.uniform([2])];
    manualSeed(5);
    const found = [vmap(f)(xs), Tensor.uniform([2])];
    found.forEach((x, i) => expectSameBits(x.data, wanted[i]!.data));
  }
});

test('checkpointed functions can be batched', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [xs, w]) => {
      // It closes over a tensor that is another for another example.
      const scalar = (wrap: typeof checkpoint) => (x: Tensor) => {
        const own = w.mul(x);
        return wrap((x: Tensor) => f(own.mul(x)))(x).sum();
      };
      const [kept, plain] = [scalar(checkpoint), scalar((f) => f as never)];
      const total = (g: (x: Tensor) => Tensor) => grad((xs: Tensor) => vmap(g)(xs).sum());
      expectSameBits(vmap(grad(kept))(xs).data, vmap(grad(plain))(xs).data);
      expectSameBits(total(kept)(xs).data, total(plain)(xs).data);
      expectSameBits(total(plain)(xs).data, grad((xs: Tensor) => checkpoint(vmap(plain))(xs).sum())(xs).data);
    }),
    { numRuns: runs(40) },
  );
});

test('the Jacobian is the same row by row and column by column: tall, wide and square', () => {
  fc.assert(
    fc.property(anyFunction, tensor([3]), fc.constantFrom(1, 3, 5), ({ f }, x, rows) => {
      const w = sin(Tensor.arange(rows * 3, undefined, 1, 'float64').reshape([rows, 3]));
      const g = (x: Tensor) => w.matmul(f(x)).tanh();
      const columns = [0, 1, 2].map((i) => jvp(g, [x], [Tensor.eye(3, 'float64').slice([i])])[1]);
      expectClose(jacobian(g)(x), stack(columns, 1));
    }),
  );
});

test('a Jacobian is computed backward where there are fewer values, forward where there are fewer arguments', () => {
  const lines = (rows: number, columns: number) => {
    const w = sin(Tensor.arange(rows * columns, undefined, 1, 'float64').reshape([rows, columns]));
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

test('an error thrown inside a Jacobian reaches the caller unchanged', () => {
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
    for (const w of parameters(model)) {
      const each = [0, 1, 2, 3, 4].map((i) => sweep(x.slice([[i, i + 1]]), y.slice([[i, i + 1]])).get(w));
      expectClose(found.get(w), stack(each), 1e-13);
      expectClose(found.get(w).mean(0), whole.get(w), 1e-13);
    }
  });

  test('are refused where there is no parameter', () => {
    expect(() => perExampleGradients((x: Tensor) => x.sum(), x)).toThrow(/depends on no parameter/);
  });
});

test('mapped determinants have the derivatives of each, whichever of the matrices are singular', () => {
  const entry = fc.integer({ min: -2, max: 2 });
  const matrices = fc
    .integer({ min: 1, max: 3 })
    .chain((n) =>
      fc
        .array(fc.array(entry, { minLength: n * n, maxLength: n * n }), { minLength: 1, maxLength: 4 })
        .map((all) => Tensor.of(all, 'float64').reshape([all.length, n, n])),
    );
  fc.assert(
    fc.property(matrices, (a) => {
      const bend = (a: Tensor) => grad((a: Tensor) => sin(grad((a: Tensor) => det(a))(a)).sum())(a);
      for (const f of [(a: Tensor) => det(a), grad((a: Tensor) => det(a)), bend])
        expectClose(vmap(f)(a), stack(Array.from({ length: a.shape[0]! }, (_, i) => f(a.slice([i])))), 1e-9);
      expectClose(
        vmap((a: Tensor) => det(stack([a, a.mul(2)])))(a),
        stack(Array.from({ length: a.shape[0]! }, (_, i) => det(stack([a.slice([i]), a.slice([i]).mul(2)])))),
        1e-9,
      );
    }),
    { numRuns: runs(30) },
  );
});

describe('what the library checks of numbers is checked of all examples', () => {
  const logits = Tensor.normal([4, 3], { seed: 1, dtype: 'float64' });
  const classes = (...labels: number[]) => Tensor.of(labels, 'int32');
  const weight = Tensor.of([1, 2, 3], 'float64');
  const one = (x: Tensor) => x.unsqueeze(0);

  test('classes and their weights, and probabilities', () => {
    const options = { weight, ignoreIndex: 1, labelSmoothing: 0.1, reduction: 'sum' } as const;
    const loss = (x: Tensor, y: Tensor) => crossEntropy(one(x), one(y), options) as Tensor;
    const each = crossEntropy(logits, classes(0, 2, 1, 2), { ...options, reduction: 'none' } as never);
    expectClose(vmap(loss)(logits, classes(0, 2, 1, 2)), each, 1e-12);
    expect(() => vmap(loss)(logits, classes(0, 2, 3, 2))).toThrow(/3 .*2/);
    const soft = (x: Tensor, y: Tensor) => crossEntropy(one(x), one(y)) as Tensor;
    const rows = logits.softmax(1);
    expectClose(vmap(soft)(logits, rows), crossEntropy(logits, rows, { reduction: 'none' } as never), 1e-12);
    expect(() => vmap(soft)(logits, rows.mul(Tensor.of([[1], [1], [2], [1]], 'float64')))).toThrow(/sum to 1/);
  });

  test('indices', () => {
    const pick = (i: Tensor) => take(weight, one(i));
    expect(vmap(pick)(classes(2, 0)).toArray()).toEqual([[3], [1]]);
    expect(() => vmap(pick)(classes(0, 3))).toThrow(/index 3/);
  });

  test('and what is to be finite', () => {
    const checked = (x: Tensor) => new Tape().record(() => x.log(), { check: 'finite' });
    expect(vmap(checked)(Tensor.of([[1], [1]])).toArray()).toEqual([[0], [0]]);
    expect(() => vmap(checked)(Tensor.of([[1], [0]]))).toThrow(
      /log: in the result of shape \[2, 1\], 1 of 2 elements is not finite, the first, -Infinity, at \[1, 0\]/,
    );
    const swept = (x: Tensor) => {
      const tape = new Tape({ x });
      return tape.backward(
        tape.record(() => x.sqrt().sum(), { check: 'finite' }),
        [x],
      )[0];
    };
    expect(() => vmap(swept)(Tensor.of([[1], [0]]))).toThrow(/sqrt, backward: in the gradient for x, of shape \[2, 1\]/);
    expect(() => vmap(checked)(Tensor.of([[1], [NaN]]))).toThrow(/the data has it already/);
  });
});
