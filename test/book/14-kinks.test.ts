/**
 * 14. Kinks.
 *
 * At a kink there are two slopes, one from the left and one from the right, and no derivative. A program that meets a kink still needs a number,
 * and any between the two slopes will do (a subgradient). Which one is a convention; those below are PyTorch’s. Away from kinks there is nothing to
 * choose.
 */

import { expect, test } from 'vitest';
import { grad, gradcheck, Tensor } from '../../src/index.ts';

const slopes = (f: (x: Tensor) => Tensor, ...at: number[]) => grad((x: Tensor) => f(x).sum())(Tensor.of(at, 'float64')).toArray();

// From the left the slope is −1, from the right 1.
test('the slope of |x| at 0 is 0, halfway between −1 and 1', () => expect(slopes((x) => x.abs(), -1, 0, 1)).toEqual([-1, 0, 1]));

// `relu(x) = max(x, 0)`. Here the convention is the slope from the left, not the middle.
test('the slope of relu at 0 is 0', () => expect(slopes((x) => x.relu(), -1, 0, 1)).toEqual([0, 0, 1]));

// The derivative does not see the jump, so no gradient passes through a step function.
test('the slope of a step function is 0 everywhere', () => expect(slopes((x) => x.sign().add(x.mul(0)), -1, 0, 1)).toEqual([0, 0, 0]));

// Where `x = 2`, both `max(x, 2)` and `min(x, 2)` have two slopes, 0 and 1. With the same x on both sides the two halves make 1, which is right.
test('at a tie, maximum and minimum give half the slope to each argument', () => {
  expect(slopes((x) => x.maximum(2), 1, 2, 3)).toEqual([0, 0.5, 1]);
  expect(slopes((x) => x.minimum(2), 1, 2, 3)).toEqual([1, 0.5, 0]);
  expect(grad((x: Tensor) => x.maximum(x))(Tensor.of(2)).item()).toBe(1);
});

// A sum of shares is 1, as it has to be when all move together.
test('of several that tie for the largest, all share evenly; picked by argmax, the first takes all', () => {
  expect(slopes((x) => x.max(), 3, 1, 3, 3)).toEqual([1 / 3, 0, 1 / 3, 1 / 3]);
  expect(slopes((x) => x.max(0), 3, 1, 3, 3)).toEqual([1 / 3, 0, 1 / 3, 1 / 3]);
  expect(slopes((x) => x.min(0), 3, 1, 1, 3)).toEqual([0, 0.5, 0.5, 0]);
  expect(slopes((x) => x.gather(0, x.argmax(0, { keepDims: true })), 3, 1, 3, 3)).toEqual([1, 0, 0, 0]);
});

// `where` takes each element from one of two branches. The other branch does not influence the result.
test('the branch that is not taken has a gradient of 0', () => {
  const safe = (x: Tensor) => x.greater(0).where(x.mul(2), 0);
  expect(slopes(safe, -1, 3)).toEqual([0, 2]);
});

// `(√x)′ = 1 / (2 √x)` and `(log x)′ = 1/x` have a limit of ∞ at 0.
test('the slope of a function may be infinite at the edge of its domain', () => {
  expect(slopes((x) => x.sqrt(), 0, 4)).toEqual([Infinity, 0.25]);
  expect(slopes((x) => x.log(), 0, 4)).toEqual([Infinity, 0.25]);
});

// A small step across a kink measures something between the two slopes, and half the step measures something else. So a kink can be detected.
test('the function gradcheck reports that a kink is likely where its two steps disagree', () => {
  expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([0.0002])])).toThrow(/a kink or a jump is likely nearby/);
  expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([0.5])])).not.toThrow();
});
