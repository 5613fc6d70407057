/** Gradients that are formed when they are read: an optimizer may use them unformed, in one kernel with its step. */

import { EMPTY } from '../base/dtype.ts';
import { machine } from '../machine/backend.ts';
import type { LazyDerivative, Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';

let used = false;

/** Runs a sweep whose gradients an optimizer uses at once, and nobody else sees: so they may hold more than themselves until then. */
export function usedAtOnce<T>(sweep: () => T): T {
  const before = used;
  used = true;
  try {
    return sweep();
  } finally {
    used = before;
  }
}

/** Whether nobody sees what is made now but an optimizer, which uses it at once. */
export const isUsedAtOnce = (): boolean => used;

/**
 * What a derivative rule gives for `x`, as a tensor that is not computed before its numbers are read, to the same bits; `undefined` where that is not
 * possible, and where factors larger than the product would be held for as long as the gradient is. `machine/storage.ts` states what must not
 * change until then. What is no gradient of a parameter is read before any parameter changes.
 */
export function performLazily(op: Op<any, any>, input: string, given: Readonly<Record<string, unknown>>, x: Tensor): Tensor | undefined {
  const isLast = x instanceof Parameter;
  if (!isLast && !used) return undefined;
  const product = op.lazyBackward?.[input]?.(given as Parameters<LazyDerivative<any, any>>[0], machine(), !isLast);
  if (!product) return undefined;
  const { m, n, k } = product.task;
  return used || k * (m + n) <= m * n ? new Tensor(x.sizes, EMPTY[product.dtype], product) : undefined;
}
