/** The checker of derivatives: correct ones pass, and faults are found, with their place. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binaryOp,
  checkOperation,
  compareDerivatives,
  DerivativeError,
  DtypeError,
  gradcheck,
  gradgradcheck,
  perform,
  relu,
  scatterAdd,
  TapeError,
  Tensor,
  unaryOp,
  ValueError,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';

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

refuses('%s is refused', [
  [
    'an unknown option',
    () => gradcheck((x: Tensor) => x, [x], { eps: 1 } as never),
    ValueError,
    /^gradcheck: there is no option eps; the options are step, tolerance$/,
  ],
  ['a number in the place of options', () => gradcheck((x: Tensor) => x, [x], 1e-3 as never), ValueError, /^gradcheck: expected options/],
  [
    'a step of 0',
    () => gradcheck((x: Tensor) => x, [x], { step: 0 }),
    ValueError,
    /^gradcheck: expected step to be a finite number above 0, got 0$/,
  ],
  [
    'a tolerance that is text',
    () => gradgradcheck((x: Tensor) => x, [x], { tolerance: '1' as never }),
    ValueError,
    /^gradgradcheck: expected tolerance to be a finite number from 0, got '1'$/,
  ],
  ['a number to check', () => gradcheck(5 as never, [x]), TapeError, /^gradcheck: expected a function of tensors, got 5$/],
  ['text to check twice', () => gradgradcheck('f' as never, [x]), TapeError, /^gradgradcheck: expected a function of tensors, got 'f'$/],
  [
    'a function of numbers',
    () => gradcheck(() => 5 as never, [x]),
    TapeError,
    /^gradcheck: expected the function to return a tensor, got 5/,
  ],
  [
    'a second check of a function of numbers',
    () => gradgradcheck(() => 5 as never, [x]),
    TapeError,
    /^gradgradcheck: expected the function to return/,
  ],
  ['an operation that is a number', () => checkOperation(5 as never), DerivativeError, /^checkOperation: expected an operation, .* got 5$/],
  [
    'a number of runs without a name',
    () => checkOperation(relu as never, 5 as never),
    ValueError,
    /^checkOperation: expected options, such as \{ runs: … \}, got 5$/,
  ],
  [
    'no run',
    () => checkOperation({} as never, { runs: 0 }),
    ValueError,
    /^checkOperation: expected runs to be a whole number from 1, got 0$/,
  ],
  [
    'a seed that is text',
    () => checkOperation({} as never, { seed: '3' as never }),
    ValueError,
    /^checkOperation: expected seed to be a whole number from 0, got '3'$/,
  ],
  [
    'nothing to compare',
    () => (compareDerivatives as unknown as () => void)(),
    ValueError,
    /^compareDerivatives: expected options, such as \{ closedForm: … \}, got null$/,
  ],
  [
    'a misspelt name',
    () => compareDerivatives({ closedform: relu, f: relu, at: x } as never),
    ValueError,
    /there is no option closedform; did you mean closedForm\?$/,
  ],
  ['no closed form', () => compareDerivatives({ f: relu, at: x } as never), DerivativeError, /got undefined and a function$/],
  [
    'a closed form of numbers',
    () => compareDerivatives({ closedForm: () => 5 as never, f: relu, at: x }),
    DtypeError,
    /^compareDerivatives: expected a tensor for the value of closedForm, got the number 5/,
  ],
  [
    'a function of numbers to compare',
    () => compareDerivatives({ closedForm: relu, f: () => 5 as never, at: x }),
    DtypeError,
    /for the value of f, got the number 5/,
  ],
]);

test('an operation that is defined on an interval only is told how to say so', () => {
  const root = (domain?: { from: number; to: number }) =>
    unaryOp('root', { forward: (x) => x.sqrt(), backward: ({ dy, y }) => dy.div(y.mul(2)), ...(domain && { domain }) });
  expect(() => checkOperation(root())).toThrow(
    /\n {2}its value there is NaN: if it is defined on an interval only, say so by domain: \{ from, to \}/,
  );
  checkOperation(root({ from: 0.2, to: 3 }), { runs: 3 });
  const wrong = unaryOp('wrong', { forward: (x) => x, backward: ({ dy }) => dy.mul(2) });
  expect(() => checkOperation(wrong)).toThrow(/^((?!domain).)*$/s);
  const throwing = {
    ...wrong,
    forward: () => {
      throw new RangeError('mine');
    },
  };
  expect(() => checkOperation(throwing as never)).toThrow(/^((?!domain).)*$/s);
});
