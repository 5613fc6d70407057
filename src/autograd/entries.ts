/** A computation as data: the operations that were performed, in order, and the values that took part. */

import { TapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import type { Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One line of a computation: `output = op(inputs, attributes)`. Inputs and output are ids of values: their places in `values`. */
export interface Entry {
  readonly op: Op<any, any>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly attributes: object;
  readonly output: number;
}

/** What is known of a tensor that took part in a computation, and the tensor itself until the tape was swept. */
export interface Value {
  readonly shape: Shape;
  /** Its name, if it has one: the one given to the tape, or a parameter's path. */
  readonly name: string | undefined;
  /** The number it holds, if it came from outside and has no axes. */
  readonly constant: number | undefined;
  /** The version of a parameter when it was first seen. */
  readonly version: number | undefined;
  tensor: Tensor | undefined;
}

/** The operations of a computation, in order, and every value that took part, at the place of its id. */
export interface Computation {
  readonly entries: readonly Entry[];
  readonly values: readonly Value[];
}

/** Whether a computation has given up its tensors, as a tape does after the sweep. */
export const isReleased = ({ values }: Computation): boolean => values.length > 0 && values.every(({ tensor }) => !tensor);

/** The values that no operation of the computation made, by id. */
export function outsideOf({ entries, values }: Computation): number[] {
  const made = new Set(entries.map(({ output }) => output));
  return [...values.keys()].filter((id) => !made.has(id));
}

/** The parameters that took part, in the order in which they were first seen. */
export const parametersOf = ({ values }: Computation): Parameter[] =>
  values.map(({ tensor }) => tensor).filter((x) => x instanceof Parameter);

/** Refuses a computation with a parameter that was assigned after it was recorded: its derivatives would be taken at other numbers. */
export function refuseIfAssigned(where: string, { values }: Computation): void {
  for (const { tensor, name, version } of values) {
    if ((tensor as Parameter | undefined)?.version === version) continue;
    throw new TapeError(
      `${where}: ${name ?? (tensor as Parameter).path ?? 'a parameter'} of shape ${formatShape(tensor!.sizes)} was assigned after the tape recorded it, so its gradient would be wrong; sweep first, then update`,
    );
  }
}

/** The tensors that an operation was performed on. */
export const tensorsOf = ({ values }: Computation, inputs: Entry['inputs']): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, id]) => [name, values[id]!.tensor!]));
