/** What an array of numbers holds: how many are NaN or infinite, and the range and the sum of the others. */

import type { Data } from './dtype.ts';

export interface Census {
  readonly nan: number;
  readonly infinite: number;
  /** Where the first NaN or infinity is, −1 if there is none. */
  readonly first: number;
  /** Of the finite numbers: the least (∞ if there are none), the greatest (−∞) and the sum. */
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

export function censusOf(data: Data): Census {
  let [nan, infinite, first, min, max, sum] = [0, 0, -1, Infinity, -Infinity, 0];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (Number.isFinite(x)) {
      if (x < min) min = x;
      if (x > max) max = x;
      sum += x;
      continue;
    }
    if (x !== x) nan++;
    else infinite++;
    if (first < 0) first = i;
  }
  return { nan, infinite, first, min, max, sum };
}
