/** The sine and the cosine are functions of tensors and of formulas, so that rules can be written with them. */

import { expect, expectTypeOf, test } from 'vitest';
import { Formula } from '../../../src/formula/formula.ts';
import { checkOperation, cos, grad, Parameter, perform, sin, Tensor, unaryOp } from '../../../src/index.ts';

const versin = unaryOp('versin', { forward: (x) => cos(x).neg().add(1), backward: ({ dy, x }) => dy.mul(sin(x)) });

test('an operation of your own may take the sine and the cosine in its formula and in its rule', () => {
  checkOperation(versin);
  const x = Tensor.of([0.5, -2]);
  expect(grad((x: Tensor) => perform(versin, { x }).sum())(x).toArray()).toEqual(sin(x).toArray());
});

test('the cosine of a formula is a formula, of a tensor a tensor of its shape, and of a parameter a tensor', () => {
  expect(cos(new Formula('float64', 'input', []))).toBeInstanceOf(Formula);
  expect(cos(new Parameter(Tensor.of([0])))).not.toBeInstanceOf(Parameter);
  expectTypeOf(sin(Tensor.of([0, 1]))).toEqualTypeOf<Tensor<[2]>>();
  expectTypeOf(cos(new Parameter(Tensor.of([0, 1])))).toEqualTypeOf<Tensor<[2]>>();
});

test('what is neither is refused', () => {
  expect(() => sin(1 as never)).toThrow(/^sin: expected a tensor for x, got number/);
});
