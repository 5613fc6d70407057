/**
 * 22. Gradient descent.
 *
 * The gradient points to where a function rises most steeply; a small enough step against it goes down. How small is small enough depends on how
 * curved the function is, and a parabola is enough to show it.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, Parameter, SGD, type SGDOptions, Tensor } from '../../src/index.ts';
import { anyFunction, expectNear, vectors } from './lib.ts';

const quarters = fc.integer({ min: 1, max: 16 }).map((i) => i / 4);

/** The values of x in gradient descent on `½ λ x²`, one for each step. */
function descend(from: number, curvature: number, options: SGDOptions, steps: number): number[] {
  const x = new Parameter(Tensor.of(from, 'float64'));
  const optimizer = new SGD({ x }, options);
  return Array.from({ length: steps }, () => {
    optimizer.minimize(() => x.mul(x).mul(curvature / 2));
    return x.item();
  });
}

// `f(x − η g) ≈ f(x) − η ⟨g, g⟩` for the gradient g, and what is subtracted is never below 0.
test('a small enough step against the gradient does not increase the function', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [start]) => {
      const loss = (x: Tensor) => f(x).mul(f(x)).sum();
      const slope = grad(loss)(start);
      const steepness = slope.mul(slope).sum().item();
      const rate = 1e-6 / Math.max(1, steepness);
      const below = loss(start.sub(slope.mul(rate))).item();
      expect(below).toBeLessThanOrEqual(loss(start).item() + 1e-15 * Math.abs(loss(start).item()));
    }),
  );
});

// On `½ λ x²` the slope is `λ x`, so a step of rate η leads from x to `x − η λ x = (1 − η λ) x`.
test('on a parabola every step multiplies x by 1 − ηλ', () => {
  fc.assert(
    fc.property(
      quarters,
      quarters,
      fc.integer({ min: 1, max: 30 }).map((i) => i / 16),
      (x, curvature, rateTimesCurvature) => {
        const path = descend(x, curvature, { learningRate: rateTimesCurvature / curvature }, 6);
        path.forEach((found, t) => expectNear(found, x * (1 - rateTimesCurvature) ** (t + 1), 1e-12));
      },
    ),
  );
});

// The factor `1 − η λ` lies between −1 and 1 exactly where `0 < η < 2/λ`. Here λ is 2, so the border is at a rate of 1, where x goes back and forth
// between 1 and −1.
test('gradient descent on a parabola converges for learning rates below 2/λ and diverges above', () => {
  const end = (rate: number) => Math.abs(descend(1, 2, { learningRate: rate }, 60).at(-1)!);
  expect([0.1, 0.5, 0.95].map(end).every((x) => x < 0.01)).toBe(true);
  expect(end(1)).toBe(1);
  expect(end(1.1)).toBeGreaterThan(1000);
});

// Momentum adds up gradients: each counts again in all later steps, by another factor μ each time.
test('a step with momentum follows the recursion v = μ v + g, x = x − η v; Nesterov looks ahead: x = x − η (g + μ v)', () => {
  fc.assert(
    fc.property(quarters, quarters, fc.constantFrom(0.5, 0.75, 0.875), fc.boolean(), (start, curvature, momentum, nesterov) => {
      const [rate, steps] = [0.125, 8];
      let [x, v] = [start, 0];
      const wanted = Array.from({ length: steps }, () => {
        const g = curvature * x;
        v = momentum * v + g;
        x -= rate * (nesterov ? g + momentum * v : v);
        return x;
      });
      descend(start, curvature, { learningRate: rate, momentum, nesterov }, steps).forEach((found, t) =>
        expectNear(found, wanted[t]!, 1e-11),
      );
    }),
  );
});

// `(½ d w²)′ = d w`. On a parabola that is the same as a curvature of `λ + d`.
test('weight decay is the gradient of a penalty ½ d w² on the loss', () => {
  fc.assert(
    fc.property(quarters, quarters, fc.constantFrom(0.125, 0.5), (x, curvature, decay) => {
      const decayed = descend(x, curvature, { learningRate: 0.125, weightDecay: decay }, 5);
      const penalised = descend(x, curvature + decay, { learningRate: 0.125 }, 5);
      decayed.forEach((found, t) => expectNear(found, penalised[t]!, 1e-12));
    }),
  );
});

// One call of `minimize` records, sweeps and steps. It returns the loss before the step: `3² = 9`.
test('a step does not change a parameter that the loss does not depend on', () => {
  const [w, idle] = [new Parameter(Tensor.of([3])), new Parameter(Tensor.of([5]))];
  const optimizer = new SGD({ w, idle }, { learningRate: 0.5, momentum: 0.5, weightDecay: 0.5 });
  expect(optimizer.minimize(() => w.mul(w).sum())).toBe(9);
  expect(idle.toArray()).toEqual([5]);
});
