/** Numbers beside tensors: what the functions of this room check of them. */

import { check, type Requirement } from '../../base/options.ts';

/** A number, infinities among them. A NaN compares with nothing, so a limit that is NaN would be none. */
export const numberButNaN: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' && x === x };

/** Refuses a number that is not what it must be; a tensor in its place is checked by the operation. */
export function checkUnlessTensor(where: string, values: Readonly<Record<string, unknown>>, requirement: Requirement): void {
  for (const name of Object.keys(values)) if (typeof values[name] === 'number') check(where, { [name]: values[name] }, requirement);
}
