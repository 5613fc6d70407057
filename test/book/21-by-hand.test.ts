/**
 * 21. Derivatives of one’s own.
 *
 * Some values are found by iteration: a root, a fixed point, a minimum. The tape would record and sweep every step. It need not: the result solves an
 * equation, and differentiating the equation gives the derivative, however the solution was found.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cos, customVjp, grad, gradcheck, gradgradcheck, sin, Tape, Tensor } from '../../src/index.ts';
import { expectClose, tensor } from './lib.ts';

const positive = tensor(
  [3],
  fc.integer({ min: 2, max: 32 }).map((i) => i / 8),
);
const between = tensor(
  [3],
  fc.integer({ min: -7, max: 7 }).map((i) => i / 8),
);

/** The root of each element, by Newton's iteration. */
const newton = (a: Tensor): Tensor => {
  let x: Tensor = a.add(1).div(2);
  for (let i = 0; i < 30; i++) x = x.add(a.div(x)).mul(0.5);
  return x;
};

// The root solves `y² = a`. Differentiated on both sides that is `2y dy = da`, so the gradient that arrives is divided by 2y.
const root = customVjp(newton, ({ y, dy }) => [dy.div(y.mul(2))]);

// The equation alone says `da = dy / 2y`.
test('the derivative of a root is the same through every step of the iteration and from the equation that it solves', () => {
  fc.assert(
    fc.property(positive, (a) => {
      expectClose(grad((a: Tensor) => root(a).sum())(a), grad((a: Tensor) => newton(a).sum())(a));
      expectClose(root(a), a.sqrt());
    }),
  );
});

test('a derivative of one’s own leaves one entry on the tape for the whole iteration, instead of three for each step', () => {
  const lines = (f: (a: Tensor) => Tensor) => {
    const tape = new Tape();
    tape.record(() => f(Tensor.of([2])));
    return tape.entries.length;
  };
  expect([lines(root), lines(newton)]).toEqual([1, 92]);
});

// A fixed point solves `x = f(a, x)`. By the implicit function theorem `dx/da = (1 − ∂f/∂x)⁻¹ ∂f/∂a`; here `f(a, x) = cos(a x)`, element by element,
// so `∂f/∂x = −a sin(a x)` and `∂f/∂a = −x sin(a x)`.
test('the implicit function theorem gives the derivative of a fixed point, and of that the derivative again', () => {
  const fixed = customVjp(
    (a: Tensor) => Array.from({ length: 300 }).reduce((x: Tensor) => cos(a.mul(x)), Tensor.full(a.shape, 0.7, a.dtype)),
    ({ xs: [a], y, dy }) => {
      const slope = sin(a.mul(y)).neg();
      return [dy.mul(slope).mul(y).div(slope.mul(a).neg().add(1))];
    },
  );
  fc.assert(
    fc.property(between, (a) => {
      gradcheck(fixed, [a]);
      gradgradcheck(fixed, [a]);
    }),
  );
});
