/**
 * 10. The softmax.
 *
 * The softmax turns any numbers into probabilities: it takes the exponential of each, and divides by the sum of all. Through that sum every
 * probability depends on every number.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradcheck, jacobian, Tensor, vjp } from '../../src/index.ts';
import { dot, eighths, expectClose, size, tensor, vectors } from './lib.ts';

const softmax = (o: Tensor) => o.softmax();

/** `diag(y) − y yᵀ` */
const closedForm = (o: Tensor): Tensor => {
  const y = o.softmax();
  return Tensor.eye(o.size, 'float64')
    .mul(y)
    .sub(y.reshape([-1, 1]).mul(y));
};

// `yᵢ = e^oᵢ / Σₖ e^oₖ`, which is above 0, and `Σᵢ yᵢ = 1`.
test('the softmax gives positive numbers that sum to 1', () => {
  fc.assert(
    fc.property(
      size.chain((n) => tensor([n, 3])),
      (o) => {
        const y = o.softmax();
        expect(y.min().item()).toBeGreaterThan(0);
        expectClose(y.sum(1), Tensor.ones([o.shape[0]!], 'float64'), 1e-15);
      },
    ),
  );
});

// By the quotient rule `∂yᵢ/∂oⱼ = yᵢ (δᵢⱼ − yⱼ)`: on the diagonal `yᵢ (1 − yᵢ)`, elsewhere `−yᵢ yⱼ`. As a matrix that is `diag(y) − y yᵀ`.
test('the Jacobian of the softmax is diag(y) − y yᵀ: the closed form, the tape and finite differences agree', () => {
  fc.assert(
    fc.property(vectors(1), ([o]) => {
      expectClose(jacobian(softmax)(o), closedForm(o), 1e-15);
      gradcheck(softmax, [o]);
    }),
  );
});

// `Σⱼ Jᵢⱼ = yᵢ − yᵢ Σⱼ yⱼ = 0`.
test('the rows of the Jacobian sum to 0, since the probabilities always sum to 1, and so do its columns, since it is symmetric', () => {
  fc.assert(
    fc.property(vectors(1), ([o]) => {
      const J = jacobian(softmax)(o);
      const zeros = Tensor.zeros([o.size], 'float64');
      expectClose(J.sum(1), zeros, 1e-15);
      expectClose(J.sum(0), zeros, 1e-15);
      expectClose(J, J.transpose(), 1e-16);
    }),
  );
});

// `⟨v, J v⟩ = Σ y v² − (Σ y v)²`, the mean of the squares less the square of the mean.
test('the Jacobian is positive semidefinite: ⟨v, J v⟩ is the variance of v under the probabilities, which is at least 0', () => {
  fc.assert(
    fc.property(vectors(2), ([o, v]) => {
      const y = o.softmax();
      const variance = dot(y, v.mul(v)) - dot(y, v) ** 2;
      const found = dot(v, jacobian(softmax)(o).matmul(v));
      expect(Math.abs(found - variance)).toBeLessThan(1e-12);
      expect(found).toBeGreaterThan(-1e-12);
    }),
  );
});

// `e^(o + c) = eᶜ eᵒ`, and the common factor cancels.
test('adding the same number to all inputs changes neither the probabilities nor any gradient', () => {
  fc.assert(
    fc.property(vectors(2), eighths, ([o, u], c) => {
      const pull = (o: Tensor) => vjp(softmax, o)[1](u)[0];
      expectClose(o.add(c).softmax(), o.softmax(), 1e-15);
      expectClose(pull(o.add(c)), pull(o), 1e-14);
    }),
  );
});

// `e^5000` is too large for any float. Because of the law above, the largest number may be subtracted from all first.
test('inputs in the thousands do not overflow, since the largest is subtracted first', () => {
  fc.assert(
    fc.property(vectors(1), ([o]) => {
      const large = o.add(5000);
      expectClose(large.softmax(), o.softmax(), 1e-11);
      expectClose(jacobian(softmax)(large), closedForm(o), 1e-11);
    }),
  );
});

// `log yᵢ = oᵢ − log Σₖ e^oₖ`. The exponential of that is the softmax.
test('the logarithm of the softmax is the input less the log-sum-exp of all inputs, and its Jacobian is δᵢⱼ − yⱼ', () => {
  fc.assert(
    fc.property(vectors(1), ([o]) => {
      expectClose(o.logSoftmax(), o.sub(o.logSumExp()), 1e-14);
      expectClose(o.logSoftmax().exp(), o.softmax(), 1e-14);
      expectClose(jacobian((o) => o.logSoftmax())(o), Tensor.eye(o.size, 'float64').sub(o.softmax()), 1e-14);
    }),
  );
});

// `∂/∂oᵢ log Σₖ e^oₖ = e^oᵢ / Σₖ e^oₖ = yᵢ`.
test('the softmax is the gradient of log-sum-exp', () => {
  fc.assert(fc.property(vectors(1), ([o]) => expectClose(jacobian((o) => o.logSumExp())(o), o.softmax(), 1e-14)));
});

// Each row of a matrix, or each column, is a softmax by itself.
test('the softmax along the other axis is the softmax of the transpose', () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size).chain(([m, n]) => tensor([m, n])),
      (o) => expectClose(o.softmax(0), o.transpose().softmax(1).transpose(), 1e-16),
    ),
  );
});
