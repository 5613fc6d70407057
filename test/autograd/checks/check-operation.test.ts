/** The checks of custom operations, functions, and closed forms of derivatives. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import { operationProperties } from '../../../src/autograd/checks/operation-properties.ts';
import type { AnyOp } from '../../../src/autograd/checks/samples.ts';
import { newData } from '../../../src/base/dtype.ts';
import {
  binaryOp,
  checkOperation,
  compareDerivatives,
  DerivativeError,
  grad,
  gradgradcheck,
  type Op,
  perform,
  sin,
  Tape,
  Tensor,
  unaryOp,
  vmap,
} from '../../../src/index.ts';
import { plain } from '../../../src/machine/plain.ts';
import { anyFunction, tensor } from '../../book/lib.ts';
import { expectSameBits } from '../../lib/same.ts';

/** `x³`, with a rule or a value that may be spoiled. */
const cube = unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(3) });

/** The transpose of a matrix, as an operation written out in full. */
const turn = (changes: Partial<Op<'x', object>>): Op<'x', object> => ({
  name: 'turn',
  shape: ({ x }) => x.shape,
  forward: ({ x }) => x.data.slice().reverse(),
  backward: { x: ({ dy }) => new Tensor(dy.shape, dy.data.slice().reverse()) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]) }),
  ...changes,
});
const reversed = (x: Tensor): Tensor =>
  x
    .reshape([-1])
    .slice([[null, null, -1]])
    .reshape(x.shape);
const right = turn({ backward: { x: ({ dy }) => reversed(dy) } });

describe('checkOperation', () => {
  test.each(Object.entries(ops))('passes %s', (_, op) => checkOperation(op as never, { runs: 4 }));

  test('passes an operation that stops gradients only if it declares that', () => {
    const rule = { forward: (x: any) => x, backward: null };
    expect(() => checkOperation(unaryOp('held', rule))).toThrow(/: held is not an operation that .*\n.*x, which has no derivative/);
    checkOperation(unaryOp('held', { ...rule, stopsGradient: true }));
  });

  test('passes custom operations', () => {
    checkOperation(cube);
    checkOperation(right);
  });

  test.each<[string, Op<any, any>, RegExp]>([
    [
      'a wrong sign',
      { ...cube, backward: { x: ({ dy, x }: any) => dy.mul(x).mul(x).mul(-3) } },
      /the derivatives that finite differences measure/,
    ],
    ['a rule that cannot be differentiated again', turn({}), /turn: its derivative was worked out in numbers/],
    [
      'a result that is the input',
      turn({ forward: ({ x }) => x.data, backward: { x: ({ dy }) => dy } }),
      /puts its result into memory of its own/,
    ],
    ['an input that is written to', { ...right, forward: ({ x }) => x.data.reverse().slice() }, /./],
    ['another size than announced', { ...right, forward: ({ x }) => x.data.slice(1) }, /./],
    ['a slope that is denied', { ...right, backward: { x: null } }, /does not change with an input that it declares to have no derivative/],
    [
      'numbers that only one machine gives',
      {
        ...right,
        forward: ({ x }, _, machine) => newData('float64', x.size).fill(machine === plain ? 1 : 0),
        backward: { x: null },
        dtypes: 'any',
      },
      /./,
    ],
    [
      'a constant that float32 has not',
      unaryOp('near', { forward: (x) => x.mul(x.dtype === 'float32' ? 1.001 : 1), backward: ({ dy }) => dy }),
      /in float64, .* in float32/,
    ],
  ])('finds %s, by name', (_, op, wanted) => {
    expect(() => checkOperation(op)).toThrow(DerivativeError);
    expect(() => checkOperation(op)).toThrow(wanted);
    expect(() => checkOperation(op)).toThrow(
      new RegExp(`^checkOperation: ${op.name} is not an operation that .*[^]*\\(seed 1, run \\d+\\)$`),
    );
  });

  test('holds every operation against every property that the project’s own suite has', () => {
    expect(operationProperties.length).toBeGreaterThanOrEqual(10);
    expect(new Set(operationProperties.map(({ title }) => title)).size).toBe(operationProperties.length);
  });

  test('refuses anything but an operation, and runs that are no number', () => {
    expect(() => checkOperation((() => 1) as never)).toThrow(/expected an operation, made with unaryOp, binaryOp or elementwiseOp/);
    expect(() => checkOperation(cube, { runs: 0 })).toThrow(/expected runs to be a whole number from 1, got 0/);
  });

  test('a custom operation has a kernel, a line on the tape and higher derivatives, and can be batched by vmap', () => {
    const x = Tensor.of([1, -2, 3], 'float64');
    const f = (x: Tensor) => perform(cube, { x });
    const tape = new Tape({ x });
    tape.record(() => f(x).sum());
    expect(String(tape)).toBe('%0 : [3] = cube(x)\n%1 : [] = sum(%0, axes: [0])');
    expect(grad((x) => grad((x) => grad((x) => f(x).sum())(x).sum())(x).sum())(x).toArray()).toEqual([6, 6, 6]);
    expectSameBits(vmap(f)(x).data, f(x).data);
  });
});

/** Rules that give zeros wherever they give anything, which have no sign. */
const signless: readonly string[] = ['complement, for q'];

/** Every rule of every operation: whose gradient it is, and the operation with the opposite sign in that rule. */
const planted = Object.values(ops as unknown as Record<string, AnyOp>).flatMap((op) => {
  const inputs =
    typeof op.backward === 'function'
      ? ['0', '1', '2']
      : Object.keys(op.backward).filter((input) => (op.backward as Record<string, unknown>)[input]);
  return inputs
    .filter((input) => !signless.includes(`${op.name}, for ${input}`))
    .map((input) => {
      const turned = (rule: any) => (scene: any) => rule(scene).neg();
      const { backward } = op;
      const wrong =
        typeof backward === 'function'
          ? (name: string) => (name === input ? turned(backward(name)) : backward(name))
          : { ...backward, [input]: turned(backward[input]) };
      const { directBackward: _, ...others } = op;
      return [op.name, input, { ...others, backward: wrong } as AnyOp] as const;
    });
});

describe('a wrong sign in any one rule', () => {
  test.each(planted)('of %s, for %s, is found by name', (name, _, op) => {
    expect(() => checkOperation(op)).toThrow(
      new RegExp(`^checkOperation: ${name} is not an operation that has the derivatives that finite differences measure`),
    );
  });

  test('is planted in every rule there is', () => expect(planted.length).toBeGreaterThan(120));
});

describe('apply', () => {
  test('uses functions and operations as if they were methods', () => {
    const x = Tensor.of([1, -2], 'float64');
    const weighted = binaryOp('weighted', {
      forward: (a, b) => a.mul(b),
      backward: { a: ({ dy, b }) => dy.mul(b), b: ({ dy, a }) => dy.mul(a) },
    });
    expect(x.apply(cube).toArray()).toEqual([1, -8]);
    expect(x.apply(weighted, 3).apply(weighted, x).toArray()).toEqual([3, 12]);
    expect(x.apply(ops['cumsum']!, { axis: 0, reverse: true }).toArray()).toEqual([-1, -2]);
    expect(x.apply((x, y: number) => x.add(y), 5).toArray()).toEqual([6, 3]);
    expect(grad((x) => x.apply(cube).sum())(x).toArray()).toEqual([3, 12]);
  });

  test('refuses anything but functions and operations, and a missing input', () => {
    const x = Tensor.of([1]);
    expect(() => x.apply(null as never)).toThrow(/^apply: expected a function of tensors or an operation with named inputs, got null/);
    expect(() => x.apply(3 as never)).toThrow(/got 3$/);
    expect(() => x.apply(ops['add']!)).toThrow(/^add: expected a tensor for b, got undefined/);
  });
});

describe('gradgradcheck', () => {
  test('passes correct rules, and finds a rule whose own derivative is wrong', () => {
    const x = Tensor.of([0.5, -1, 2]);
    gradgradcheck((x: Tensor) => sin(x).mul(x), [x]);
    gradgradcheck((a: Tensor, b: Tensor) => a.mul(b).tanh(), [x, x.mul(2)]);
    // The slope is right, but a number to whoever differentiates it.
    const once = binaryOp('once', { forward: (a, b) => a.mul(b), backward: { a: ({ dy, b }) => dy.mul(b), b: ({ dy, a }) => dy.mul(a) } });
    const stiff = { ...once, backward: { ...once.backward, b: ({ dy, a }: any) => dy.mul(Tensor.fromTypedArray(a.data, a.shape)) } };
    const f = (a: Tensor, b: Tensor) => perform(stiff as typeof once, { a, b });
    expect(() => gradgradcheck(f, [x, x])).toThrow(
      /^gradgradcheck: in the gradient for argument 1: gradcheck: argument 0 of shape \[3\], element \[0\]/,
    );
    expect(() => gradgradcheck(f, [])).toThrow(/^gradgradcheck: expected a list/);
    expect(() => gradgradcheck(f, [Tensor.of([1], 'int32')])).toThrow(/^gradgradcheck: argument 0 of shape \[1\] is int32/);
  });
});

describe('compareDerivatives', () => {
  test('shows three columns that agree where the closed form is right, for gradients and Jacobians', () => {
    fc.assert(
      fc.property(tensor([3]), (at) => {
        const gradient = compareDerivatives({ closedForm: (x) => x.mul(2), f: (x) => x.mul(x).sum(), at });
        expect([gradient.autogradError, gradient.rows.length]).toEqual([0, 3]);
        expect(gradient.differencesError).toBeLessThan(1e-8);
        const softmax = compareDerivatives({
          closedForm: (x) => {
            const p = x.softmax();
            return Tensor.eye(3, 'float64')
              .mul(p)
              .sub(p.reshape([3, 1]).mul(p));
          },
          f: (x) => x.softmax(),
          at,
        });
        expect(softmax.autogradError).toBeLessThan(1e-15);
        expect(softmax.differencesError).toBeLessThan(1e-9);
      }),
    );
  });

  test('distinguishes a wrong closed form from a wrong rule', () => {
    fc.assert(
      fc.property(anyFunction, tensor([2]), ({ f }, at) => {
        const g = (x: Tensor) => f(x).sum();
        const wrong = compareDerivatives({ closedForm: (x) => grad(g)(x).add(0.5), f: g, at });
        expect(wrong.autogradError).toBeGreaterThan(0.01);
        expect(wrong.differencesError).toBeGreaterThan(0.01);
      }),
    );
    const slipped = unaryOp('slipped', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x) });
    const rule = compareDerivatives({ closedForm: (x) => x.mul(2), f: (x) => perform(slipped, { x }).sum(), at: Tensor.of([1, 2]) });
    expect([rule.autogradError, rule.differencesError < 1e-9]).toEqual([0.5, true]);
  });

  test('prints as a table', () => {
    const found = compareDerivatives({ closedForm: (x) => x.mul(2), f: (x) => x.mul(x).sum(), at: Tensor.of([1, -2]) });
    expect(String(found).replace(/(?<=\d\.\d{6})\d*/g, '')).toMatchInlineSnapshot(`
      "element   closed form      autograd   differences
          [0]   2.000000   2.000000   2.000000
          [1]  -4.000000  -4.000000  -4.000000"
    `);
  });

  test('refuses a closed form of another shape', () => {
    expect(() => compareDerivatives({ closedForm: (x) => x.sum(), f: (x) => x.sum(), at: Tensor.of([1, 2]) })).toThrow(
      'compareDerivatives: the derivative has shape [2], the closed form []',
    );
    expect(() => compareDerivatives({ closedForm: 3 as never, f: (x) => x, at: Tensor.of([1]) })).toThrow(
      /expected functions closedForm and f, got 3 and a function/,
    );
  });
});
