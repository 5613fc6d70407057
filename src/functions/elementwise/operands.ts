/** What the functions of this room check of their arguments before they use their methods, so that errors name the function that was called. */

import { DtypeError } from '../../base/errors.ts';
import { check, type Requirement } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import type { Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor, tensor } from '../../tensor/tensor.ts';

/** Performs an operation on a tensor and another one, or a number, which takes the dtype of the first. */
export function performBinary(op: Op<'a' | 'b'>, a: Tensor, b: number | Tensor): Tensor {
  checkTensor(op.name, 'a', a);
  return perform(op, { a, b: tensor(b, a, op.name) });
}

/** Refuses all but tensors of floats. */
export function checkFloats(where: string, x: unknown): asserts x is Tensor {
  checkTensor(where, 'x', x);
  if (x.dtype === 'int32')
    throw new DtypeError(
      `${where}: expected float32 or float64, got int32 of shape ${formatShape(x.shape)} for x; convert it with cast('float32')`,
    );
}

/** A number, infinities among them. A NaN compares with nothing, so a limit that is NaN would be none. */
export const numberButNaN: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' && x === x };

/** Refuses a number that is not what it must be; a tensor in its place is checked by the operation. */
export function checkUnlessTensor(where: string, values: Readonly<Record<string, unknown>>, requirement: Requirement): void {
  for (const name of Object.keys(values)) if (typeof values[name] === 'number') check(where, { [name]: values[name] }, requirement);
}
