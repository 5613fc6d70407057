/** Derivative rules read a second way: handed formulas instead of tensors, a rule of several operations becomes one kernel. */

import type { FloatDtype } from '../base/dtype.ts';
import { type Formula, formula } from '../formula/formula.ts';
import { machine } from '../machine/backend.ts';
import type { ElementwiseDerivative, ElementwiseOp, Op, RuleArguments } from '../tensor/op.ts';
import { Tensor } from '../tensor/tensor.ts';

/** A rule as one formula, and the names of the tensors that it is a formula of. */
interface Fused {
  readonly rule: (dtype: FloatDtype) => Formula;
  readonly names: readonly string[];
}

const fused = new WeakMap<Op<any, any>, Record<string, Fused | null>>();

/**
 * The value of a derivative rule for what it is given, computed in a single pass over the elements, to the same bits as operation by
 * operation; `undefined` where that is not possible, or does not pay since the rule is a single operation or none.
 */
export function performFused(op: Op<any, any>, input: string, given: RuleArguments<any, any>): Tensor | undefined {
  const direct = op.directBackward?.[input];
  if (direct) return new Tensor((given[input] as Tensor).sizes, direct(given, machine()));
  const found = fusedRule(op, input);
  if (!found) return undefined;
  const { y } = given;
  const parts = new Array<Tensor>(found.names.length);
  for (let i = 0; i < parts.length; i++) parts[i] = given[found.names[i]!] as Tensor;
  return new Tensor(y.sizes, machine().map(found.rule(y.dtype as FloatDtype), y.sizes, parts));
}

/** The derivative rule of an elementwise operation as a formula, where that is possible and pays. */
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
  const written = (names: readonly string[]) =>
    formula((...parts) => rule(Object.fromEntries(names.map((name, i) => [name, parts[i]!]))), names.length);
  try {
    const parts = allOf(written(all)('float64'));
    const steps = parts.filter(({ step }) => step !== 'input' && step !== 'constant');
    const names = all.filter((_, i) => parts.some(({ step, value }) => step === 'input' && value === i));
    return steps.length > 1 && names.includes('dy') ? { rule: written(names), names } : undefined;
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
