/**
 * 17. Jacobians, by rows and by columns.
 *
 * A function of n numbers with m values has m times n slopes. Reverse mode gives a row of them at a time, the slopes of one value; forward mode a
 * column, the slopes along one argument. A flat Jacobian has few rows and a tall one few columns, so backward is cheaper for a flat one, forward for
 * a tall one.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, hessian, hvp, jacobian, jvp, sin, stack, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, expectClose, size, tensor, vectors } from './lib.ts';

const maps = fc
  .tuple(size, size, anyFunction)
  .chain(([m, n, { f }]) =>
    fc.tuple(tensor([m, n]), tensor([n])).map(([w, x]) => ({ g: (x: Tensor) => sin(w.div(8).matmul(f(x))), x, m, n })),
  );
const unit = (n: number, i: number) => Tensor.eye(n, 'float64').slice([i]);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

// Row i is the pullback of the unit vector with a 1 at value i: `J[i] = Jᵀ eᵢ`. Column j is the derivative along argument j: `J[:, j] = J eⱼ`.
test('the rows from vjp and the columns from jvp are the same matrix', () => {
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
test('the Jacobian of a composition is the product of the Jacobians, also where they are not square', () => {
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

// A product with the Hessian does not need the Hessian: the gradient has a pullback of its own, so `H v` costs little more than a gradient.
test('the Hessian times a vector is the pullback of the gradient', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const scalar = (x: Tensor) => f(x).mul(x).sum();
      expectClose(hvp(scalar, x, v), hessian(scalar)(x).matmul(v), 1e-9);
    }),
  );
});
