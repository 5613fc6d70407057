/** Derivative rules read a second way: handed formulas instead of tensors, a rule becomes one kernel. */

import type { FloatDtype } from '../base/dtype.ts';
import { type Formula, formula } from '../formula/formula.ts';
import { machine } from '../machine/backend.ts';
import type { ElementwiseDerivative, ElementwiseOp, Op, RuleArguments } from '../tensor/op.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Computation, Entry } from './entries.ts';

/** A rule as one formula, and the names of the tensors that it is a formula of. */
export interface Fused {
  readonly rule: (dtype: FloatDtype) => Formula;
  /** The same added to what was passed back to that input before, which is the first tensor. */
  readonly onto: (dtype: FloatDtype) => Formula;
  readonly names: readonly string[];
  /** Whether the rule gives what arrives as it is. */
  readonly isSame: boolean;
}

const fused = new WeakMap<Op<any, any>, Record<string, Fused | null>>();

/** The value of a derivative rule that an operation computes without operations, to the same bits; `undefined` where it does not. */
export function performDirectly(op: Op<any, any>, input: string, given: RuleArguments<any, any>): Tensor | undefined {
  const direct = op.directBackward?.[input]?.(given, machine());
  return direct && new Tensor((given[input] as Tensor).sizes, direct);
}

/**
 * The value of a derivative rule for what it is given, computed in a single pass over the elements, to the same bits as operation by
 * operation; `undefined` where that is not possible.
 */
export function performFused(op: Op<any, any>, input: string, given: RuleArguments<any, any>): Tensor | undefined {
  const found = fusedRule(op, input);
  if (!found || found.isSame) return found ? given.dy : undefined;
  const { y } = given;
  const parts = found.names.map((name) => given[name] as Tensor);
  return new Tensor(y.sizes, machine().map(found.rule(y.dtype as FloatDtype), y.sizes, parts));
}

/**
 * What an operation of a computation passes back by such a rule, where `dy` arrives: of the shape of its result. Added to what was passed back `before`,
 * if that is given, which has the same shape.
 */
export function passFused({ values }: Computation, { inputs, output }: Entry, fused: Fused, dy: Tensor, before?: Tensor): Tensor {
  const { names } = fused;
  if (fused.isSame && !before) return dy;
  const y = values[output]!.tensor!;
  const first = before ? 1 : 0;
  const parts = new Array<Tensor>(first + names.length);
  if (before) parts[0] = before;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    parts[first + i] = name === 'dy' ? dy : name === 'y' ? y : values[inputs[name]!]!.tensor!;
  }
  const rule = before ? fused.onto : fused.rule;
  return new Tensor(y.sizes, machine().map(rule(y.dtype as FloatDtype), y.sizes, parts));
}

/** The derivative rule of an elementwise operation as a formula, where that is possible. */
export function fusedRule(op: Op<any, any>, input: string): Fused | null {
  if ((op as Partial<ElementwiseOp>).formula === undefined) return null;
  let rules = fused.get(op);
  if (!rules) fused.set(op, (rules = {}));
  const found = rules[input];
  return found === undefined ? (rules[input] = fuse(op, input) ?? null) : found;
}

function fuse(op: Op<any, any>, input: string): Fused | undefined {
  const rule = (op as ElementwiseOp).backward[input] as ElementwiseDerivative<string>;
  const all = [...Object.keys(op.backward), 'y', 'dy'];
  const read = (names: readonly string[], parts: readonly Formula[]) => rule(Object.fromEntries(names.map((name, i) => [name, parts[i]!])));
  try {
    const whole = formula((...parts) => read(all, parts), all.length)('float64');
    const parts = allOf(whole);
    const names = all.filter((_, i) => parts.some(({ step, value }) => step === 'input' && value === i));
    if (!names.includes('dy')) return undefined;
    return {
      rule: formula((...parts) => read(names, parts), names.length),
      onto: formula((before, ...parts) => before!.add(read(names, parts)), names.length + 1),
      names,
      isSame: whole.step === 'input',
    };
  } catch {
    // The rule does something that only tensors can do.
    return undefined;
  }
}

/** All formulas in a formula, both sides of each choice included. */
function allOf(whole: Formula): Formula[] {
  const seen = new Set([whole]);
  // What is added while the set is walked is walked as well.
  for (const { operands } of seen) for (const operand of operands) seen.add(operand);
  return [...seen];
}
