/**
 * 7. Why the tape is swept backward.
 *
 * The chain rule may be worked out from either end. Forward from the arguments, one sweep gives the derivatives of all values along one direction;
 * backward from a value, one sweep gives the derivatives of that value with respect to all arguments. A loss is one number that depends on a million
 * others, so the tape is swept backward.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grad, jvp, Tape, Tensor } from '../../src/index.ts';
import { anyFunction, dot, expectNear, vectors } from './lib.ts';

/** How many operations a function performs. */
const count = (f: () => unknown): number => {
  const tape = new Tape();
  tape.record(f);
  return tape.entries.length;
};

// Both directions find the same number. Pushed forward along v or pulled back to the arguments and then multiplied by v: `∇f · v` either way.
test('forward mode and reverse mode find the same derivative along a direction', () => {
  fc.assert(
    fc.property(anyFunction, vectors(2), ({ f }, [x, v]) => {
      const scalar = (x: Tensor) => f(x).sum();
      expectNear(jvp(scalar, [x], [v])[1].item(), dot(grad(scalar)(x), v));
    }),
  );
});

// The number of operations of a backward sweep depends on the length of the tape, and not on how many elements the argument has: `cost(∇f) ≤ c ·
// cost(f)` with a constant c.
test('a whole gradient takes a few times as many operations as the function, however long the argument is', () => {
  fc.assert(
    fc.property(anyFunction, fc.integer({ min: 2, max: 50 }), ({ f }, n) => {
      const scalar = (x: Tensor) => f(x).sum();
      const gradient = (n: number) => count(() => grad(scalar)(Tensor.ones([n], 'float64')));
      expect(gradient(n)).toBe(gradient(2));
      expect(gradient(n)).toBeLessThanOrEqual(8 * count(() => scalar(Tensor.ones([n], 'float64'))));
    }),
  );
});

// In forward mode each element of the argument needs a sweep of its own, so the cost grows with their number n: `cost = n · cost(one direction)`.
test('the gradient of n elements in forward mode takes n times as many operations as one direction', () => {
  fc.assert(
    fc.property(anyFunction, fc.integer({ min: 1, max: 6 }), ({ f }, n) => {
      const x = Tensor.ones([n], 'float64');
      const unit = (i: number) => Tensor.eye(n, 'float64').slice([i]);
      const along = (i: number) => jvp((x: Tensor) => f(x).sum(), [x], [unit(i)]);
      const one = count(() => along(0));
      expect(count(() => Array.from({ length: n }, (_, i) => along(i)))).toBeGreaterThanOrEqual(n * one - n);
    }),
  );
});
