/** Formulas without the elementary functions, which are written in what is here; `Formula` adds them as methods. */

import { type FloatDtype, rounding } from '../base/dtype.ts';
import { DtypeError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { asPrimitive } from '../base/print.ts';

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
  | 'ilogb'
  | 'significand';

/**
 * One element of a result, as a graph of steps from one element of each input. Each step is rounded to the dtype.
 *
 * The methods return the class they are called on. So an elementary function is written once, for any `E extends Expression`, without
 * knowing the class `Formula`, which has that function as a method.
 */
export abstract class Expression {
  declare readonly operands: readonly this[];

  constructor(
    readonly dtype: FloatDtype,
    readonly step: Step,
    operands: readonly Expression[],
    /** The number that a constant stands for, or the position of an input among the inputs. */
    readonly value: number,
  ) {
    this.operands = operands as readonly this[];
  }

  /** Another expression of the same class and dtype. */
  protected abstract make(step: Step, operands: readonly this[], value: number): this;

  // Arithmetic, rounded after each step

  add(b: this | number): this {
    return this.#step('add', b);
  }
  sub(b: this | number): this {
    return this.#step('sub', b);
  }
  mul(b: this | number): this {
    return this.#step('mul', b);
  }
  div(b: this | number): this {
    return this.#step('div', b);
  }
  neg(): this {
    return this.#step('neg');
  }
  abs(): this {
    return this.#step('abs');
  }
  sqrt(): this {
    return this.#step('sqrt');
  }
  floor(): this {
    return this.#step('floor');
  }

  /** `1 / x` */
  reciprocal(): this {
    return this.constant(1).div(this);
  }

  /** `c₀ + c₁ x + c₂ x² + …`, by Horner's rule. */
  polynomial(coefficients: readonly number[]): this {
    return coefficients.slice(0, -1).reduceRight((sum, c) => sum.mul(this).add(c), this.constant(coefficients.at(-1)!));
  }

  // Comparison

  /** `x`, or the limit where `x` exceeds it. NaN stays NaN. */
  atMost(limit: this | number): this {
    return this.#step('atMost', limit);
  }

  /** `x`, or the limit where `x` falls short of it. NaN stays NaN. */
  atLeast(limit: this | number): this {
    return this.#step('atLeast', limit);
  }

  less(b: this | number): this {
    return this.#step('whereLess', b, 1, 0);
  }
  greater(b: this | number): this {
    return this.operand(b).less(this);
  }
  equal(b: this | number): this {
    return this.#step('whereEqual', b, 1, 0);
  }
  notEqual(b: this | number): this {
    return this.#step('whereEqual', b, 0, 1);
  }
  lessEqual(b: this | number): this {
    return this.less(b).where(1, this.equal(b));
  }
  greaterEqual(b: this | number): this {
    return this.operand(b).lessEqual(this);
  }

  /** `yes` where this is not 0, else `no`. The `where` of a comparison chooses by that directly. */
  where(yes: this | number, no: this | number): this {
    const [a, b, whenTrue, whenFalse] = this.operands;
    if (whenTrue?.isConstant(1) && whenFalse?.isConstant(0)) return a!.#step(this.step, b!, yes, no);
    if (whenTrue?.isConstant(0) && whenFalse?.isConstant(1)) return a!.#step(this.step, b!, no, yes);
    return this.#step('whereEqual', 0, no, yes);
  }

  /**
   * `rare` where this is not 0, else `usual`: what `where` does, for a condition that hardly any element meets. The steps that only `rare`
   * takes are left out wherever no element needs them.
   */
  rarely(rare: this | number, usual: this | number): this {
    return this.#step('rarely', rare, usual);
  }

  /** −1, 0 or 1 as `x` is below, at or above 0; zeros keep their sign and NaN stays NaN. */
  sign(): this {
    return this.less(0).where(-1, this.greater(0).where(1, this));
  }

  // Floating-point numbers, taken apart and put together

  /** `2ˣ` for a whole `x` that is the exponent of a normal number; for others, anything. */
  powerOfTwo(): this {
    return this.#step('powerOfTwo');
  }

  /** The whole `e` in `x = m · 2ᵉ`, `1 ≤ m < 2`, for a positive normal `x`; for others, anything. */
  ilogb(): this {
    return this.#step('ilogb');
  }

  /** The `m` in `x = m · 2ᵉ`, `1 ≤ m < 2`, for a positive normal `x`; for others, anything. */
  significand(): this {
    return this.#step('significand');
  }

  /** `x · 2ⁿ`, rounded once, even where the result is subnormal and `2ⁿ` is out of range. */
  ldexp(n: this): this {
    const half = n.mul(0.5).floor();
    return this.mul(half.powerOfTwo()).mul(n.sub(half).powerOfTwo());
  }

  /** A number of the same dtype, rounded to it. */
  constant(value: number): this {
    return this.make('constant', [], rounding[this.dtype](value));
  }

  // Reading

  /**
   * Every expression in this one that is not known yet, itself last: operands before their use, and what is used twice once. What only the
   * rare side of a `rarely` needs is left out; `rareIn` gives it.
   */
  inOrder(known: ReadonlySet<Expression> = new Set()): this[] {
    const visit = (operandsOf: (expression: this) => readonly this[]): Set<this> => {
      const seen = new Set<this>();
      // No recursion, since formulas may be longer than a call stack is deep: each expression with how many of its operands were visited.
      const open = [{ expression: this, visited: 0 }];
      for (let last = open.at(-1); last; last = open.at(-1)) {
        const { expression } = last;
        const done = known.has(expression) || seen.has(expression);
        const operand = done ? undefined : operandsOf(expression)[last.visited++];
        if (operand) open.push({ expression: operand, visited: 0 });
        else {
          open.pop();
          if (!done) seen.add(expression);
        }
      }
      return seen;
    };
    const needed = visit(({ step, operands }) => (step === 'rarely' ? [operands[0]!, operands[2]!] : operands));
    // What is needed in any case comes before a rare side that uses it as well.
    return [...visit(({ operands }) => operands)].filter((expression) => needed.has(expression));
  }

  /** What the rare side of this `rarely` needs beside what is known. */
  rareIn(known: ReadonlySet<Expression>): this[] {
    return this.operands[1]!.inOrder(known);
  }

  /** @throws DtypeError: JavaScript's operators would compute with text or NaN. */
  [Symbol.toPrimitive](hint: string): string {
    return asPrimitive('a formula', hint, this);
  }

  isConstant(value: number): boolean {
    return this.step === 'constant' && Object.is(this.value, value);
  }

  #step(step: Step, ...operands: readonly (this | number)[]): this {
    return this.make(step, [this, ...operands.map((b) => this.operand(b))], 0);
  }

  /** A number is a constant; what is no formula is refused. */
  protected operand(x: this | number): this {
    if (typeof x === 'number') return this.constant(x);
    if (isExpression(x)) return x;
    throw new DtypeError(
      `formula: expected a formula or a number to compute with, got ${quote(x)}; each input is a parameter of the function`,
    );
  }
}

// Outside of the class: a class that names itself is renamed by bundlers.
const isExpression = (x: unknown): boolean => x instanceof Expression;
