/** The transforms of functions: their values, shapes and edges. Their algebra is tested in the book. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  customVjp,
  DerivativeError,
  DtypeError,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  onGradient,
  Parameter,
  perExampleGradients,
  ShapeError,
  Tape,
  TapeError,
  Tensor,
  ValueError,
  valueAndGrad,
  vjp,
} from '../../../src/index.ts';
import { anyFunction, expectClose, vectors } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

const cube = (x: Tensor): Tensor => x.mul(x).mul(x);

describe('grad', () => {
  test('differentiates by the first argument, or by the one that is chosen', () => {
    const f = (x: Tensor, w: Tensor): Tensor => x.mul(x).mul(w).sum();
    const [x, w] = [float64([1, 2]), float64([10, 100])];
    expect(grad(f)(x, w).toArray()).toEqual([20, 400]);
    expect(grad(f, 1)(x, w).toArray()).toEqual([1, 4]);
  });

  test('can be applied to its own result, for derivatives of any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), (value) => {
        const x = float64(value);
        expect(grad(cube)(x).item()).toBe(3 * value ** 2);
        expect(grad(grad(cube))(x).item()).toBe(6 * value);
        expect(grad(grad(grad(cube)))(x).item()).toBe(6);
        expect(grad(grad(grad(grad(cube))))(x).item()).toBe(0);
      }),
    );
  });

  test('of a function that closes over the argument of another keeps the two derivatives apart', () => {
    // d/dx x · d/dy (x + y) = d/dx x = 1, and not 2 (Siskind & Pearlmutter 2005, perturbation confusion)
    expect(grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(float64(1))))(float64(1)).item()).toBe(1);
    expect(grad((x: Tensor) => grad((y: Tensor) => y.mul(y).mul(x))(x))(float64(3)).item()).toBe(12); // d/dx 2x²
  });

  test('accepts a value with one element as a scalar, whatever its number of axes', () => {
    expect(grad((x: Tensor) => x.mul(x))(float64([[3]])).toArray()).toEqual([[6]]);
  });

  test('has the shape and the dtype of the argument', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const x = Tensor.ones([2, 3], dtype) as Tensor;
      const slope = grad((x: Tensor) => x.mean())(x);
      expect([slope.shape, slope.dtype]).toEqual([[2, 3], dtype]);
    }
  });

  test('changes neither its argument nor the version of a parameter', () => {
    const w = new Parameter(float64([1, 2]));
    grad((w: Tensor) => cube(w).sum())(w);
    expect([w.toArray(), w.version]).toEqual([[1, 2], 0]);
  });

  test('of a function that uses an argument twice adds both', () => {
    expect(valueAndGrad((x: Tensor) => x.add(x).sum())(float64([5])).map((y) => y.toArray())).toEqual([10, [2]]);
  });
});

describe('a constant function', () => {
  const constant = () => float64([1, 2]);
  const x = float64([3, 4, 5]);

  test('has zeros as derivatives of every kind', () => {
    const [y, pullback] = vjp((_: Tensor) => constant(), x);
    expect(y.toArray()).toEqual([1, 2]);
    expect(pullback(float64([1, 1]))[0].toArray()).toEqual([0, 0, 0]);
    expect(jvp((_: Tensor) => constant(), [x], [float64([1, 1, 1])])[1].toArray()).toEqual([0, 0]);
    expect(grad((_: Tensor) => float64(7))(x).toArray()).toEqual([0, 0, 0]);
    expect(jacobian(constant)(x).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(hessian(() => float64(7))(float64([1, 2])).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('a linear function has zeros as second derivatives, and a function of indices or comparisons zeros as first derivatives', () => {
    expect(hessian((x: Tensor) => x.mul(3).sum())(float64([1, 2])).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(grad((x: Tensor) => x.greater(3.5).sum())(x).toArray()).toEqual([0, 0, 0]);
    expect(grad((x: Tensor) => x.argmax(0).oneHot(3, 'float64').sum())(x).toArray()).toEqual([0, 0, 0]);
  });
});

describe('vjp', () => {
  test('its pullback can be called any number of times', () => {
    const [y, pullback] = vjp((x: Tensor, w: Tensor) => x.matmul(w), float64([[1, 2]]), float64([[3], [4]]));
    expect(y.toArray()).toEqual([[11]]);
    for (const factor of [1, 2, 3])
      expect(pullback(float64([[factor]])).map((dx) => dx.toArray())).toEqual([[[3 * factor, 4 * factor]], [[factor], [2 * factor]]]);
  });

  test('of the identity is the identity', () => {
    const [y, pullback] = vjp((x: Tensor) => x, float64([1, 2]));
    expect([y.toArray(), pullback(float64([5, 6]))[0].toArray()]).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  test('keeps the gradients of a tensor that is given twice apart', () => {
    const x = float64([3]);
    const [, pullback] = vjp((a: Tensor, b: Tensor) => a.mul(a).mul(b), x, x);
    expect(pullback(float64([1])).map((dx) => dx.toArray())).toEqual([[18], [9]]);
  });
});

describe('jvp', () => {
  test('follows tangents of all arguments at once', () => {
    const [y, dy] = jvp((x: Tensor, w: Tensor) => x.mul(w), [float64([2]), float64([5])], [float64([1]), float64([10])]);
    expect([y.toArray(), dy.toArray()]).toEqual([[10], [25]]);
  });

  test('along a column of the identity is a column of the Jacobian', () => {
    fc.assert(
      fc.property(fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -200, max: 200 }).map((i) => i / 100))), (values) => {
        const f = (x: Tensor): Tensor => x.softmax().mul(x.sum());
        const x = float64(values);
        const J = jacobian(f)(x);
        for (let column = 0; column < 3; column++) {
          const along = jvp(f, [x], [Tensor.eye(3, 'float64').slice([column])])[1];
          along.data.forEach((dy, row) => expect(dy).toBeCloseTo(J.toArray()[row][column], 10));
        }
      }),
      { numRuns: runs(20) },
    );
  });

  test('may be differentiated', () => {
    const along = (x: Tensor): Tensor => jvp(cube, [x], [float64(1)])[1];
    expect(grad(along)(float64(5)).item()).toBe(30);
  });
});

describe('jacobian and hessian', () => {
  test('have the axes of the value, then those of the argument', () => {
    const x = Tensor.uniform([2, 3], { seed: 1, dtype: 'float64' }) as Tensor;
    expect(jacobian((x: Tensor) => x.sum(0))(x).shape).toEqual([3, 2, 3]);
    expect(jacobian((x: Tensor) => x.mean())(x).shape).toEqual([2, 3]);
    expect(hessian((x: Tensor) => cube(x).sum())(x).shape).toEqual([2, 3, 2, 3]);
    expect(jacobian((x: Tensor) => x.slice([[0, 0]]))(x).shape).toEqual([0, 3, 2, 3]);
    expect(jacobian((x: Tensor) => x)(Tensor.zeros([0], 'float64')).shape).toEqual([0, 0]);
    expect(jacobian((x: Tensor) => x.sum())(Tensor.zeros([0], 'float64')).shape).toEqual([0]);
    expect(jacobian((x: Tensor) => x.sum().broadcastTo([2]))(Tensor.zeros([0], 'float64')).shape).toEqual([2, 0]);
  });

  test('are computed row by row where the value has no more elements than the argument, else forward, by differentiating a pullback', () => {
    const pullbacks = (x: Tensor, to: readonly number[]) => {
      let count = 0;
      // All rows are one call; the way forward needs one pullback.
      const f = customVjp(
        (x: Tensor) => x.sum().broadcastTo(to),
        ({ dy }) => {
          count++;
          return [dy.sum().broadcastTo(x.shape)];
        },
      );
      expect(jacobian(f)(x).toArray()).toEqual(Tensor.ones([...to, ...x.shape]).toArray());
      return count;
    };
    const [three, one] = [Tensor.ones([3], 'float64'), Tensor.ones([1], 'float64')];
    expect([pullbacks(three, [1]), pullbacks(one, [3]), pullbacks(three, [3])]).toEqual([1, 1, 1]);
  });

  test('of a product with a matrix are the matrix, and twice its symmetric part', () => {
    const A = float64([
      [1, 2],
      [3, 4],
    ]);
    expect(jacobian((x: Tensor) => A.matmul(x))(float64([5, 6])).toArray()).toEqual(A.toArray());
    expect(hessian((x: Tensor) => x.matmul(A).matmul(x))(float64([5, 6])).toArray()).toEqual([
      [2, 5],
      [5, 8],
    ]);
  });
});

test('no tape goes on recording after a function threw', () => {
  const tape = new Tape();
  expect(() =>
    grad((_: Tensor): Tensor => {
      throw new RangeError('mine');
    })(float64(1)),
  ).toThrow('mine');
  tape.record(() => {});
  float64(1).neg();
  expect(tape.entries).toEqual([]);
});

test('an error thrown by a custom rule reaches the caller unchanged, and nothing is computed twice', () => {
  let tries = 0;
  const f = customVjp(
    (x: Tensor) => x.mul(2),
    () => {
      tries++;
      throw new RangeError('mine');
    },
  );
  expect(() => jacobian(f)(float64([1, 2]))).toThrow(RangeError);
  expect(tries).toBe(1);
});

test('anything but a function is refused', () => {
  for (const transform of [() => vjp('x' as never, float64(1)), () => grad(null as never), () => valueAndGrad({} as never)])
    expect(transform).toThrow(TapeError);
  expect(() => vjp('x' as never, float64(1))).toThrow("vjp: expected a function of tensors, got 'x'");
});

test('an operation without a derivative is refused where that derivative is needed', () => {
  expect(() => grad((x: Tensor) => x.argmax())(float64([1, 2]))).toThrow(DerivativeError);
  expect(() => jacobian((x: Tensor) => x.argmax(0))(float64([1, 2]))).toThrow(DerivativeError);
});

test('the Hessian times a vector is what the whole Hessian gives', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expectClose(hvp(scalar, x, v), hessian(scalar)(x).matmul(v), 1e-9);
    }),
  );
});

test('a result without elements has a Jacobian without rows', () =>
  expect(jacobian((x) => x.slice([[0, 0]]))(Tensor.of([1, 2])).shape).toEqual([0, 2]));

describe('transforms refuse', () => {
  const any = (value: unknown): any => value;
  const [x, sum] = [float64([1, 2]), (x: Tensor) => x.sum()];

  refuses('%s', [
    ['a number for a Jacobian', () => jacobian(any(5)), TapeError, /^jacobian: expected a function of tensors, got 5$/],
    ['a Jacobian at an array', () => jacobian(sum)(any([1])), DtypeError, /^jacobian: expected a tensor for the argument, got an array/],
    [
      'a Jacobian of numbers',
      () => jacobian(any(() => 5))(x),
      TapeError,
      /^jacobian: expected the function to return a tensor, got 5; keep to tensors inside/,
    ],
    ['text for a Hessian', () => hessian(any('f')), TapeError, /^hessian: expected a function of tensors, got 'f'$/],
    ['text for a Hessian and a vector', () => hvp(any('f'), x, x), TapeError, /^hvp: expected a function/],
    ['a Hessian at a number', () => hvp(sum, any(3), x), DtypeError, /^hvp: expected a tensor for x, got the number 3/],
    ['a Hessian and no vector', () => hvp(sum, x, any(undefined)), DtypeError, /^hvp: expected a tensor for v, got undefined$/],
    ['a gradient at nothing', () => grad(sum)(any(undefined)), DtypeError, /^grad: expected a tensor for argument 0, got undefined$/],
    ['an argument that is not given', () => grad(any(sum), 1)(x), DerivativeError, /^grad: there is no argument 1 among the 1 given$/],
    ['an argument by name', () => grad(any(sum), any('x')), ValueError, /^grad: expected argument to be a whole number from 0, got 'x'$/],
    ['an argument counted from the end', () => valueAndGrad(sum, -1), ValueError, /^valueAndGrad: expected argument to be/],
    ['a Hessian of values', () => hessian((x) => x)(x), ShapeError, /^hessian: expected a scalar function, got a value of shape \[2\]/],
    ['a Hessian at an array', () => hessian(sum)(any([1])), DtypeError, /^hessian: expected a tensor for the argument, got an array/],
    ['a Hessian of values and a vector', () => hvp((x) => x, x, x), ShapeError, /^hvp: expected a scalar function/],
    ['a value and gradient of values', () => valueAndGrad((x: Tensor) => x)(x), ShapeError, /^valueAndGrad: expected a scalar function/],
    [
      'a gradient of nothing',
      () => grad(any(() => undefined))(x),
      TapeError,
      /^grad: expected the function to return a tensor, got undefined$/,
    ],
    [
      'a gradient of a promise',
      () => grad(any(async () => x))(x),
      TapeError,
      /^grad: expected the function to return a tensor, got a promise; it cannot be asynchronous/,
    ],
    [
      'a gradient that is no tensor',
      () => vjp(sum, x)[1](any(1)),
      DtypeError,
      /^vjp: expected a tensor for the gradient of the value, got the number 1/,
    ],
    [
      'no gradient',
      () => vjp((_: Tensor) => float64(1), x)[1](any(undefined)),
      DtypeError,
      /for the gradient of the value, got undefined$/,
    ],
    ['an argument of vjp that is none', () => vjp(sum, any([1])), DtypeError, /^vjp: expected a tensor for argument 0, got an array/],
    ['a number to push forward through', () => jvp(any(5), [x], [x]), TapeError, /^jvp: expected a function/],
    [
      'a tensor in the place of arguments',
      () => jvp(sum, any(x), any(x)),
      DerivativeError,
      /^jvp: expected a list of tensors for the arguments, got a tensor of shape \[2\]; put it in a list$/,
    ],
    [
      'a tensor in the place of directions',
      () => jvp(sum, [x], any(x)),
      DerivativeError,
      /^jvp: expected a list of tensors for the directions, got a tensor/,
    ],
    [
      'a direction that is a number',
      () => jvp(sum, [x], any([1])),
      DtypeError,
      /^jvp: expected a tensor for direction 0, got the number 1/,
    ],
    [
      'a missing direction',
      () => jvp(any(sum), any([x]), any([])),
      ShapeError,
      /^jvp: expected a direction for each of the 1 arguments, got 0$/,
    ],
    [
      'an int32 argument',
      () => jvp(any(sum), [Tensor.of([1], 'int32')], [Tensor.of([1], 'int32')]),
      DerivativeError,
      /^jvp: argument 0 of shape \[1\] is int32/,
    ],
    ['a number to checkpoint', () => checkpoint(any(5)), TapeError, /^checkpoint: expected a function of tensors, got 5$/],
    ['a checkpointed number', () => checkpoint(sum)(any(5)), DtypeError, /^checkpoint: expected a tensor for argument 0, got the number 5/],
    [
      'a number with a derivative of its own',
      () => customVjp(any(5), () => []),
      TapeError,
      /^customVjp: expected a function of tensors, got 5$/,
    ],
    [
      'a derivative of its own that is a number',
      () => customVjp(sum, any(5)),
      TapeError,
      /^customVjp: expected a function of tensors, got 5$/,
    ],
    [
      'a promise with a derivative of its own',
      () =>
        customVjp(
          any(async () => x),
          () => [null],
        )(x),
      DtypeError,
      /^customVjp: expected the function to return a tensor, got a promise/,
    ],
    [
      'a derivative of its own at a number',
      () => customVjp(sum, () => [null])(any(5)),
      DtypeError,
      /^customVjp: expected a tensor for argument 0, got the number 5/,
    ],
    ['a look at a gradient by a number', () => onGradient(x, any(5)), TapeError, /^onGradient: expected a function of tensors, got 5$/],
    [
      'a look at no tensor',
      () => onGradient(any(5), () => undefined),
      DtypeError,
      /^onGradient: expected a tensor for argument 0, got the number 5/,
    ],
    [
      'a look that returns a number',
      () =>
        grad((x: Tensor) =>
          onGradient(
            x,
            any(() => 5),
          ).sum(),
        )(x),
      DerivativeError,
      /^onGradient: expected a gradient of shape \[2\] for argument 0, got 5$/,
    ],
    [
      'a rule that returns a number',
      () =>
        grad((x: Tensor) =>
          customVjp(
            (x: Tensor) => x,
            any(() => 5),
          )(x).sum(),
        )(x),
      DerivativeError,
      /for each of the 1 arguments, got 5$/,
    ],
    [
      'a number for the gradient of each example',
      () => perExampleGradients(any(5), x),
      TapeError,
      /^perExampleGradients: expected a function of tensors, got 5$/,
    ],
    ['no batch', () => perExampleGradients(sum as never), ShapeError, /^perExampleGradients: expected at least one example/],
    [
      'a batch that is a number',
      () => perExampleGradients(sum, any(5)),
      DtypeError,
      /^perExampleGradients: expected a tensor for argument 0/,
    ],
  ]);

  test('and of no elements there is nothing to push forward', () => {
    expect(jvp((x: Tensor) => x, [Tensor.zeros([0])], [Tensor.zeros([0])])[1].shape).toEqual([0]);
    expect(jvp(() => x, [], [])[1].toArray()).toEqual([0, 0]);
  });
});
