/** The reverse sweep: from a value back through the operations that made it, the last first. */

import { isFloat } from '../base/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Computation, Entry } from './entries.ts';
import { ruleOf } from './rules.ts';

/** Computes what an operation, at whose result `dy` arrives, passes back to one of its inputs, `x`, for which it has a derivative rule. */
export interface PassBack {
  pass(entry: Entry, input: string, dy: Tensor, x: Tensor): Tensor;
  /** The same added to what that input was passed `before`; `undefined` where that is not possible in one go. */
  passOnto?(entry: Entry, input: string, dy: Tensor, x: Tensor, before: Tensor): Tensor | undefined;
}

/**
 * Is called with the gradient that arrived at an operation, what it passed back to one of its inputs, and the sum of all that this input was
 * passed so far.
 */
export type Watch = (entry: Entry, input: string, incoming: Tensor, outgoing: Tensor, total: Tensor) => void;

/** Where a sweep starts, the gradient that arrives there, and the ids of the values whose gradients it is to find. */
export interface SweepTask {
  readonly from: number;
  readonly gradient: Tensor;
  readonly to: readonly number[];
}

/** By id, which values were computed from some others in ways that can be differentiated: no other value needs a gradient. */
export function dependentsOf({ entries, values }: Computation, on: readonly number[]): boolean[] {
  const dependent = new Array<boolean>(values.length).fill(false);
  for (const id of on) dependent[id] = true;
  for (const { op, inputs, output } of entries) {
    if (dependent[output] || !isFloat(values[output]!.tensor!.dtype)) continue;
    for (const name in inputs) {
      if (!dependent[inputs[name]!] || !ruleOf(op, name)) continue;
      dependent[output] = true;
      break;
    }
  }
  return dependent;
}

/** A sweep under way. It is made of operations, so whoever records it can differentiate it again. */
export interface Sweep {
  /** Goes back over one more operation, and passes the gradient that arrives there back to its inputs; `false` where there is none left. */
  next(watch?: Watch): boolean;
  /** Goes back to the beginning. A gradient that was asked for is missing where `from` does not depend on the value. */
  run(): (Tensor | undefined)[];
}

/** Begins a sweep. A closure and no class: engines take longer to define the fields of an object than a small sweep takes. */
export function sweep(computation: Computation, { from, gradient, to }: SweepTask, passBack: PassBack): Sweep {
  const { entries, values } = computation;
  const dependent = dependentsOf(computation, to);
  const wanted = new Array<boolean>(values.length).fill(false);
  for (const id of to) wanted[id] = true;
  const gradients = new Array<Tensor | undefined>(values.length).fill(undefined);
  gradients[from] = gradient;
  let line = entries.length;
  const next = (watch?: Watch): boolean => {
    if (line === 0) return false;
    const entry = entries[--line]!;
    const { op, inputs, output } = entry;
    const dy = gradients[output];
    if (!dy || !dependent[output]) return true;
    // Nobody asks for it again: what is computed later does not flow back to it.
    if (!wanted[output]) gradients[output] = undefined;
    for (const name in inputs) {
      const id = inputs[name]!;
      // A property that a script has given to all objects is visited as well: it is no id, or no rule.
      if (!dependent[id] || typeof ruleOf(op, name) !== 'function') continue;
      const { tensor } = values[id]!;
      const before = gradients[id];
      const joined = before && !watch ? passBack.passOnto?.(entry, name, dy, tensor!, before) : undefined;
      if (joined) gradients[id] = joined;
      else {
        const outgoing = passBack.pass(entry, name, dy, tensor!);
        const total = before ? before.add(outgoing) : outgoing;
        gradients[id] = total;
        watch?.(entry, name, dy, outgoing, total);
      }
    }
    return true;
  };
  const run = () => {
    while (next());
    return to.map((id) => gradients[id]);
  };
  return { next, run };
}
