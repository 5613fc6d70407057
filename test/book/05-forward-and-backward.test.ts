/**
 * 5. Forward and backward are adjoint.
 *
 * A Jacobian J can be multiplied by a vector from either side. `jvp` pushes a direction v forward to `J v`: how the value changes when the argument
 * changes along v. `vjp` pulls a gradient u back to `Jᵀ u`: the gradient, with respect to the argument, of the value weighted by u.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { jacobian, jvp, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, dot, expectClose, expectNear, size, tensor, vectors } from './lib.ts';

// Both sides say how much the value changes along u when the argument changes along v. This one line catches any disagreement between the two
// directions, and needs neither the matrix nor a small step.
test('pushing forward and pulling back are adjoint: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩', () => {
  fc.assert(
    fc.property(anyFunction, vectors(3), ({ f }, [x, u, v]) => {
      const [, pullback] = vjp(f, x);
      const [, pushed] = jvp(f, [x], [v]);
      expectNear(dot(u, pushed), dot(pullback(u)[0], v));
    }),
  );
});

// For a matrix product that is the product rule of chapter 3: `d(A B) = dA B + A dB`.
test('with several arguments, jvp adds up the contributions of their directions', () => {
  const matrices = fc
    .tuple(size, size, size)
    .chain(([m, k, n]) => fc.tuple(tensor([m, k]), tensor([k, n]), tensor([m, k]), tensor([k, n])));
  fc.assert(
    fc.property(matrices, ([a, b, da, db]) => {
      const [y, dy] = jvp((a: Tensor, b: Tensor) => a.matmul(b), [a, b], [da, db]);
      expectClose(y, a.matmul(b));
      expectClose(dy, da.matmul(b).add(a.matmul(db)));
    }),
  );
});

// A unit vector has a single 1. Backward, one vjp gives one row: all derivatives of one number of the value. Forward, one jvp gives one column: how
// all numbers of the value depend on one number of the argument.
test('pulling back the unit vectors gives the rows of the Jacobian, pushing them forward its columns', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const J = jacobian(f)(x);
      const [, pullback] = vjp(f, x);
      const unit = Tensor.eye(x.size, 'float64');
      for (let i = 0; i < x.size; i++) {
        expectClose(pullback(unit.slice([i]))[0], J.slice([i]));
        expectClose(jvp(f, [x], [unit.slice([i])])[1], J.slice([null, i]));
      }
    }),
  );
});

// If the matrix is formed, both are ordinary products: `J v`, and `u J` with u as a row.
test('the Jacobian times a vector is what jvp gives, and a row vector times the Jacobian is what vjp gives', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const J = jacobian(f)(x);
      expectClose(jvp(f, [x], [v])[1], J.matmul(v));
      expectClose(vjp(f, x)[1](v)[0], v.matmul(J));
    }),
  );
});
