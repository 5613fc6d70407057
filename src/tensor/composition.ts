/** Operations that compute in numbers, in few passes, what others could together: how they are differentiated. */

import { machine } from '../machine/backend.ts';
import type { Machine } from '../machine/machine.ts';
import type { Derivative, OpArguments, PullBack, RuleArguments } from './op.ts';
import { isRecording } from './recorders.ts';
import { Tensor } from './tensor.ts';

/** An operation by others, and its derivatives. */
export interface Composition<In extends string, Attributes> {
  /** The inputs that have a derivative. One that was not given is left out. */
  readonly inputs: readonly In[];
  /** The operation as others compute it, which can be differentiated as often as these. */
  readonly composed: (given: OpArguments<In, Attributes>) => Tensor;
  /** The derivatives for the inputs, worked out in numbers; each when it is called. What was broadcast need not be summed. */
  readonly numbers: (given: RuleArguments<In, Attributes>, machine: Machine) => { readonly [name in In]?: () => Tensor };
}

/**
 * The derivatives of an operation, by the names of its inputs: worked out in numbers, or, where somebody records them, by the operations that it is
 * composed of. What the derivatives have in common is computed once.
 */
/* @__NO_SIDE_EFFECTS__ */
export function derivativesOf<In extends string, Attributes>(
  composition: Composition<In, Attributes>,
): (input: In) => Derivative<In, Attributes> {
  const found = new WeakMap<object, { readonly [name in In]?: () => Tensor }>();
  return (input) => (given, pullBack) => {
    let all = found.get(given);
    if (!all) found.set(given, (all = isRecording() ? byOperations(composition, given, pullBack!) : composition.numbers(given, machine())));
    return all[input]!();
  };
}

function byOperations<In extends string, Attributes>(
  { inputs, composed }: Composition<In, Attributes>,
  given: RuleArguments<In, Attributes>,
  pullBack: PullBack,
): { readonly [name in In]?: () => Tensor } {
  const names = inputs.filter((name) => given[name] !== undefined);
  // Where nothing arrives, nothing is passed back; the others may not even take part.
  if (given.dy.size === 0)
    return Object.fromEntries(names.map((name) => [name, () => zerosLike(given[name] as Tensor)])) as Record<In, () => Tensor>;
  // Fresh tensors: one that stands for several inputs has a gradient for each.
  const xs = names.map((name) => (given[name] as Tensor).reshape((given[name] as Tensor).sizes));
  const own = { ...given, ...Object.fromEntries(names.map((name, i) => [name, xs[i]])) };
  const dxs = pullBack(() => composed(own), xs, given.dy);
  return Object.fromEntries(names.map((name, i) => [name, () => dxs[i]!])) as Record<In, () => Tensor>;
}

const zerosLike = ({ sizes, dtype }: Tensor): Tensor => Tensor.zeros(sizes, dtype);
