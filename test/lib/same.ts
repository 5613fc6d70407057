import type { Data } from '../../src/base/dtype.ts';

/** Throws unless two arrays hold the same bits, element by element; all NaN are alike. */
export function expectSameBits(found: Data, defined: Data): void {
  if (found.constructor !== defined.constructor)
    throw new Error(`found a ${found.constructor.name}, by definition a ${defined.constructor.name}`);
  if (found.length !== defined.length) throw new Error(`found ${found.length} elements, by definition ${defined.length}`);
  // In the same memory they would always agree.
  if (sharesMemory(found, defined)) throw new Error('both are in the same memory, so they prove nothing');
  const differs = found.findIndex((x, i) => !Object.is(x, defined[i]));
  if (differs >= 0) throw new Error(`element ${differs} is ${found[differs]}, by definition ${defined[differs]}`);
}

/** Whether two arrays overlap. */
export const sharesMemory = (a: Data, b: Data): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
