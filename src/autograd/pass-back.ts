/** How a sweep computes what an operation passes back: as one kernel where there is one, unless somebody records the sweep. */

import { sameShape } from '../base/shape.ts';
import { materialize } from '../machine/storage.ts';
import type { PullBack, RuleArguments } from '../tensor/op.ts';
import { isRecording } from '../tensor/recorders.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Computation, Entry } from './entries.ts';
import { fusedRule, passFused, performDirectly } from './fuse.ts';
import { performLazily } from './lazy.ts';
import { argumentsOf, ruleOf, undoBroadcast } from './rules.ts';
import type { PassBack } from './sweep.ts';
import { markTakenOut } from './taken-out.ts';

/** Looks at what an operation passes back to one of its inputs, `dx`, for the `dy` that arrived. */
export type WatchPassed = (entry: Entry, input: string, dy: Tensor, dx: Tensor) => void;

/** What a sweep is for: whether gradients of parameters may be formed when they are read, and who looks at what is passed back. */
interface Purpose {
  readonly lazily: boolean;
  readonly watch: WatchPassed | undefined;
}

/** @param pullBack what rules sweep by that are given to a rule */
export function passingBack(computation: Computation, { lazily, watch }: Purpose, pullBack: PullBack): PassBack {
  // Whoever records the sweep is to see the operations that the rules are made of.
  const recorded = isRecording();
  // One object for all inputs of an operation, so that its rules can compute once what they have in common.
  let last: Entry | undefined;
  let given: RuleArguments<any, any>;
  const argumentsAt = (entry: Entry, dy: Tensor) => {
    if (entry !== last) [last, given] = [entry, argumentsOf(computation, entry, dy)];
    return given;
  };
  const byRule = (entry: Entry, input: string, dy: Tensor, x: Tensor): Tensor => {
    const { op } = entry;
    const given = argumentsAt(entry, dy);
    if (recorded) return markTakenOut(op.name, ruleOf(op, input)!(given, pullBack), given);
    return (
      performDirectly(op, input, given) ?? (lazily ? performLazily(op, input, given, x) : undefined) ?? ruleOf(op, input)!(given, pullBack)
    );
  };
  return {
    pass(entry, input, dy, x) {
      const fused = recorded ? null : fusedRule(entry.op, input);
      if (dy.storage?.lazy && !(fused && !fused.isSame && isOnlyInput(entry, input))) materialize(dy);
      const dx = fused ? passFused(computation, entry, fused, dy) : byRule(entry, input, dy, x);
      const own = undoBroadcast(dx, x, entry.op.name, input);
      watch?.(entry, input, dy, own);
      return own;
    },
    passOnto(entry, input, dy, x, before) {
      const fused = recorded || watch || before.storage !== undefined ? null : fusedRule(entry.op, input);
      if (!fused || !sameShape(x.sizes, dy.sizes)) return undefined;
      if (dy.storage?.lazy) materialize(dy);
      return passFused(computation, entry, fused, dy, before);
    },
  };
}

function isOnlyInput({ inputs }: Entry, name: string): boolean {
  for (const other in inputs) if (other !== name) return false;
  return true;
}
