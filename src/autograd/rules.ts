/** The turns of a sweep: what a rule sees, and what becomes of what it gives. */

import { isFloat, newData } from '../base/dtype.ts';
import { DerivativeError, ShapeError } from '../base/errors.ts';
import { broadcastsTo, formatShape, sameShape } from '../base/shape.ts';
import type { Derivative, Op } from '../tensor/op.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import type { Entry, Value } from './tape.ts';

export type Scene = Parameters<Derivative<any, any>>[0];

export const ruleOf = (op: Op<any, any>, input: string): Derivative<any, any> | null =>
  typeof op.backward === 'function' ? op.backward(input) : op.backward[input]!;

/** The gradient to start from, which must be like the value. */
export function seedFor(y: Tensor, seed: Tensor | undefined): Tensor {
  if (!isFloat(y.dtype))
    throw new DerivativeError(`backward: cannot start from int32 of shape ${formatShape(y.shape)}, which has no derivative`);
  if (!seed) {
    if (y.size === 1) return new Tensor(y.shape, newData(y.dtype, 1).fill(1));
    throw new ShapeError(
      `backward: expected a scalar, got shape ${formatShape(y.shape)}; take its mean or sum, or give a seed: tape.backward(y, xs, { seed })`,
    );
  }
  checkTensor('backward', 'the seed', seed);
  if (sameShape(seed.shape, y.shape) && seed.dtype === y.dtype) return seed;
  throw new ShapeError(
    `backward: expected a seed like the value it arrives at, ${y.dtype} ${formatShape(y.shape)}, got ${seed.dtype} ${formatShape(seed.shape)}`,
  );
}

/** What a rule sees: `y` and `dy` first, since Node 20 takes twenty times as long to add them to what was spread. */
export function sceneOf({ inputs, attributes, output }: Entry, values: readonly Value[], dy: Tensor): Record<string, unknown> {
  const scene: Record<string, unknown> = { y: values[output]!.tensor, dy };
  for (const name in inputs) scene[name] = values[inputs[name]!]!.tensor;
  for (const name in attributes) scene[name] = (attributes as Record<string, unknown>)[name];
  return scene;
}

/** What an operation passes back to one of its inputs, which has a derivative. */
export function passBack(entry: Entry, values: readonly Value[], input: string, dy: Tensor): Tensor {
  const dx = ruleOf(entry.op, input)!(sceneOf(entry, values, dy) as Scene);
  return undoBroadcast(dx, values[entry.inputs[input]!]!.tensor!, entry.op.name, input);
}

/** Where an input was stretched, its gradient is summed: so no rule need think of broadcasting. */
export function undoBroadcast(dx: Tensor, x: Tensor, op: string, input: string): Tensor {
  if (!(dx instanceof Tensor) || dx.dtype !== x.dtype || !broadcastsTo(x.shape, dx.shape)) {
    const got = dx instanceof Tensor ? `${dx.dtype} ${formatShape(dx.shape)}` : typeof dx;
    throw new DerivativeError(
      `${op}: expected a derivative for ${input} like ${input} itself, ${x.dtype} ${formatShape(x.shape)}, got ${got}`,
    );
  }
  return sameShape(dx.shape, x.shape) ? dx : dx.sumTo(x.shape);
}
