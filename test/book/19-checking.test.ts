/**
 * 19. Checking a derivative.
 *
 * A derivative worked out by hand, the one that the tape finds, and the one that small steps measure are three witnesses. If all agree, they are likely to be
 * right. If they do not, which of them stands alone tells where to look.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOperation, compareDerivatives, gradcheck, gradgradcheck, perform, Tensor, unaryOp } from '../../src/index.ts';
import { anyFunction, tensor, vectors } from './lib.ts';

describe('three witnesses', () => {
  // By hand, for the mean of squares: `∂/∂x (1/n) Σ x² = 2x / n`.
  test('agree where the formula is right', () => {
    fc.assert(
      fc.property(vectors(1), ([at]) => {
        const found = compareDerivatives({ closedForm: (x) => x.mul(2 / x.size), f: (x) => x.mul(x).mean() as Tensor, at });
        expect(found.autogradError).toBeLessThan(1e-14);
        expect(found.differencesError).toBeLessThan(1e-8);
      }),
    );
  });

  // A factor forgotten by hand: autograd and the steps agree with each other against it.
  test('leave a wrong formula alone', () => {
    const found = compareDerivatives({ closedForm: (x) => x, f: (x) => x.mul(x).sum(), at: Tensor.of([1, 2]) });
    expect([found.autogradError, Math.round(found.differencesError * 1e6) / 1e6]).toEqual([1, 1]);
  });
});

describe('small steps', () => {
  test('find nothing in functions that are made of right rules, to the second derivative', () => {
    fc.assert(
      fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
        gradcheck(f, [x]);
        gradgradcheck(f, [x]);
      }),
    );
  });

  // A rule with the wrong sign, `d(x³) = −3x²`, is found, and the message says which element of which argument, what was claimed and what was measured.
  test('find a wrong sign, and say where', () => {
    const cube = unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(-3) });
    fc.assert(
      fc.property(tensor([2], fc.constantFrom(-2, -1, 1, 2)), (x) => {
        expect(() => gradcheck((x: Tensor) => perform(cube, { x }), [x])).toThrow(
          /argument 0 of shape \[2\], element \[0\] = -?\d: the derivative claims/,
        );
      }),
    );
    expect(() => checkOperation(cube)).toThrow(
      /^checkOperation: cube is not an operation that has the derivatives that finite differences measure/,
    );
  });

  // At a kink the two steps measure different slopes, and neither is to be trusted.
  test('say so where they meet a kink', () => {
    expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([1e-4])])).toThrow(
      /the two steps disagree, so a kink or a jump is likely nearby/,
    );
  });
});
