/**
 * 10. The cross-entropy, and why it belongs to the softmax.
 *
 * How surprised a model is by the class c it should have named: `l = −log y_c`. Its slope is −1/y_c at c and 0 elsewhere; multiplied by the Jacobian of the
 * softmax, that leaves `∂l/∂oᵢ = yᵢ − [i = c]`: what it said, less what it should have said. The chain rule finds this by itself, so nobody has to derive it;
 * but where y_c has been rounded to 0, its logarithm is −∞ and 1/y_c is ∞, and their products are NaN. In one step, `l = log Σ eᵒ − o_c`, none of it arises.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, softmaxCrossEntropy, Tensor } from '../../src/index.ts';
import { eighths, expectClose, size, tensor } from './lib.ts';

/** Rows of logits, and a class for each. */
const batches = fc.tuple(size, size).chain(([rows, classes]) =>
  fc.tuple(
    tensor([rows, classes]),
    fc.array(fc.nat({ max: classes - 1 }), { minLength: rows, maxLength: rows }).map((labels) => Tensor.of(labels, 'int32') as Tensor),
  ),
);
/** One operation after another, as it is taught. */
const composed = (o: Tensor, c: Tensor) =>
  o
    .softmax(1)
    .gather(1, c.reshape([-1, 1]))
    .log()
    .neg()
    .reshape([-1]);
const oneHot = (o: Tensor, c: Tensor) => c.oneHot(o.shape[1]!, 'float64');

test('∂l/∂o = y − onehot(c)', () => {
  fc.assert(
    fc.property(batches, ([o, c]) =>
      expectClose(grad((o: Tensor) => softmaxCrossEntropy(o, c).sum())(o), o.softmax(1).sub(oneHot(o, c)), 1e-15),
    ),
  );
});

test('the chain rule finds the same from the two local derivatives', () => {
  fc.assert(
    fc.property(batches, ([o, c]) => {
      expectClose(softmaxCrossEntropy(o, c), composed(o, c), 1e-13);
      expectClose(grad((o: Tensor) => composed(o, c).sum())(o), o.softmax(1).sub(oneHot(o, c)), 1e-13);
    }),
  );
});

test('where the probability of the class is rounded to 0, only the fused form knows the loss and its slope', () => {
  const [o, c] = [Tensor.of([[0, 1000]], 'float64'), Tensor.of([0], 'int32')];
  expect(softmaxCrossEntropy(o, c).item()).toBe(1000);
  expect(grad((o: Tensor) => softmaxCrossEntropy(o, c).sum())(o).toArray()).toEqual([[-1, 1]]);
  expect(composed(o, c).item()).toBe(Infinity);
  expect(grad((o: Tensor) => composed(o, c).sum())(o).toArray()).toEqual([[NaN, NaN]]);
});

test('a class is a row of probabilities with a single 1', () => {
  fc.assert(
    fc.property(batches, ([o, c]) => {
      const rows = oneHot(o, c);
      expectClose(softmaxCrossEntropy(o, rows), softmaxCrossEntropy(o, c), 1e-14);
      expectClose(
        grad((o: Tensor) => softmaxCrossEntropy(o, rows).sum())(o),
        grad((o: Tensor) => softmaxCrossEntropy(o, c).sum())(o),
        1e-14,
      );
    }),
  );
});

test('for rows of probabilities the slope is what was said less what should have been: y − p', () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size).chain(([m, n]) => fc.tuple(tensor([m, n]), tensor([m, n]))),
      ([o, q]) => {
        const p = q.softmax(1);
        expectClose(grad((o: Tensor) => softmaxCrossEntropy(o, p).sum())(o), o.softmax(1).sub(p), 1e-14);
      },
    ),
  );
});

test('surprise is never below the entropy of what is expected, and reaches it where both agree (Gibbs)', () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size).chain(([m, n]) => fc.tuple(tensor([m, n]), tensor([m, n]))),
      ([o, q]) => {
        const p = q.softmax(1);
        const entropy = p.mul(p.log()).sum(1).neg();
        expect(softmaxCrossEntropy(o, p).sub(entropy).amin().item()).toBeGreaterThanOrEqual(-1e-13);
        expectClose(softmaxCrossEntropy(p.log(), p), entropy, 1e-13);
      },
    ),
  );
});

test('a model that knows nothing is surprised by log n', () => {
  fc.assert(
    fc.property(size, eighths, (n, c) =>
      expectClose(softmaxCrossEntropy(Tensor.full([1, n], c, 'float64'), Tensor.of([0], 'int32')), Tensor.of([n], 'float64').log(), 1e-14),
    ),
  );
});
