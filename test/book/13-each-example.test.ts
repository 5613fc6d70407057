/**
 * 13. The gradient of each example.
 *
 * A batch has one loss and one gradient, the mean of those of its examples. Sometimes each of them is wanted: to clip it, to see which example is odd. A
 * loop finds them one after another. It need not: what is done to one example is done to many by operations with one more axis in front.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, Linear, Parameter, perExampleGradients, Sequential, stack, Tanh, Tape, Tensor, vmap } from '../../src/index.ts';
import { anyFunction, expectClose, size, tensor } from './lib.ts';

const many = fc.tuple(size, size).chain((shape) => tensor(shape));
const rows = (x: Tensor) => Array.from({ length: x.shape[0]! }, (_, i) => x.slice([i]));

// `vmap` makes of a function of one example a function of many: `vmap(f)(X)[i] = f(X[i])`.
test('what is done for many at once is what is done for each', () => {
  fc.assert(fc.property(anyFunction, many, ({ f }, xs) => expectClose(vmap(f)(xs), stack(rows(xs).map(f)))));
});

// A gradient is such a function as well: `vmap(grad(f))(X)[i] = ∇f(X[i])`.
test('so are gradients', () => {
  fc.assert(
    fc.property(anyFunction, many, ({ f }, xs) => {
      const slope = grad((x: Tensor) => f(x).mul(x).sum());
      expectClose(vmap(slope)(xs), stack(rows(xs).map(slope)));
    }),
  );
});

// The number of operations does not grow with the number of examples.
test('a hundred examples take as many operations as two', () => {
  const count = (examples: number) => {
    const tape = new Tape();
    tape.record(() => vmap(grad((x: Tensor) => x.sin().mul(x).sum()))(Tensor.ones([examples, 3])));
    return tape.entries.length;
  };
  expect(count(100)).toBe(count(2));
});

// For the parameters w of a model the mean of the gradients of the examples is the gradient of the mean loss: `(1/n) Σᵢ ∇ℓᵢ = ∇ (1/n) Σᵢ ℓᵢ`.
test('the gradients of the examples have as their mean the gradient of the batch', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 100 }), (n, seed) => {
      const model = new Sequential(
        new Linear(3, 4, { seed, dtype: 'float64' }),
        new Tanh(),
        new Linear(4, 1, { seed: seed + 1, dtype: 'float64' }),
      );
      const x = Tensor.normal([n, 3], { seed, dtype: 'float64' });
      const lossOf = (x: Tensor) => model.forward(x).pow(2).mean() as Tensor;
      const tape = new Tape();
      const whole = tape.backward(tape.record(() => lossOf(x)));
      const each = perExampleGradients(lossOf, x);
      for (const [w, gradient] of whole) expectClose(each.get(w).mean(0), gradient, 1e-12);
      expect([...whole].every(([w]) => w instanceof Parameter)).toBe(true);
    }),
  );
});
