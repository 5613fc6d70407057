/**
 * 9. Matrix products.
 *
 * The derivatives of a product of matrices are products again. The three kinds, `A B`, `A Bᵀ` and `Aᵀ B`, are each other’s derivatives, so nothing
 * is ever transposed in memory.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, Tape, type Tensor, vjp } from '../../src/index.ts';
import { dot, expectClose, expectNear, size, tensor } from './lib.ts';

/** Two matrices that can be multiplied, and a gradient for their product. */
const factors = fc.tuple(size, size, size).chain(([m, k, n]) => fc.tuple(tensor([m, k]), tensor([k, n]), tensor([m, n])));

// In the product, `Y[i, j] = Σₖ A[i, k] B[k, j]`. A change of `A[i, k]` changes row i of Y, each element by `B[k, j]` times as much; so its gradient
// is the inner product of row i of dY and row k of B.
test('dA = dY Bᵀ and dB = Aᵀ dY are the gradients of the factors of Y = A B', () => {
  fc.assert(
    fc.property(factors, ([a, b, dy]) => {
      const [, pullback] = vjp((a: Tensor, b: Tensor) => a.matmul(b), a, b);
      const [da, db] = pullback(dy);
      expectClose(da, dy.matmul(b.transpose()));
      expectClose(db, a.transpose().matmul(dy));
    }),
  );
});

// `timesTransposed` is `A Bᵀ`, `transposedTimes` is `Aᵀ B`; neither writes a transposed matrix to memory.
test('the products A Bᵀ and Aᵀ B are plain products of transposed matrices', () => {
  fc.assert(
    fc.property(factors, ([a, b]) => {
      expect(a.timesTransposed(b.transpose()).toArray()).toEqual(a.matmul(b).toArray());
      expect(a.transpose().transposedTimes(b).toArray()).toEqual(a.matmul(b).toArray());
    }),
  );
});

// A sweep is made of operations, so a second tape can record and list them.
test('the three kinds of product are each other’s derivatives: a sweep through products performs products, and transposes nothing', () => {
  fc.assert(
    fc.property(factors, ([a, b]) => {
      const [forward, backward] = [new Tape(), new Tape()];
      const y = forward.record(() => a.matmul(b).sum());
      backward.record(() => forward.backward(y, [a, b]));
      const names = backward.entries.map(({ op }) => op.name);
      expect(names).toContain('timesTransposed');
      expect(names).toContain('transposedTimes');
      expect(names).not.toContain('permute');
    }),
  );
});

// `(A B)ᵀ = Bᵀ Aᵀ`.
test('the transpose of a product is the product of the transposes in reverse order', () => {
  fc.assert(fc.property(factors, ([a, b]) => expectClose(a.matmul(b).transpose(), b.transpose().matmul(a.transpose()))));
});

// In the inner product of two matrices, `⟨U, V⟩ = Σ Uᵢⱼ Vᵢⱼ`, a factor may move to the other side if it is transposed.
test('a factor moves to the other side of an inner product by being transposed: ⟨dY Bᵀ, A⟩ = ⟨dY, A B⟩ = ⟨Aᵀ dY, B⟩', () => {
  fc.assert(
    fc.property(factors, ([a, b, dy]) => {
      expectNear(dot(dy.timesTransposed(b), a), dot(dy, a.matmul(b)));
      expectNear(dot(a.transposedTimes(dy), b), dot(dy, a.matmul(b)));
    }),
  );
});

// `xᵀ A y = Σᵢⱼ xᵢ Aᵢⱼ yⱼ`, so element i, j of A has the slope `xᵢ yⱼ`.
test('the gradient of xᵀ A y with respect to A is x yᵀ', () => {
  const given = fc.tuple(size, size).chain(([m, n]) => fc.tuple(tensor([m]), tensor([m, n]), tensor([n])));
  fc.assert(fc.property(given, ([x, A, y]) => expectClose(grad((A: Tensor) => x.matmul(A).matmul(y))(A), x.reshape([-1, 1]).mul(y))));
});

// With a leading axis there is a product for each index along it. A factor without the axis is used by all of them, so its gradient is a sum over all
// (chapter 8).
test('a batched product multiplies each pair of matrices, and the gradient of a shared factor is the sum over the batch', () => {
  const batches = fc.tuple(size, size, size, size).chain(([s, m, k, n]) => fc.tuple(tensor([s, m, k]), tensor([k, n]), tensor([s, m, n])));
  fc.assert(
    fc.property(batches, ([a, b, dy]) => {
      const [y, pullback] = vjp((a: Tensor, b: Tensor) => a.matmul(b), a, b);
      const [da, db] = pullback(dy);
      let shared = b.mul(0);
      for (let i = 0; i < a.shape[0]!; i++) {
        expectClose(y.slice([i]), a.slice([i]).matmul(b));
        expectClose(da.slice([i]), dy.slice([i]).timesTransposed(b));
        shared = shared.add(a.slice([i]).transposedTimes(dy.slice([i])));
      }
      expectClose(db, shared);
    }),
  );
});
