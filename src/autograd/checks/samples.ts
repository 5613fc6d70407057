/** Arguments of operations, and what the properties of operations are written with. */

import type { Data } from '../../base/dtype.ts';
import { DerivativeError, ShapeError } from '../../base/errors.ts';
import type { Op } from '../../tensor/op.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { differenceOf } from './same-data.ts';

export type AnyOp = Op<any, any>;

/** Arguments of an operation. */
export interface Sample {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attributes: object;
}

/** The arguments that an operation's `sample` gives, inputs and attributes apart. */
export function sampleOf(given: Readonly<Record<string, unknown>>): Sample {
  const isInput = ([, value]: [string, unknown]) => value instanceof Tensor;
  return {
    inputs: Object.fromEntries(Object.entries(given).filter(isInput)) as Sample['inputs'],
    attributes: Object.fromEntries(Object.entries(given).filter((entry) => !isInput(entry))),
  };
}

/** The operation as a function of those inputs that have a derivative; the others are constant. */
export function smooth(op: AnyOp, { inputs, attributes }: Sample): { f: (...xs: Tensor[]) => Tensor; xs: Tensor[] } {
  const names = Object.keys(inputs).filter((name) => (typeof op.backward === 'function' ? op.backward(name) : op.backward[name]) !== null);
  return {
    f: (...xs) => perform(op, { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, xs[i]!])) }, attributes),
    xs: names.map((name) => inputs[name]!),
  };
}

/** Throws a DerivativeError that names the operation. */
export const refuse = (op: AnyOp, why: string): never => {
  throw new DerivativeError(`${op.name}: ${why}`);
};

/** Refuses arrays that differ in a bit; all NaN are alike. */
export function sameBits(op: AnyOp, what: string, found: Data, wanted: Data): void {
  const difference = differenceOf(found, wanted);
  if (difference !== undefined) refuse(op, `${what}: ${difference}`);
}

/** Runs what may throw a ShapeError where an input is empty: there is no largest of no elements. */
export function unlessEmpty({ inputs }: Sample, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ShapeError) || Object.values(inputs).every((x) => x.size > 0)) throw error;
  }
}

/** Numbers without a pattern, the same each time. */
export const scattered = (x: Tensor, by: number): Tensor =>
  new Tensor(
    x.shape,
    x.data.map((_, i) => (((i + by) * 29) % 13) / 8 - 0.7),
  );
