/**
 * 17. Jacobians, by rows and by columns.
 *
 * A function of n numbers with m values has m times n slopes. Swept backward, a tape gives a row of them, the slopes of one value; pushed forward, a column,
 * the slopes along one argument. A flat Jacobian has few rows and a tall one few columns, so each wants the other way.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, hessian, hvp, jacobian, jvp, stack, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, expectClose, size, tensor, vectors } from './lib.ts';

const maps = fc
  .tuple(size, size, anyFunction)
  .chain(([m, n, { f }]) =>
    fc.tuple(tensor([m, n]), tensor([n])).map(([w, x]) => ({ g: (x: Tensor) => w.div(8).matmul(f(x)).sin(), x, m, n })),
  );
const unit = (n: number, i: number) => Tensor.eye(n, 'float64').slice([i]);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

// Row i is what comes back for a 1 that arrives at value i: `J[i] = Jᵀ eᵢ`. Column j is what goes forward along argument j: `J[:, j] = J eⱼ`.
test('rows pulled back and columns pushed forward are the same matrix', () => {
  fc.assert(
    fc.property(maps, ({ g, x, m, n }) => {
      const [, pullback] = vjp(g, x);
      const byRows = stack(range(m).map((i) => pullback(unit(m, i))[0]));
      const byColumns = stack(
        range(n).map((j) => jvp(g, [x], [unit(n, j)])[1]),
        1,
      );
      expectClose(byRows, byColumns);
      expectClose(jacobian(g)(x), byRows);
    }),
  );
});

// One function after another: `J(f ∘ g) = J(f) · J(g)`. It is the chain rule, for all slopes at once.
test('the Jacobian of a chain is the product of Jacobians', () => {
  fc.assert(
    fc.property(maps, anyFunction, ({ g, x }, { f }) => {
      expectClose(jacobian((x) => f(g(x)))(x), jacobian(f)(g(x)).matmul(jacobian(g)(x)), 1e-9);
    }),
  );
});

// The Jacobian of a gradient is the Hessian, `H = J(∇f)`, which is symmetric: `H = Hᵀ`.
test('the Jacobian of a gradient is the Hessian, and the order in which one differentiates does not matter', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      const h = hessian(scalar)(x);
      expectClose(h, jacobian(grad(scalar))(x));
      expectClose(h, h.transpose(), 1e-9);
    }),
  );
});

// To multiply with the Hessian nobody needs it: the gradient has a pullback of its own, so `H v` costs little more than a gradient.
test('the Hessian times a vector is the pullback of the gradient', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expectClose(hvp(scalar, x, v), hessian(scalar)(x).matmul(v), 1e-9);
    }),
  );
});
