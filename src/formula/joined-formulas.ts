import type { FloatDtype } from '../base/dtype.ts';
import { memoize } from '../base/memoize.ts';
import { Formula } from './formula.ts';

/** Several formulas of the same inputs in one dtype, which compute what they have in common once. */
export interface Formulas {
  readonly dtype: FloatDtype;
  readonly each: readonly Formula[];
}

/** Several formulas of the same inputs, written once and made for each dtype at their first use. */
/* @__NO_SIDE_EFFECTS__ */
export const formulas = (inputs: number, write: (...inputs: Formula[]) => readonly Formula[]): ((dtype: FloatDtype) => Formulas) =>
  memoize((dtype) => {
    const each = write(...Array.from({ length: inputs }, (_, position) => new Formula(dtype, 'input', [], position)));
    return { dtype, each };
  });
