import { DerivativeError, TapeError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { checkTensor, insteadOfTensor, isForeign, Tensor } from '../tensor/tensor.ts';
import { isGenerator } from '../tensor/training-scope.ts';

/** Refuses what is no function, since JavaScript callers can pass anything. */
export function checkFunction(where: string, f: unknown): void {
  if (typeof f !== 'function') throw new TapeError(`${where}: expected a function of tensors, got ${quote(f)}`);
}

/** What a function of tensors returned in the place of a tensor. */
export function describeResult(y: unknown): string {
  if (typeof (y as PromiseLike<unknown> | null | undefined)?.then === 'function')
    return 'a promise; it cannot be asynchronous: await the data first';
  return isGenerator(y) ? 'a generator, whose operations would be performed later' : isForeign(y) ? insteadOfTensor(y) : quote(y);
}

/** Refuses what is no list of tensors. */
export function checkTensors(where: string, what: string, xs: unknown): asserts xs is readonly Tensor[] {
  if (!Array.isArray(xs))
    throw new DerivativeError(
      `${where}: expected a list of tensors for the ${what}s, got ${quote(xs)}${xs instanceof Tensor ? '; put it in a list' : ''}`,
    );
  xs.forEach((x, i) => checkTensor(where, `${what} ${i}`, x));
}
