import type { Data } from '../../base/dtype.ts';

/** Whether two arrays overlap in memory. */
export const sharesMemory = (a: Data, b: Data): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** The first difference between two arrays that should hold the same bits, in words, if there is one. All NaN are alike. */
export function differenceOf(found: Data, wanted: Data): string | undefined {
  if (found.constructor !== wanted.constructor) return `got a ${found.constructor.name}, expected a ${wanted.constructor.name}`;
  if (found.length !== wanted.length) return `got ${found.length} elements, expected ${wanted.length}`;
  const place = found.findIndex((x, i) => !Object.is(x, wanted[i]));
  return place < 0 ? undefined : `element ${place} is ${found[place]}, expected ${wanted[place]}`;
}
