/** Sizes that are the same at every recording, and those that change with the size of the batch. */

import { ValueError } from '../../base/errors.ts';

/** A number that was found to change with the size of the batch: what it was at each recording. */
export class Free {
  constructor(
    readonly at: readonly number[],
    /** `perExample · batch + constant`, if it is that at every recording. */
    readonly line: { readonly perExample: number; readonly constant: number } | undefined,
  ) {}
}

/** A number of a shape or an attribute. */
export type Size = number | Free;

/** One number from what it was at each recording, whose batches had these sizes. */
export function sizeOfAll(at: readonly number[], batches: readonly number[]): Size {
  if (at.every((one) => Object.is(one, at[0]))) return at[0]!;
  const perExample = (at[1]! - at[0]!) / (batches[1]! - batches[0]!);
  const constant = at[0]! - perExample * batches[0]!;
  const isLine = Number.isInteger(perExample) && at.every((one, i) => one === perExample * batches[i]! + constant);
  return new Free(at, isLine ? { perExample, constant } : undefined);
}

/** What a shape or an attribute is, from what it was at each recording: numbers and lists are compared, all else is as it was at the first. */
export function merged(at: readonly unknown[], batches: readonly number[]): unknown {
  const [first] = at;
  if (at.every((one) => typeof one === 'number')) return sizeOfAll(at, batches);
  if (!Array.isArray(first)) return first;
  const lists = at as readonly (readonly unknown[])[];
  if (lists.some((list) => !Array.isArray(list) || list.length !== first.length))
    throw new ValueError('the number of axes changes with the batch');
  return first.map((_, i) =>
    merged(
      lists.map((list) => list[i]),
      batches,
    ),
  );
}

/** `a − b`, where that is one number at every recording. */
export function difference(a: Size, b: Size): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const count = (a instanceof Free ? a : (b as Free)).at.length;
  const all = Array.from({ length: count }, (_, i) => atRecording(a, i) - atRecording(b, i));
  return all.every((one) => one === all[0]) ? all[0] : undefined;
}

const atRecording = (size: Size, i: number): number => (size instanceof Free ? size.at[i]! : size);

/** Whether two sizes are the same at every recording. */
export const sameSize = (a: Size, b: Size): boolean => difference(a, b) === 0;
