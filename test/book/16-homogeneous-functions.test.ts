/**
 * 16. Euler’s theorem on homogeneous functions.
 *
 * A function is homogeneous of degree k if multiplying its argument by any t above 0 multiplies its value by the k-th power of t. One number checks
 * the whole gradient of such a function, and no small step is needed.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, Linear, Random, ReLU, Sequential, type Tensor } from '../../src/index.ts';
import { dot, eighths, expectNear, size, tensor } from './lib.ts';

const away = eighths.map((x) => (x === 0 ? 0.5 : x));
const vector = size.chain((n) => tensor([n], away));

const homogeneous: readonly (readonly [name: string, degree: number, f: (x: Tensor) => Tensor])[] = [
  ['a sum', 1, (x) => x.sum()],
  ['the largest', 1, (x) => x.max()],
  ['a length, √Σ x²', 1, (x) => x.mul(x).sum().sqrt()],
  ['a sum of absolute values, Σ |x|', 1, (x) => x.abs().sum()],
  ['a sum of squares', 2, (x) => x.mul(x).sum()],
  ['a sum of cubes', 3, (x) => x.pow(3).sum()],
  ['a quotient', 0, (x) => x.sum().div(x.abs().sum())],
  ['a reciprocal', -1, (x) => x.mul(x).sum().sqrt().reciprocal()],
];

// Differentiate both sides of `f(t x) = tᵏ f(x)` with respect to t, at 1: `⟨x, ∇f(x)⟩ = k f(x)`.
test('a function that is homogeneous of degree k has ⟨x, ∇f(x)⟩ = k f(x)', () => {
  fc.assert(
    fc.property(fc.constantFrom(...homogeneous), vector, ([, degree, f], x) => {
      expectNear(dot(x, grad(f)(x)), degree * f(x).item(), 1e-12);
    }),
  );
});

// Differentiated with respect to x instead, the same equation says `∇f(t x) = tᵏ⁻¹ ∇f(x)`.
test('the gradient of a homogeneous function is homogeneous, of one degree less', () => {
  fc.assert(
    fc.property(vector, fc.integer({ min: 1, max: 8 }), (x, t) => {
      for (const [, degree, f] of homogeneous) expectNear(dot(x, grad(f)(x.mul(t))), t ** (degree - 1) * dot(x, grad(f)(x)), 1e-11);
    }),
  );
});

// Each layer is homogeneous of degree 1: `relu(t x) = t relu(x)` for t above 0, and a matrix does the same. So is their composition.
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
