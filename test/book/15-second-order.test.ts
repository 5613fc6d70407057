/**
 * 15. Derivatives of derivatives.
 *
 * A sweep is made of operations, so it can be recorded and swept again. The second derivatives of a function whose value is one number form a matrix,
 * the Hessian. It need not be formed to be multiplied by a vector.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, hessian, jvp, sin, Tensor } from '../../src/index.ts';
import { anyFunction, dot, eighths, expectClose, size, tensor, vectors } from './lib.ts';

const scalar = (f: (x: Tensor) => Tensor) => (x: Tensor) => f(x).mul(f(x)).sum();

// `Hᵢⱼ = ∂²f / ∂xᵢ ∂xⱼ = Hⱼᵢ`: the order of differentiation does not matter.
test('the Hessian is symmetric', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const H = hessian(scalar(f))(x);
      expectClose(H, H.transpose(), 1e-11);
    }),
  );
});

// The gradient of `xᵀ A x` is `(A + Aᵀ) x`, since x is used twice.
test('the Hessian of xᵀ A x is A + Aᵀ', () => {
  const given = size.chain((n) => fc.tuple(tensor([n, n]), tensor([n])));
  fc.assert(fc.property(given, ([A, x]) => expectClose(hessian((x) => x.matmul(A).matmul(x))(x), A.add(A.transpose()))));
});

// By chapter 10 the gradient is the softmax y, whose Jacobian is `diag(y) − y yᵀ`.
test('the Hessian of log Σ eˣ is the Jacobian of the softmax', () => {
  fc.assert(
    fc.property(vectors(1), ([x]) => {
      const y = x.softmax();
      expectClose(
        hessian((x) => x.logSumExp())(x),
        Tensor.eye(x.size, 'float64')
          .mul(y)
          .sub(y.reshape([-1, 1]).mul(y)),
        1e-14,
      );
    }),
  );
});

// `∇⟨∇f, v⟩ = H v` takes two sweeps, whatever the size of H.
test('the Hessian times v is the gradient of ⟨∇f, v⟩, and the derivative of the gradient along v', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const slope = grad(scalar(f));
      const Hv = hessian(scalar(f))(x).matmul(v);
      expectClose(grad((x: Tensor) => slope(x).mul(v).sum())(x), Hv, 1e-9);
      expectClose(jvp(slope, [x], [v])[1], Hv, 1e-9);
    }),
  );
});

// `x³`, `3x²`, `6x`, `6`, `0`.
test('each derivative of a polynomial has one degree less, exactly, and the last is 0', () => {
  fc.assert(
    fc.property(eighths, (x) => {
      const cube = (x: Tensor) => x.mul(x).mul(x);
      const at = Tensor.of(x, 'float64') as Tensor;
      const derivatives = [cube, grad(cube), grad(grad(cube)), grad(grad(grad(cube))), grad(grad(grad(grad(cube))))].map((f) =>
        f(at).item(),
      );
      expect(derivatives.map((y) => y + 0)).toEqual([x ** 3, 3 * x ** 2, 6 * x, 6, 0].map((y) => y + 0));
    }),
  );
});

// `sin″″ = sin`.
test('the fourth derivative of the sine is the sine', () => {
  fc.assert(
    fc.property(eighths, (x) => expectClose(grad(grad(grad(grad(sin))))(Tensor.of(x, 'float64')), sin(Tensor.of(x, 'float64')), 1e-14)),
  );
});

// `d/dx (x · d/dy (x y)) = d/dx x² = 2x`, also where y is taken at x. A library that confuses the two variables
// finds 4x (perturbation confusion).
test('an inner derivative does not confuse the outer variable with its own, though both are the same tensor', () => {
  fc.assert(
    fc.property(eighths, (value) => {
      const x = Tensor.of(value, 'float64') as Tensor;
      const inner = (x: Tensor) => grad((y: Tensor) => x.mul(y))(x);
      expect(grad((x: Tensor) => x.mul(inner(x)))(x).item()).toBe(2 * value);
      expect(grad((x: Tensor) => grad((y: Tensor) => x.add(y))(x).mul(x))(x).item()).toBe(1);
    }),
  );
});

// `jvp` of the gradient and the gradient of `jvp` are both `H v`.
test('forward over reverse mode and reverse over forward mode find the same Hessian times v', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const forwardOverBackward = jvp(grad(scalar(f)), [x], [v])[1];
      const backwardOverForward = grad((x: Tensor) => jvp(scalar(f), [x], [v])[1])(x);
      expectClose(forwardOverBackward, backwardOverForward, 1e-9);
      expect(Math.abs(dot(forwardOverBackward, v) - dot(backwardOverForward, v))).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(dot(forwardOverBackward, v))),
      );
    }),
  );
});
