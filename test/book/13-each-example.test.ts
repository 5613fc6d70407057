/**
 * 13. The gradient of each example.
 *
 * A batch has one loss and one gradient, the mean of those of its examples. Sometimes the gradient of each example is needed: to clip it, or to find
 * the examples that are unusual. A loop computes them one after another. It is faster to give every operation one more axis in front, and to
 * compute them all at once.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, Linear, Parameter, perExampleGradients, Sequential, sin, stack, Tanh, Tape, Tensor, vmap } from '../../src/index.ts';
import { anyFunction, expectClose, size, tensor } from './lib.ts';

const many = fc.tuple(size, size).chain((shape) => tensor(shape));
const rows = (x: Tensor) => Array.from({ length: x.shape[0]! }, (_, i) => x.slice([i]));

// `vmap` turns a function of one example into a function of many: `vmap(f)(X)[i] = f(X[i])`.
test('a function mapped by vmap gives for many examples at once what it gives for each of them', () => {
  fc.assert(fc.property(anyFunction, many, ({ f }, xs) => expectClose(vmap(f)(xs), stack(rows(xs).map(f)))));
});

// The gradient is a function of one example as well: `vmap(grad(f))(X)[i] = ∇f(X[i])`.
test('a gradient mapped by vmap is the gradient of each example', () => {
  fc.assert(
    fc.property(anyFunction, many, ({ f }, xs) => {
      const slope = grad((x: Tensor) => f(x).mul(x).sum());
      expectClose(vmap(slope)(xs), stack(rows(xs).map(slope)));
    }),
  );
});

// The number of operations does not grow with the number of examples.
test('a mapped function takes as many operations for a hundred examples as for two', () => {
  const count = (examples: number) => {
    const tape = new Tape();
    tape.record(() => vmap(grad((x: Tensor) => sin(x).mul(x).sum()))(Tensor.ones([examples, 3])));
    return tape.entries.length;
  };
  expect(count(100)).toBe(count(2));
});

// For the parameters w of a model the mean of the gradients of the examples is the gradient of the mean loss: `(1/n) Σᵢ ∇ℓᵢ = ∇ (1/n) Σᵢ ℓᵢ`.
test('the mean of the gradients of the examples is the gradient of the batch', () => {
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
