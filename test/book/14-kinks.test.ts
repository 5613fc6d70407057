/**
 * 14. Kinks.
 *
 * At a kink there are two slopes, one from the left and one from the right, and no derivative. A program that meets a kink still needs a number,
 * and any between the two slopes will do (a subgradient). Libraries have agreed on some; these are those of PyTorch. Away from the kink nothing is
 * a matter of agreement.
 */

import { expect, test } from 'vitest';
import { grad, gradcheck, Tensor } from '../../src/index.ts';

const slopes = (f: (x: Tensor) => Tensor, ...at: number[]) => grad((x: Tensor) => f(x).sum())(Tensor.of(at, 'float64')).toArray();

// From the left the slope is −1, from the right 1.
test('the slope of |x| at 0 is 0, halfway between −1 and 1', () => expect(slopes((x) => x.abs(), -1, 0, 1)).toEqual([-1, 0, 1]));

// `relu(x) = max(x, 0)`. Here libraries chose one end, not the middle.
test('the slope of relu at 0 is 0', () => expect(slopes((x) => x.relu(), -1, 0, 1)).toEqual([0, 0, 1]));

// The derivative says nothing about the jump, so nothing is learned through a step.
test('a step has a slope of 0 everywhere', () => expect(slopes((x) => x.sign().add(x.mul(0)), -1, 0, 1)).toEqual([0, 0, 0]));

// Where `x = 2`, both `max(x, 2)` and `min(x, 2)` have two slopes, 0 and 1. With the same x on both sides the two halves make 1, which is right.
test('of two that tie, the larger and the smaller are half each', () => {
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

// Of two branches the one that is not taken gets a gradient of 0.
test('what is not chosen has no slope', () => {
  const safe = (x: Tensor) => x.greater(0).where(x.mul(2), 0);
  expect(slopes(safe, -1, 3)).toEqual([0, 2]);
});

// `(√x)′ = 1 / (2 √x)` and `(log x)′ = 1/x` have a limit of ∞ at 0.
test('at the edges of its domain a function may be infinitely steep', () => {
  expect(slopes((x) => x.sqrt(), 0, 4)).toEqual([Infinity, 0.25]);
  expect(slopes((x) => x.log(), 0, 4)).toEqual([Infinity, 0.25]);
});

// A small step across a kink measures something between the two slopes, and half the step something else. That gives the kink away.
test('gradcheck that measures across a kink says that there may be one', () => {
  expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([0.0002])])).toThrow(/a kink or a jump is likely nearby/);
  expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([0.5])])).not.toThrow();
});
