/** The checker of derivatives: correct ones pass, and faults are found, with their place. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binaryOp, DerivativeError, gradcheck, perform, scatterAdd, Tensor, unaryOp } from '../../../src/index.ts';

const x = Tensor.of([0.5, -1.25, 2]) as Tensor;
const w = Tensor.of([3, 0.75, -2]) as Tensor;

/** The product, with derivatives of its own. */
const product = (backward: Parameters<typeof binaryOp>[1]['backward']) => {
  const op = binaryOp('product', { forward: (a, b) => a.mul(b), backward });
  return (a: Tensor, b: Tensor): Tensor => perform(op, { a, b });
};

test('correct derivatives of one argument or several, of any shape, pass', () => {
  gradcheck((x: Tensor) => x.sigmoid(), [x]);
  gradcheck((a: Tensor, b: Tensor) => a.reshape([3, 1]).mul(b).tanh().sum(1), [x, w]);
  gradcheck((x: Tensor) => x.logSumExp(), [x]);
  gradcheck(product({ a: ({ dy, b }) => dy.mul(b), b: ({ dy, a }) => dy.mul(a) }), [x, w]);
});

describe('it finds', () => {
  test('a wrong factor, a wrong sign, and a missing term, in whichever argument', () => {
    const right = { a: ({ dy, b }: any) => dy.mul(b), b: ({ dy, a }: any) => dy.mul(a) };
    const wrong = [
      { ...right, a: ({ dy, b }: any) => dy.mul(b).mul(1.001) },
      { ...right, a: ({ dy, b }: any) => dy.mul(b).neg() },
      { ...right, a: ({ dy }: any) => dy.mul(0) },
      { ...right, b: ({ dy, b }: any) => dy.mul(b) },
      { ...right, b: null },
    ];
    for (const backward of wrong) expect(() => gradcheck(product(backward), [x, w])).toThrow(DerivativeError);
    expect(() => gradcheck(product(wrong[0]!), [x, w])).toThrow(/^gradcheck: argument 0 of shape \[3\], element \[0\] = 0\.5/);
    expect(() => gradcheck(product(wrong[3]!), [x, w])).toThrow(/^gradcheck: argument 1/);
  });

  test('a derivative that is wrong at a single element', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 }), (place) => {
        const spoiled = scatterAdd(Tensor.zeros([3], 'float64'), 0, Tensor.of([place], 'int32'), Tensor.of([0.01], 'float64'));
        const f = product({ a: ({ dy, b }: any) => dy.mul(b.add(spoiled)), b: ({ dy, a }) => dy.mul(a) });
        expect(() => gradcheck(f, [x, w])).toThrow(new RegExp(`argument 0 of shape \\[3\\], element \\[${place}\\] = `));
      }),
    );
  });

  test('a wrong constant in an operation of one input', () => {
    const once = unaryOp('once', { forward: (x) => x.mul(1), backward: ({ dy }) => dy.mul(2) });
    expect(() => gradcheck((x: Tensor) => perform(once, { x }), [x])).toThrow(DerivativeError);
  });

  test('a kink, which it names as such where two step sizes disagree', () => {
    expect(() => gradcheck((x: Tensor) => x.relu(), [Tensor.of([3e-4])])).toThrow(/a kink or a jump is likely nearby/);
    expect(() => gradcheck((x: Tensor) => x.greater(0), [Tensor.of([3e-4])])).toThrow(/a kink or a jump is likely nearby/);
  });

  test('a derivative or a value that is no number', () => {
    expect(() => gradcheck((x: Tensor) => x.log(), [Tensor.of([-1])])).toThrow(DerivativeError);
    expect(() => gradcheck((x: Tensor) => x.sqrt(), [Tensor.of([0])])).toThrow(DerivativeError);
  });
});

test('derivatives may differ by the tolerance', () => {
  const nearly = product({ a: ({ dy, b }) => dy.mul(b).mul(1 + 1e-4), b: ({ dy, a }) => dy.mul(a) });
  expect(() => gradcheck(nearly, [x, w])).toThrow(DerivativeError);
  gradcheck(nearly, [x, w], { tolerance: 1e-3 });
});

test('it computes in float64 whatever the dtype of its arguments, and changes none of them', () => {
  const float32 = Tensor.of([0.1, 0.7]) as Tensor;
  const before = float32.toArray();
  gradcheck(
    (x: Tensor) => {
      expect(x.dtype).toBe('float64');
      return x.exp();
    },
    [float32],
  );
  expect([float32.toArray(), float32.dtype]).toEqual([before, 'float32']);
});
