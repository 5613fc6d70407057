/** What scores of classes are made of: how often each class occurs, is claimed and is right, and averages over classes as NumPy takes them. */

import type { Requirement } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Judged } from './confusion-matrix.ts';

/** The option that says what a quotient without anything in it is. */
export const quotientOfNothing: Requirement = {
  words: 'a number from 0 to 1, or NaN',
  holds: (x) => typeof x === 'number' && !(x < 0 || x > 1),
};

/** How often each class that occurs, as a target or a prediction, is there, is claimed, and is claimed rightly. */
export interface ClassCounts {
  /** The classes in ascending order. */
  readonly occurring: readonly number[];
  readonly supports: ReadonlyMap<number, number>;
  readonly claims: ReadonlyMap<number, number>;
  readonly hits: ReadonlyMap<number, number>;
}

export function countsByClass({ found }: Judged, targets: Tensor): ClassCounts {
  const count = (of: Tensor['data'], holds = (_: number) => true) => {
    const counts = new Map<number, number>();
    of.forEach((label, row) => {
      if (holds(row)) counts.set(label, (counts.get(label) ?? 0) + 1);
    });
    return counts;
  };
  const { data } = targets;
  const [supports, claims, hits] = [count(data), count(found), count(found, (row) => found[row] === data[row])];
  const occurring = [...new Set([...supports.keys(), ...claims.keys()])].filter((label) => label >= 0).sort((a, b) => a - b);
  return { occurring, supports, claims, hits };
}

/** The mean of the numbers that are no NaN; NaN where there is none. */
export function mean(values: readonly number[]): number {
  const count = values.filter((x) => !Number.isNaN(x)).length;
  return sum(values.map((x) => (Number.isNaN(x) ? 0 : x))) / count;
}

/** The mean of the numbers that are no NaN, weighted; plain where all of these weigh nothing. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const places = [...values.keys()].filter((i) => !Number.isNaN(values[i]!));
  const total = sum(places.map((i) => weights[i]!));
  return total === 0 ? mean(values) : sum(places.map((i) => values[i]! * weights[i]!)) / total;
}

/** A sum in the order in which NumPy adds, so that averages that are printed agree to the last digit: by eights, and by halves from 128 on. */
export function sum(values: readonly number[]): number {
  const n = values.length;
  if (n < 8) return values.reduce((a, b) => a + b, 0);
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return sum(values.slice(0, half)) + sum(values.slice(half));
  }
  const whole = n - (n % 8);
  const lanes = values.slice(0, 8);
  for (let i = 8; i < whole; i++) lanes[i % 8]! += values[i]!;
  const [a, b, c, d, e, f, g, h] = lanes as [number, number, number, number, number, number, number, number];
  return values.slice(whole).reduce((total, x) => total + x, a + b + (c + d) + (e + f + (g + h)));
}
