/**
 * A formula says how one element of a result is made from one element of each input.
 * It only says it. `evaluate.ts` reads it with plain numbers, `kernels/elementwise.ts` as vector
 * instructions; both round after every step, so both find the same bits.
 */

import { type FloatDtype, rounding } from '../base/dtype.ts';
import { memoize } from '../base/memoize.ts';
import { exp, expm1, log, log1p, sigmoid, tanh } from './exponential.ts';
import type { Elementwise } from './methods.ts';
import { pow } from './power.ts';
import { cos, sin } from './trigonometry.ts';

/** All that a formula is made of. `evaluate.ts` says what each operation means. */
export type Step = 'input' | 'constant' | Operation;
export type Operation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'abs'
  | 'sqrt'
  | 'floor'
  | 'atMost'
  | 'atLeast'
  | 'whereLess'
  | 'whereEqual'
  | 'rarely'
  | 'powerOfTwo'
  | 'exponent'
  | 'mantissa';

/** A formula, or a number to be taken as a constant of the same dtype. */
export type Term = Formula | number;

/** What is done to one element of each input, step by step. Its methods are those of tensors, and make longer formulas. */
export class Formula implements Elementwise<Formula> {
  constructor(
    readonly dtype: FloatDtype,
    readonly step: Step,
    readonly operands: readonly Formula[],
    /** The number a constant stands for, or which input an input is. */
    readonly value: number = 0,
  ) {}

  // Arithmetic, rounded after each step

  add(b: Term): Formula {
    return this.#then('add', b);
  }
  sub(b: Term): Formula {
    return this.#then('sub', b);
  }
  mul(b: Term): Formula {
    return this.#then('mul', b);
  }
  div(b: Term): Formula {
    return this.#then('div', b);
  }
  neg(): Formula {
    return this.#then('neg');
  }
  abs(): Formula {
    return this.#then('abs');
  }
  sqrt(): Formula {
    return this.#then('sqrt');
  }
  floor(): Formula {
    return this.#then('floor');
  }

  /** `1 / x` */
  reciprocal(): Formula {
    return this.constant(1).div(this);
  }

  /** `c₀ + c₁ x + c₂ x² + …`, by Horner's rule. */
  polynomial(coefficients: readonly number[]): Formula {
    return coefficients.slice(0, -1).reduceRight((sum, c) => sum.mul(this).add(c), term(this.dtype, coefficients.at(-1)!));
  }

  // Comparison

  /** `x`, or the limit where `x` exceeds it. NaN stays NaN. */
  atMost(limit: Term): Formula {
    return this.#then('atMost', limit);
  }

  /** `x`, or the limit where `x` falls short of it. NaN stays NaN. */
  atLeast(limit: Term): Formula {
    return this.#then('atLeast', limit);
  }

  less(b: Term): Formula {
    return this.#then('whereLess', b, 1, 0);
  }
  greater(b: Term): Formula {
    return term(this.dtype, b).less(this);
  }
  equal(b: Term): Formula {
    return this.#then('whereEqual', b, 1, 0);
  }
  notEqual(b: Term): Formula {
    return this.#then('whereEqual', b, 0, 1);
  }
  lessEqual(b: Term): Formula {
    return this.less(b).where(1, this.equal(b));
  }
  greaterEqual(b: Term): Formula {
    return term(this.dtype, b).lessEqual(this);
  }

  /** `yes` where this is not 0, else `no`. Asked of a comparison, it chooses by that directly. */
  where(yes: Term, no: Term): Formula {
    const [a, b, whenTrue, whenFalse] = this.operands;
    if (whenTrue?.isConstant(1) && whenFalse?.isConstant(0)) return a!.#then(this.step, b!, yes, no);
    if (whenTrue?.isConstant(0) && whenFalse?.isConstant(1)) return a!.#then(this.step, b!, no, yes);
    return this.#then('whereEqual', 0, no, yes);
  }

  /**
   * `rare` where this is not 0, else `usual`: what `where` does, for a condition that hardly any element meets. The steps that only `rare` takes are
   * left out wherever no element needs them.
   */
  rarely(rare: Term, usual: Term): Formula {
    return this.#then('rarely', rare, usual);
  }

  /** −1, 0 or 1 as `x` is below, at or above 0; zeros keep their sign and NaN stays NaN. */
  sign(): Formula {
    return this.less(0).where(-1, this.greater(0).where(1, this));
  }

  // Floating-point numbers, taken apart and put together

  /** `2ˣ` for a whole `x` that is the exponent of a normal number; for others, anything. */
  powerOfTwo(): Formula {
    return this.#then('powerOfTwo');
  }

  /** The whole `e` in `x = m · 2ᵉ`, `1 ≤ m < 2`, for a positive normal `x`; for others, anything. */
  ilogb(): Formula {
    return this.#then('exponent');
  }

  /** The `m` in `x = m · 2ᵉ`, `1 ≤ m < 2`, for a positive normal `x`; for others, anything. */
  significand(): Formula {
    return this.#then('mantissa');
  }

  /** `x · 2ⁿ`, rounded once, even where the result is subnormal and `2ⁿ` is no number. */
  ldexp(n: Formula): Formula {
    const half = n.mul(0.5).floor();
    return this.mul(half.powerOfTwo()).mul(n.sub(half).powerOfTwo());
  }

  // Functions, each a formula itself

  exp(): Formula {
    return exp(this);
  }
  expm1(): Formula {
    return expm1(this);
  }
  log(): Formula {
    return log(this);
  }
  log1p(): Formula {
    return log1p(this);
  }
  sin(): Formula {
    return sin(this);
  }
  cos(): Formula {
    return cos(this);
  }
  tanh(): Formula {
    return tanh(this);
  }
  sigmoid(): Formula {
    return sigmoid(this);
  }
  pow(b: Term): Formula {
    return pow(this, term(this.dtype, b));
  }

  /** A number of the same dtype. */
  constant(value: number): Formula {
    return term(this.dtype, value);
  }

  // Reading

  /**
   * Every formula in this one that is not known yet, itself last: operands before their use, and what is used twice once. What only the rare side
   * of a `rarely` needs is left out; `rareIn` tells it.
   */
  inOrder(known: ReadonlySet<Formula> = new Set()): Formula[] {
    const visit = (formula: Formula, seen: Set<Formula>, operandsOf: (formula: Formula) => readonly Formula[]): Set<Formula> => {
      if (known.has(formula) || seen.has(formula)) return seen;
      for (const operand of operandsOf(formula)) visit(operand, seen, operandsOf);
      return seen.add(formula);
    };
    const needed = visit(this, new Set(), ({ step, operands }) => (step === 'rarely' ? [operands[0]!, operands[2]!] : operands));
    // What is needed anyway comes before a rare side that uses it as well.
    return [...visit(this, new Set(), ({ operands }) => operands)].filter((formula) => needed.has(formula));
  }

  /** What is needed, when all else is known, for the rare side of this `rarely`. */
  rareIn(known: ReadonlySet<Formula>): Formula[] {
    return this.operands[1]!.inOrder(known);
  }

  isConstant(value: number): boolean {
    return this.step === 'constant' && Object.is(this.value, value);
  }

  #then(step: Step, ...operands: readonly Term[]): Formula {
    return new Formula(this.dtype, step, [this, ...operands.map((b) => term(this.dtype, b))]);
  }
}

/** A number among formulas is a constant of their dtype. */
const term = (dtype: FloatDtype, x: Term): Formula => (typeof x === 'number' ? new Formula(dtype, 'constant', [], rounding[dtype](x)) : x);

/** A formula, written once and made for each dtype that asks. Its inputs are as many as `write` names, unless told. */
/* @__NO_SIDE_EFFECTS__ */
export function formula(write: (...inputs: Formula[]) => Formula, inputs: number = write.length): (dtype: FloatDtype) => Formula {
  return memoize((dtype) => write(...Array.from({ length: inputs }, (_, which) => new Formula(dtype, 'input', [], which))));
}
