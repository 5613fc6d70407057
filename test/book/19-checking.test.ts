/**
 * 19. Checking a derivative.
 *
 * A derivative can be worked out by hand, computed by the tape, and measured with small steps. If all three agree, they are likely to be right. If
 * one of them differs from the other two, look for the mistake there.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOperation, compareDerivatives, gradcheck, gradgradcheck, perform, Tensor, unaryOp } from '../../src/index.ts';
import { anyFunction, tensor, vectors } from './lib.ts';

describe('three answers compared', () => {
  // By hand, for the mean of squares: `∂/∂x (1/n) Σ x² = 2x / n`.
  test('a right formula agrees with the tape and with finite differences', () => {
    fc.assert(
      fc.property(vectors(1), ([at]) => {
        const found = compareDerivatives({ closedForm: (x) => x.mul(2 / x.size), f: (x) => x.mul(x).mean() as Tensor, at });
        expect(found.autogradError).toBeLessThan(1e-14);
        expect(found.differencesError).toBeLessThan(1e-8);
      }),
    );
  });

  // A factor of 2 is missing in the formula: the tape and finite differences agree with each other, and not with it.
  test('a wrong formula is singled out, since the tape and finite differences agree with each other', () => {
    const found = compareDerivatives({ closedForm: (x) => x, f: (x) => x.mul(x).sum(), at: Tensor.of([1, 2]) });
    expect([found.autogradError, Math.round(found.differencesError * 1e6) / 1e6]).toEqual([1, 1]);
  });
});

describe('finite differences alone', () => {
  test('functions that are made of right rules pass the checks of their first and second derivatives', () => {
    fc.assert(
      fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
        gradcheck(f, [x]);
        gradgradcheck(f, [x]);
      }),
    );
  });

  // For a rule with a wrong sign, `d(x³) = −3x²`, the message names the argument and the element, the derivative that the rule gives and the measured
  // one.
  test('a rule with a wrong sign is found, and the message says where', () => {
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

  // Across a kink two steps of different size measure different slopes, and neither can be trusted.
  test('a check across a kink reports that a kink is likely', () => {
    expect(() => gradcheck((x: Tensor) => x.abs(), [Tensor.of([1e-4])])).toThrow(
      /the two steps disagree, so a kink or a jump is likely nearby/,
    );
  });
});
