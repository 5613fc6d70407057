/**
 * A formula says how one element of a result is made from one element of each input. It is plain data: `evaluate.ts` reads it with plain numbers,
 * `machine/wasm/elementwise.ts` as vector instructions. Both round after every step, so both find the same bits.
 */

import type { FloatDtype } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import { check, quote, type Requirement } from '../base/options.ts';
import { exp, expm1, hyperbolicTangent, log, log1p, logistic } from './exponential.ts';
import { Expression, type Step } from './expression.ts';
import type { Elementwise } from './methods.ts';
import { pow } from './power.ts';

/** What is done to one element of each input, step by step. Its methods are those of tensors, and make longer formulas. */
export class Formula extends Expression implements Elementwise<Formula> {
  constructor(dtype: FloatDtype, step: Step, operands: readonly Formula[], value: number = 0) {
    super(dtype, step, operands, value);
  }

  protected override make(step: Step, operands: readonly this[], value: number): this {
    // No class extends this one.
    return formulaOf(this.dtype, step, operands, value) as this;
  }

  exp(): this {
    return exp(this);
  }
  expm1(): this {
    return expm1(this);
  }
  log(): this {
    return log(this);
  }
  log1p(): this {
    return log1p(this);
  }
  tanh(): this {
    return hyperbolicTangent(this);
  }
  sigmoid(): this {
    return logistic(this);
  }
  pow(b: this | number): this {
    return pow(this, this.operand(b));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const formulaOf = (dtype: FloatDtype, step: Step, operands: readonly Formula[], value: number): Formula =>
  new Formula(dtype, step, operands, value);

/** Kernels have two parameters for each input, and may have 1000. */
const INPUTS: Requirement = {
  words: 'a whole number from 0 to 400',
  holds: (x) => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= 400,
};

/**
 * A formula, written once and made for each dtype at its first use. By default it has as many inputs as `write` has parameters.
 * @throws ValueError for more than 400 inputs, and, at the first use, where `write` does not return a formula; DtypeError for JavaScript's own `x * x`.
 */
/* @__NO_SIDE_EFFECTS__ */
export function formula(write: (...inputs: Formula[]) => Formula, inputs: number = write?.length): (dtype: FloatDtype) => Formula {
  if (typeof write !== 'function')
    throw new ValueError(`formula: expected a function of formulas, such as (x) => x.mul(x), got ${quote(write)}`);
  check('formula', { inputs }, INPUTS);
  return perDtype((dtype) => {
    const written: unknown = write(...inputsOf(dtype, inputs));
    if (written instanceof Formula) return written;
    throw new ValueError(`formula: expected to get a formula, made by methods such as x.mul(x), got ${quote(written)}`);
  });
}

/** Makes something for each dtype at its first use. To look it up takes less time than in a map. */
function perDtype<T>(make: (dtype: FloatDtype) => T): (dtype: FloatDtype) => T {
  let single: T | undefined;
  let double: T | undefined;
  return (dtype) => (dtype === 'float32' ? (single ??= make(dtype)) : dtype === 'float64' ? (double ??= make(dtype)) : make(dtype));
}

const inputsOf = (dtype: FloatDtype, count: number): Formula[] =>
  Array.from({ length: count }, (_, position) => new Formula(dtype, 'input', [], position));

/** Formulas of the same inputs, for what changes together: a parameter, say, and the averages by which it goes. */
/* @__NO_SIDE_EFFECTS__ */
export const formulas = (
  write: (...inputs: Formula[]) => readonly Formula[],
  inputs: number = write.length,
): ((dtype: FloatDtype) => readonly Formula[]) => perDtype((dtype) => write(...inputsOf(dtype, inputs)));

/** A formula, or several that are computed together. */
export type Rules = Formula | readonly Formula[];

export const listOf = (rules: Rules): readonly Formula[] => (rules instanceof Formula ? [rules] : rules);
