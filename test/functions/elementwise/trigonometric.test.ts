/** Sine and cosine of tensors and of formulas, and the slopes of angles. */

import { describe, expect, expectTypeOf, test } from 'vitest';
import { Formula } from '../../../src/formula/formula.ts';
import { atan, atan2, checkOperation, cos, grad, Parameter, perform, sin, Tensor, unaryOp } from '../../../src/index.ts';
import { slopes } from '../../lib/scalars.ts';

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
  expect(() => sin(1 as never)).toThrow(/^sin: expected a tensor for x, got the number 1; write Tensor/);
});

describe('a slope', () => {
  test('of an angle is right for the longest sides and the shortest', () => {
    for (const unit of [1e-300, 1e-160, 1, 1e160, 1e300]) {
      const [byHeight, byWidth] = slopes((a, b) => atan2(a!, b!), 3 * unit, -4 * unit);
      expect([byHeight! * unit * 25, byWidth! * unit * 25]).toEqual([-4, -3].map((n) => expect.closeTo(n, 12)));
      const [up] = slopes((a, b) => atan2(a!, b!), -4 * unit, 3 * unit);
      expect(up! * unit * 25).toBeCloseTo(3, 12);
    }
    for (const [a, b] of [
      [1e-200, 1e200],
      [1e200, 1e-200],
      [-1e200, 1e-200],
      [1e-200, -1e200],
    ] as const) {
      const [byHeight, byWidth] = slopes((a, b) => atan2(a!, b!), a, b);
      const longer = Math.abs(a) > Math.abs(b) ? a : b;
      expect([byHeight! * longer, byWidth! * longer]).toEqual(
        longer === a ? [0, -1].map((y) => expect.closeTo(y, 12)) : [expect.closeTo(1, 12), expect.closeTo(0, 12)],
      );
    }
  });
});

describe('angles', () => {
  test('of the origin, and of what is infinitely far, have slopes of 0; NaN has none', () => {
    const at = (a: number, b: number) => slopes((a, b) => atan2(a!, b!), a, b);
    for (const [a, b] of [
      [0, 0],
      [0, -0],
      [Infinity, 1],
      [2, -Infinity],
      [Infinity, -Infinity],
    ] as const)
      expect(at(a, b), `${a}, ${b}`).toEqual([0, 0]);
    for (const [a, b] of [
      [NaN, 1],
      [1, NaN],
      [Infinity, NaN],
      [NaN, Infinity],
    ] as const)
      expect(at(a, b), `${a}, ${b}`).toEqual([NaN, NaN]);
    expect(at(1, 0)).toEqual([0, -1]);
    expect(at(0, 2)).toEqual([0.5, 0]);
  });

  test('whose tangent is large have slopes that shrink with its square', () => {
    const first = grad((x: Tensor) => atan(x));
    for (const x of [1e17, -1e18, 1e19, 1e150, -1e200, Infinity]) {
      const at = Tensor.of(x, 'float64');
      expect(first(at).item() * x * x || 1).toBeCloseTo(1, 12);
      expect(grad(first)(at).item()).not.toBe(NaN);
    }
    expect([first(Tensor.of(Infinity)).item(), grad(first)(Tensor.of(-Infinity)).item() + 0]).toEqual([0, 0]);
  });
});
