/**
 * 13. Euler's identity.
 *
 * A function is homogeneous of degree k if `f(t x) = tᵏ f(x)` for t > 0. Differentiate both sides by t at t = 1: `⟨x, ∇f(x)⟩ = k f(x)`. It is a check of a whole
 * gradient by one number, and it needs no small step.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, Linear, Random, ReLU, Sequential, type Tensor } from '../../src/index.ts';
import { dot, eighths, expectNear, size, tensor } from './lib.ts';

const away = eighths.map((x) => (x === 0 ? 0.5 : x));
const vector = size.chain((n) => tensor([n], away));

const homogeneous: readonly (readonly [name: string, degree: number, f: (x: Tensor) => Tensor])[] = [
  ['a sum', 1, (x) => x.sum()],
  ['the largest', 1, (x) => x.amax()],
  ['a length, √Σ x²', 1, (x) => x.mul(x).sum().sqrt()],
  ['a sum of sizes, Σ |x|', 1, (x) => x.abs().sum()],
  ['a sum of squares', 2, (x) => x.mul(x).sum()],
  ['a sum of cubes', 3, (x) => x.pow(3).sum()],
  ['a quotient', 0, (x) => x.sum().div(x.abs().sum())],
  ['a reciprocal', -1, (x) => x.mul(x).sum().sqrt().reciprocal()],
];

test.each(homogeneous)('of %s, homogeneous of degree %d, ⟨x, ∇f(x)⟩ is the degree times the value', (_, degree, f) => {
  fc.assert(fc.property(vector, (x) => expectNear(dot(x, grad(f)(x)), degree * f(x).item(), 1e-12)));
});

test('the gradient itself is homogeneous, of one degree less', () => {
  fc.assert(
    fc.property(vector, fc.integer({ min: 1, max: 8 }), (x, t) => {
      for (const [, degree, f] of homogeneous) expectNear(dot(x, grad(f)(x.mul(t))), t ** (degree - 1) * dot(x, grad(f)(x)), 1e-11);
    }),
  );
});

test('a network of ReLUs without biases is homogeneous of degree 1 in its input', () => {
  fc.assert(
    fc.property(tensor([1, 3], away), fc.nat({ max: 1000 }), (x, seed) => {
      const options = { bias: false, random: new Random(seed), dtype: 'float64' } as const;
      const model = new Sequential(new Linear(3, 5, options), new ReLU(), new Linear(5, 1, options));
      const f = (x: Tensor) => model.forward(x).sum();
      expectNear(dot(x, grad(f)(x)), f(x).item(), 1e-13);
    }),
  );
});
