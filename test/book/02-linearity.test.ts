/**
 * 2. Sums and factors.
 *
 * Taking derivatives is linear: a sum may be taken apart, and a constant factor comes out. All of reverse mode rests on this: a value that is used
 * in several places collects one contribution from each, and their sum is its gradient.
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

// What does not depend on x does not move with it.
test('the gradient of a constant is 0', () => {
  fc.assert(
    fc.property(eighths, vectors(1), (c, [x]) => {
      const gradient = grad((_: Tensor) => Tensor.of(c, 'float64'))(x);
      expect(gradient.shape).toEqual(x.shape);
      expect(gradient.abs().sum().item()).toBe(0);
    }),
  );
});

// Let x go to two places, and call what arrives there a and b. Nudging x nudges both, and to first order the effects add up: `dx = da + db`.
test('what is used in two places has the gradients of both, added', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      const [, split] = vjp((a: Tensor, b: Tensor) => f(a).mul(g(b)).sum(), x, x);
      const [da, db] = split(Tensor.of(1, 'float64') as Tensor<[]>);
      expectClose(grad((x: Tensor) => f(x).mul(g(x)).sum())(x), da.add(db));
    }),
  );
});

// The pullback of f carries a gradient from the value of f back to its argument. It is linear: `pull(c u + v) = c pull(u) + pull(v)`.
test('the pullback is linear in the gradient that arrives', () => {
  fc.assert(
    fc.property(anyFunction, vectors(3), eighths, ({ f }, [x, u, v], c) => {
      const [, pullback] = vjp(f, x);
      expectClose(pullback(u.mul(c).add(v))[0], pullback(u)[0].mul(c).add(pullback(v)[0]));
    }),
  );
});
