/** Derivative rules: what a rule is given, and what becomes of what it returns. */

import { isFloat, newData } from '../base/dtype.ts';
import { DerivativeError, ShapeError } from '../base/errors.ts';
import { broadcastsTo, formatShape, sameShape } from '../base/shape.ts';
import type { Derivative, Op, RuleArguments } from '../tensor/op.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import type { Computation, Entry } from './entries.ts';

/** The derivative of an operation for one of its inputs; `null` where there is none. */
export const ruleOf = (op: Op<any, any>, input: string): Derivative<any, any> | null =>
  typeof op.backward === 'function' ? op.backward(input) : op.backward[input]!;

/** The gradient that a sweep starts from, which must be like the value: 1 for a scalar unless another is given. */
export function startingGradient(where: string, y: Tensor, gradient: Tensor | undefined): Tensor {
  if (!isFloat(y.dtype))
    throw new DerivativeError(`${where}: cannot start from int32 of shape ${formatShape(y.sizes)}, which has no derivative`);
  if (gradient === undefined) {
    if (y.size === 1) {
      const data = newData(y.dtype, 1);
      data[0] = 1;
      return new Tensor(y.sizes, data);
    }
    throw new ShapeError(
      `${where}: expected a scalar, got shape ${formatShape(y.sizes)}; take its mean or sum, or give the gradient that arrives at it: { gradient }`,
    );
  }
  checkTensor(where, 'the gradient', gradient);
  if (sameShape(gradient.sizes, y.sizes) && gradient.dtype === y.dtype) return gradient;
  throw new ShapeError(
    `${where}: expected a gradient like the value it arrives at, ${y.dtype} ${formatShape(y.sizes)}, got ${gradient.dtype} ${formatShape(gradient.sizes)}`,
  );
}

/** What a rule is given: `y` and `dy` first, since Node 20 takes twenty times as long to add them to what was spread. */
export function argumentsOf({ values }: Computation, { inputs, attributes, output }: Entry, dy: Tensor): RuleArguments<any, any> {
  const given: Record<string, unknown> = { y: values[output]!.tensor, dy };
  for (const name in inputs) given[name] = values[inputs[name]!]?.tensor;
  for (const name in attributes) given[name] = (attributes as Record<string, unknown>)[name];
  return given as RuleArguments<any, any>;
}

/** Where an input was broadcast, its gradient is summed, so that no rule need think of broadcasting. */
export function undoBroadcast(dx: Tensor, x: Tensor, op: string, input: string): Tensor {
  if (!(dx instanceof Tensor) || dx.dtype !== x.dtype || !broadcastsTo(x.sizes, dx.sizes)) {
    const got = dx instanceof Tensor ? `${dx.dtype} ${formatShape(dx.sizes)}` : typeof dx;
    throw new DerivativeError(
      `${op}: expected a derivative for ${input} like ${input} itself, ${x.dtype} ${formatShape(x.sizes)}, got ${got}`,
    );
  }
  return sameShape(dx.sizes, x.sizes) ? dx : dx.sumTo(x.sizes);
}
