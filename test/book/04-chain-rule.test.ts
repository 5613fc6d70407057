/**
 * 4. The chain rule.
 *
 * All first derivatives of a function of several numbers form a matrix, its Jacobian: a row for each number of the value, a column for each of the
 * argument. Functions one after another have the product of their Jacobians. Reverse mode multiplies from the left, beginning with the row that the
 * end of the computation gives; it never forms the matrices.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { jacobian, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, expectClose, vectors } from './lib.ts';

// If `y = f(x)` and `z = g(y)`, a nudge of x moves y by the Jacobian of f, and that moves z by the Jacobian of g: `J_{g∘f}(x) = J_g(f(x)) J_f(x)`.
test('the Jacobian of a composition is the product of the Jacobians', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      expectClose(jacobian((x) => g(f(x)))(x), jacobian(g)(f(x)).matmul(jacobian(f)(x)));
    }),
  );
});

// Matrix products may be bracketed at will: `(H G) F = H (G F)`. The result is the same; chapter 7 is about the cost, which is not.
test('and so for three, in whichever order the products are taken', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, { f: h }, [x]) => {
      const [F, G, H] = [jacobian(f)(x), jacobian(g)(f(x)), jacobian(h)(g(f(x)))];
      const whole = jacobian((x) => h(g(f(x))))(x);
      expectClose(whole, H.matmul(G).matmul(F));
      expectClose(whole, H.matmul(G.matmul(F)));
    }),
  );
});

// In reverse mode a row meets the last function first: `(u J_g) J_f`. No product of two matrices is needed.
test('pulling a gradient back through a composition is pulling it back through one after the other', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(2), ({ f }, { f: g }, [x, dz]) => {
      const [y, throughF] = vjp(f, x);
      const [, throughG] = vjp(g, y);
      const [, throughBoth] = vjp((x: Tensor) => g(f(x)), x);
      expectClose(throughBoth(dz)[0], throughF(throughG(dz)[0])[0]);
    }),
  );
});

// Where each element has a value of its own, the Jacobian is diagonal and need not be written down: multiply by the slopes. For tanh these are `1 −
// tanh²`.
test('the Jacobian of a function of each element by itself is diagonal', () => {
  fc.assert(
    fc.property(vectors(1), ([x]) => {
      expectClose(jacobian((x) => x.tanh())(x), Tensor.eye(x.size, 'float64').mul(x.tanh().pow(2).neg().add(1)));
    }),
  );
});
