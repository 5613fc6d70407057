/**
 * 3. Products and quotients.
 *
 * The derivative of a product with respect to one factor is the other factor. With the rule for sums of chapter 2 that gives the familiar rules.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, Tensor } from '../../src/index.ts';
import { anyFunction, expectClose, vectors } from './lib.ts';

/** The derivative of each element of `f` along its own input, for functions that act on each element by itself. */
const slope = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => f(x).sum());
const apart = anyFunction.filter(({ name }) => !name.includes('softmax') && !name.includes('Σ'));

// A change of x changes both factors, and each change is multiplied by the other factor.
test('the product rule: (f g)′ = f′ g + f g′', () => {
  fc.assert(
    fc.property(apart, apart, vectors(1), ({ f }, { f: g }, [x]) => {
      expectClose(
        slope((x) => f(x).mul(g(x)))(x),
        slope(f)(x)
          .mul(g(x))
          .add(f(x).mul(slope(g)(x))),
      );
    }),
  );
});

// A quotient is a product with a reciprocal, and `(1 / g)′ = −g′ / g²`.
test('the quotient rule: (f / g)′ = (f′ g − f g′) / g²', () => {
  fc.assert(
    fc.property(apart, vectors(1), ({ f }, [x]) => {
      const g = (x: Tensor) => x.mul(x).add(1);
      const wanted = slope(f)(x)
        .mul(g(x))
        .sub(f(x).mul(slope(g)(x)))
        .div(g(x).mul(g(x)));
      expectClose(slope((x) => f(x).div(g(x)))(x), wanted);
    }),
  );
});

// A power is a product of n equal factors, and each of them contributes the same.
test('the power rule: (xⁿ)′ = n xⁿ⁻¹, for negative x and for n = 0 too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), vectors(1), (n, [x]) => {
      const wanted = n === 0 ? x.mul(0) : x.pow(n - 1).mul(n);
      expectClose(slope((x) => x.pow(n))(x), wanted, 1e-13);
    }),
  );
});

// With x in the exponent, growth is proportional to the value itself.
test('the rule for exponentials: (aˣ)′ = aˣ ln a', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), vectors(1), (a, [x]) => {
      const base = Tensor.of(a / 8, 'float64');
      expectClose(slope((x) => base.pow(x))(x), base.pow(x).mul(base.log()));
    }),
  );
});

// If `g(f(x)) = x`, the slope of the composition is 1, so the two slopes are each other’s reciprocals.
test('the slopes of a function and of its inverse multiply to 1', () => {
  fc.assert(
    fc.property(vectors(1), ([x]) => {
      expectClose(slope((x) => x.exp().log())(x), Tensor.ones(x.shape, 'float64'));
      expectClose(slope((x) => x.mul(x).sqrt())(x.abs().add(0.5)), Tensor.ones(x.shape, 'float64'));
    }),
  );
});
