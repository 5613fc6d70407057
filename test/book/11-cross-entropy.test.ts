/**
 * 11. The cross-entropy, and why it belongs to the softmax.
 *
 * The cross-entropy says how surprised a model is by the class c that it should have named: it is minus the logarithm of the probability that the
 * model gave to c. The probability is small when the model is wrong, and its logarithm is then large and below 0. Softmax and cross-entropy can be
 * two operations or one. In exact arithmetic that is the same; in floating point it is not.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossEntropy, grad, Tensor } from '../../src/index.ts';
import { eighths, expectClose, size, tensor } from './lib.ts';

/** Rows of logits, and a class for each. */
const batches = fc.tuple(size, size).chain(([rows, classes]) =>
  fc.tuple(
    tensor([rows, classes]),
    fc.array(fc.nat({ max: classes - 1 }), { minLength: rows, maxLength: rows }).map((labels) => Tensor.of(labels, 'int32') as Tensor),
  ),
);
/** One operation after another, as textbooks write it. */
const composed = (o: Tensor, c: Tensor) =>
  o
    .softmax(1)
    .gather(1, c.reshape([-1, 1]))
    .log()
    .neg()
    .reshape([-1]);
const oneHot = (o: Tensor, c: Tensor) => c.oneHot(o.shape[1]!, 'float64');

// `l = −log y_c` with `y = softmax(o)`. The gradient with respect to the logits o is the predicted distribution minus the true one.
test('the gradient with respect to the logits is y − onehot(c): ∂l/∂oᵢ is the probability yᵢ, less 1 where i is the class', () => {
  fc.assert(
    fc.property(batches, ([o, c]) =>
      expectClose(grad((o: Tensor) => crossEntropy(o, c, { reduction: 'sum' }))(o), o.softmax(1).sub(oneHot(o, c)), 1e-15),
    ),
  );
});

// The slope of `−log y_c` is `−1/y_c` at c, and 0 elsewhere. Times the Jacobian of the softmax, `yᵢ (δᵢⱼ − yⱼ)`, the factor y_c cancels and the
// same is left: `y − onehot(c)`. So nobody has to derive it by hand.
test('the chain rule finds the same gradient from the derivatives of the two steps', () => {
  fc.assert(
    fc.property(batches, ([o, c]) => {
      expectClose(crossEntropy(o, c, { reduction: 'none' }), composed(o, c), 1e-13);
      expectClose(grad((o: Tensor) => composed(o, c).sum())(o), o.softmax(1).sub(oneHot(o, c)), 1e-13);
    }),
  );
});

// In two steps, y_c may be rounded to 0. Then its logarithm is lost, `−log 0 = ∞`, and the sweep multiplies the slope ∞ by 0, which is not a
// number. In one step, `l = log Σ eᵒ − o_c`, none of that happens: the probability is never formed.
test('where the probability of the class is rounded to 0, only the fused form finds the loss and its gradient', () => {
  const [o, c] = [Tensor.of([[0, 1000]], 'float64'), Tensor.of([0], 'int32')];
  expect(crossEntropy(o, c, { reduction: 'none' }).item()).toBe(1000);
  expect(grad((o: Tensor) => crossEntropy(o, c, { reduction: 'sum' }))(o).toArray()).toEqual([[-1, 1]]);
  expect(composed(o, c).item()).toBe(Infinity);
  expect(grad((o: Tensor) => composed(o, c).sum())(o).toArray()).toEqual([[NaN, NaN]]);
});

// The label can be a distribution: `l = −Σᵢ pᵢ log yᵢ`. With a single 1 at c that is the loss above.
test('a class as the target is the same as a row of probabilities with a single 1', () => {
  fc.assert(
    fc.property(batches, ([o, c]) => {
      const rows = oneHot(o, c);
      expectClose(crossEntropy(o, rows, { reduction: 'none' }), crossEntropy(o, c, { reduction: 'none' }), 1e-14);
      expectClose(
        grad((o: Tensor) => crossEntropy(o, rows, { reduction: 'sum' }))(o),
        grad((o: Tensor) => crossEntropy(o, c, { reduction: 'sum' }))(o),
        1e-14,
      );
    }),
  );
});

// The gradient keeps its form when the target is a distribution: `∂l/∂oᵢ = yᵢ − pᵢ`.
test('for a target of probabilities p the gradient is y − p', () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size).chain(([m, n]) => fc.tuple(tensor([m, n]), tensor([m, n]))),
      ([o, q]) => {
        const p = q.softmax(1);
        expectClose(grad((o: Tensor) => crossEntropy(o, p, { reduction: 'sum' }))(o), o.softmax(1).sub(p), 1e-14);
      },
    ),
  );
});

// `−Σ p log y ≥ −Σ p log p`, with equality for `y = p`. So the loss cannot go below the entropy of the labels, and the gradient is 0 where it gets
// there.
test('the cross-entropy is never below the entropy of the target, and equals it where both distributions agree (Gibbs’ inequality)', () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size).chain(([m, n]) => fc.tuple(tensor([m, n]), tensor([m, n]))),
      ([o, q]) => {
        const p = q.softmax(1);
        const entropy = p.mul(p.log()).sum(1).neg();
        expect(crossEntropy(o, p, { reduction: 'none' }).sub(entropy).min().item()).toBeGreaterThanOrEqual(-1e-13);
        expectClose(crossEntropy(p.log(), p, { reduction: 'none' }), entropy, 1e-13);
      },
    ),
  );
});

// If all numbers are equal, all probabilities are `1/n`, and `l = log n`. A first loss far from that, before any training, points to a mistake.
test('the loss of a model that finds all n classes equally likely is log n', () => {
  fc.assert(
    fc.property(size, eighths, (n, c) =>
      expectClose(
        crossEntropy(Tensor.full([1, n], c, 'float64'), Tensor.of([0], 'int32'), { reduction: 'none' }),
        Tensor.of([n], 'float64').log(),
        1e-14,
      ),
    ),
  );
});
