/**
 * 4. The chain rule.
 *
 * All first derivatives of a function of several numbers form a matrix, its Jacobian: a row for each number of the value, a column for each of the
 * argument. The Jacobian of a composition of functions is the product of their Jacobians. Reverse mode multiplies from the left, beginning with the
 * row that belongs to the end of the computation; it never forms the matrices.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { jacobian, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, expectClose, vectors } from './lib.ts';

// If `y = f(x)` and `z = g(y)`, a small change of x is multiplied by the Jacobian of f to give the change of y, and that by the Jacobian of g to give
// the change of z: `J_{g∘f}(x) = J_g(f(x)) J_f(x)`.
test('the Jacobian of a composition is the product of the Jacobians', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      expectClose(jacobian((x) => g(f(x)))(x), jacobian(g)(f(x)).matmul(jacobian(f)(x)));
    }),
  );
});

// Matrix products may be bracketed at will: `(H G) F = H (G F)`. The result is the same; the cost is not, which is what chapter 7 is about.
test('the Jacobian of three functions in a row is the product of three Jacobians, bracketed either way', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, { f: h }, [x]) => {
      const [F, G, H] = [jacobian(f)(x), jacobian(g)(f(x)), jacobian(h)(g(f(x)))];
      const whole = jacobian((x) => h(g(f(x))))(x);
      expectClose(whole, H.matmul(G).matmul(F));
      expectClose(whole, H.matmul(G.matmul(F)));
    }),
  );
});

// Reverse mode multiplies a row by the Jacobian of the last function first: `(u J_g) J_f`. No product of two matrices is needed.
test('pulling a gradient back through a composition is pulling it back through each function in turn, the last one first', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(2), ({ f }, { f: g }, [x, dz]) => {
      const [y, throughF] = vjp(f, x);
      const [, throughG] = vjp(g, y);
      const [, throughBoth] = vjp((x: Tensor) => g(f(x)), x);
      expectClose(throughBoth(dz)[0], throughF(throughG(dz)[0])[0]);
    }),
  );
});

// Where each element of the value depends on one element of the argument only, the Jacobian is diagonal and need not be formed: multiply by the
// slopes. For tanh these are `1 − tanh²`.
test('the Jacobian of an elementwise function is diagonal', () => {
  fc.assert(
    fc.property(vectors(1), ([x]) => {
      expectClose(jacobian((x) => x.tanh())(x), Tensor.eye(x.size, 'float64').mul(x.tanh().pow(2).neg().add(1)));
    }),
  );
});
