/** Transforms of transforms, in any order. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpoint, customVjp, grad, jacobian, jvp, onGradient, Tape, Tensor, vmap } from '../../../src/index.ts';

describe('transforms in any order, to order 3', () => {
  type Scalar = (x: Tensor) => Tensor;
  /** Each differentiates a scalar function of a scalar, by a transform of its own. */
  const forms: Record<string, (f: Scalar) => Scalar> = {
    grad: (f) => grad(f),
    jvp: (f) => (x) => jvp(f, [x], [Tensor.of(1, 'float64')])[1],
    jacobian: (f) => jacobian(f),
    vmap: (f) => (x) => vmap(grad(f))(x.reshape([1])).reshape([]),
    'the sum of a vmap': (f) => (x) => grad((xs: Tensor) => vmap(f)(xs).sum())(x.reshape([1])).reshape([]),
    checkpoint: (f) => grad(checkpoint(f)),
    customVjp: (f) =>
      grad(
        customVjp(
          (x: Tensor) => f(x),
          ({ xs: [x], dy }) => [grad(f)(x!).mul(dy)],
        ),
      ),
    onGradient: (f) => grad((x) => onGradient(f(x), (dy) => dy.mul(1))),
    'a tape of its own': (f) => (x) => {
      const own = x.mul(1);
      const tape = new Tape({ own });
      return tape.backward(
        tape.record(() => f(own)),
        [own],
      )[0];
    },
  };
  const form = fc.constantFrom(...Object.keys(forms));
  const anywhere = fc.integer({ min: -24, max: 24 }).map((i) => i / 8);
  const at = (f: Scalar, x: number) => f(Tensor.of(x, 'float64')).item();

  test('the third derivative of x⁴ is 24 x', () => {
    fc.assert(
      fc.property(form, form, form, anywhere, (a, b, c, x) => {
        expect(at(forms[a]!(forms[b]!(forms[c]!((x) => x.mul(x).mul(x).mul(x)))), x)).toBeCloseTo(24 * x, 9);
      }),
    );
  });

  test('perturbations are not confused: d/dx (x · d/dy (x y)) = 2 x', () => {
    fc.assert(
      fc.property(form, form, anywhere, (a, b, x) => {
        const f: Scalar = (x) => x.mul(forms[b]!((y) => x.mul(y))(Tensor.of(1, 'float64')));
        expect(at(forms[a]!(f), x)).toBeCloseTo(2 * x, 9);
      }),
    );
  });

  test('nor are those of three nested derivatives: d/dx (x · d/dy (x y · d/dz (x y z))) = 8 x³ at z = y = x', () => {
    fc.assert(
      fc.property(form, form, form, anywhere, (a, b, c, x) => {
        const f: Scalar = (x) => x.mul(forms[b]!((y) => x.mul(y).mul(forms[c]!((z) => x.mul(y).mul(z))(y)))(x));
        expect(at(forms[a]!(f), x)).toBeCloseTo(8 * x ** 3, 8);
      }),
    );
  });
});
