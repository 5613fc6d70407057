/**
 * 2. Sums and factors.
 *
 * Differentiation is linear: a sum is differentiated term by term, and a constant factor comes out. All of reverse mode rests on this: a value that
 * is used in several places receives one contribution from each, and their sum is its gradient.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, eighths, expectClose, vectors } from './lib.ts';

// `∇(f + g) = ∇f + ∇g`, and the same for a difference.
test('the gradient of a sum is the sum of the gradients', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      const [df, dg] = [grad((x: Tensor) => f(x).sum())(x), grad((x: Tensor) => g(x).sum())(x)];
      expectClose(grad((x: Tensor) => f(x).add(g(x)).sum())(x), df.add(dg));
      expectClose(grad((x: Tensor) => f(x).sub(g(x)).sum())(x), df.sub(dg));
    }),
  );
});

// `∇(c f) = c ∇f`.
test('a constant factor comes out of the gradient', () => {
  fc.assert(
    fc.property(anyFunction, eighths, vectors(1), ({ f }, c, [x]) => {
      expectClose(grad((x: Tensor) => f(x).mul(c).sum())(x), grad((x: Tensor) => f(x).sum())(x).mul(c));
    }),
  );
});

// What does not depend on x does not change with it.
test('the gradient of a constant is 0', () => {
  fc.assert(
    fc.property(eighths, vectors(1), (c, [x]) => {
      const gradient = grad((_: Tensor) => Tensor.of(c, 'float64'))(x);
      expect(gradient.shape).toEqual(x.shape);
      expect(gradient.abs().sum().item()).toBe(0);
    }),
  );
});

// Let x be used in two places, and call it a in the one and b in the other. A change of x changes both, and to first order the effects add up, so
// the gradients do as well: `dx = da + db`.
test('the gradient of a value that is used in two places is the sum of the gradients of both uses', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      const [, split] = vjp((a: Tensor, b: Tensor) => f(a).mul(g(b)).sum(), x, x);
      const [da, db] = split(Tensor.of(1, 'float64') as Tensor<[]>);
      expectClose(grad((x: Tensor) => f(x).mul(g(x)).sum())(x), da.add(db));
    }),
  );
});

// The pullback of f carries a gradient from the value of f back to its argument. It is linear: `pull(c u + v) = c pull(u) + pull(v)`.
test('a pullback is linear in the gradient that it is given', () => {
  fc.assert(
    fc.property(anyFunction, vectors(3), eighths, ({ f }, [x, u, v], c) => {
      const [, pullback] = vjp(f, x);
      expectClose(pullback(u.mul(c).add(v))[0], pullback(u)[0].mul(c).add(pullback(v)[0]));
    }),
  );
});
