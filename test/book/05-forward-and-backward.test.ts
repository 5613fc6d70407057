/**
 * 5. Forward and backward are adjoint.
 *
 * `jvp` pushes a direction v forward to J v; `vjp` pulls a gradient u back to Jᵀ u. Whatever u and v are, `⟨u, J v⟩ = ⟨Jᵀ u, v⟩`: both say how much the
 * value moves along u when the input moves along v. This one line catches any disagreement between the two directions.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { jacobian, jvp, Tensor, vjp } from '../../src/index.ts';
import { anyFunction, dot, expectClose, expectNear, size, tensor, vectors } from './lib.ts';

test('⟨u, J v⟩ = ⟨Jᵀ u, v⟩', () => {
  fc.assert(
    fc.property(anyFunction, vectors(3), ({ f }, [x, u, v]) => {
      const [, pullback] = vjp(f, x);
      const [, pushed] = jvp(f, [x], [v]);
      expectNear(dot(u, pushed), dot(pullback(u)[0], v));
    }),
  );
});

test('with several arguments the contributions of their directions add up', () => {
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

test('both are the matrix times the vector', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const J = jacobian(f)(x);
      expectClose(jvp(f, [x], [v])[1], J.matmul(v));
      expectClose(vjp(f, x)[1](v)[0], v.matmul(J));
    }),
  );
});
