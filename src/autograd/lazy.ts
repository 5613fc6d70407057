/** Gradients that are formed when they are read: an optimizer may use them unformed, in one kernel with its step. */

import { EMPTY } from '../base/dtype.ts';
import { machine } from '../machine/backend.ts';
import type { LazyDerivative, Op } from '../tensor/op.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * What a derivative rule gives, as a tensor that is not computed before its numbers are read, to the same bits; `undefined` where that is not possible.
 * `machine/storage.ts` states what must not change until then.
 */
export function performLazily(op: Op<any, any>, input: string, given: Readonly<Record<string, unknown>>): Tensor | undefined {
  const product = op.lazyBackward?.[input]?.(given as Parameters<LazyDerivative<any, any>>[0], machine());
  return product && new Tensor([product.task.m, product.task.n], EMPTY[product.dtype], product);
}
