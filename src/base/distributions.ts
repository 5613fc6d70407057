/** What distributions of random numbers there are, and what their numbers are in a dtype. */

import { type FloatDtype, rounding } from './dtype.ts';
import { ValueError } from './errors.ts';
import { nextAbove, nextBelow } from './neighbours.ts';
import { quote } from './options.ts';

/** What draws uniformly distributed numbers of float64, as `Random` does. */
interface Source {
  uniform(low: number, high: number): number;
}

const finite = (x: unknown, dtype: FloatDtype): boolean => typeof x === 'number' && Number.isFinite(rounding[dtype](x));

/** Refuses a number of elements that no permutation has. */
export function checkCount(where: string, n: number): void {
  if (!(Number.isInteger(n) && n >= 0 && n < 2 ** 31))
    throw new ValueError(`${where}: expected a permutation of a whole number from 0 to below 2³¹, got ${quote(n)}`);
}

/** Refuses moments that no normal distribution has. */
export function checkNormal(where: string, mean: number, standardDeviation: number, dtype: FloatDtype): void {
  if (finite(mean, dtype) && finite(standardDeviation, dtype) && standardDeviation >= 0) return;
  throw new ValueError(
    `${where}: expected a finite ${dtype} for the mean and one from 0 for the standardDeviation, got ${quote(mean)} and ${quote(standardDeviation)}`,
  );
}

/** Refuses what is no range of a dtype. */
export function checkRange(where: string, low: number, high: number, dtype: FloatDtype): void {
  if (finite(low, dtype) && finite(high, dtype) && low <= high && high - low < Infinity) return;
  throw new ValueError(`${where}: expected a finite range of ${dtype} from low to high, got ${quote(low)} to ${quote(high)}`);
}

/**
 * Draws numbers of a dtype, uniformly distributed from `low` to below `high`: one that is rounded out of the range becomes the nearest within.
 * @throws ValueError for what is no range, and for one in which the dtype has no number.
 */
export function uniformNumbers(where: string, low: number, high: number, dtype: FloatDtype): (random: Source) => number {
  checkRange(where, low, high, dtype);
  const round = rounding[dtype];
  const [from, to] = [round(low), round(high)];
  if (low === high) return (random) => round(random.uniform(low, high));
  const least = from < low ? nextAbove(from, dtype) : from;
  const most = to < high ? to : nextBelow(to, dtype);
  if (least > most) throw new ValueError(`${where}: ${dtype} has no number from ${low} to below ${high}`);
  return (random) => {
    const x = round(random.uniform(low, high));
    return x < least ? least : x > most ? most : x;
  };
}
