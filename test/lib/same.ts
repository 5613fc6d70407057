import { differenceOf, sharesMemory } from '../../src/autograd/checks/same-data.ts';
import type { Data } from '../../src/base/dtype.ts';

export { sharesMemory } from '../../src/autograd/checks/same-data.ts';

/** Throws unless two arrays hold the same bits, element by element; all NaN are alike. */
export function expectSameBits(found: Data, wanted: Data): void {
  // In the same memory they would always agree.
  if (sharesMemory(found, wanted)) throw new Error('both are in the same memory, so they prove nothing');
  const difference = differenceOf(found, wanted);
  if (difference !== undefined) throw new Error(difference);
}
